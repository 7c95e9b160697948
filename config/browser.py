"""Where a Chromium is, and how Debian's is installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Return the path of a Chromium, or None; ``CHROMIUM`` in the environment comes first."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def may_install() -> bool:
    """Say whether this run may install Debian packages: as root, in CI or when it was asked to."""
    asked = os.environ.get("CI") or os.environ.get("INSTALL_BROWSER")
    return bool(asked) and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> bool:
    """Install Debian packages; return whether that worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    for words in (["update"], ["install", "--no-install-recommends", *packages]):
        result = subprocess.run([*apt, *words], env=environment, check=False)
        if result.returncode:
            return False
    return True
