"""Static files as they travel: compressed, and known by their content.

They stay plain files on disk, most with a copy beside them that ``make bundle`` has compressed by brotli;
gzip is for browsers that do not take it, over plain HTTP for one. The pages themselves are never compressed
here: they hold tokens beside what people wrote, and a compressed length can tell one from the other.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from posixpath import normpath

from flask import Flask, Response, abort, request

from ementor.apart import apart
from ementor.config import ROOT

FOLDER = ROOT / "static"
SERVED = {".js", ".css", ".svg", ".png", ".webp", ".ico", ".woff2", ".txt", ".webmanifest"}
PRIVATE = ("editor/src/", "editor/node_modules/", "js/", "css/")
CODINGS = ["br", "gzip"]
"""The strongest first."""
ICONS = f"/static/img/icons.svg?v={sha256((FOLDER / 'img' / 'icons.svg').read_bytes()).hexdigest()[:6]}"
"""All icons, by an address that is another when one changes: a part that is swapped in shows some, and must
not ask for them anew."""


def init_assets(app: Flask) -> None:
    """Serve ``/static/…`` under the endpoint ``static``."""
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=send)


def send(filename: str) -> Response:
    """Answer with a file, compressed if the browser takes that."""
    path = FOLDER / filename
    # One file, one address: each spelling of it (``x/../``, ``./``) would be compressed anew.
    if normpath(filename) != filename or filename.startswith(("../", "/", *PRIVATE)) or not _is_served(path):
        abort(404)
    stat = path.stat()
    which = filename, stat.st_mtime_ns, stat.st_size
    content, tag = _plain(*which)
    response = Response(content, mimetype=mimetypes.guess_type(filename)[0])
    for coding in _wanted():
        if (smaller := _compressed(coding, *which)) is not None:
            response.data, tag = smaller, f"{tag}-{coding}"
            response.headers["Content-Encoding"] = coding
            break
    response.vary.add("Accept-Encoding")
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _wanted() -> list[str]:
    """Return the codings that the browser takes, the one it likes best first."""
    liked = request.accept_encodings
    return sorted((one for one in CODINGS if liked[one] > 0), key=lambda one: -liked[one])


def _is_served(path: Path) -> bool:
    try:
        return path.suffix in SERVED and path.is_file()
    except (OSError, ValueError):  # too long a name, or none that a file can have
        return False


@lru_cache(maxsize=64)
def _plain(filename: str, changed_ns: int, size: int) -> tuple[bytes, str]:
    """Return a file's bytes and a tag of its content."""
    content = (FOLDER / filename).read_bytes()
    return content, sha256(content).hexdigest()[:24]


@lru_cache(maxsize=128)
def _compressed(coding: str, filename: str, changed_ns: int, size: int) -> bytes | None:
    """Return a file's bytes compressed, or none if that makes it no smaller."""
    if coding == "br":
        copy = FOLDER / f"{filename}.br"
        return copy.read_bytes() if copy.is_file() else None
    content, _ = _plain(filename, changed_ns, size)
    packed = apart(gzip.compress, content, 9, mtime=0)
    return packed if len(packed) < len(content) else None
