"""The frame's own pages, one module for each kind."""
