"""What quiet writing gives to a meeting's record: to each reader what they wrote themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from ementor import blocks, i18n
from ementor.accounts.models import User
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, plain
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


def _own_blocks(own: tuple[OwnWriting, ...], locale: str) -> Iterator[Block]:
    yield Heading(3, plain(gettext("My writing")), "own-writings")
    for one in own:
        title = i18n.say(one.title, locale)
        if title:
            yield Heading(4, plain(title))
        if one.text:
            yield Paragraph(plain(one.text))
        for statement, answer in one.answers:
            said, number = blocks.Run(f"{i18n.say(statement, locale)} "), blocks.Run(str(answer), bold=True)
            yield Item(Kind.BULLET, (said, number))


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
    own_blocks=_own_blocks,
)
