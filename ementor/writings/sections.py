"""What quiet writing gives to a meeting's record: to each reader what they wrote themselves."""

from __future__ import annotations

from dataclasses import dataclass

from ementor.accounts.models import User
from ementor.meetings.domain.agenda import Text
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.record import Record, Section
from ementor.meetings.sections import AGENDA
from ementor.programmes import library
from ementor.writings import services


@dataclass(frozen=True)
class OwnWriting:
    """What somebody wrote in one agenda item, and the statements they answered with a number.

    ``title`` is empty when the item was taken off the agenda.
    """

    title: Text
    text: str
    answers: tuple[tuple[Text, int], ...]


def _own(record: Record, meeting: Meeting, reader: User) -> tuple[OwnWriting, ...]:
    titles = {item.id: item.title for item in record.of(AGENDA)}
    statements = library.self_assessment()
    return tuple(
        OwnWriting(
            title=titles.get(item_id, {}),
            text=text,
            answers=tuple((statements[int(key) - 1], answers[key]) for key in sorted(answers, key=int)),
        )
        for item_id, text, answers in services.kept(meeting.id, reader.id)
    )


def _forget(meeting: Meeting, run: Run) -> None:
    services.forget_live(meeting.id)


def _took_part(meeting: Meeting, run: Run) -> set[int]:
    return services.writers(meeting.id)


WRITINGS: Section[None] = Section(
    "writings",
    None,
    forget=_forget,
    took_part=_took_part,
    own=_own,
    own_template="writings/_record_own.html",
)
