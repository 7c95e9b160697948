"""The door: password policy, lockout, session limits, choices of language and display; CSP."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from core.models import User

from .conftest import make

pytestmark = pytest.mark.django_db
SECRET = "a-long-passphrase-1"


@pytest.mark.parametrize(
    "weak", ["short1!", "123456789012", "password1234", "alice-liddell", "qwertyuiop12"]
)
def test_weak_passwords_are_refused(weak):
    with pytest.raises(ValidationError):
        validate_password(weak, User(username="alice-liddell"))


def test_a_person_changes_their_password(as_alice, alice):
    new = {"new_password1": "물길을-따라-걷는다-77", "new_password2": "물길을-따라-걷는다-77"}
    wrong = as_alice.post("/password/", {"old_password": "no", **new})
    assert wrong.status_code == 200
    assert as_alice.post("/password/", {"old_password": SECRET, **new}).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("물길을-따라-걷는다-77")


def test_five_wrong_passwords_lock_the_login(settings, client):
    settings.AXES_ENABLED = True
    make("erin", "auditor")
    for _attempt in range(5):
        response = client.post("/login/", {"username": "erin", "password": "wrong"})
    assert response.status_code == 429
    assert "잠겼습니다" in response.content.decode()
    right = client.post("/login/", {"username": "erin", "password": SECRET})
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_session_ends_after_idling(as_bob, settings):
    assert as_bob.get("/audit/").status_code == 200
    session = as_bob.session
    session["seen_at"] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    assert as_bob.get("/audit/")["Location"].startswith("/login/")


def test_sessions_are_limited_by_the_settings(settings):
    assert settings.SESSION_IDLE_SECONDS <= 15 * 60
    assert settings.SESSION_COOKIE_AGE <= 8 * 60 * 60
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY


def test_the_demo_shows_its_people_and_nothing_else_does(client, alice, settings):
    assert SECRET not in client.get("/login/").content.decode()
    assert "data-demo-login" not in client.get("/login/").content.decode()
    settings.DEMO = True
    page = client.get("/login/").content.decode()
    assert 'data-demo-login="alice"' in page
    assert settings.DEMO_PASSWORD in page


def test_language_theme_and_density_are_kept(as_alice, alice):
    for name, value in (("language", "en"), ("theme", "dark"), ("density", "comfortable")):
        done = as_alice.post("/preferences/", {name: value, "next": "/people/"})
        assert done["Location"] == "/people/"
    alice.refresh_from_db()
    assert (alice.language, alice.theme, alice.density) == ("en", "dark", "comfortable")
    page = as_alice.get("/people/").content.decode()
    assert '<html lang="en" data-density="comfortable"' in page
    assert 'data-bs-theme="dark"' in page
    assert "People and roles" in page


def test_nonsense_is_not_kept_and_nobody_is_sent_elsewhere(as_alice, alice):
    done = as_alice.post("/preferences/", {"theme": "pink", "next": "https://evil.example/"})
    assert done["Location"] == "/"
    alice.refresh_from_db()
    assert alice.theme == "auto"


def test_guests_choose_a_language(client):
    client.post("/preferences/", {"language": "en", "next": "/login/"})
    assert "Log in" in client.get("/login/").content.decode()
    client.post("/preferences/", {"language": "ko", "next": "/login/"})
    assert "로그인" in client.get("/login/").content.decode()


def test_forms_of_strangers_are_refused(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/preferences/", {"theme": "dark"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/login/", "/desk/administrator/", "/audit/", "/search/?q=x", "/people/"]
)
def test_every_answer_forbids_inline_code(as_alice, clock, path):
    policy = as_alice.get(path, follow=True)["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_errors_are_designed(as_charlie, clock):
    refused = as_charlie.get("/people/")
    assert refused.status_code == 403
    assert "권한이 없습니다" in refused.content.decode()
    missing = as_charlie.get("/nowhere/")
    assert missing.status_code == 404
    assert "이 주소에는 화면이 없습니다" in missing.content.decode()
