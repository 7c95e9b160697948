"""What the engine refuses: inputs that no measurement could be honest about."""

from __future__ import annotations


class BadMeasurement(ValueError):
    """The inputs of a measurement contradict each other or the standard; the text says where."""


class LengthMismatch(BadMeasurement):
    """Columns that belong together differ in length."""


class CurveTooShort(BadMeasurement):
    """A discount curve ends before the cash flows do."""


class BadRate(BadMeasurement):
    """A rate is not a finite number above −100 %."""


class NegativeUnits(BadMeasurement):
    """Coverage units are below zero."""


class NegativeBalance(BadMeasurement):
    """A balance that cannot be below zero (margin of issued contracts, loss component) is."""


class BadShare(BadMeasurement):
    """A share or probability lies outside 0 to 1."""


class BadCorrelation(BadMeasurement):
    """A correlation matrix is not symmetric, not positive semidefinite, or has no unit diagonal."""


class BadTriangle(BadMeasurement):
    """A claims triangle has holes, is too small, or leaves a development period without a link."""


class MixedCurrencies(BadMeasurement):
    """Contracts of one group, or amounts of one sum, are in different currencies."""


class NotEligible(BadMeasurement):
    """An approach was asked for that the standard does not allow for these contracts."""
