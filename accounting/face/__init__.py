"""What stage 7 shows elsewhere: why, search, pickers, panels, previews of entries."""

from accounting.face import entries, measured, places, portfolios, statements

__all__ = ["entries", "measured", "places", "portfolios", "statements"]
