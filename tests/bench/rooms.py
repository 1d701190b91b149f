"""Fill an instance with rooms in the middle of their meetings, and make the cookies of everybody in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from flask import Flask

from tests.support.databases import Settings

PEOPLE = 8
HISTORY = 100  # events of a meeting that is half over
AGENT = "bench"
TEMPLATE = "single-4"
BATCH = 20


def fill(
    settings: Settings, rooms: int, *, history: int = HISTORY, people: int = PEOPLE, items: int = 0
) -> list[dict[str, Any]]:
    """Make so many meetings, with at least so many items; returns what their pages need."""
    from ementor import create_app
    from ementor.database import db
    from ementor.maintenance import upgrade

    app = create_app(settings)
    made = []
    with app.app_context():
        upgrade()
        for start in range(0, rooms, BATCH):
            made += _some(app, min(BATCH, rooms - start), history, people, items)
        db.session.remove()
        db.engine.dispose()
    return made


def _some(app: Flask, count: int, *how: int) -> list[dict[str, Any]]:
    from ementor.database import transactional

    return list(transactional(lambda: [_room(app, *how) for _ in range(count)])())


def _room(app: Flask, history: int, people: int, items: int) -> dict[str, Any]:
    from ementor.accounts import services as accounts
    from ementor.groups import services as groups
    from ementor.meetings.services import starting

    ada, meeting = starting.start_now(
        actor=None, name="Ada", template_key=TEMPLATE, group_name="A room", locale="en"
    )
    all_of_them = [ada]
    for number in range(2, people + 1):
        all_of_them.append(groups.join(meeting.group.join_token, actor=None, name=f"Person {number}").user)
    _hold(meeting.id, [person.id for person in all_of_them], history, items)
    return {
        "meeting": meeting.id,
        "people": [_credentials(app, accounts.sign_in(person)) for person in all_of_them],
    }


def _hold(meeting_id: int, people: list[int], history: int, items: int) -> None:
    """Go on until ``history`` events have happened and somebody has the word."""
    from ementor import clock
    from ementor.database import db
    from ementor.meetings import services as meetings
    from ementor.meetings.domain import run as runs
    from ementor.meetings.domain.agenda import Mode
    from ementor.meetings.models import MeetingEvent

    run, now = meetings.run_of(meeting_id), clock.now() - timedelta(minutes=5)
    more = range(len(run.agenda) + 1, items + 1)
    plan = [runs.AddItem(Mode.ROUND, {"": f"Item {number}"}, {"": "What is it about?"}, 5) for number in more]
    begin = [*plan, *(runs.PersonCame(person) for person in people), runs.Start(), runs.Next()]
    for command in [*begin, *islice(presses(), max(0, history - len(begin) - run.number))]:
        for event in runs.decide(run, command, now):
            run = runs.evolve(run, event)
            row = MeetingEvent(meeting_id=meeting_id, number=run.number, actor_id=people[0])
            row.at, row.kind, row.data = event.at, event.kind, dict(event.data)
            db.session.add(row)
    db.session.flush()


def presses() -> Iterator[Any]:
    """Return what a facilitator does in a round, over and over; it never ends the round."""
    from ementor.meetings.domain import run as runs

    return cycle(
        [runs.Extend(60), runs.Next(), runs.Pause(), runs.Resume(), runs.Extend(-60), runs.Back()],
    )


def _credentials(app: Flask, person: Any) -> dict[str, str]:
    from flask import g, session
    from flask_login import login_user
    from flask_wtf.csrf import generate_csrf

    from ementor.events import session_token

    # As the generator will look to the server, or each answer would set the cookie anew.
    where = {"REMOTE_ADDR": "127.0.0.1"}
    with app.test_request_context("/", headers={"User-Agent": AGENT}, environ_base=where):
        g.pop("csrf_token", None)  # of the one before, as the app context is the same
        login_user(person)
        csrf, token = generate_csrf(), session_token()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return {"cookie": f"ementor={serializer.dumps(dict(session))}", "csrf": csrf, "token": token}
