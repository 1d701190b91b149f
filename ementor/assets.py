"""Static files as they travel: compressed, and known by their content.

They stay plain files on disk. The pages themselves are never compressed here: they hold
tokens beside what people wrote, and a compressed length can tell one from the other.
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
SERVED = {".js", ".css", ".svg", ".png", ".ico", ".woff2", ".txt", ".webmanifest"}
PRIVATE = ("editor/src/", "editor/node_modules/", "js/", "css/")


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
    plain, packed, tag = _travelling(filename, stat.st_mtime_ns, stat.st_size)
    smaller = bool(request.accept_encodings["gzip"]) and len(packed) < len(plain)
    response = Response(packed if smaller else plain, mimetype=mimetypes.guess_type(filename)[0])
    if smaller:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{tag}-gzip" if smaller else tag)
    response.make_conditional(request)
    return response


def _is_served(path: Path) -> bool:
    try:
        return path.suffix in SERVED and path.is_file()
    except (OSError, ValueError):  # too long a name, or none that a file can have
        return False


@lru_cache(maxsize=64)
def _travelling(filename: str, changed_ns: int, size: int) -> tuple[bytes, bytes, str]:
    """Return a file's bytes to send, the same compressed, and a tag of its content."""
    content = (FOLDER / filename).read_bytes()
    return content, apart(gzip.compress, content, 9, mtime=0), sha256(content).hexdigest()[:24]
