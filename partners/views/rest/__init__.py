"""The API that partners call, version 1."""
