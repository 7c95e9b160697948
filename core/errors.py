"""Refusals that the business foresees."""

from __future__ import annotations


class DomainError(Exception):
    """A foreseen refusal, its text fit for the user; views turn it into status 422.

    Subclasses stand beside the service that raises them and are named for the reason. The text
    says why and what would help.
    """


class NotAllowed(DomainError):
    """The person may not do this: no right, outside the branch, or the maker of it."""


class NotFound(DomainError):
    """No such record within what the person may see."""
