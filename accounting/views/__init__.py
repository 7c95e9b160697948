"""Pages of stage 7."""
