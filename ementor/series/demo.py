"""An example group in the middle of its series, for looking: two meetings held, one under way, three ahead.

Some of its people have an older group behind them, so that there are past notes to read and search.

Everything goes through the services, as if people had pressed and written it a while ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ementor import clock
from ementor.accounts.models import User
from ementor.config import DEFAULT_TIME_ZONE
from ementor.database import db, transactional
from ementor.groups import services as groups
from ementor.groups.models import Entry, Group
from ementor.maintenance import is_current, upgrade
from ementor.meetings import services as meetings
from ementor.meetings.domain import run as runs
from ementor.meetings.models import Meeting
from ementor.notes.document import GENERAL, OUTSIDE, fragment_name
from ementor.reflections.models import Sharing
from ementor.reflections.services import Given
from ementor.series import creation, planning, promises, rota, services
from ementor.series.demo_driver import Hand, at, began_at, bullets, heading, line, marked, open_room, tasks
from ementor.series.domain import dates as rules
from ementor.series.domain.promises import Became
from ementor.series.models import Duty

PEOPLE = {"Aino": "fi", "Björn": "sv", "Noor": "en", "Tomas": "en", "Ingrid": "sv", "Mikael": "fi"}
"""Who is in the group, the facilitator first, each with their language."""
WILLING = ("Noor", "Ingrid", "Aino", "Mikael")
"""Who leads in turns; it is Aino's turn today."""
PROGRAMME, CASE_CLINIC, DIALOGUE = "mentorgroup", "single-2", "single-1"
OLDER_PROGRAMME = "mepe"
OLDER = ("Noor", "Mikael", "Ingrid")
"""Who was in the older group, which orients mentors and has ended."""
ADDRESS = "noor@example.org"
"""Where codes to come in as Noor go: without a mail server they are shown in the terminal."""
WEEKS = 2
SINCE_START = timedelta(minutes=74)


@dataclass(frozen=True)
class Example:
    """What was made: the people by name, the meeting under way and the one before it.

    ``address`` is Noor's; None where an earlier example has it.
    """

    people: dict[str, User]
    group: Group
    live: Meeting
    ended: Meeting
    address: str | None


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
    with at(planned_at):
        group, people = _plan(today - timedelta(weeks=2 * WEEKS))
    for minute, name in enumerate(WILLING, 1):
        with at(planned_at + timedelta(minutes=minute)):
            rota.be_willing(group.id, Duty.LEAD, actor=people[name], willing=True)
    _hold_older(people, today - timedelta(weeks=30))
    _hold_first(open_room(group, 0, people), people, began_at(group, 0))
    ended = open_room(group, 1, people)
    _hold_case_clinic(ended, people, began_at(group, 1) + timedelta(minutes=61))
    live = open_room(group, 2, people)
    _hold_dialogue(live, people, now)
    groups.note_visit(group.id, actor=people["Aino"])
    if not facilitator_here:
        left_at = now - timedelta(minutes=2)
        with at(left_at):
            meetings.record(live.id, runs.PersonLeft(people["Aino"].id, left_at), actor_id=None)
    return Example(people, group, live, ended, _addressed(people["Noor"]))


@transactional
def _addressed(person: User) -> str | None:
    """Give somebody the address, unless an earlier example has it."""
    if db.session.scalar(select(User.id).where(User.email_key == ADDRESS)) is not None:
        return None
    person.email = person.email_key = ADDRESS
    return ADDRESS


def _plan(first: datetime) -> tuple[Group, dict[str, User]]:
    """Plan the series with everybody in it, two dates with other templates, and who leads in turns."""
    aino, group = creation.plan_series(
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
        group.id,
        actor=aino,
        name=group.name,
        entry=Entry.OPEN,
        greeting="",
        everybody_runs=False,
        newcomers_read=True,  # whoever comes to look
    )
    people = {"Aino": aino}
    for name, locale in list(PEOPLE.items())[1:]:
        people[name] = groups.join(group.join_token, actor=None, name=name, locale=locale).user
    for place, template in ((1, CASE_CLINIC), (2, DIALOGUE)):
        row = services.planned_of(group)[place].row
        planning.change(group.id, row.id, actor=aino, wall=row.wall, template_key=template)
    rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=True)
    return group, people


