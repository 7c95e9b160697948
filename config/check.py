"""Everything that ``make check`` checks: each step one command, all run, the verdict at the end.

``python -m config.check NAME …`` runs only the named steps.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import ensure_servers, stop_servers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WHOLE_PACKAGES = ["core", "config"]
TYPED_DRAWERS = ["rules", "services", "events", "api", "handlers", "tasks", "models"]


@dataclass(frozen=True)
class Step:
    """One command whose exit code says whether a rule is kept.

    Args:
        name: how the reader calls it.
        command: words of the command, run at the root of the checkout.
        remedy: what to do when it fails.
        environment: variables added for this step alone.
    """

    name: str
    command: list[str]
    remedy: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a step said, and how long it took (seconds)."""

    step: Step
    code: int
    said: str
    seconds: float


def steps() -> list[Step]:
    """Return the steps, the slowest first so that two run side by side to the end."""
    python = str(BIN / "python")
    manage = [python, "manage.py"]
    strong = {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "RRN_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "RRN_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "insurer.example",
    }
    return [
        Step("types", [str(BIN / "mypy"), *typed_paths()], "mypy says where the types disagree"),
        Step(
            "migrations",
            [*manage, "makemigrations", "--check", "--dry-run", "-v1"],
            "manage.py makemigrations",
            {"DJANGO_SETTINGS_MODULE": "config.settings.test"},
        ),
        Step(
            "deployment",
            [*manage, "check", "--deploy", "--fail-level", "WARNING", "--database", "default"],
            "settings/prod.py must be clean",
            strong,
        ),
        Step(
            "messages", [python, "-m", "config.messages", "check"], "add to locale/parts/<app>.po"
        ),
        Step("imports", [str(BIN / "lint-imports"), "--no-logo"], "see [tool.importlinter]"),
        Step("templates", [str(BIN / "djade"), "--check", *templates()], "djade templates/**"),
        Step("format", [str(BIN / "ruff"), "format", "--check", "-q", "."], "ruff format ."),
        Step("lint", [str(BIN / "ruff"), "check", "-q", "."], "ruff check --fix ."),
        Step("spelling", [str(BIN / "typos")], "correct it, or allow it in [tool.typos]"),
    ]


def typed_paths() -> list[str]:
    """Return what is checked for types: whole packages, and the inner drawers of each app."""
    drawers = [
        path
        for path in sorted(ROOT.glob("*/*"))
        if (path.parent / "apps.py").exists()
        and path.parent.name not in WHOLE_PACKAGES
        and path.name.removesuffix(".py") in TYPED_DRAWERS
    ]
    return [*WHOLE_PACKAGES, *(str(path.relative_to(ROOT)) for path in drawers)]


def templates() -> list[str]:
    """Return every template of the checkout."""
    return [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("templates/**/*.html"))]


def run(step: Step) -> Outcome:
    """Run one step to its end, whatever it says."""
    if step.name == "templates" and not templates():
        return Outcome(step, 0, "", 0.0)
    begun = time.monotonic()
    result = subprocess.run(
        step.command,
        cwd=ROOT,
        env={**os.environ, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    outcome = Outcome(step, result.returncode, result.stdout.strip(), time.monotonic() - begun)
    verdict = "ok    " if outcome.code == 0 else "FAILED"
    print(f"{verdict} {step.name:<12} {outcome.seconds:5.1f} s", flush=True)
    return outcome


def main(names: list[str]) -> None:
    """Run the steps two at a time; print what the failed ones said; end with the verdict."""
    known = steps()
    unknown = set(names) - {step.name for step in known}
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; known: {', '.join(s.name for s in known)}")
    started = ensure_servers()
    try:
        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(run, [s for s in known if not names or s.name in names]))
    finally:
        if started:
            stop_servers()
    failed = [outcome for outcome in outcomes if outcome.code]
    for outcome in failed:
        print(f"\n── {outcome.step.name}: {outcome.step.remedy}\n{outcome.said}")
    if failed:
        sys.exit(f"\n{len(failed)} of {len(outcomes)} checks failed")
    print(f"all {len(outcomes)} checks passed")


if __name__ == "__main__":
    main(sys.argv[1:])
