"""What each feature knows of a person: to make two people one, and to give somebody all that is theirs.

A feature declares one ``Personal`` in its own ``personal.py``. A test holds that every table which names a
person belongs to one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from ementor.accounts.merging.rows import move
from ementor.accounts.models import DeviceCode, MailCode, SignIn, User
from ementor.database import db

AT_ONCE_S, BREATH_S = 0.008, 0.001
"""How long rows are exported at a stretch, and what the others get then: no time at all would be fifty
stretches on under gevent."""
T = TypeVar("T")
JSON = dict[str, Any] | list[Any]


@dataclass(frozen=True)
class Personal:
    """What one feature knows of a person.

    ``tables`` are those of the database that name a person and are this feature's. ``merge(kept, gone)``
    gives all that is one person's to another, within the caller's transaction: where both wrote in one
    place, both texts stay. ``export(person)`` returns what is theirs and nobody else's, as JSON has it but
    for its instants; each of its keys has its words in ``mine.data.words``.
    """

    key: str
    tables: tuple[str, ...]
    merge: Callable[[int, int], None]
    export: Callable[[User], JSON]
    hold: Callable[[int, int], None] | None = None
    """Lock what ``merge`` will change and others lock before they lock a person."""
    has: Callable[[int], set[Any]] | None = None
    """Return what somebody has of it, to be counted before they are asked."""
    tells: Callable[[User, User], list[str]] | None = None
    """Return what the two are told before they become one. Raises Conflict where they may not."""


ALL: list[Personal] = []
"""One of each feature. The order in which they are asked means nothing."""


def register(personal: Personal) -> Personal:
    """Let a feature say what it knows of a person."""
    ALL.append(personal)
    return personal


def _merge(kept: int, gone: int) -> None:
    move(SignIn.user_id, kept, gone)
    move(DeviceCode.user_id, kept, gone)
    move(MailCode.user_id, kept, gone)


def at_leisure(rows: Iterable[T]) -> Iterator[T]:
    """Yield rows whose export takes a moment each, and let others go on in between."""
    began = time.monotonic()
    for row in rows:
        if time.monotonic() - began > AT_ONCE_S:
            time.sleep(BREATH_S)
            began = time.monotonic()
        yield row


def _export(person: User) -> JSON:
    """Return who somebody is, and their devices; no secret of them and nothing by which one is known."""
    devices = select(SignIn).where(SignIn.user_id == person.id).order_by(SignIn.created_at)
    names = ("device", "created_at", "seen_at", "proved_at", "left_at")
    return {
        "name": person.name,
        "language": person.locale,
        "email": person.email,
        "created_at": person.created_at,
        "devices": [{name: getattr(row, name) for name in names} for row in db.session.scalars(devices)],
    }


register(Personal("accounts", ("sign_in", "device_code", "mail_code"), _merge, _export))
