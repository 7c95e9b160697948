"""Verbs of stage 2."""
