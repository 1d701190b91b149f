"""Look for words in the records that somebody may read: SQL tells which have them, Python where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.archive import readers, services
from ementor.archive.models import SearchWords
from ementor.archive.search import lemmas, places
from ementor.archive.search.index import own_places
from ementor.archive.search.places import Excerpt
from ementor.archive.search.words import (
    LANGUAGES,
    MAX_ASKED,
    MAX_TERMS,
    Piece,
    Term,
    context,
    found_by,
    normal,
    parts_of,
    spans,
    terms_of,
    words_of,
)
from ementor.database import MAX_ID, db
from ementor.meetings.models import Meeting
from ementor.meetings.record import Record

MEETINGS_ON_A_PAGE = 20
WAIT_S = 4.0
"""How long the first search waits for the dictionaries, twice what they take on a machine of its own."""
TIMES = {"month": timedelta(days=31), "half": timedelta(days=183), "year": timedelta(days=366)}
MINE, OURS = "mine", "ours"
TRIES = 6
"""How many shorter words are tried in place of one that is not found."""
SHOWN_TRIES = 3
SPOTS = 20
"""How many places of a meeting are shown."""


@dataclass(frozen=True)
class Asked:
    """What is looked for. ``whose`` is mine, ours, or empty for both; ``page`` counts from 1."""

    q: str = ""
    group_id: int | None = None
    since: datetime | None = None
    whose: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Tell whether there may be more without what narrows it."""
        return bool(self.group_id or self.since or self.whose)


@dataclass(frozen=True)
class Spot:
    """A hit: where it is, and the words around it. ``language`` is that of its text, where it is known."""

    place: Excerpt
    pieces: tuple[Piece, ...]
    language: str = ""


@dataclass(frozen=True)
class Hit:
    """A meeting in which something was found; ``title`` may be a part of that."""

    meeting_id: int
    group: str
    time_zone: str
    at: datetime
    title: tuple[Piece, ...]
    in_title: bool
    spots: tuple[Spot, ...]

    @property
    def count(self) -> int:
        """How many places were found."""
        return len(self.spots) + self.in_title


@dataclass(frozen=True)
class Found:
    """What was found, newest first: the hits of one page, and in how many meetings there are any."""

    hits: tuple[Hit, ...] = ()
    meetings: int = 0

    @property
    def count(self) -> int:
        """How many places were found on this page."""
        return sum(hit.count for hit in self.hits)


@dataclass(frozen=True)
class Results:
    """What the page of results shows.

    ``cut``: not all that was asked for was used. ``elsewhere``: what is found without what narrows it,
    when nothing is with it. ``tries``: shorter words that are found, when nothing is at all.
    """

    asked: Asked
    has_words: bool
    cut: bool
    found: Found
    elsewhere: Found
    tries: tuple[str, ...]
    is_behind: bool
    """Whether a meeting is not looked through yet, as it has just ended or changed."""

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.found.meetings // MEETINGS_ON_A_PAGE)


def results(actor: User, args: Mapping[str, str]) -> Results | None:
    """Return what an address asks for: ``q``, ``group``, ``time``, ``whose``, ``page``; None without ``q``.

    What it says wrongly it does not say.
    """
    q = normal(args.get("q", "")).strip()
    if not q:
        lemmas.is_ready()  # whoever sees the field may soon write in it
        return None
    asked = _asked(args, q[:MAX_ASKED])
    terms = _terms(asked.q)
    found = _search(actor, terms, asked)
    wider = Asked(asked.q) if terms and not found.hits and asked.narrowed else None
    elsewhere = _search(actor, terms, wider) if wider else Found()
    nothing = terms and not found.hits and not elsewhere.hits
    return Results(
        asked=asked,
        has_words=bool(terms),
        cut=len(q) > MAX_ASKED or len({word for word, *_ in words_of(asked.q)}) > MAX_TERMS,
        found=found,
        elsewhere=elsewhere,
        tries=_tries(actor, asked.q) if nothing else (),
        is_behind=_is_behind(actor),
    )


def search(
    actor: User,
    q: str,
    *,
    group_id: int | None = None,
    since: datetime | None = None,
    whose: str = "",
    page: int = 1,
) -> Found:
    """Return where the words of ``q`` are, all of them in each record, among what somebody may read."""
    asked = Asked(normal(q)[:MAX_ASKED], group_id, since, whose, page)
    return _search(actor, _terms(asked.q), asked)


def _asked(args: Mapping[str, str], q: str) -> Asked:
    time, whose = args.get("time", ""), args.get("whose", "")
    return Asked(
        q=q,
        group_id=_number(args.get("group", "")),
        since=clock.now() - TIMES[time] if time in TIMES else None,
        whose=whose if whose in {MINE, OURS} else "",
        page=_number(args.get("page", "")) or 1,
    )


def _number(text: str) -> int | None:
    return min(int(text), MAX_ID) if text.isdecimal() and len(text) < 12 else None


def _terms(q: str) -> tuple[Term, ...]:
    """Return what is looked for. When the dictionaries do not come, stems find most of it."""
    if lemmas.is_ready(within_s=WAIT_S):
        return lemmas.aside(partial(terms_of, q, lemmas.lemma))
    return terms_of(q, lambda word, language: None)


def _search(actor: User, terms: tuple[Term, ...], asked: Asked) -> Found:
    if not terms:
        return Found()
    ids = db.session.scalars(_matching(actor, terms, asked)).all()
    first = (min(asked.page, len(ids) + 1) - 1) * MEETINGS_ON_A_PAGE
    some = ids[first : first + MEETINGS_ON_A_PAGE]
    hits = _hits(actor, some, terms, asked) if some else []
    return Found(tuple(hits), len(ids) - (len(some) - len(hits)))


