"""The front page, and the room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from ementor import clock, i18n
from ementor.accounts.models import User
from ementor.accounts.views import sign_in_here, somebody, welcome
from ementor.errors import Invalid, NotFound
from ementor.events import session_token
from ementor.extensions import limiter
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups import views as group_views
from ementor.meetings import forms, merging, parts, presses, pushing, services, sheets
from ementor.meetings.cards import people as people_cards
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.presses import Press
from ementor.meetings.pushing import Screen
from ementor.meetings.services import Access, starting
from ementor.programmes import library
from ementor.qr import qr_file
from ementor.texts import version_of
from ementor.web import form_key, is_htmx, part_or_redirect

bp = Blueprint("meetings", __name__)
bp.add_app_template_filter(parts.role_name)
bp.add_app_template_global(presses.key_of)
bp.add_app_template_global(library.tech_check)
bp.add_app_template_global(version_of)

_closed_page: list[Callable[[Meeting], ResponseReturnValue]] = []
_lists_groups: list[Callable[[User], list[dict[str, Any]]]] = []


def when_closed(function: Callable[[Meeting], ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let a feature above this one show what a meeting's address shows once it has ended."""
    _closed_page[:] = [function]
    return function


def lists_groups(
    function: Callable[[User], list[dict[str, Any]]],
) -> Callable[[User], list[dict[str, Any]]]:
    """Let a feature above this one list somebody's groups on the front page: url, name, when."""
    _lists_groups[:] = [function]
    return function


# The front page


@bp.get("/")
def home() -> ResponseReturnValue:
    """Say what this is, and offer a meeting now."""
    return home_page()


