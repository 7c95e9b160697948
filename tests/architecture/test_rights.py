"""Every page names its right, and only people with a role that has it come in."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.permissions import roles

OPEN = {"login", "logout", "home", "search", "why", "healthz"}
ANYONE_LOGGED_IN_MODULES = ("core.", "django.contrib.auth")
BY_SIGNATURE = "partner-api:"  # nobody logs in there: partners.views.rest.guard asks for a key
DEVELOPERS = "partners.views.developer"  # open to everyone, like the door


def patterns(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin":
                continue
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield prefix, entry


STAGE_PAGES = [
    (f"{prefix}{entry.name}", entry.callback)
    for prefix, entry in patterns(get_resolver())
    if not entry.callback.__module__.startswith((*ANYONE_LOGGED_IN_MODULES, DEVELOPERS))
    and not prefix.startswith(BY_SIGNATURE)
]


@pytest.mark.parametrize(("name", "view"), STAGE_PAGES, ids=[n for n, _ in STAGE_PAGES])
def test_every_page_names_its_right(name, view):
    right = getattr(view, "right", None)
    assert right, f"{name} is not decorated with @requires"
    app = name.split(":")[0]
    assert right.split(".")[0] == app, f"{name} asks for {right}"
    holders = [
        code for code, role in roles().items() if right in role.rights or f"{app}.*" in role.rights
    ]
    assert holders, f"nobody may open {name}: no role gives {right}"


@pytest.mark.parametrize("code", sorted(roles()))
def test_every_role_has_a_home(code):
    assert reverse(roles()[code].home)


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(roles()))
def test_guests_are_sent_to_the_login_page(client, code):
    response = client.get(reverse(roles()[code].home))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))
