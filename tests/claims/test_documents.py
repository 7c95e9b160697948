"""Documents: types by content, size, once, kept outside the web root."""

from pathlib import Path

import pytest
from django.conf import settings

from claims import services
from claims.models import ClaimDocument
from core.acting import acting
from tests.factories import claims as make

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def number(insured):
    """Return a received claim."""
    return make.received(insured)


def test_a_document_is_kept_under_its_hash_with_the_type_of_its_content(number):
    with acting("adjuster"):
        kept = services.add_document(
            reception_id=number, name="../../etc/진단서.exe", content=PDF + b"a"
        )
    assert (kept.file_name, kept.content_type, kept.uploaded_by) == (
        "진단서.exe", "application/pdf", "adjuster"
    )  # fmt: skip
    stored = Path(kept.file.path)
    assert stored.read_bytes() == PDF + b"a"
    assert stored.name.startswith(kept.sha256)
    assert stored.suffix == ".pdf"
    assert stored.is_relative_to(settings.VAR_DIR)
    assert not stored.is_relative_to(settings.STATIC_ROOT)
    assert stored.stat().st_mode & 0o077 == 0


def test_the_same_file_twice_is_kept_once(number):
    first = services.add_document(reception_id=number, name="a.pdf", content=PDF + b"b")
    again = services.add_document(reception_id=number, name="b.pdf", content=PDF + b"b")
    assert first.pk == again.pk
    assert ClaimDocument.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00 program", b"<html><script>", b"%PDF-" + b"0" * (10 * 1024 * 1024)],
    ids=["empty", "program", "html", "large"],
)
def test_what_is_not_a_document_is_refused(number, nothing_happens, content):
    with nothing_happens(), pytest.raises(services.BadDocument):
        services.add_document(reception_id=number, name="a.pdf", content=content)


def test_ten_megabytes_are_taken(number):
    content = b"%PDF-" + b"0" * (10 * 1024 * 1024 - 5)
    assert services.add_document(reception_id=number, name="a.pdf", content=content).size == len(
        content
    )
