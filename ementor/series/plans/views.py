"""Planning a series in three screens, changing its dates, and inviting the group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup

from ementor import clock, i18n
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.accounts.views import somebody, welcome
from ementor.config import DEFAULT_TIME_ZONE
from ementor.errors import Changed, Conflict, Invalid
from ementor.extensions import limiter
from ementor.groups import policy
from ementor.groups.models import Group
from ementor.programmes import library
from ementor.qr import qr_of
from ementor.series import creation, planning, services, settings, telling
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import State
from ementor.series.plans import forms, invitation
from ementor.series.services import Planned
from ementor.web import form_key, is_htmx, number

bp = Blueprint("plan", __name__)
bp.add_app_template_global(telling.zone_name)

Form = Mapping[str, str]
FIELDS = ("programme", "template", "name", "everywhere", "group", "first", "time", "weeks", "time_zone")
NEW = "new"
"""What stands in the place of a date's number while one is being added."""


# Step 1: what for


@bp.get("/plan")
def plan() -> ResponseReturnValue:
    """Show the programmes to choose from; once one is chosen, ask when the group meets."""
    chosen = request.args.get("programme")
    if chosen is None:
        return programmes_page(request.args.get("change", ""))
    form = dict.fromkeys(FIELDS, "") | {"programme": chosen}
    if (template := library.templates().get(chosen)) and template.programme == library.SINGLE:
        form |= {"programme": library.SINGLE, "template": chosen}
    programme = programme_of(form)
    if programme is None:
        return programmes_page("", wrong=gettext("Choose a programme from the list.")), 422
    uneven = bool(programme.weeks_each)
    return when_page(form | {"weeks": "" if uneven else str(programme.weeks)})


def programmes_page(chosen: str, *, wrong: str = "") -> str:
    """Render the programmes with the arc of each; ``chosen`` is pressed to begin with."""
    programmes = library.programmes()
    known = {programme.id for programme in programmes}
    return render_template(
        "series/plan_programme.html",
        programmes=programmes,
        chosen=chosen if chosen in known else programmes[0].id,
        wrong=wrong,
        single=library.SINGLE,
        singles=singles(),
        many=telling.many_meetings,
    )


def singles() -> list[library.Template]:
    """Return the ready single meetings, the blank one last."""
    return [template for template in library.to_start_with() if template.programme == library.SINGLE]


def programme_of(form: Form) -> library.Programme | None:
    """Return the programme that a form names."""
    return next((one for one in library.programmes() if one.id == form["programme"]), None)


# Step 2: when


def when_page(form: Form, errors: Form | None = None) -> str:
    """Ask when the group meets, with what was typed when it was refused."""
    person, programme = somebody(), programme_of(form)
    zone = form["time_zone"] if form["time_zone"] in dict(telling.zones()) else DEFAULT_TIME_ZONE
    return render_template(
        "series/plan_when.html",
        form=form,
        errors=errors or {},
        programme=programme,
        programmes=library.programmes(),
        single=library.SINGLE,
        singles=singles(),
        preview=preview_of(form),
        known_name=person.name if person else "",
        today=rules.wall_of(clock.now(), zone).date().isoformat(),
        zone=zone,
        zones=telling.zones(),
        most_weeks=rules.MAX_WEEKS,
    )


@bp.get("/plan/preview")
def preview() -> ResponseReturnValue:
    """Show the dates that a form would make, while it is being filled in."""
    return str(preview_of({name: request.args.get(name, "") for name in FIELDS}))


def preview_of(form: Form) -> Markup:
    """Render the dates that a form would make, or why it makes none; nothing while it is not filled in."""
    dates: rules.Dates = ()
    wrong = ""
    zone = form["time_zone"] or DEFAULT_TIME_ZONE
    if form["first"] and form["time"]:
        try:
            first, weeks = forms.wall(form, "first", "time"), forms.weeks(form)
            dates = creation.dates_for(wanted_of(form), first, weeks, planning.require_zone(zone))
        except Invalid as error:
            wrong = error.message
    summary = telling.days_and_times(dates) if dates else ""
    text = render_template("series/_preview.html", dates=dates, wrong=wrong, summary=summary)
    return Markup(text)  # noqa: S704


def wanted_of(form: Form) -> str:
    """Return the programme that is planned, or the template of a single meeting."""
    return form["template"] if form["programme"] == library.SINGLE else form["programme"]