def _matching(actor: User, terms: Iterable[Term], asked: Asked) -> Select[int]:
    """Return the query for the meetings that have all terms, the newest first."""
    query = readers.readable(actor)
    if asked.group_id:
        query = query.where(Meeting.group_id == asked.group_id)
    if asked.since:
        query = query.where(Meeting.ended_at >= asked.since)
    for term in terms:
        inside = (SearchWords.words.contains(needle, autoescape=True) for needle in term.needles)
        lines = select(SearchWords.id).where(
            SearchWords.meeting_id == Meeting.id, _theirs(actor, asked), or_(*inside)
        )
        query = query.where(lines.exists())
    return query.order_by(Meeting.ended_at.desc(), Meeting.id.desc())


def _is_behind(actor: User) -> bool:
    known = select(SearchWords.id).where(SearchWords.meeting_id == Meeting.id, SearchWords.owner_id.is_(None))
    return db.session.scalar(readers.readable(actor).where(~known.exists()).limit(1)) is not None


def _theirs(actor: User, asked: Asked) -> ColumnElement[bool]:
    """Return the condition on whose words are looked at: never those of somebody else alone.

    Where it is said of several owners, no index is to be used for it: that would read everybody's.
    """
    if asked.whose == MINE:
        return SearchWords.owner_id == actor.id
    if asked.whose == OURS:
        return func.coalesce(SearchWords.owner_id, 0) == 0
    return func.coalesce(SearchWords.owner_id, actor.id) == actor.id


def _hits(actor: User, some: Sequence[int], terms: tuple[Term, ...], asked: Asked) -> list[Hit]:
    """Return where the terms stand in these records."""
    query = select(SearchWords.meeting_id, SearchWords.owner_id, SearchWords.words)
    query = query.where(SearchWords.meeting_id.in_(some), _theirs(actor, asked))
    lines: dict[int, list[str]] = {}
    has_own = set()
    for meeting_id, owner_id, words in db.session.execute(query):
        lines.setdefault(meeting_id, []).append(words)
        if owner_id and any(found_by(terms, words).values()):
            has_own.add(meeting_id)
    records = services.records_of(lines)
    hits = (
        _hit(actor, records[one], meeting, found_by(terms, "\n".join(lines[one])), asked, one in has_own)
        for one, meeting in _meetings(some).items()
        if one in lines and one in records
    )
    return [hit for hit in hits if hit.count]


def _meetings(some: Sequence[int]) -> dict[int, Meeting]:
    query = select(Meeting).where(Meeting.id.in_(some)).options(joinedload(Meeting.group))
    found = {meeting.id: meeting for meeting in db.session.scalars(query)}
    return {one: found[one] for one in some if one in found}


def _hit(
    actor: User,
    record: Record,
    meeting: Meeting,
    found: Mapping[str, frozenset[str]],
    asked: Asked,
    has_own: bool,
) -> Hit:
    group, locale = meeting.group, i18n.choose()
    shown = list(places.shared(record, locale))
    if has_own:
        shown += own_places(record, meeting, actor, locale)
    if asked.whose == MINE:
        shown = [place for place in shown if places.is_mine(place, actor.id)]
    every = frozenset().union(*found.values())
    spots, whole = list[Spot](), list[Spot]()
    for place in shown:
        if len(whole) <= SPOTS and (spot := _spot(place, every, locale)):
            spots.append(spot)
            whole += [spot] if all(map(partial(_has, spot), found.values())) else []
    spots = whole or spots
    titles = [spot for spot in spots if not spot.place.anchor]
    title = titles[0].pieces if titles else (Piece(i18n.say(record.title, locale)),)
    return Hit(
        meeting_id=meeting.id,
        group=group.name,
        time_zone=group.time_zone,
        at=record.started_at or record.ended_at,
        title=title,
        in_title=bool(titles),
        spots=tuple(spot for spot in spots if spot.place.anchor)[:SPOTS],
    )


def _spot(place: Excerpt, found: frozenset[str], locale: str) -> Spot | None:
    """Return a place in which one of these words stands: in the viewer's language, else in another."""
    for language in sorted(place.text, key=lambda one: (one != locale, one)):
        text = normal(place.text[language])
        if spans(text, found):
            pieces = context(text, found) if place.anchor else context(text, found, around=len(text))
            return Spot(place, pieces, language)
    return None


def _has(spot: Spot, found: frozenset[str]) -> bool:
    return bool(spans(normal(spot.place.text[spot.language]), found))


def _tries(actor: User, q: str) -> tuple[str, ...]:
    """Return shorter words that are found: each of several, or what a long one is made of."""
    words = list(dict.fromkeys(word for word, *_ in words_of(q)))
    if len(words) == 1 and lemmas.is_ready():
        words = list(lemmas.aside(partial(_halves, words[0])))
    found = (word for word in words[:TRIES] if _is_found(actor, word))
    return tuple(islice(found, SHOWN_TRIES))


def _is_found(actor: User, word: str) -> bool:
    return db.session.scalars(_matching(actor, _terms(word), Asked(word)).limit(1)).first() is not None


def _halves(word: str) -> tuple[str, ...]:
    known = dict.fromkeys(filter(None, (lemmas.lemma(word, language) for language in LANGUAGES)))
    halves = (half for one in known or [word] for half in parts_of(one, lemmas.is_known))
    return tuple(dict.fromkeys(halves))
