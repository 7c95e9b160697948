"""Short memory for rows that hardly ever change and are asked for all the time.

An answer is kept for seconds in this process. Only what may be stale that long belongs here:
published, immutable things and their names; never money, never a status that guards an act.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")
_MOST = 4_096
_memories: list[dict[Any, tuple[float, Any]]] = []


def remember(
    *, seconds: float, when: Callable[[Any], bool] = lambda answer: True
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Keep a function's answers by its (hashable) arguments for ``seconds``.

    Args:
        seconds: how long an answer may be old.
        when: whether an answer may be kept at all.
    """

    def decorate(fn: Callable[..., T]) -> Callable[..., T]:
        memory: dict[Any, tuple[float, Any]] = {}
        _memories.append(memory)

        @wraps(fn)
        def recall(*args: Any, **kwargs: Any) -> T:
            key = (args, tuple(sorted(kwargs.items())))
            known = memory.get(key)
            now = time.monotonic()
            if known is not None and known[0] > now:
                return known[1]
            answer = fn(*args, **kwargs)
            if when(answer):
                if len(memory) >= _MOST:
                    memory.clear()
                memory[key] = (now + seconds, answer)
            return answer

        return recall

    return decorate


def forget() -> None:
    """Forget everything, in this process."""
    for memory in _memories:
        memory.clear()
