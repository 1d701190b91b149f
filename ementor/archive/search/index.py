"""The words of each record, made when it is new or has changed, a little at a time and beside the rest."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from functools import partial

from sqlalchemy import delete, select

from ementor.accounts.models import User
from ementor.archive import corrections, search, services
from ementor.archive.models import RecordReader, RecordRow, SearchWords
from ementor.archive.search import lemmas, places
from ementor.archive.search.places import Excerpt
from ementor.archive.search.words import RECIPE, lines_of
from ementor.archive.sections import SECTIONS
from ementor.database import db, transactional
from ementor.errors import NotFound
from ementor.meetings.models import Meeting
from ementor.meetings.record import Record

LOOK_EVERY_S = 60.0
"""How often to look for what another process, or one that was killed, has left; one's own is done at once."""
AT_MOST_S = 0.3
"""After that the other background jobs have their turn."""
AT_ONCE = 20

Texts = dict[int | None, tuple[str, ...]]
"""What there is to be found by the owner of the words; None is what all readers share."""

log = logging.getLogger(__name__)
corrections.when_corrected(search.forget)


class Index:
    """The background job of each process: make the words of the records that lack them, the newest first."""

    def __init__(self) -> None:
        self.next_look = 0.0
        self.failed: set[int] = set()

    def __call__(self) -> None:
        """Do some of what is due; nothing before the dictionaries are there, which it waits for elsewhere."""
        now = time.monotonic()
        if not search.news.is_set() and now < self.next_look:
            return
        search.news.clear()
        self.next_look = now + LOOK_EVERY_S
        some = due(self.failed)
        if some and not lemmas.is_ready():
            self.next_look = now
            return
        for meeting_id in some:
            if time.monotonic() > now + AT_MOST_S:
                break
            try:
                make(meeting_id)
            except Exception:  # whatever is wrong with one record, the others are found
                log.exception("the words of record %d cannot be made", meeting_id)
                self.failed.add(meeting_id)
        else:
            if len(some) < AT_ONCE:
                return
        self.next_look = now


def due(but: Collection[int] = ()) -> list[int]:
    """Return some of the records that have no words, or those of another recipe."""
    have = select(SearchWords.meeting_id).where(SearchWords.owner_id.is_(None), SearchWords.recipe == RECIPE)
    query = (
        select(Meeting.id)
        .join(RecordRow, RecordRow.meeting_id == Meeting.id)
        .where(Meeting.ended_at.is_not(None), Meeting.id.not_in(have), Meeting.id.not_in(but))
        .order_by(Meeting.ended_at.desc())
        .limit(AT_ONCE)
    )
    found = list(db.session.scalars(query))
    db.session.commit()
    return found


def make(meeting_id: int) -> bool:
    """Make the words of a record; answers whether they are kept, as it may have changed meanwhile."""
    read = _read(meeting_id)
    db.session.commit()  # nobody waits for what is read while words are looked up
    if read is None:
        return False
    language, texts = read
    lines = lemmas.aside(partial(_lines, texts, language))
    return _keep(meeting_id, texts, lines)


def _lines(texts: Texts, language: str) -> dict[int | None, str]:
    return {owner: lines_of(some, language, lemmas.lemma) for owner, some in texts.items()}


@transactional
def _keep(meeting_id: int, texts: Texts, lines: dict[int | None, str]) -> bool:
    held = select(Meeting.id).where(Meeting.id == meeting_id).with_for_update(of=Meeting)
    db.session.execute(held)
    read = _read(meeting_id)
    if read is None or read[1] != texts:
        return False
    db.session.execute(delete(SearchWords).where(SearchWords.meeting_id == meeting_id))
    for owner, words in lines.items():
        db.session.add(SearchWords(meeting_id=meeting_id, owner_id=owner, recipe=RECIPE, words=words))
    return True


def _read(meeting_id: int) -> tuple[str, Texts] | None:
    """Return the group's language and what there is to be found; None when there is no record any more.

    What is somebody's own is theirs also where they shared it, so that they can look among their own.
    """
    try:
        record = services.record_of(meeting_id)
    except NotFound:
        return None
    meeting = db.session.get_one(Meeting, meeting_id)
    language = meeting.group.locale
    shared = list(places.shared(record, language))
    texts: Texts = {None: _texts(shared)}
    readers = select(User).join(RecordReader, RecordReader.user_id == User.id)
    for reader in db.session.scalars(readers.where(RecordReader.meeting_id == meeting_id)):
        private = own_places(record, meeting, reader, language)
        own = _texts([*private, *(place for place in shared if place.person == reader.id)])
        if own:
            texts[reader.id] = own
    return language, texts


def own_places(record: Record, meeting: Meeting, reader: User, locale: str) -> list[Excerpt]:
    """Return what a record has for one reader only. Asks no rights."""
    found: list[Excerpt] = []
    for section in SECTIONS:
        words = section.own(record, meeting, reader) if section.own else None
        if words:
            found += places.own(section.key, words, locale)
    return found


def _texts(some: list[Excerpt]) -> tuple[str, ...]:
    texts = (text for place in some for text in place.text.values())
    return tuple(dict.fromkeys(text for text in texts if text))