@bp.post("/plan")
@limiter.limit("30/minute")
def make() -> ResponseReturnValue:
    """Make the group and its dates: whoever plans is a guest from now on, if they are nobody yet."""
    form = {name: request.form.get(name, "") for name in FIELDS}
    errors: dict[str, str] = {}
    forms.reading(errors, lambda: accounts.clean_name(form["name"]))
    first = forms.reading(errors, lambda: forms.wall(form, "first", "time"))
    weeks = forms.reading(errors, lambda: forms.weeks(form))
    if first is None or errors:
        return when_page(form, errors), 422
    try:
        person, group = creation.plan_series(
            actor=somebody(),
            name=form["name"],
            programme=wanted_of(form),
            group_name=form["group"],
            first=first,
            weeks=weeks,
            time_zone=form["time_zone"] or DEFAULT_TIME_ZONE,
            locale=i18n.choose(),
            everywhere=form["everywhere"] == "yes",
            key=form_key(form["name"]),
        )
    except Invalid as error:
        return when_page(form, {error.field or "name": error.message}), error.status
    welcome(person)
    return redirect(url_for(".dates", group_id=group.id), 303)


# Step 3: the dates, then and whenever they change


@dataclass(frozen=True)
class Editing:
    """What stands open in the list of dates: which date, as what it was typed, and what is said to it."""

    open: str = ""
    form: Form = field(default_factory=dict)
    errors: Form = field(default_factory=dict)
    clashes: Form = field(default_factory=dict)
    said: str = ""
    wrong: str = ""
    back_to: str = ""
    """The date whose button the keyboard goes back to."""


@bp.get("/g/<int:group_id>/dates")
@login_required
def dates(group_id: int) -> ResponseReturnValue:
    """Show a group's dates to its facilitators; ``?change=`` opens the form of one, ``?add=`` a new one."""
    group = policy.require_keeper(somebody(), group_id).group
    return show_dates(group, Editing(open=NEW if "add" in request.args else request.args.get("change", "")))


@bp.post("/g/<int:group_id>/dates")
@login_required
def change_dates(group_id: int) -> ResponseReturnValue:
    """Change a group's dates; what was typed is not lost when it is refused."""
    group = policy.require_keeper(somebody(), group_id).group
    values = request.args.to_dict() | request.form.to_dict()
    press = values.get("press", "")
    do = PRESSES.get(press) or abort(400)
    about = values.get("planned", "")
    typed = press in {"save", "add"} or "date" in values
    was = Editing(open=about if typed else "", form=values if typed else {})
    try:
        said = do(group, somebody(), values)
    except Changed as error:
        clashes = {name: now for name, now in error.clashes.items() if now != values.get(name, now)}
        return show_dates(group, replace(was, wrong=error.message, clashes=clashes)), error.status
    except Invalid as error:
        errors = forms.errors_of(error)
        at_field = error.field in EDITED if typed else error.field == "time_zone"
        was = replace(was, errors=errors if at_field else {}, wrong="" if at_field else error.message)
        return show_dates(group, was), error.status
    except Conflict as error:
        return show_dates(group, replace(was, wrong=error.message)), error.status
    if is_htmx():
        return show_dates(group, Editing(said=said, back_to=about))
    return redirect(url_for(".dates", group_id=group_id), 303)


EDITED = {"date", "time", "end", "template", "title", "bring", "task", "replace"}


def save(group: Group, actor: User, values: Form) -> str:
    """Move a date, or give it other words or another template."""
    planned = services.one_of(services.planned_of(group), number(values, "planned"))
    planning.require_version(planned.row, number(values, "version"))  # what was shown is what stands there
    wall, shown = forms.wall(values, "date", "time"), planning.fields_of(planned.row)
    length = forms.minutes(values, wall.time(), shown_end=shown["end"], length=planned.row.minutes)
    planning.change(
        group.id,
        planned.id,
        actor=actor,
        wall=wall,
        minutes=length,
        template_key=values.get("template") or None,
        title=values.get("title"),
        bring=values.get("bring"),
        task=values.get("task"),
        version=number(values, "version"),
        replace_agenda=values.get("replace") == "yes",
    )
    return str(gettext("Saved: %(when)s.", when=i18n.day_and_time(wall)))


def add(group: Group, actor: User, values: Form) -> str:
    """Add a date."""
    wall = forms.wall(values, "date", "time")
    planning.add(group.id, actor=actor, wall=wall, template_key=values.get("template", ""))
    return str(gettext("Added: %(when)s.", when=i18n.day_and_time(wall)))


def skip(group: Group, actor: User, values: Form) -> str:
    """Do not meet on a date; all later ones come one gap later."""
    planning.skip(group.id, number(values, "planned"), actor=actor, version=number(values, "version"))
    return str(gettext("Skipped. The meetings after it were moved later."))


