"""The practice room's page. It asks nobody's name and stores nothing: what happened is in the page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.config import DEFAULT_TIME_ZONE
from ementor.extensions import limiter
from ementor.groups.models import Group, Membership
from ementor.meetings import parts
from ementor.meetings.cards.view import Viewer
from ementor.meetings.models import Meeting
from ementor.practice import tour
from ementor.practice.tour import Scene
from ementor.programmes import library
from ementor.web import is_htmx

bp = Blueprint("practice", __name__)

NUMBER = 0
"""The number in the addresses of the room's buttons: no meeting has it."""


@bp.get("/practice")
@limiter.limit("60/minute")
def practice() -> ResponseReturnValue:
    """Begin the tour."""
    return page(tour.scene(tour.begin(clock.now())))


@bp.get(f"/m/{NUMBER}")
@bp.get(f"/m/{NUMBER}/press")
def pressed() -> ResponseReturnValue:
    """Lead to the beginning: without a script, the room's answers are shown at these addresses."""
    return redirect(url_for(".practice"), 303)


@bp.post(f"/m/{NUMBER}/press")
@limiter.limit("300/minute")  # a whole course behind one address, twelve presses each
def press() -> ResponseReturnValue:
    """Somebody pressed a button of the room or of the tour, or the companions go on."""
    now = clock.now()
    log = tour.read(request.form.get("log", ""), now)
    here = tour.scene(tour.after(log, request.form.get("press", ""), now))
    if not is_htmx():
        return page(here)
    return str(room(here)) + render_template("practice/_coach.html", beside=True, **guide(here))


@bp.get(f"/m/{NUMBER}/signals")
def signals() -> ResponseReturnValue:
    """Show the dialog in which somebody chooses how the clock looks and sounds."""
    return render_template("meetings/signals.html")


@bp.get(f"/m/{NUMBER}/keys")
def keys() -> ResponseReturnValue:
    """Show the dialog of keyboard shortcuts."""
    return render_template("meetings/keys.html", may_run=False)


def page(here: Scene) -> str:
    """Render the whole page."""
    return render_template(
        "practice/room.html",
        room=room(here),
        meeting=meeting(),
        me=tour.YOU,
        question=library.closing_questions()[0],
        **guide(here),
    )


def guide(here: Scene) -> dict[str, object]:
    """Return what the guide shows of a scene."""
    speaker = here.run.speaker
    return {
        "step": here.step,
        "did": here.did,
        "number": here.number,
        "all": tour.ALL,
        "after_s": here.after_s,
        "log": tour.write(here.log),
        "speaker": tour.COMPANIONS.get(speaker) if speaker is not None else None,
        "from_room": request.values.get("from") == "room",
    }


def room(here: Scene) -> Markup:
    """Render the room's own part, as somebody sees it who does not facilitate."""
    people = parts.people_of(members(), here.run)
    scene = parts.Scene(meeting(), here.run, people=people, now=clock.now())
    return scene.part(Viewer(tour.YOU), locale=i18n.choose()).html


# Rows that are in no table: the room's part is shown them as it is shown real ones.


def meeting() -> Meeting:
    group = Group(name=gettext("Practice room"), locale=i18n.choose(), time_zone=DEFAULT_TIME_ZONE)
    return Meeting(
        id=NUMBER,
        title={"": gettext("The other participants are made up, and nothing is saved")},
        group=group,
    )


def members() -> list[Membership]:
    names = {**tour.COMPANIONS, tour.YOU: gettext("You")}
    return [
        Membership(user_id=person, facilitator=person == tour.AINO, user=User(id=person, name=names[person]))
        for person in sorted(names)
    ]
