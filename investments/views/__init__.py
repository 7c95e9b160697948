"""Pages of stage 4."""
