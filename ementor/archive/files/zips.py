"""Files in one ZIP: the same bytes for the same files, whatever the clock and the machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_FIRST = (1980, 1, 1, 0, 0, 0)
"""No ZIP knows an earlier time."""


def pack(files: Iterable[tuple[str, bytes]], at: datetime) -> bytes:
    """Return the files, each by its name, all dated ``at``. Names are plain letters, with / for folders."""
    packed = BytesIO()
    with ZipFile(packed, "w") as made:
        for name, data in files:
            info = ZipInfo(name, max(_FIRST, at.astimezone(UTC).timetuple()[:6]))
            info.create_system, info.external_attr = 3, 0o644 << 16
            made.writestr(info, data, ZIP_DEFLATED)
    return packed.getvalue()


def repacked(file: bytes, at: datetime) -> bytes:
    """Return a file that is a ZIP inside, with ``at`` in place of the times in it."""
    with ZipFile(BytesIO(file)) as made:
        return pack(((name, made.read(name)) for name in made.namelist()), at)
