"""The verbs of stage 7."""

from accounting.services.posting import post

__all__ = ["post"]
