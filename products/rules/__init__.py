"""The engines of stage 1: pure functions over arrays and frozen values, no database, no clock."""
