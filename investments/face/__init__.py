"""What stage 4 shows elsewhere: why a value, a return, a rate; search, picker, panels."""

from . import find, periods, values

__all__ = ["find", "periods", "values"]
