"""What groups know of a person: where they belong, and at which doors they stand or stood."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.accounts.services import name_key
from ementor.database import db
from ementor.errors import Conflict
from ementor.groups import policy, services
from ementor.groups.models import Group, Membership, Waiting

Belonging = Membership | Waiting


def _belongings(person_id: int) -> dict[int, Belonging]:
    """Return group id → what somebody is to it: of a membership and a wait the membership."""
    return {row.group_id: row for row in _rows(person_id)}


def _rows(person_id: int) -> list[Belonging]:
    again = {"populate_existing": True}
    waits = db.session.scalars(select(Waiting).where(Waiting.user_id == person_id), execution_options=again)
    members = db.session.scalars(
        select(Membership).where(Membership.user_id == person_id), execution_options=again
    )
    return [*waits, *members]


def _is_in(place: Belonging | None) -> bool:
    return isinstance(place, Membership) and place.ended_at is None


def _is_out(place: Belonging | None) -> bool:
    """Tell whether a group has removed or refused them."""
    return place is not None and (
        place.ended_at is not None if isinstance(place, Membership) else place.refused_at is not None
    )


def _require_allowed(kept: dict[int, Belonging], gone: dict[int, Belonging]) -> None:
    """Raise Conflict where somebody whom a group has shown out would come back as somebody else.

    The other way round is allowed: a member stays what they are, and gains nothing by who was shown out.
    """
    for group_id in kept.keys() & gone.keys():
        if _is_out(kept[group_id]) and _is_in(gone[group_id]):
            raise Conflict(
                gettext(
                    "%(group)s doesn't let you in, but the other person is a member of it. Sign in as "
                    "that person first, and start from there.",
                    group=db.session.get_one(Group, group_id).name,
                )
            )


def _name_for(kept: User, gone: User, group_ids: set[int]) -> str:
    """Return the name that is free in all these groups once the two are one: best their own."""
    taken = {
        member.name_key
        for group_id in group_ids
        for member in policy.members(group_id)
        if member.user_id not in (kept.id, gone.id)
    }
    free = (name for name in (kept.name, gone.name) if name_key(name) not in taken)
    return next(free, None) or services.free_name(kept.name, taken)


def _in_force(*places: dict[int, Belonging]) -> set[int]:
    return {group_id for each in places for group_id, place in each.items() if _is_in(place)}


def _tells(kept: User, gone: User) -> list[str]:
    mine, theirs = _belongings(kept.id), _belongings(gone.id)
    _require_allowed(mine, theirs)
    told = []
    name = _name_for(kept, gone, _in_force(mine, theirs))
    names = {group_id: db.session.get_one(Group, group_id).name for group_id in mine.keys() | theirs.keys()}
    for group_id in sorted(_in_force(mine) & _in_force(theirs)):
        told.append(
            gettext("In %(group)s you will appear once, as %(name)s.", group=names[group_id], name=name)
        )
    if name != kept.name:
        told.append(
            gettext(
                "%(old)s is taken in one of your groups: you will be called %(name)s.",
                old=kept.name,
                name=name,
            )
        )
    for group_id in sorted(theirs):
        if _is_out(theirs[group_id]) and _is_in(mine.get(group_id)):
            told.append(
                gettext(
                    "%(group)s doesn't let %(name)s in. You stay in it as you are.",
                    group=names[group_id],
                    name=gone.name,
                )
            )
    return told


def _merge(kept: int, gone: int) -> None:
    mine, theirs = _belongings(kept), _belongings(gone)
    _require_allowed(mine, theirs)
    person, other = db.session.get_one(User, kept), db.session.get_one(User, gone)
    name = _name_for(person, other, _in_force(mine, theirs))
    for group_id, place in theirs.items():
        if group_id in mine:
            _join(mine[group_id], place)
    _forget_doors(kept, gone, mine, theirs)
    db.session.flush()  # what has gone frees its name
    for place in _rows(gone):
        place.user_id = kept
    person.name = name
    for place in _belongings(kept).values():
        if isinstance(place, Membership) and place.ended_at is None:
            place.name_key = name_key(name)
    db.session.flush()
    for group_id in sorted(mine.keys() | theirs.keys()):
        services.tell(group_id)


def _join(mine: Belonging, theirs: Belonging) -> None:
    """Put into one of two places what the other has; the other goes, or takes its place.

    A place in force beats one that has ended, and that a wait; who was shown out brings nothing along.
    """
    if isinstance(mine, Membership) and isinstance(theirs, Membership):
        if _is_in(mine) and _is_in(theirs):
            mine.joined_at = min(mine.joined_at, theirs.joined_at)
            mine.seen_at = max((at for at in (mine.seen_at, theirs.seen_at) if at), default=None)
            hats = [each for each in (mine, theirs) if each.facilitator]
            lasting = [each for each in hats if policy.keeps(each)]
            mine.facilitator = bool(hats)
            mine.for_meeting_id = hats[0].for_meeting_id if hats and not lasting else None
        db.session.delete(theirs)


def _forget_doors(kept: int, gone: int, mine: dict[int, Belonging], theirs: dict[int, Belonging]) -> None:
    """Forget that they wait where they have a membership; of two waits the refused one stays."""
    for group_id in mine.keys() | theirs.keys():
        waits = [db.session.get(Waiting, (group_id, person)) for person in (kept, gone)]
        rows = [row for row in waits if row is not None]
        is_member = any(isinstance(each.get(group_id), Membership) for each in (mine, theirs))
        best = max(rows, key=lambda row: (row.refused_at is not None, row.user_id == kept), default=None)
        for row in rows:
            if is_member or row is not best:
                db.session.delete(row)


def _export(person: User) -> JSON:
    """Return where somebody belongs or has belonged, and where they wait or were refused."""
    ours = select(Membership, Group.name).join(Group, Group.id == Membership.group_id)
    ours = ours.where(Membership.user_id == person.id).order_by(Membership.id)
    doors = select(Waiting, Group.name).join(Group, Group.id == Waiting.group_id)
    doors = doors.where(Waiting.user_id == person.id).order_by(Waiting.since)
    return {
        "memberships": [
            {
                "group": name,
                "facilitator": row.facilitator,
                "for_meeting_id": row.for_meeting_id,
                "joined_at": row.joined_at,
                "seen_at": row.seen_at,
                "ended_at": row.ended_at,
            }
            for row, name in db.session.execute(ours)
        ],
        "waiting": [
            {"group": name, "since": row.since, "refused_at": row.refused_at}
            for row, name in db.session.execute(doors)
        ],
    }


register(Personal("groups", ("membership", "waiting"), _merge, _export, tells=_tells))
