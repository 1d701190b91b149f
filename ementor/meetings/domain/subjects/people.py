"""Who is in the room: coming, leaving, roles, and two who turn out to be one."""

from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.domain import changes
from ementor.meetings.domain import course as courses
from ementor.meetings.domain.commands import AfterClose, By, Command, Means
from ementor.meetings.domain.course import without
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Role, Run
from ementor.meetings.domain.subjects import turns
from ementor.meetings.domain.values import replace
from ementor.texts import both_texts


@dataclass(frozen=True)
class PersonCame(Command, means=Means.NOTHING, by=By.SYSTEM):
    """Somebody opened the room, or is back."""

    person: int


@dataclass(frozen=True)
class PersonLeft(Command, means=Means.NOTHING, by=By.SYSTEM):
    """Somebody is no longer there, last seen at ``seen_at``; ``for_good`` when they were removed."""

    person: int
    seen_at: datetime
    for_good: bool = False


@dataclass(frozen=True)
class Touch(Command, means=Means.NOTHING, by=By.SYSTEM):
    """Something outside the run changed ("people", "reflections", "writings"): pages are to ask anew."""

    what: str


@dataclass(frozen=True)
class MergePeople(Command, means=Means.NOTHING, by=By.SYSTEM, after_close=AfterClose.DECIDED):
    """Two of the people are one human being: from now on all that is ``gone``'s is ``kept``'s."""

    kept: int
    gone: int


@dataclass(frozen=True)
class GiveRole(Command, means=Means.NOTHING, by=By.LEADER):
    """Give somebody a role for this meeting; None takes it away. Several may have the same."""

    person: int
    role: Role | None


@decides(PersonCame)
def come(run: Run, command: PersonCame, now: datetime) -> list[Event]:
    person = command.person
    return [] if person in run.present else [Event(Kind.PERSON_CAME, now, {"person": person})]


@decides(PersonLeft)
def leave(run: Run, command: PersonLeft, now: datetime) -> list[Event]:
    """Return that somebody left. Who leaves for good hands the word on first, and has no turn any more."""
    person = command.person
    data = {"person": person, "seen_at": min(command.seen_at, now).isoformat()}
    if not command.for_good:
        return [Event(Kind.PERSON_LEFT, now, data)] if person in run.present else []
    if person not in run.people and person not in run.roles:
        return []
    handed_on = []
    if run.item is not None and run.has_turns and run.speaker == person:
        handed_on = [turns.next_turn(run, run.item, now)]
    elif run.item is not None and run.has_turns and run.voice == person:
        handed_on = [turns.next_voice(run, run.item, now)]
    return [*handed_on, Event(Kind.PERSON_LEFT, now, data | {"for_good": True})]


@decides(Touch)
def touch(run: Run, command: Touch, now: datetime) -> list[Event]:
    return [Event(Kind.TOUCHED, now, {"what": command.what})]


@decides(MergePeople)
def merge(run: Run, command: MergePeople, now: datetime) -> list[Event]:
    """Return the merge, also of what was told of a closed meeting."""
    return [Event(Kind.PEOPLE_MERGED, now, {"kept": command.kept, "gone": command.gone})]


@decides(GiveRole)
def give_role(run: Run, command: GiveRole, now: datetime) -> list[Event]:
    person, role = command.person, command.role
    given = Event(Kind.ROLE_GIVEN, now, {"person": person, "role": role and role.value})
    return [given] if run.roles.get(person) != role else []


@evolves(Kind.TOUCHED)
def touched(run: Run, event: Event) -> Run:
    return run


@evolves(Kind.PERSON_CAME)
def came(run: Run, event: Event) -> Run:
    """Let somebody in, and in a round put them at the end of the order."""
    person = event.data["person"]
    if person not in run.present:
        run = replace(run, present=(*run.present, person))
    run = replace(run, left_at={who: at for who, at in run.left_at.items() if who != person})
    return changes.joined(run)


@evolves(Kind.PERSON_LEFT)
def left(run: Run, event: Event) -> Run:
    """Let somebody out. They keep their place in a round, as they are often back at once."""
    person, seen_at = event.data["person"], datetime.fromisoformat(event.data["seen_at"])
    present = tuple(other for other in run.present if other != person)
    run = replace(changes.without_hand(run, person), present=present)
    run = replace(run, left_at={**run.left_at, person: seen_at})
    return gone(run, person) if event.data.get("for_good") else run


def gone(run: Run, person: int) -> Run:
    """Let somebody go who does not come back: out of the turns, also of those that "back" returns to."""
    past = tuple(course.without(person) for course in run.past if course.speaker != person)
    run = replace(with_role(run, person, None), course=run.course.without(person), past=past)
    return replace(run, pairings={item: without(drawn, person) for item, drawn in run.pairings.items()})


@evolves(Kind.ROLE_GIVEN)
def role_given(run: Run, event: Event) -> Run:
    return with_role(run, event.data["person"], event.data["role"])


def with_role(run: Run, person: int, role: str | None) -> Run:
    """Return the run with somebody's role given or, by None, taken away."""
    roles = {other: had for other, had in run.roles.items() if other != person}
    return replace(run, roles=roles | {person: Role(role)} if role else roles)


@evolves(Kind.PEOPLE_MERGED)
def merged(run: Run, event: Event) -> Run:
    """Return the run in which one of two people has been the other all the while.

    They have one place in each line: where both had one, the earlier, or the one that has the word. What
    both wrote in one case is kept from both.
    """
    kept, gone = event.data["kept"], event.data["gone"]
    if kept == gone:
        return run

    def now(person: int | None) -> int | None:
        return kept if person == gone else person

    present, left_at = courses.once(run.present, kept, gone), dict(run.left_at)
    last = [left_at.pop(each) for each in (kept, gone) if each in left_at]
    if last and kept not in present:
        left_at[kept] = max(last)
    heard_s = dict(run.heard_s)
    if gone in heard_s:
        heard_s[kept] = heard_s.get(kept, 0.0) + heard_s.pop(gone)
    roles = dict(run.roles)
    if gone in roles:
        role = roles.pop(gone)
        roles.setdefault(kept, role)
    words = {key: text for key, text in run.kept.items() if key[1] != gone}
    for (item, owner, what), text in run.kept.items():
        if owner == gone:
            words[item, kept, what] = both_texts(words.get((item, kept, what), ""), text)
    hands = courses.once(run.hands, kept, gone)
    run = replace(run, present=present, left_at=left_at, heard_s=heard_s, roles=roles, kept=words)
    run = replace(run, starter=now(run.starter), started_last=now(run.started_last), hands=hands)
    past = tuple(one.merged(kept, gone) for one in run.past)
    pairings = {item: courses.merged(groups, kept, gone) for item, groups in run.pairings.items()}
    run = replace(run, course=run.course.merged(kept, gone), past=past, pairings=pairings)
    return changes.without_hand(run, run.speaker)
