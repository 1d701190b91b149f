"""What stands on disk: the pages of a SQLCipher database and of its journal, decrypted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from ementor.database import Base, db
from tests.support import machine

PAGE, RESERVE, SALT = 4096, 80, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def decrypted(database: Path, key: str) -> bytes:
    """Return all pages of the file and of its journal, one after the other, used or not.

    AES-256-CBC by ``openssl``; each page ends in its IV and its HMAC, the first begins with the salt.
    """
    if shutil.which("openssl") is None:
        machine.missing("openssl")
    pages = [*_pages(database.read_bytes()), *_journal(database.with_name(f"{database.name}-wal"))]
    bodies, before = [], []  # what each block was mixed with
    for is_first, page in pages:
        body = page[SALT if is_first else 0 : PAGE - RESERVE]
        iv = page[PAGE - RESERVE : PAGE - RESERVE + 16]
        bodies.append(body)
        before.append((iv + body)[: len(body)])
    blocks, mixed = b"".join(bodies), b"".join(before)
    answer = subprocess.run(
        ["openssl", "enc", "-d", "-aes-256-ecb", "-nopad", "-K", key],
        input=blocks, capture_output=True, check=True, env=os.environ,
    )  # fmt: skip
    found = int.from_bytes(answer.stdout) ^ int.from_bytes(mixed)
    plain = found.to_bytes(len(blocks))
    assert b"CREATE TABLE" in plain
    return plain


def _pages(content: bytes) -> Iterator[tuple[bool, bytes]]:
    for at in range(0, len(content), PAGE):
        yield at == 0, content[at : at + PAGE]


def _journal(path: Path) -> Iterator[tuple[bool, bytes]]:
    content = path.read_bytes() if path.exists() else b""
    size = FRAME_HEADER + PAGE
    for at in range(WAL_HEADER, len(content) - size + 1, size):
        number = int.from_bytes(content[at : at + 4])
        yield number == 1, content[at + FRAME_HEADER : at + size]


def everything(app: Flask) -> bytes:
    """Return all that the database holds: its rows and, of SQLite, each page of its file, freed or not."""
    db.session.rollback()
    found = [
        repr(tuple(row)).encode()
        for table in Base.metadata.sorted_tables
        for row in db.session.execute(select(table))
    ]
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        found.append(decrypted(Path(str(db.engine.url.database)), app.config["DATABASE_KEY"]))
    return b"\n".join(found)
