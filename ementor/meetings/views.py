"""The front page, and the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor import clock, i18n, web
from ementor.accounts.models import User
from ementor.accounts.views import somebody, welcome
from ementor.errors import Changed, DomainError, Invalid, NotFound
from ementor.events import session_token
from ementor.extensions import limiter
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups import views as group_views
from ementor.meetings import forms, merging, parts, services
from ementor.meetings.domain import plan
from ementor.meetings.domain.run import Command, Run
from ementor.meetings.models import Meeting
from ementor.meetings.services import pairings, people, starting
from ementor.programmes import library
from ementor.qr import qr_of
from ementor.texts import version_of
from ementor.web import form_key, is_htmx, number, part_or_redirect

bp = Blueprint("meetings", __name__)
bp.add_app_template_filter(parts.role_name)
bp.add_app_template_global(library.tech_check)
bp.add_app_template_global(version_of)

Press = Callable[[Meeting, User, int | None, str | None], Run]
"""Does what a button means; takes the number that the presser saw, and the name of the press."""
_presses: dict[str, Press] = {}
_closed_page: list[Callable[[Meeting], ResponseReturnValue]] = []
_lists_groups: list[Callable[[User], list[dict[str, Any]]]] = []


def on_press(name: str) -> Callable[[Press], Press]:
    """Let a feature above this one answer the button ``name``."""

    def register(function: Press) -> Press:
        _presses[name] = function
        return function

    return register


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
    groups.note_seen(meeting.group_id, actor=current_user)
    if meeting.ended_at is not None and _closed_page:
        return _closed_page[0](meeting)
    return live_page("meetings/room.html", meeting)


def live_page(template: str, meeting: Meeting) -> str:
    """Render a page that has a line to the room."""
    run = services.run_of(meeting.id)
    context = context_of(meeting, run)
    return render_template(
        template, meeting=meeting, run=run, token=session_token(), mode_name=parts.mode_name, **context
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


@bp.get("/m/<int:meeting_id>/run")
@login_required
def run(meeting_id: int) -> ResponseReturnValue:
    """Show the part of the room that follows the run."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    if meeting.sealed:  # nothing of the run is left to show; the page sees that, and reloads
        return redirect(url_for(".room", meeting_id=meeting_id), 303)
    return run_part(meeting, services.run_of(meeting_id))


@bp.get("/m/<int:meeting_id>/times")
@login_required
def times(meeting_id: int) -> ResponseReturnValue:
    """Show the form of the wished start and the locked end, for the agenda to take in."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    policy.require_runner(current_user, meeting.group_id)
    return times_form(meeting, services.run_of(meeting_id))


def times_form(
    meeting: Meeting,
    run: Run,
    form: Mapping[str, str] | None = None,
    clashes: Mapping[str, str] | None = None,
) -> str:
    """Render the form of the times, with what was typed when somebody else had changed the same."""
    shown = form or merging.times_values(run)
    return sheet(
        meeting, "meetings/_times.html", run=run, form=shown, since=run.number, clashes=clashes or {}
    )


@bp.get("/m/<int:meeting_id>/item")
@login_required
def item_form(meeting_id: int) -> ResponseReturnValue:
    """Show the fields of an item's form, of a new one without ``?item=``."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    policy.require_runner(current_user, meeting.group_id)
    run = services.run_of(meeting_id)
    item = run.item_by_id(request.args.get("item", type=int))
    return item_sheet(
        meeting, run, merging.item_values(item, i18n.choose()), item_id=item.id if item else None
    )


def item_sheet(
    meeting: Meeting,
    run: Run,
    form: Mapping[str, str],
    *,
    item_id: int | None,
    clashes: Mapping[str, str] | None = None,
    wrong: str = "",
) -> str:
    """Render an item's form: its fields for the room's dialog, all of it as a page."""
    gone = item_id is not None and run.item_by_id(item_id) is None
    fields = parts.item_form(
        meeting, form, since=run.number, locale=i18n.choose(), clashes=clashes, gone=gone
    )
    if is_htmx():
        return str(fields)
    return sheet(meeting, "meetings/_item_sheet.html", fields=fields, item_id=item_id, wrong=wrong)