def cancel(group: Group, actor: User, values: Form) -> str:
    """Cancel one meeting."""
    planning.cancel(group.id, number(values, "planned"), actor=actor, version=number(values, "version"))
    return str(gettext("Cancelled. The other dates stay."))


def put_back(group: Group, actor: User, values: Form) -> str:
    """Meet after all on a date that was skipped or cancelled."""
    planning.put_back(group.id, number(values, "planned"), actor=actor, version=number(values, "version"))
    return str(gettext("Restored."))


def set_zone(group: Group, actor: User, values: Form) -> str:
    """Let the group's times be of another zone."""
    planning.change_zone(group.id, values.get("time_zone", ""), actor=actor)
    return telling.zone_name(group.time_zone)


PRESSES: dict[str, Callable[[Group, Any, Form], str]] = {
    "save": save,
    "add": add,
    "skip": skip,
    "cancel": cancel,
    "put_back": put_back,
    "zone": set_zone,
}


def show_dates(group: Group, editing: Editing) -> str:
    """Render the dates: to htmx the list, else the page."""
    planned = services.planned_of(group)
    series = services.series_of(group.id)
    form = dict(editing.form)
    edited = next((one for one in planned if str(one.id) == editing.open and one.date.is_ahead), None)
    if edited is not None:
        form = {**planning.fields_of(edited.row), **form, "version": str(edited.row.version)}
    elif editing.open == NEW:
        form = {**suggestion(group, planned, series.rhythm_weeks), **form}
    context = {
        "group": group,
        "planned": planned,
        "editing": replace(editing, form=form),
        "edited": edited,
        "new": NEW,
        "choices": choices(series.programme) if edited or editing.open == NEW else [],
        "gone_template": edited is not None and edited.row.template_key not in library.templates(),
        "ahead": {one.id for one in planned if one.date.is_ahead},
        "now": clock.now(),
        "zones": telling.zones(),
        "limits": {"bring": planning.MAX_BRING, "task": planning.MAX_TASK},
        "templates": library.templates(),
    }
    if is_htmx():
        return render_template("series/_datelist.html", **context)
    alone = len(policy.members(group.id)) == 1 and not any(one.date.is_held for one in planned)
    return render_template("series/dates.html", is_fresh=alone, **context)


def suggestion(group: Group, planned: list[Planned], weeks: int) -> Form:
    """Return what a form for one more date shows first: as the last one, one gap later."""
    last = planned[-1] if planned else None
    follows = library.next_of(last.row.template_key) if last else None
    template = follows.key if follows else (last.row.template_key if last else None) or library.BLANK
    wall = last.date.wall + timedelta(weeks=weeks) if last else rules.wall_of(clock.now(), group.time_zone)
    return {"date": wall.date().isoformat(), "time": wall.strftime("%H:%M"), "template": template}


def choices(programme: str | None) -> list[tuple[str, list[library.Template]]]:
    """Return all templates by programme, the group's own first: (programme's name, its meetings)."""
    every = sorted(library.programmes(), key=lambda one: (one.id != programme, one.id == library.SINGLE))
    return [
        (i18n.say(one.short), singles() if one.id == library.SINGLE else list(one.templates)) for one in every
    ]


# The invitation


@bp.get("/g/<int:group_id>/invite")
@login_required
def invite(group_id: int) -> ResponseReturnValue:
    """Show the invitation and the link, which every member may pass on."""
    return invite_page(group_id)


def invite_page(group_id: int, form: Form | None = None, errors: Form | None = None) -> str:
    """Render the invitation; with what was typed when the address of the call was refused."""
    actor = somebody()
    series, me = services.for_member(group_id, actor)
    group, planned = series.group, services.planned_of(series.group)
    link = url_for("groups.join", token=group.join_token, _external=True)
    return render_template(
        "series/invite.html",
        group=group,
        text=invitation.text_of(group, planned, link=link, sender=me.user.name),
        link=link,
        qr=qr_of(link),
        leads=policy.keeps(me),
        is_fresh=not any(one.state is State.ENDED for one in planned),
        form=form or {"call_url": series.call_url},
        call_url=series.call_url,
        errors=errors or {},
        max_call=settings.MAX_URL,
    )


@bp.post("/g/<int:group_id>/invite")
@login_required
def keep_call(group_id: int) -> ResponseReturnValue:
    """Keep the address of the group's call."""
    url = request.form.get("call_url", "")
    try:
        invitation.keep_call(group_id, url, actor=somebody())
    except Invalid as error:
        return invite_page(group_id, {"call_url": url}, {"call_url": error.message}), error.status
    return redirect(url_for(".invite", group_id=group_id), 303)
