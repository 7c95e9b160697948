"""Pages of reinsurance."""
