"""QR codes, drawn here: no other host hears what they say."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import segno
from markupsafe import Markup


@lru_cache(maxsize=512)
def qr_file(url: str) -> bytes:
    """Return the QR code of ``url`` as an SVG file."""
    file = BytesIO()
    segno.make(url, error="m", micro=False).save(file, kind="svg", omitsize=True, border=2, light=None)
    return file.getvalue()


@lru_cache(maxsize=512)
def qr_of(url: str) -> Markup:
    """Return the QR code of ``url`` as an SVG that takes its colour from the page."""
    code = segno.make(url, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, border=2, dark="#000", light=None))  # noqa: S704
