"""My notes: what somebody may read of all their meetings, and what they took with them."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.accounts.views import somebody
from ementor.apart import apart, one_at_a_time
from ementor.archive.files.formats import TYPES, written
from ementor.archive.search import phrases as search_phrases
from ementor.archive.search import services as search
from ementor.mine import meetings, page, phrases, taken
from ementor.mine.asked import Asked, asked
from ementor.series import between
from ementor.web import is_htmx, number, part_or_redirect

bp = Blueprint("mine", __name__)


@bp.get("/notes")
def notes() -> ResponseReturnValue:
    """Show somebody their past meetings; on a device that knows nobody, how to bring them there."""
    person, what = somebody(), asked(request.args)
    if person is None:
        return render_template("mine/empty.html")
    results = search.results(person, request.args)
    if results:
        return _searched(person, what, results)
    found = page.of(person, what)
    if not found.choices:
        return render_template("mine/empty.html", page=found)
    return render_template("mine/notes.html", page=found, content=_rendered(found))


@bp.post("/notes")
@login_required
def press() -> ResponseReturnValue:
    """Say what became of one's own next step, as on the page of the group ``of``."""
    person: User = current_user._get_current_object()
    between.mark_promise(number(request.values, "of"), person, request.values)
    what = asked(request.args)
    part = str(_rendered(page.of(person, what))) if is_htmx() else ""
    place = f"tick-{number(request.values, 'meeting')}"
    return part_or_redirect(part, url_for(".notes", **what.but(), _anchor=place))


@bp.get("/notes/mine.<any(md, docx):kind>")
@login_required
def take(kind: str) -> ResponseReturnValue:
    """Send one's own words as a file."""
    person: User = current_user._get_current_object()
    paper = taken.paper_of(person, locale=i18n.choose())
    with one_at_a_time(person.id):
        response = make_response(apart(written, kind, [paper]))
    response.mimetype = TYPES[kind]
    response.headers.set("Content-Disposition", "attachment", filename=f"{paper.name}.{kind}")
    return response


def _searched(person: User, what: Asked, results: search.Results) -> str:
    groups = {one.group_id for one in meetings.readable(person)}
    return render_template(
        "mine/search.html",
        asked=what,
        choices=sorted(meetings.circles(groups, clock.now()).values(), key=lambda one: one.name.casefold()),
        results=results,
        phrases=search_phrases,
        to=lambda **changes: url_for(".notes", **what.but(**changes)),
    )


def _rendered(found: page.Page) -> Markup:
    return Markup(render_template("mine/_notes.html", page=found, phrases=phrases))  # noqa: S704
