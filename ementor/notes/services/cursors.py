"""Where in the notes somebody is, as the others see it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext

from ementor import live
from ementor.accounts.models import User
from ementor.errors import Invalid
from ementor.meetings import services as meetings
from ementor.notes.services.refusals import require_open

MAX_CURSOR_BYTES = 200
WRONG = lazy_gettext("Something went wrong. Reload the page.")


@dataclass(frozen=True)
class Cursor:
    """Where in the notes somebody is: from ``anchor`` to ``head`` of a part; no bytes mean nowhere."""

    part: str
    anchor: bytes
    head: bytes

    def of(self, sender: str, person_id: int, name: str) -> dict[str, object]:
        """Return it as others are told. Name and colour are the server's: a page can only say where."""
        if max(map(len, (self.part, self.anchor, self.head))) > MAX_CURSOR_BYTES:
            raise Invalid(WRONG)
        user = {"id": person_id, "name": name}
        return {"who": sender, "user": user, "part": self.part, "anchor": self.anchor, "head": self.head}


def show_cursor(meeting_id: int, part: str, anchor: bytes, head: bytes, *, actor: User, sender: str) -> None:
    """Tell the others where in the notes somebody is. Raises NotFound, Conflict or Invalid."""
    require_open(meetings.get_meeting(meeting_id, actor=actor))
    told = Cursor(part, anchor, head).of(sender, actor.id, actor.name)
    live.send(meeting_id, "note:aware", told, skip_sid=sender)
