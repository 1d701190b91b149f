"""An example group in the middle of its series, for looking: two meetings held, one under way, three ahead.

Everything goes through the services, as if people had pressed and written it a while ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import is_current, upgrade
from ementor.groups import services as groups
from ementor.groups.models import Entry, Group
from ementor.meetings import services as meetings
from ementor.meetings.domain import run as runs
from ementor.meetings.models import Meeting
from ementor.notes import services as notes
from ementor.notes.document import GENERAL, OUTSIDE, Block, fragment_name, written
from ementor.reflections import services as reflections
from ementor.reflections.models import Sharing
from ementor.reflections.services import Given
from ementor.series import opening, planning, rota, services
from ementor.series.domain import dates as rules
from ementor.series.models import Duty

PEOPLE = {"Aino": "fi", "Björn": "sv", "Noor": "en", "Tomas": "en", "Ingrid": "sv", "Mikael": "fi"}
"""Who is in the group, the facilitator first, each with their language."""
WILLING = ("Noor", "Ingrid", "Aino", "Mikael")
"""Who leads in turns; it is Aino's turn today."""
PROGRAMME, CASE_CLINIC, DIALOGUE = "mentorgroup", "single-2", "single-1"
WEEKS = 2
SINCE_START = timedelta(minutes=74)


@dataclass(frozen=True)
class Example:
    """What was made: the people by name, the meeting under way and the one before it."""

    people: dict[str, User]
    group: Group
    live: Meeting
    ended: Meeting


def make(*, facilitator_here: bool = False) -> Example:
    """Make the example anew; whatever else is in the database stays as it is.

    Its link lets in whoever opens it. Unless ``facilitator_here`` the facilitator has just left, so that
    whoever comes to look may take over and press the buttons.
    """
    if not is_current():
        upgrade()
    now = clock.now()
    today = rules.wall_of(now - SINCE_START, DEFAULT_TIME_ZONE).replace(second=0, microsecond=0)
    planned_at = now - timedelta(weeks=2 * WEEKS + 1)
    with _at(planned_at):
        group, people = _plan(today - timedelta(weeks=2 * WEEKS))
    for minute, name in enumerate(WILLING, 1):
        with _at(planned_at + timedelta(minutes=minute)):
            rota.be_willing(group.id, Duty.LEAD, actor=people[name], willing=True)
    _hold_first(_open(group, 0, people), people, _began(group, 0))
    ended = _open(group, 1, people)
    _hold_case_clinic(ended, people, _began(group, 1) + timedelta(minutes=61))
    live = _open(group, 2, people)
    _hold_dialogue(live, people, now)
    if not facilitator_here:
        left_at = now - timedelta(minutes=2)
        with _at(left_at):
            meetings.record(live.id, runs.PersonLeft(people["Aino"].id, left_at), actor_id=None)
    return Example(people, group, live, ended)


def _plan(first: datetime) -> tuple[Group, dict[str, User]]:
    """Plan the series with everybody in it, two dates with other templates, and who leads in turns."""
    aino, group = planning.plan_series(
        actor=None,
        name="Aino",
        programme=PROGRAMME,
        group_name="Tuesday circle",
        first=first,
        weeks=WEEKS,
        time_zone=DEFAULT_TIME_ZONE,
        locale="en",
    )
    aino.locale = PEOPLE["Aino"]
    groups.change_group(
        group.id, actor=aino, name=group.name, entry=Entry.OPEN, greeting="", everybody_runs=False
    )
    people = {"Aino": aino}
    for name, locale in list(PEOPLE.items())[1:]:
        people[name] = groups.join(group.join_token, actor=None, name=name, locale=locale).user
    for place, template in ((1, CASE_CLINIC), (2, DIALOGUE)):
        row = services.planned_of(group)[place].row
        planning.change(group.id, row.id, actor=aino, wall=row.wall, template_key=template)
    rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=True)
    return group, people


def _began(group: Group, place: int) -> datetime:
    return services.planned_of(group)[place].starts_at


def _open(group: Group, place: int, people: dict[str, User]) -> Meeting:
    """Open the room of a date when its time has come, and let everybody in."""
    with _at(_began(group, place)):
        planned = services.planned_of(group)[place]
        meeting = opening.open_room(group.id, planned.id, actor=people["Aino"])
        for person in people.values():
            meetings.record(meeting.id, runs.PersonCame(person.id), actor_id=person.id)
    return meeting


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    with clock.pretend(moment):
        yield


