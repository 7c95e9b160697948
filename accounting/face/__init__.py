"""What stage 7 shows elsewhere: why, search, pickers, panels, previews of entries."""

from accounting.face import entries, grouped, measured, places, portfolios, statements

__all__ = ["entries", "grouped", "measured", "places", "portfolios", "statements"]
