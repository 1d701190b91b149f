"""The card of the people: who belongs to the group, who is here, and who is at the door."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from ementor.meetings.cards.view import Button, Person, View, Viewer
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
    hand_over: Button | None
    more: bool


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
    invite: Invite | None


def people(view: View, waiting: tuple[tuple[int, str], ...], link: Invite) -> People:
    """Return what the card of the people shows. ``waiting`` are ids and names, for those who may let in."""
    invites = view.phase != "before" and not view.run.closed
    everybody = sorted(view.people.values(), key=lambda person: person.name.lower())
    return People(
        meeting_id=view.meeting_id,
        here=len(view.here),
        waiting=tuple(knocking(user_id, name) for user_id, name in waiting) if view.viewer.leads else (),
        rows=tuple(row(view, person) for person in sorted(everybody, key=lambda one: not one.present)),
        settings=view.viewer.keeps,
        invite=link if invites else None,
    )


def row(view: View, person: Person) -> Row:
    said: list[Value] = [N_("facilitator")] if person.facilitator else []
    if person.role:
        said.append(ROLE_NAMES[Role(person.role)])
    if not person.present:
        said.append(N_("away"))
    leads, is_me = view.viewer.leads, person.id == view.me
    hands_over = leads and not view.run.closed and person.present and not person.facilitator
    return Row(
        person=person,
        said=tuple(said),
        is_you=is_me and not view.practice,
        hand_over=Button(
            "hand_over",
            N_("Hand over"),
            kind="text",
            says=N_("Hand over to %(name)s", name=person.name),
            about=("person", person.id),
        )
        if hands_over
        else None,
        more=leads or is_me,
    )


def knocking(user_id: int, name: str) -> Knocking:
    about = ("person", user_id)
    return Knocking(
        user_id,
        name,
        Button("let_in", N_("Let in"), says=N_("Let in: %(name)s", name=name), about=about),
        Button("refuse", N_("Refuse"), kind="text", says=N_("Refuse: %(name)s", name=name), about=about),
    )


def invite(meeting_id: int, url: str, *, lets_in: bool, keeps: bool) -> Invite:
    """Return what the link's place shows; who facilitates the group may make a new link."""
    button = Button(
        "rotate_link",
        N_("New link"),
        kind="text",
        confirm=N_("Make a new link?"),
        confirm_text=N_("The old one stops working. Those who are in stay in."),
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
