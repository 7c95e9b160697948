"""What is wrong with a rule: a path into its JSON and a reason in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Problem:
    """One fault of one rule.

    Attributes:
        rule_type: the rule, empty for a fault of the set.
        path: place in the rule, for example ``$.basis.interest``.
        template: translated sentence with named places.
        params: values of those places.
    """

    rule_type: str
    path: str
    template: str | Promise
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Return the reason in the language of the reader."""
        return str(self.template) % self.params if self.params else str(self.template)

    def __str__(self) -> str:
        return f"{self.rule_type} {self.path}: {self.reason}".strip()


def path_of(parts: Iterable[str | int]) -> str:
    """Write a path as ``$.plans[0].term_months``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
