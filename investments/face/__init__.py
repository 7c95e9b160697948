"""What stage 4 shows elsewhere: why a value, a return, a rate; search, picker, panels."""

from . import credit, find, periods, risk, values

__all__ = ["credit", "find", "periods", "risk", "values"]
