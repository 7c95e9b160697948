"""Archives: a document and columns as canonical bytes, so that the same content is the same hash.

Layout: 8 bytes length of the header, the header as JSON with sorted keys, then the columns one
after another, little-endian. Texts are kept as their sorted distinct values and their places.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1
_LEVEL = 6


def pack(document: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> bytes:
    """Return a document (JSON values) and columns as bytes.

    Args:
        document: JSON values only.
        columns: name → array of any shape: numbers, days or texts.
    """
    described, parts = [], []
    for name in sorted(columns):
        about, data = _column(columns[name])
        described.append({"name": name, **about})
        parts.append(data)
    header = json.dumps(
        {"version": VERSION, "document": document, "columns": described},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return b"".join([len(header).to_bytes(8, "little"), header, *parts])


def unpack(raw: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the document and the columns of ``pack``.

    Raises:
        ValueError: the bytes are of another version.
    """
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    if header["version"] != VERSION:
        raise ValueError(f"This archive is of version {header['version']}, not {VERSION}.")
    columns: dict[str, NDArray[Any]] = {}
    for one in header["columns"]:
        dtype = np.dtype(one["dtype"])
        count = int(np.prod(one["shape"], dtype=np.int64))
        end = start + count * dtype.itemsize
        values: NDArray[Any] = np.frombuffer(raw[start:end], dtype).reshape(one["shape"])
        if "texts" in one:
            texts = np.array([*one["texts"], ""], dtype=object)[:-1]
            values = texts[values] if len(texts) else np.empty(0, object)
        columns[one["name"]] = values
        start = end
    return header["document"], columns


def sha256(raw: bytes) -> str:
    """Return the name of an archive: SHA-256 of its bytes."""
    return hashlib.sha256(raw).hexdigest()


def compressed(raw: bytes) -> bytes:
    """Return the bytes compressed for storage."""
    return zlib.compress(raw, _LEVEL)


def restored(data: bytes | memoryview) -> bytes:
    """Return the bytes of ``compressed``."""
    return zlib.decompress(bytes(data))


def _column(values: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    if values.dtype == object:
        texts, places = np.unique(values.astype(str), return_inverse=True)
        codes = places.astype("<i4")
        about = {"dtype": "<i4", "shape": list(codes.shape), "texts": texts.tolist()}
        return about, codes.tobytes()
    plain = np.ascontiguousarray(values)
    plain = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    return {"dtype": plain.dtype.str, "shape": list(plain.shape)}, plain.tobytes()