def _hold_dialogue(meeting: Meeting, people: dict[str, User], now: datetime) -> None:
    """Bring the dialogue to its round, two turns in; it began 73 minutes ago."""
    welcome, rules, story, pairs, talk, _break, words = (fragment_name(number) for number in range(1, 8))
    hand = Hand(meeting, people, now - SINCE_START)
    hand.press(0, runs.Start())
    hand.write(1, "Aino", welcome, line("Tänään: puheeksi ottaminen. Lopetamme ajoissa."))
    hand.press(4.5, runs.NextItem())
    hand.write(6, "Noor", rules, *bullets("What is said here stays here", "We speak for ourselves"))
    hand.write(7, "Ingrid", rules, *bullets("Man får alltid passa"))
    hand.press(10, runs.NextItem(), runs.GiveWord(people["Tomas"].id))
    hand.write(12, "Tomas", story, line("The meeting where nobody asked the question everybody had."))
    hand.press(16, runs.NextItem())
    hand.write(22, "Björn", pairs, *bullets("Jag väntar för länge", "Tystnad läses som ett ja"))
    hand.press(25, runs.NextItem())
    hand.write(31, "Noor", talk, heading("What makes it hard"))
    hand.write(
        32,
        "Noor",
        talk,
        *bullets("We are afraid of being unkind", "It is never the right moment", "Who am I to say it?"),
    )
    hand.write(40, "Mikael", talk, heading("Mikä auttaa"))
    hand.write(41, "Mikael", talk, *bullets("Kysyn luvan ensin", "Sanon yhden asian kerrallaan"))
    hand.write(42, "Noor", talk, marked("insight", "Asking first makes the rest easier to hear"))
    hand.write(44, "Aino", OUTSIDE, line("Harjoittelimme puheeksi ottamista."))
    hand.press(53, runs.Extend(60))
    hand.press(55, runs.NextItem())
    hand.press(61, runs.NextItem())
    hand.press(63, runs.Next())
    hand.write(63.5, "Aino", words, heading("What each of us takes"))
    hand.write(65, "Aino", words, *bullets("Aino: pyydän kaksikymmentä minuuttia, en koko iltapäivää"))
    hand.press(66.3, runs.Next())
    hand.write(68, "Ingrid", words, *bullets("Björn: frågan får vara kort"))
    hand.press(69.5, runs.Next())
    hand.write(70, "Tomas", words, *bullets("Noor: say it once, kindly, and then be quiet"))
    hand.press(72.7, runs.Next())
    hand.write(73, "Noor", words, *bullets("Tomas: ask who else sees the same thing"))
    hand.write(73.2, "Mikael", GENERAL, line("Ensi kerralla: Noorin kolme kysymystä."))
    hand.write(
        73.5,
        "Noor",
        words,
        heading("We agreed"),
        *tasks(("Ingrid sends the article", True), ("Noor shares her three questions", False)),
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


def _hold_older(people: dict[str, User], first: datetime) -> None:
    """Hold the first and the last meeting of an older series; the others were cancelled."""
    people = {name: people[name] for name in OLDER}
    noor, *others = people.values()
    before = rules.instant(first, DEFAULT_TIME_ZONE) - timedelta(days=7)
    with at(before):
        _, group = creation.plan_series(
            actor=noor,
            name="Noor",
            programme=OLDER_PROGRAMME,
            group_name="Mentors in spring",
            first=first,
            weeks=WEEKS,
            time_zone=DEFAULT_TIME_ZONE,
            locale="en",
        )
        for person in others:
            groups.join(group.join_token, actor=person, name=person.name)
        for one in services.planned_of(group)[1:-1]:
            planning.cancel(group.id, one.id, actor=noor)
    began = began_at(group, 0)
    hand = Hand(open_room(group, 0, people), people, began)
    hand.press(0, runs.Start())
    hand.write(
        9,
        "Mikael",
        fragment_name(3),
        *bullets("Kysytään ennen kuin neuvotaan", "Hiljaisuus on lupa ajatella"),
    )
    hand.write(
        30, "Noor", fragment_name(7), marked("insight", "Mentoring online is company in which one can think")
    )
    hand.note(31, "Noor", line("Ask Ingrid how she begins a conversation on a bad day."))
    hand.assess(60, "Noor", 8, 3, 2, 2, 4, 2, 3, 4, 3)
    minute = hand.go_through(62, 4)
    taken = {
        "Noor": "Listening is help already.",
        "Mikael": "Vertaismentorointi on seuraa, jossa voi ajatella.",
    }
    for name, text in taken.items():
        hand.answer(minute, name, Given(texts={"1": text}, sharings={"1": Sharing.NAMED}, done=True))
    hand.answer(minute, "Noor", Given(steps=("I ask three questions before I give my view.",)))
    hand.end(minute + 4)
    last = len(services.planned_of(group)) - 1
    began = began_at(group, last)
    with at(began - timedelta(days=3)):
        promises.mark(group.id, hand.meeting.id, Became.DONE, actor=noor)
    hand = Hand(open_room(group, last, people), people, began)
    hand.press(0, runs.Start())
    hand.write(
        20,
        "Ingrid",
        fragment_name(2),
        line("I den egna gruppen börjar vi med en runda där alla får lika mycket tid."),
    )
    hand.write(
        22,
        "Mikael",
        fragment_name(3),
        marked("insight", "Oman ryhmän voi aloittaa pienenä: kolme mentoroitavaa riittää"),
    )
    hand.assess(60, "Noor", 5, 4, 4, 3, 4, 3, 4, 3, 5)
    minute = hand.go_through(62, 4)
    given = Given(texts={"1": "I may be quiet and still help."}, sharings={"1": Sharing.PRIVATE}, done=True)
    hand.answer(minute, "Noor", given)
    hand.answer(minute, "Mikael", Given(steps=("Kutsun kolme mentoroitavaa samaan ryhmään.",), done=True))
    hand.end(minute + 4)


def _hold_first(meeting: Meeting, people: dict[str, User], began: datetime) -> None:
    """Hold the first meeting of the series, where people get to know each other."""
    hand = Hand(meeting, people, began)
    hand.press(0, runs.Start())
    hand.write(5, "Noor", fragment_name(1), line("Six of us, from five workplaces and three towns."))
    hand.write(
        6,
        "Mikael",
        fragment_name(3),
        *bullets("Se, mitä täällä puhutaan, jää tänne", "Man får alltid passa"),
    )
    hand.write(
        7, "Noor", fragment_name(5), marked("insight", "A new group needs questions more than answers")
    )
    hand.note(7, "Noor", line("Tomas and I have the same question: who notices good work?"))
    minute = hand.go_through(8, 6)
    hand.write(minute, "Ingrid", OUTSIDE, line("Vi träffas varannan vecka och delar vardagen i arbetet."))
    steps = {"Noor": "I call one colleague I have not met.", "Mikael": "Kysyn ennen kuin neuvon."}
    for name, step in steps.items():
        hand.answer(minute + 1, name, Given(steps=(step,), done=True))
    hand.answer(minute + 1, "Noor", Given(texts={"1": "Others ask this too."}, sharings={"1": Sharing.NAMED}))
    hand.end(minute + 2)
    with at(began + timedelta(days=6)):
        promises.mark(meeting.group_id, meeting.id, Became.DONE, actor=people["Noor"])


def _hold_case_clinic(meeting: Meeting, people: dict[str, User], ended_at: datetime) -> None:
    """Hold the meeting of last week from start to record."""
    opening, case = fragment_name(1), fragment_name(2)
    hand = Hand(meeting, people, ended_at - timedelta(minutes=61))
    hand.press(0, runs.Start())
    for turn in range(len(people) + 1):
        hand.press(0.5 + 1.2 * turn, runs.Next())
    hand.write(8, "Noor", opening, line("We take Björn's question."))
    hand.press(9, runs.NextItem(), runs.GiveWord(people["Björn"].id))
    hand.write(15, "Noor", case, heading("Björn"), line("Hur säger jag nej till en kund som alltid fått ja?"))
    hand.write(
        38,
        "Ingrid",
        case,
        heading("Perspektiv"),
        *bullets("Säg vad du kan i stället", "Vem mer har sagt ja?", "Kysy, mitä hän oikeasti tarvitsee"),
    )
    hand.write(48, "Ingrid", case, marked("insight", "Ett nej är lättare när kunden får höra varför"))
    hand.write(50, "Mikael", case, marked("next_step", "Mikael kokoaa kysymykset, joita voi käyttää"))
    hand.write(52, "Noor", OUTSIDE, line("We practised saying no to a customer, and how to explain it."))
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
    hand.end(59)
