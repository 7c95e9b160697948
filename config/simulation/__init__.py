"""An insurer's life, day by day, by the same services that people and the night use."""
