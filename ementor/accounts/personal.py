"""What each feature knows of a person: to make two people one, and to give somebody all that is theirs.

A feature declares one ``Personal`` in its own ``personal.py``. A test holds that every table which names a
person belongs to one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ementor.accounts.merging.rows import move
from ementor.accounts.models import DeviceCode, MailCode, SignIn, User

JSON = dict[str, Any] | list[Any]


@dataclass(frozen=True)
class Personal:
    """What one feature knows of a person.

    ``tables`` are those of the database that name a person and are this feature's. ``merge(kept, gone)``
    gives all that is one person's to another, within the caller's transaction: where both wrote in one
    place, both texts stay. ``export(person)`` returns what is theirs, as JSON has it, and nobody else's.
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


def _export(person: User) -> JSON:
    """Return who somebody is, and their devices."""
    raise NotImplementedError


register(Personal("accounts", ("sign_in", "device_code", "mail_code"), _merge, _export))
