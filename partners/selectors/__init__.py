"""Reads of the partner door."""
