"""How long what is kept: of the settings in force and the code that deletes it, never a number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from flask_babel import gettext, ngettext

from ementor import maintenance
from ementor.accounts.addresses import services as addresses
from ementor.accounts.devices import services as devices
from ementor.database import db
from ementor.meetings.domain.run import REOPEN_S

UNDONE_FOR = timedelta(seconds=REOPEN_S)
"""How long the end of a meeting can be undone, and all that led to its record is there."""


@dataclass(frozen=True)
class Kept:
    """What is kept, and for how long, in words."""

    what: str
    until: str


def kept() -> list[Kept]:
    """Return what the software keeps, in the language in force: what lasts longest first."""
    found = [
        Kept(
            gettext("The group, its members' names, its dates and promises"),
            gettext("Until the organisation deletes it. The software deletes none of it automatically."),
        ),
        Kept(
            gettext("The record of a meeting, and what you have written for yourself"),
            gettext(
                "As long as the group. The notes can be corrected for %(time)s.", time=_days("CORRECT_DAYS")
            ),
        ),
        Kept(
            gettext("Who spoke when, deleted text, what was off the record, who wrote an unnamed answer"),
            gettext("%(time)s after the end of the meeting", time=spelt(UNDONE_FOR)),
        ),
        Kept(
            gettext("The cookie that remembers you on a device"),
            gettext(
                "%(time)s after your last visit, or until you sign out",
                time=spelt(current_app.permanent_session_lifetime),
            ),
        ),
        Kept(
            gettext("Your e-mail address, if you have added one"),
            gettext("Until the organisation deletes it, or you change it"),
        ),
        Kept(
            gettext("A code sent to your e-mail address"),
            gettext(
                "Works for %(works)s; deleted after %(kept)s",
                works=spelt(timedelta(minutes=addresses.MINUTES)),
                kept=spelt(addresses.KEPT_FOR),
            ),
        ),
        Kept(
            gettext("A code for another device"),
            gettext("Works for %(works)s, once", works=spelt(devices.LASTS)),
        ),
    ]
    if is_encrypted():  # a SQLite file, which is copied before its schema changes
        found.append(
            Kept(
                gettext("A copy of the database from before a software update"),
                spelt(maintenance.COPIES_KEPT),
            )
        )
    backups = current_app.config["BACKUP_DAYS"]
    found.append(
        Kept(
            gettext("Backups, which may still contain what has been deleted"),
            gettext("Not stated. Ask the organisation.") if backups is None else _days("BACKUP_DAYS"),
        )
    )
    return found


def is_encrypted() -> bool:
    """Tell whether the software encrypts the database itself; elsewhere its host does, or does not."""
    return db.engine.dialect.name == "sqlite"


def spelt(time: timedelta) -> str:
    """Return a time in words, in the largest unit in which it is a whole number."""
    seconds = round(time.total_seconds())
    if seconds % 86_400 == 0:
        text = ngettext("%(num)d day", "%(num)d days", seconds // 86_400)
    elif seconds % 3600 == 0:
        text = ngettext("%(num)d hour", "%(num)d hours", seconds // 3600)
    elif seconds % 60 == 0:
        text = ngettext("%(num)d minute", "%(num)d minutes", seconds // 60)
    else:
        text = ngettext("%(num)d second", "%(num)d seconds", seconds)
    return str(text)


def _days(setting: str) -> str:
    return spelt(timedelta(days=current_app.config[setting]))
