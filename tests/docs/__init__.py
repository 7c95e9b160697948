"""Pages whose examples are executed."""
