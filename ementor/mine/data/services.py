"""All that is one person's, put together from what each feature knows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ementor import clock
from ementor.accounts.models import User
from ementor.accounts.personal import ALL, at_leisure
from ementor.archive.models import RecordRow
from ementor.archive.services import record_of
from ementor.database import db
from ementor.meetings import services as meetings
from ementor.meetings.personal import ready_words
from ementor.meetings.sections import AGENDA

FORMAT, VERSION = "ementor my data", 1


def data_of(person: User, locale: str) -> dict[str, Any]:
    """Return everything that is somebody's and nobody else's, with texts of the programmes in ``locale``.

    A section for each feature, by its key; an instant is a datetime.
    """
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": clock.now(),
        "locale": locale,
    }
    for feature in ALL:
        data[feature.key] = feature.export(person)
    for writing in at_leisure(data["writings"]["writings"]):
        writing["item"] = _title_of(writing["meeting_id"], writing["item_id"])
    return data


def _title_of(meeting_id: int, item_id: int) -> str | None:
    """Return the title of an item, kept or still in the room, if it is the programme's own."""
    if db.session.get(RecordRow, meeting_id):
        found = {item.id: item.title for item in record_of(meeting_id).of(AGENDA)}
    else:
        found = {item.id: item.title for item in meetings.run_of(meeting_id).agenda}
    return ready_words(found.get(item_id, {}))


def json_of(data: Mapping[str, Any]) -> str:
    """Return the data as JSON, its instants in UTC: 2026-11-30T13:00:00Z."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=_instant) + "\n"


def _instant(at: object) -> str:
    if not isinstance(at, datetime):
        raise TypeError(f"{type(at).__name__} is no JSON")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
