"""Pages of stage 2."""
