"""What stage 7 shows elsewhere: why, search, pickers, panels, previews of entries."""

from accounting.face import changes, entries, grouped, measured, places, portfolios, statements

__all__ = ["changes", "entries", "grouped", "measured", "places", "portfolios", "statements"]
