"""Reads of stage 7."""