class _Hand:
    """Presses and writes in one meeting, at minutes from its start."""

    def __init__(self, meeting: Meeting, people: dict[str, User], began: datetime) -> None:
        self.meeting, self.people, self.began = meeting, people, began

    def press(self, minute: float, *commands: runs.Command) -> None:
        with _at(self.began + timedelta(minutes=minute)):
            for command in commands:
                meetings.act(self.meeting.id, command, actor=self.people["Aino"])

    def write(self, minute: float, name: str, part: str, *blocks: Block) -> None:
        actor = self.people[name]
        with _at(self.began + timedelta(minutes=minute)):
            before = notes.sync(self.meeting.id, b"\0", actor=actor).update
            notes.add_update(self.meeting.id, written(before, part, blocks), actor=actor)

    def answer(self, minute: float, name: str, given: Given) -> None:
        with _at(self.began + timedelta(minutes=minute)):
            reflections.save(self.meeting.id, given, actor=self.people[name])


def _heading(text: str) -> Block:
    return Block("heading", [(text, {})])


def _line(text: str) -> Block:
    return Block(runs=[(text, {})])


def _marked(mark: str, text: str) -> Block:
    return Block(runs=[(text, {mark: True})])


def _bullets(*lines: str) -> list[Block]:
    return [Block("bullet", [(line, {})]) for line in lines]


def _tasks(*lines: tuple[str, bool]) -> list[Block]:
    return [Block("task", [(line, {})], checked=done) for line, done in lines]


def _hold_dialogue(meeting: Meeting, people: dict[str, User], now: datetime) -> None:
    """Bring the dialogue to its round, two turns in; it began 73 minutes ago."""
    welcome, rules, story, pairs, talk, _break, words = (fragment_name(number) for number in range(1, 8))
    hand = _Hand(meeting, people, now - SINCE_START)
    hand.press(0, runs.Start())
    hand.write(1, "Aino", welcome, _line("Tänään: puheeksi ottaminen. Lopetamme ajoissa."))
    hand.press(4.5, runs.NextItem())
    hand.write(6, "Noor", rules, *_bullets("What is said here stays here", "We speak for ourselves"))
    hand.write(7, "Ingrid", rules, *_bullets("Man får alltid passa"))
    hand.press(10, runs.NextItem(), runs.GiveWord(people["Tomas"].id))
    hand.write(12, "Tomas", story, _line("The meeting where nobody asked the question everybody had."))
    hand.press(16, runs.NextItem())
    hand.write(22, "Björn", pairs, *_bullets("Jag väntar för länge", "Tystnad läses som ett ja"))
    hand.press(25, runs.NextItem())
    hand.write(31, "Noor", talk, _heading("What makes it hard"))
    hand.write(
        32,
        "Noor",
        talk,
        *_bullets("We are afraid of being unkind", "It is never the right moment", "Who am I to say it?"),
    )
    hand.write(40, "Mikael", talk, _heading("Mikä auttaa"))
    hand.write(41, "Mikael", talk, *_bullets("Kysyn luvan ensin", "Sanon yhden asian kerrallaan"))
    hand.write(42, "Noor", talk, _marked("insight", "Asking first makes the rest easier to hear"))
    hand.write(44, "Aino", OUTSIDE, _line("Harjoittelimme puheeksi ottamista."))
    hand.press(53, runs.Extend(60))
    hand.press(55, runs.NextItem())
    hand.press(61, runs.NextItem())
    hand.press(63, runs.Next())
    hand.write(63.5, "Aino", words, _heading("What each of us takes"))
    hand.write(65, "Aino", words, *_bullets("Aino: pyydän kaksikymmentä minuuttia, en koko iltapäivää"))
    hand.press(66.3, runs.Next())
    hand.write(68, "Ingrid", words, *_bullets("Björn: frågan får vara kort"))
    hand.press(69.5, runs.Next())
    hand.write(70, "Tomas", words, *_bullets("Noor: say it once, kindly, and then be quiet"))
    hand.press(72.7, runs.Next())
    hand.write(73, "Noor", words, *_bullets("Tomas: ask who else sees the same thing"))
    hand.write(73.2, "Mikael", GENERAL, _line("Ensi kerralla: Noorin kolme kysymystä."))
    hand.write(
        73.5,
        "Noor",
        words,
        _heading("We agreed"),
        *_tasks(("Ingrid sends the article", True), ("Noor shares her three questions", False)),
    )
    hand.answer(73.6, "Ingrid", Given(texts={"1": "En mening räcker."}, sharings={"1": Sharing.NAMED}))
    hand.answer(
        73.7,
        "Mikael",
        Given(
            texts={
                "1": "En ole ainoa, joka odottaa oikeaa hetkeä.",
                "2": "Vuorovaikutus esihenkilön kanssa.",
            },
            sharings={"1": Sharing.UNNAMED},
            numbers=(4,),
            steps=("Otan asian puheeksi maanantaina.",),
        ),
    )


