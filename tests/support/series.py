"""Series of meetings for tests: planned, and with the clock moved to one of their dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.series import creation, services
from ementor.series.domain import dates as rules
from tests.support.inside import FreshClient

ZONE = "Europe/Helsinki"
Wait = Callable[[float], None]


def in_days(days: int, hour: int = 9) -> datetime:
    """Return the local time so many days ahead, at the hour; never in a night of changing clocks."""
    local = rules.wall_of(clock.now(), ZONE) + timedelta(days=days)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)


def plan(programme: str = "mepe", *, name: str = "Aino", **changes: Any) -> tuple[User, Group]:
    given: dict[str, Any] = {
        "actor": None,
        "name": name,
        "programme": programme,
        "group_name": "Tuesday circle",
        "first": in_days(7),
        "weeks": 2,
        "time_zone": ZONE,
        "locale": "en",
    }
    return creation.plan_series(**(given | changes))


def now(group: Group) -> list[services.Planned]:
    return services.planned_of(group)


def until_open(group: Group, wait: Wait, number: int = 0) -> services.Planned:
    """Go to the minute in which a date's room opens."""
    planned = now(group)[number]
    wait((rules.opens_at(planned.date, ZONE) - clock.now()).total_seconds() + 1)
    return planned


def come(group: Group, name: str) -> User:
    """Bring somebody into the group by its link."""
    return groups.join(group.join_token, actor=None, name=name).user


def client_of(app: Flask, person: User) -> FreshClient:
    """Return a browser in which this person is signed in."""
    client = app.test_client()
    accounts.sign_in(person)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = person.token, True
    return client
