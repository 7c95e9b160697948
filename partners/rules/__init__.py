"""What holds of the partner door without a database: signatures, lines, problems, addresses."""
