"""The verbs of the partner door."""