def save_form(meeting: Meeting, actor: User) -> Run | ResponseReturnValue:
    """Apply what somebody changed in a form of the agenda; what they typed is never lost."""
    since, locale = number(request.values, "since"), i18n.choose()
    before = services.run_at(meeting.id, since)

    def wish(run: Run) -> Command:
        if request.values.get("press") == "set_times":
            return merging.merged_times(request.values, before, run, clock.now())
        return merging.merged_item(request.values, before, run, locale)

    try:
        return services.act_on(meeting.id, wish, actor=actor)
    except Changed as error:
        run = services.run_of(meeting.id)
        if request.values.get("press") == "set_times":
            return times_form(meeting, run, error.fields, error.clashes), error.status
        item_id = request.values.get("item", type=int)
        return item_sheet(meeting, run, error.fields, item_id=item_id, clashes=error.clashes), error.status
    except DomainError as error:
        if is_htmx() or error.status not in {409, 422} or request.values.get("press") == "set_times":
            raise
        form, item_id = merging.typed(request.values), request.values.get("item", type=int)
        return item_sheet(meeting, before, form, item_id=item_id, wrong=error.message), error.status


@bp.get("/m/<int:meeting_id>/press")
def pressed(meeting_id: int) -> ResponseReturnValue:
    """Lead back to the room: a refused press was shown at this address."""
    return redirect(url_for(".room", meeting_id=meeting_id), 303)


@bp.post("/m/<int:meeting_id>/press")
@login_required
def press(meeting_id: int) -> ResponseReturnValue:
    """Somebody pressed one of the room's buttons."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    actor = current_user._get_current_object()
    name = request.values.get("press", "")
    seen = request.values.get("seen", type=int)
    once = forms.press_id(request.values)
    if name in _presses:
        run = _presses[name](meeting, actor, seen, once)
    elif name == "draw_pairs":
        wish = pairings.drawn(meeting, services.run_of(meeting_id))
        run = services.act(meeting_id, wish, actor=actor, seen=seen, press=once)
    elif name in {"add_item", "change_item", "set_times"} and "since" in request.values:
        saved = save_form(meeting, actor)
        if not isinstance(saved, Run):
            return saved
        run = saved
    elif name in HATS:
        run = HATS[name](meeting_id, actor=actor, seen=seen, press=once)
    else:
        command = forms.command_of(name, request.values, lambda: services.run_of(meeting_id))
        if command is None:
            abort(400)
        run = services.act(meeting_id, command, actor=actor, seen=seen, press=once)
    meeting = services.get_meeting(meeting_id, actor=actor)
    return part_or_redirect(run_part(meeting, run), url_for(".room", meeting_id=meeting_id))


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


def about_somebody(do: Callable[..., Run]) -> Callable[..., Run]:
    """Return what a button about a person does."""
    return lambda meeting_id, **how: do(meeting_id, number(request.values, "person"), **how)


HATS: dict[str, Callable[..., Run]] = {
    "make_facilitator": about_somebody(people.make_facilitator),
    "hand_over": about_somebody(people.hand_over),
    "remove_person": about_somebody(people.remove),
    "let_in": about_somebody(people.let_in),
    "refuse": about_somebody(people.refuse),
    "give_role": lambda meeting_id, **how: people.give_role(
        meeting_id, number(request.values, "person"), forms.role(request.values), **how
    ),
    "give_up": people.give_up,
    "take_over": people.take_over,
    "rotate_link": people.rotate_link,
}


# People and the group: pages, and dialogs of the room


@bp.get("/m/<int:meeting_id>/people/<int:person_id>")
@login_required
def person(meeting_id: int, person_id: int) -> ResponseReturnValue:
    """Show what one may do about somebody in the room."""
    meeting = services.get_meeting(meeting_id, actor=current_user)
    run = services.run_of(meeting_id)
    context = context_of(meeting, run)
    if person_id not in context["people"]:
        raise NotFound(gettext("That person is not in the group."))
    return sheet(meeting, "meetings/_person.html", run=run, person=context["people"][person_id], **context)


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


def sheet(meeting: Meeting, template: str, **context: Any) -> str:
    """Render what opens over the room."""
    back = url_for(".room", meeting_id=meeting.id)
    return web.sheet(template, title=meeting.group.name, back=back, meeting=meeting, **context)


def run_part(meeting: Meeting, run: Run) -> Markup:
    """Render the run as the person asking may see it, in their language."""
    return parts.run_part(meeting, run, **context_of(meeting, run))


def context_of(meeting: Meeting, run: Run) -> dict[str, Any]:
    """Return what the room shows beside the run, for the person asking."""
    member, everybody = policy.together(current_user, meeting.group_id)
    join_url = url_for("groups.join", token=meeting.group.join_token, _external=True)
    now = clock.now()
    return {
        "people": parts.people_of(everybody, run),
        "me": member.user_id,
        "locale": i18n.choose(),
        "may_run": policy.may_run(member),
        "leads": policy.leads(member),
        "keeps": policy.keeps(member),
        "waiting": groups.waiting_in(meeting.group_id) if policy.leads(member) else [],
        "join_url": join_url,
        "qr": qr_of(join_url),
        "now": now,
        "offers": plan.offers(run, now),
    }
