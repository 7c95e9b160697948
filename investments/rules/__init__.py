"""The engine of investments: pure functions over arrays and frozen values."""
