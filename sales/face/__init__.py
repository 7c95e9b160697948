"""What stage 2 shows elsewhere: why these figures, search, pickers, panels."""

from . import offers, why

__all__ = ["offers", "why"]
