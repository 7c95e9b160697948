"""What a file really is: the type by its first bytes, never by its name."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is taken."""

    content_type: str
    extension: str


PDF = FileType("application/pdf", "pdf")
JPEG = FileType("image/jpeg", "jpg")
PNG = FileType("image/png", "png")
HEIC = FileType("image/heic", "heic")
WEBP = FileType("image/webp", "webp")
TIFF = FileType("image/tiff", "tif")
ACCEPTED = (PDF, JPEG, PNG, HEIC, WEBP, TIFF)


def file_type(head: bytes) -> FileType | None:
    """Return the type of a file by its first bytes, or None if it is not one that is taken.

    Args:
        head: at least the first 16 bytes.

    Source: ISO 32000 (PDF), ITU T.81 (JPEG), RFC 2083 (PNG), ISO/IEC 23008-12 (HEIF), RFC 9649.
    """
    signatures = (
        (b"%PDF-", PDF),
        (b"\xff\xd8\xff", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"II*\x00", TIFF),
        (b"MM\x00*", TIFF),
    )
    for signature, found in signatures:
        if head.startswith(signature):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return HEIC
    return None
