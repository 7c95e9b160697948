"""The verbs of stage 7."""

from accounting.services import closing, journals, loading, measuring, periods, rulebook
from accounting.services.posting import post

__all__ = ["closing", "journals", "loading", "measuring", "periods", "post", "rulebook"]