def home_page(form: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    """Render the front page, with what was typed when it was refused."""
    person = somebody()
    return render_template(
        "home.html",
        templates=parts.template_choices(i18n.choose()),
        form=form or {},
        errors=errors or {},
        known_name=person.name if person else "",
        groups=[one for function in _lists_groups for one in function(person)] if person else [],
    )


@bp.get("/start")
def started() -> ResponseReturnValue:
    """Lead back to the form: a refused one was shown at this address."""
    return redirect(url_for(".home", start=1), 303)


@bp.post("/start")
@limiter.limit("30/minute")
def start() -> ResponseReturnValue:
    """Start a meeting: its starter becomes a guest, if they are nobody yet, and facilitates."""
    form = {name: request.form.get(name, "") for name in ("name", "template", "group", "everywhere")}
    try:
        person, meeting = starting.start_now(
            actor=somebody(),
            name=form["name"],
            template_key=form["template"],
            group_name=form["group"],
            locale=i18n.choose(),
            time_zone=i18n.offered_zone(request.form.get("time_zone", "")),
            everywhere=form["everywhere"] == "yes",
            key=form_key(form["name"]),
        )
    except Invalid as error:
        return home_page(form, {error.field or "name": error.message}), error.status
    welcome(person)
    return redirect(url_for(".room", meeting_id=meeting.id), 303)


# The room


@bp.get("/m/<int:meeting_id>")
@login_required
def room(meeting_id: int) -> ResponseReturnValue:
    """Show the session room; once the meeting has ended, its record."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    groups.note_visit(meeting.group_id, actor=current_user)
    if meeting.ended_at is not None and _closed_page:
        return _closed_page[0](meeting)
    return live_page("meetings/room.html", meeting)


def live_page(template: str, meeting: Meeting) -> str:
    """Render a page that connects to the room."""
    access = asked(meeting.id)
    run = services.run_of(meeting.id, access.newest)
    part = part_for_asker(access, run, csrf=generate_csrf())
    return render_template(
        template, part=part.html, meeting=access.room, me=access.user_id, token=session_token()
    )


@bp.get("/m/<int:meeting_id>/glance")
@login_required
def glance(meeting_id: int) -> ResponseReturnValue:
    """Show the turn alone, for a small window over the call."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    if meeting.sealed:
        return redirect(url_for(".room", meeting_id=meeting_id), 303)
    return live_page("meetings/glance.html", meeting)


@bp.get("/m/<int:meeting_id>/signals")
@login_required
def signals(meeting_id: int) -> ResponseReturnValue:
    """Show the dialog in which somebody chooses how the clock looks and sounds."""
    services.get_meeting(meeting_id, actor=current_user)
    return render_template("meetings/signals.html")


@bp.get("/m/<int:meeting_id>/keys")
@login_required
def keys(meeting_id: int) -> ResponseReturnValue:
    """Show the dialog of keyboard shortcuts."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    member = policy.require_member(current_user, meeting.group_id)
    return render_template("meetings/keys.html", may_run=policy.may_run(member))


@bp.get("/m/<int:meeting_id>/menu")
@login_required
def menu(meeting_id: int) -> ResponseReturnValue:
    """Show what is not needed in each meeting: the link, one's own settings and pages, the language."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    group = meeting.group
    link = people_cards.invite(meeting_id, _join_url(group.join_token), lets_in=group.lets_in, keeps=False)
    return sheets.sheet(meeting, "meetings/menu.html", card=link, name=current_user.name)


@bp.get("/m/<int:meeting_id>/language")
@login_required
def language(meeting_id: int) -> ResponseReturnValue:
    """Show the languages to choose from."""
    return sheets.sheet(services.get_meeting(meeting_id, actor=current_user), "meetings/language.html")


@bp.get("/m/<int:meeting_id>/run")
def run(meeting_id: int) -> ResponseReturnValue:
    """Show the part of the room that follows the run, to a page that was not pushed it."""
    access = asked(meeting_id)
    if access.room.sealed:  # nothing of the run is left to show; the page sees that, and reloads
        return redirect(url_for(".room", meeting_id=meeting_id), 303)
    with answered(meeting_id) as screen:
        return run_part(access, services.run_of(meeting_id, access.newest), screen)


def asked(meeting_id: int) -> Access:
    """Return what the person asking may do in a meeting, by one statement that does not load them."""
    access = services.access_by(meeting_id, sign_in=sign_in_here())
    if access is not None:
        return access
    if not current_user.is_authenticated:
        current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    raise NotFound(gettext("This page doesn't exist, or it belongs to another group."))


@bp.get("/m/<int:meeting_id>/times")
@login_required
def times(meeting_id: int) -> ResponseReturnValue:
    """Show the form of the wished start and the locked end, for the agenda to take in."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    policy.require_runner(current_user, meeting.group_id)
    return sheets.times_form(meeting, services.run_of(meeting_id))


@bp.get("/m/<int:meeting_id>/item")
@login_required
def item_form(meeting_id: int) -> ResponseReturnValue:
    """Show the fields of an item's form, of a new one without ``?item=``."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    policy.require_runner(current_user, meeting.group_id)
    run = services.run_of(meeting_id)
    item = run.item_by_id(request.args.get("item", type=int))
    return sheets.item_sheet(
        meeting, run, merging.item_values(item, i18n.choose()), item_id=item.id if item else None
    )


@bp.get("/m/<int:meeting_id>/press")
def pressed(meeting_id: int) -> ResponseReturnValue:
    """Lead back to the room: a refused press was shown at this address."""
    return redirect(url_for(".room", meeting_id=meeting_id), 303)


@bp.post("/m/<int:meeting_id>/press")
@login_required
def press(meeting_id: int) -> ResponseReturnValue:
    """Somebody pressed one of the room's buttons."""
    actor, access = current_user._get_current_object(), asked(meeting_id)
    action = presses.ACTIONS.get(request.values.get("press", ""))
    if action is None:
        abort(400)
    with answered(meeting_id) as screen:
        done = action.do(Press(access.room, actor, request.values))
        if not isinstance(done, Run):
            return done
        part = run_part(asked(meeting_id), done, screen)
    answer = make_response(part_or_redirect(part, url_for(".room", meeting_id=meeting_id)))
    answer.headers["X-Then"] = " | ".join(action.then or ())
    return answer


@bp.get("/m/<int:meeting_id>/case/<int:item_id>/<int:owner_id>/<what>")
def kept(meeting_id: int, item_id: int, owner_id: int, what: str) -> ResponseReturnValue:
    """Lead back to the room: a refused text was shown at this address."""
    return redirect(url_for(".room", meeting_id=meeting_id), 303)


@bp.post("/m/<int:meeting_id>/case/<int:item_id>/<int:owner_id>/<what>")
@login_required
def keep(meeting_id: int, item_id: int, owner_id: int, what: str) -> ResponseReturnValue:
    """Keep the words of a case; a page that saves by itself hears what stands there now."""
    services.get_meeting(meeting_id, actor=current_user)
    owner_id = services.who_is_now(meeting_id, owner_id)
    command = forms.kept(request.form, item_id, owner_id, what)
    run = services.act(meeting_id, command, actor=current_user._get_current_object())
    if request.headers.get("Prefer") == "return=minimal":
        return {"text": run.kept_words(item_id, owner_id, what)}, {"X-Number": str(run.number)}
    return redirect(url_for(".room", meeting_id=meeting_id), 303)


@bp.post("/m/<int:meeting_id>/next")
@login_required
def start_next(meeting_id: int) -> ResponseReturnValue:
    """Begin the group's next meeting."""
    actor = current_user._get_current_object()
    meeting = starting.start_next(meeting_id, request.form.get("template", ""), actor=actor)
    return redirect(url_for(".room", meeting_id=meeting.id), 303)


# People and the group: pages, and dialogs of the room


@bp.get("/m/<int:meeting_id>/people/<int:person_id>")
@login_required
def person(meeting_id: int, person_id: int) -> ResponseReturnValue:
    """Show what one may do about somebody in the room."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    access = asked(meeting_id)
    run = services.run_of(meeting_id, access.newest)
    people = parts.people_of(policy.everybody_in(access.group.id), run)
    if person_id not in people:
        raise NotFound(gettext("That person is not in the group."))
    return sheets.sheet(
        meeting,
        "meetings/_person.html",
        card=people_cards.person_sheet(people[person_id], parts.viewer_of(access), closed=run.closed),
        number=run.number,
    )


@bp.get("/m/<int:meeting_id>/invite")
@login_required
def invite(meeting_id: int) -> ResponseReturnValue:
    """Show the link for the others and its code, to who facilitates."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    member = policy.require_facilitator(current_user, meeting.group_id)
    card = people_cards.invite(
        meeting_id,
        _join_url(meeting.group.join_token),
        lets_in=meeting.group.lets_in,
        keeps=policy.keeps(member),
    )
    return sheets.invite_sheet(meeting, card)


@bp.post("/m/<int:meeting_id>/invite")
@login_required
def new_link(meeting_id: int) -> ResponseReturnValue:
    """Make a new link, and show it."""
    services.people.rotate_link(meeting_id, actor=current_user)
    return invite(meeting_id) if is_htmx() else redirect(url_for(".invite", meeting_id=meeting_id), 303)


@bp.get("/m/<int:meeting_id>/code.svg")
@login_required
def code(meeting_id: int) -> ResponseReturnValue:
    """Show the QR code of the group's link."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    return Response(qr_file(_join_url(meeting.group.join_token)), mimetype="image/svg+xml")


@bp.get("/m/<int:meeting_id>/group")
@login_required
def group(meeting_id: int) -> ResponseReturnValue:
    """Show the group's settings and who waits, to facilitators."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    return group_views.settings(meeting.group_id, *around(meeting))


@bp.post("/m/<int:meeting_id>/group")
@login_required
def change_group(meeting_id: int) -> ResponseReturnValue:
    """Keep the settings, or decide on who waits."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    return group_views.change(meeting.group_id, *around(meeting))


def around(meeting: Meeting) -> tuple[str, str]:
    """Return where the group's settings are shown, and what they lie over."""
    return url_for(".group", meeting_id=meeting.id), url_for(".room", meeting_id=meeting.id)


def answered(meeting_id: int) -> AbstractContextManager[Screen | None]:
    """Let the answer bring the room's part to the page that asks, if it takes pushed ones too."""
    return pushing.answered(meeting_id, request.headers.get("X-Socket"), sign_in=sign_in_here())


def run_part(access: Access, run: Run, screen: Screen | None) -> Markup:
    """Render the run as the person asking may see it, in their language."""
    values = request.values
    part = part_for_asker(access, run, editing="edit" in values, has_side=values.get("side", ""))
    if screen is not None:
        screen.locale = i18n.choose()  # it may have been chosen in another window since
        screen.showed(run.number, part.side)
    return part.html


def part_for_asker(access: Access, run: Run, **how: Any) -> parts.Part:
    """Return the room's part for the person asking; ``how`` as for ``Scene.part``."""
    group, viewer = access.group, parts.viewer_of(access)
    people = parts.people_of(policy.everybody_in(group.id), run)
    waiting = groups.waiting_in(group.id) if viewer.leads and access.somebody_waits else []
    scene = parts.Scene(access.room, run, people=people, now=clock.now(), waiting=waiting)
    part = scene.part(viewer, locale=i18n.choose(), join_url=_join_url(group.join_token), **how)
    pushing.lend(scene)
    return part


def _join_url(token: str) -> str:
    return url_for("groups.join", token=token, _external=True)
