"""The card of the people: who belongs to the group, who is here, and who is at the door."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from ementor.meetings.cards.view import Button, Person, Viewer
from ementor.meetings.cards.words import N_, Value, Words
from ementor.meetings.domain.run import Role

ROLE_NAMES: dict[Role, Words] = {
    Role.NOTES: N_("note keeper"),
    Role.TECH: N_("tech support"),
    Role.OBSERVER: N_("observer"),
}


@dataclass(frozen=True)
class Row:
    """Somebody of the group."""

    person: Person
    said: tuple[Value, ...]
    """What they are beside a member, and whether they are away."""
    is_you: bool
    more: bool
    """The viewer may do something about them: it is in their sheet."""


@dataclass(frozen=True)
class Knocking:
    """Somebody who would like to come in."""

    id: int
    name: str
    let_in: Button
    refuse: Button


@dataclass(frozen=True)
class Invite:
    """The link for the others."""

    meeting_id: int
    url: str
    lets_in: bool
    """Whoever opens it is in."""
    new_link: Button | None
    field: str = "join-link"
    """The id of the field with the link: a sheet over the card has its own."""

    @property
    def version(self) -> str:
        """Return what is another in the code's address after a new link, and tells nothing of the link."""
        return blake2b(self.url.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class People:
    """The card of the people."""

    meeting_id: int
    here: int
    waiting: tuple[Knocking, ...]
    rows: tuple[Row, ...]
    settings: bool
    invites: bool
    """The viewer facilitates, and may be asked for the link."""


@dataclass(frozen=True)
class Gathering:
    """All that the card of the people shows is made of: who belongs to the group, and who looks."""

    meeting_id: int
    people: tuple[Person, ...]
    viewer: Viewer
    started: bool
    closed: bool
    waiting: tuple[tuple[int, str], ...]
    """Ids and names, for those who may let in."""


def people(seen: Gathering) -> People:
    """Return what the card of the people shows."""
    everybody = sorted(seen.people, key=lambda person: person.name.lower())
    return People(
        meeting_id=seen.meeting_id,
        here=sum(person.present for person in everybody),
        waiting=knocks(seen),
        rows=tuple(row(seen, person) for person in sorted(everybody, key=lambda one: not one.present)),
        settings=seen.viewer.keeps,
        invites=seen.viewer.leads and seen.started and not seen.closed and seen.meeting_id != 0,
    )


def knocks(seen: Gathering) -> tuple[Knocking, ...]:
    """Return who is at the door, for those who may let in."""
    return tuple(knocking(user_id, name) for user_id, name in seen.waiting) if seen.viewer.leads else ()


def row(seen: Gathering, person: Person) -> Row:
    said: list[Value] = [N_("facilitator")] if person.facilitator else []
    if person.role:
        said.append(ROLE_NAMES[Role(person.role)])
    if not person.present:
        said.append(N_("away"))
    leads, is_me = seen.viewer.leads, person.id == seen.viewer.id
    return Row(
        person=person,
        said=tuple(said),
        is_you=is_me and seen.meeting_id != 0,  # 0 is the practice room
        more=leads or is_me,
    )


def knocking(user_id: int, name: str) -> Knocking:
    about = ("person", user_id)
    return Knocking(
        user_id,
        name,
        Button("let_in", N_("Let in"), says=N_("Let in: %(name)s", name=name), about=about),
        Button(
            "refuse",
            N_("Refuse"),
            kind="text",
            says=N_("Refuse: %(name)s", name=name),
            about=about,
            confirm=N_("Refuse %(name)s?", name=name),
            confirm_text=N_("They are told that they were not let in. You can't undo this."),
        ),
    )


def invite(meeting_id: int, url: str, *, lets_in: bool, keeps: bool) -> Invite:
    """Return what the link's place shows; who facilitates the group may make a new link."""
    button = Button(
        "rotate_link",
        N_("New link"),
        kind="text",
        confirm=N_("Make a new link?"),
        confirm_text=N_("The old link stops working. People who have already joined stay in."),
    )
    return Invite(meeting_id, url, lets_in, button if keeps else None)


@dataclass(frozen=True)
class PersonSheet:
    """What one may do about somebody."""

    person: Person
    is_you: bool
    roles: tuple[str, ...]
    """The roles that may be given; none where the viewer gives none."""
    facilitating: bool
    removes: bool


def person_sheet(person: Person, viewer: Viewer, *, closed: bool) -> PersonSheet:
    """Return what the viewer may do about somebody."""
    is_you = person.id == viewer.id
    gives_roles = (viewer.leads or is_you) and not closed
    return PersonSheet(
        person=person,
        is_you=is_you,
        roles=tuple(role.value for role in ROLE_NAMES) if gives_roles else (),
        facilitating=viewer.leads and not closed,
        removes=viewer.keeps and not is_you,
    )