def _hold_first(meeting: Meeting, people: dict[str, User], began: datetime) -> None:
    """Hold the first meeting of the series, where people get to know each other."""
    hand = _Hand(meeting, people, began)
    hand.press(0, runs.Start())
    hand.write(5, "Noor", fragment_name(1), _line("Six of us, from five workplaces and three towns."))
    minute = 8.0
    for _ in range(len(meetings.run_of(meeting.id).agenda) - 1):
        hand.press(minute, runs.NextItem())
        minute += 6
    hand.write(minute, "Ingrid", OUTSIDE, _line("Vi träffas varannan vecka och delar vardagen i arbetet."))
    steps = {"Noor": "I call one colleague I have not met.", "Mikael": "Kysyn ennen kuin neuvon."}
    for name, step in steps.items():
        hand.answer(minute + 1, name, Given(steps=(step,), done=True))
    hand.press(minute + 2, runs.Reveal())
    with _at(began + timedelta(minutes=minute + 4)):
        archive.close_and_keep(meeting.id, actor=people["Aino"])
    with _at(began + timedelta(minutes=minute + 9)):
        archive.seal(meeting.id)


def _hold_case_clinic(meeting: Meeting, people: dict[str, User], ended_at: datetime) -> None:
    """Hold the meeting of last week from start to record."""
    opening, case = fragment_name(1), fragment_name(2)
    hand = _Hand(meeting, people, ended_at - timedelta(minutes=61))
    hand.press(0, runs.Start())
    for turn in range(len(people) + 1):
        hand.press(0.5 + 1.2 * turn, runs.Next())
    hand.write(8, "Noor", opening, _line("We take Björn's question."))
    hand.press(9, runs.NextItem(), runs.GiveWord(people["Björn"].id))
    hand.write(
        15, "Noor", case, _heading("Björn"), _line("Hur säger jag nej till en kund som alltid fått ja?")
    )
    hand.write(
        38,
        "Ingrid",
        case,
        _heading("Perspektiv"),
        *_bullets("Säg vad du kan i stället", "Vem mer har sagt ja?", "Kysy, mitä hän oikeasti tarvitsee"),
    )
    hand.write(48, "Ingrid", case, _marked("insight", "Ett nej är lättare när kunden får höra varför"))
    hand.write(50, "Mikael", case, _marked("next_step", "Mikael kokoaa kysymykset, joita voi käyttää"))
    hand.write(52, "Noor", OUTSIDE, _line("We practised saying no to a customer, and how to explain it."))
    hand.press(54, runs.NextItem())
    answers = {
        "Aino": ("Kysymys on usein parempi kuin neuvo.", Sharing.NAMED, 5, "Kuuntelen ensin."),
        "Björn": ("Ni hjälpte mig att se kundens sida.", Sharing.NAMED, 5, "Jag ringer kunden i morgon."),
        "Noor": ("A no can be a gift.", Sharing.UNNAMED, 4, "I leave one evening free."),
        "Tomas": ("I talk too early.", Sharing.PRIVATE, 3, "I count to five before I answer."),
        "Ingrid": ("Att vänta in.", Sharing.UNNAMED, 4, "Jag frågar en gång till."),
        "Mikael": ("Sama tilanne meillä.", Sharing.NAMED, 4, "Puhun tiimin kanssa."),
    }
    for name, (text, sharing, number, step) in answers.items():
        given = Given(texts={"1": text}, sharings={"1": sharing}, numbers=(number,), steps=(step,), done=True)
        hand.answer(57, name, given)
    hand.press(59, runs.Reveal())
    with _at(ended_at):
        archive.close_and_keep(meeting.id, actor=people["Aino"])
    with _at(ended_at + timedelta(minutes=5)):
        archive.seal(meeting.id)
