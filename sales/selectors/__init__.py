"""Reads of stage 2."""
