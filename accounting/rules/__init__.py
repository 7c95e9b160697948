"""Pure engines: posting, projection, measurement, statements."""
