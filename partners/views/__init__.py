"""Pages of the partner door, and the API itself under ``rest``."""
