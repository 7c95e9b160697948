"""Journeys through the whole river, in a real browser."""
