"""What reinsurance shows elsewhere: why a recovery, a premium, an entry; search, panels."""

from . import accounts, losses

__all__ = ["accounts", "losses"]
