"""Present values of a term portfolio: lifelib against our projection, on lifelib's model points.

Every contestant gets the same model points in memory and gives five present values for each of
them; reading models and compiling are not timed. lifelib is installed on demand from the package
index into an environment of its own below ``var/``; it is never a dependency. Where it cannot be
had, its column is missing and the contest says so. After the rounds our values are held against
lifelib's one by one, and the peak memory of a process of ours is asserted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from bench import basicterm
from bench.harness import Contest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("lifelib==0.17.2", "modelx==0.33.0", "numpy", "pandas", "openpyxl")
EXACT = 1e-6
MEMORY_MIB = 400
SIZES = {"projection_10k": 10_000, "projection_100k": 100_000}
REPORTED = 1_000_000

LIFELIB = "lifelib BasicTerm_ME"
WAYS: dict[str, tuple[str, bool]] = {
    "NumPy, each point": ("numpy", False),
    "NumPy, alike once": ("numpy", True),
    "numba, each point": ("numba", False),
    "numba, alike once": ("numba", True),
}


def contests() -> list[Contest]:
    """Return the contests of 10,000, 100,000 and 1,000,000 model points."""
    found = [_contest(name, n) for name, n in SIZES.items()]
    return [*found, _alone("projection_1m", REPORTED)]


def _contest(name: str, n: int) -> Contest:
    contestants: dict[str, Callable[[], int]] = {LIFELIB: lambda: _lifelib(n)} | _ours(n)

    def prepare() -> None:
        _warm(n)
        if (worker := _worker()) is None:
            contestants.pop(LIFELIB, None)
        else:
            worker.ask(f"load {n}")

    return Contest(
        name=name,
        unit="model points",
        contestants=contestants,
        prepare=prepare,
        between=_forget,
        target="NumPy ×5, numba ×25 of lifelib at 100,000; five values equal to 1e-6",
        verdict=lambda: [*_equal(n), *_memory(n)],
    )


def _alone(name: str, n: int) -> Contest:
    return Contest(
        name=name,
        unit="model points",
        contestants=_ours(n),
        prepare=lambda: _warm(n),
        target=f"reported; under {MEMORY_MIB} MiB",
        verdict=lambda: _memory(n),
    )


def _ours(n: int) -> dict[str, Callable[[], int]]:
    def way(engine: str, alike: bool) -> Callable[[], int]:
        def go() -> int:
            basicterm.present_values(_book(n), engine, alike=alike)
            return n

        return go

    return {name: way(*how) for name, how in WAYS.items()}


@cache
def _book(n: int):  # type: ignore[no-untyped-def]
    return basicterm.book(basicterm.model_points(n))


def _warm(n: int) -> None:
    """Compile, and have the points in memory."""
    for engine, alike in WAYS.values():
        basicterm.present_values(_book(1_000), engine, alike=alike)
    _book(n)


def _forget() -> None:
    if (worker := _worker()) is not None:
        worker.ask("fresh")


def _lifelib(n: int) -> int:
    worker = _worker()
    assert worker is not None
    worker.ask("run")
    return n


class Worker:
    """lifelib's process."""

    def __init__(self, python: Path) -> None:
        self.process = subprocess.Popen(
            [python, ROOT / "bench" / "lifelib_worker.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, command: str) -> tuple[float, float]:
        """Give one command; return its seconds and the peak memory of the process in MiB."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            raise RuntimeError(f"lifelib did not answer to {command!r}")
        return float(answer[0]), float(answer[1])


@cache
def _worker() -> Worker | None:
    """Start lifelib, installing it first where need be; None where it cannot be had."""
    home = Path(os.environ.get("MULGIL_VAR", ROOT / "var")) / "lifelib"
    python = home / "bin" / "python"
    ready = home / "installed"
    if not ready.exists():
        venv.create(home, with_pip=True, clear=True)
        command = [python, "-m", "pip", "install", "-q", *PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:]
            print(f"!! lifelib cannot be installed; its column is missing: {said}", flush=True)
            return None
        ready.touch()
    return Worker(python)


def _equal(n: int) -> list[str]:
    """Compare every value with lifelib's.

    Raises:
        AssertionError: one of them differs by more than 1e-6.
    """
    worker = _worker()
    if worker is None:
        return ["!! NOT COMPARED with lifelib, which cannot be had here"]
    path = ROOT / "var" / "lifelib_values.npy"
    path.parent.mkdir(exist_ok=True)
    _, peak = worker.ask(f"save {path}")
    theirs = np.load(path)
    path.unlink()
    lines = []
    for name, (engine, alike) in WAYS.items():
        off = float(np.abs(basicterm.present_values(_book(n), engine, alike=alike) - theirs).max())
        assert off <= EXACT, f"{name}: {off} away from lifelib"
        lines.append(f"{name}: {theirs.size:,} values, at most {off:.1e} away from lifelib's")
    return [*lines, f"peak memory of lifelib's process: {peak:,.0f} MiB"]


def _memory(n: int) -> list[str]:
    """Value the points in a fresh process and read its peak memory.

    Raises:
        AssertionError: it needed more than is allowed.
    """
    lines = []
    for engine in ("numpy", "numba"):
        command = [sys.executable, "-m", "bench.basicterm", str(n), engine]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        peak = float(done.stdout)
        assert peak < MEMORY_MIB, f"{engine}: {peak:.0f} MiB for {n:,} points"
        lines.append(f"peak memory of a process, {engine}: {peak:,.0f} MiB")
    return lines
