"""Coming in by a group's link, waiting at its door, and its settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ementor import i18n
from ementor.accounts.views import somebody, welcome
from ementor.errors import Changed, DomainError, Invalid, NotFound
from ementor.extensions import limiter
from ementor.groups import policy, services
from ementor.groups.models import Group, Membership, Waiting
from ementor.groups.ways import now_in, way_in, who_reads
from ementor.web import form_key, is_htmx, number, part_or_redirect, sheet

bp = Blueprint("groups", __name__)
bp.add_app_template_global(who_reads)


# Joining


ROBOTS = re.compile(
    r"bot\b|crawler|spider|preview|facebookexternalhit|whatsapp|telegram|slack|skype|embed|vkshare|iframely"
    r"|curl|wget|python|httpx|aiohttp|okhttp|java\b|libwww|go-http|axios|node|undici|powershell|postman"
    r"|office|outlook|safelinks|proofpoint|mimecast|barracuda",
    re.IGNORECASE,
)
"""Programs that open a link to show what is behind it to whoever reads the message that it is in, or
to look whether it is harmful."""


def is_previewed() -> bool:
    """Tell whether a program asks and no person.

    Some say that they are a browser. A browser in somebody's hands tells that it navigates,
    wherever the line is secure.
    """
    agent, headers = request.user_agent.string, request.headers
    if not agent or request.method == "HEAD" or ROBOTS.search(agent):
        return True
    return "Mozilla" in agent and headers.get("Sec-Fetch-Mode") != "navigate"


@contextmanager
def counting_tries(of: str) -> Iterator[None]:
    """Count what guessing leads to: wrong ``links``, taken ``names``; 429 in its place after 20 a minute.

    What is right is never refused for what somebody else behind the same address has tried.
    """
    try:
        yield
    except services.NameElsewhere:
        raise
    except (NotFound, Invalid):
        with limiter.shared_limit("20/minute", scope=of):
            raise


@bp.get("/j/<token>")
def join(token: str) -> ResponseReturnValue:
    """Ask for a name; changes nothing, as previews and prefetching open links too."""
    with counting_tries("links"):
        group = services.group_by_token(token, actor=somebody())
    known = services.standing(group.id, somebody())
    if isinstance(known, Membership) or (known is not None and (known.refused_at or not group.lets_in)):
        return redirect(way_in(known), 303)
    return join_page(group)


@bp.post("/j/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Bring the person in under the name they gave, or to the door."""
    with counting_tries("links"):
        group = services.group_by_token(token, actor=somebody())
    name = request.form.get("name", "")
    try:
        with counting_tries("names"):
            person, way = services.enter(
                token,
                actor=somebody(),
                name=name,
                locale=i18n.chosen(),
                everywhere=request.form.get("everywhere") == "yes",
                key=form_key(name),
            )
    except DomainError as error:
        if error.status == 404:
            raise
        return join_page(group, name, error), error.status
    welcome(person)
    return redirect(way_in(way), 303)


def join_page(group: Group, name: str = "", error: DomainError | None = None) -> str:
    """Render the question for a name, with what was typed when it was refused.

    Of a group where one has to wait it does not even tell the name.
    """
    known, now = somebody(), now_in(group)
    return render_template(
        "groups/join.html",
        group=group,
        previewed=is_previewed(),
        title=i18n.say(now.title, i18n.choose()) if now else "",
        name=name or (known.name if known else ""),
        known_name=known.name if known else "",
        error=error.message if error else None,
        suggestion=error.suggestion if isinstance(error, services.NameTaken) else None,
        elsewhere=isinstance(error, services.NameElsewhere),
    )


@bp.get("/waiting/<int:group_id>")
@login_required
def waiting(group_id: int) -> ResponseReturnValue:
    """Show somebody that they wait or were refused; nothing of the group but its greeting. Members go in."""
    known = services.at_the_door(group_id, actor=current_user)
    waits = isinstance(known, Waiting) and known.refused_at is None
    if is_htmx():  # the page asks whether something has changed
        return ("", 204) if waits else ("", 200, {"HX-Refresh": "true"})
    if isinstance(known, Membership):
        return redirect(way_in(known), 303)
    return render_template("groups/waiting.html", known=known, waits=waits)


@bp.post("/waiting/<int:group_id>")
@login_required
def stop_waiting(group_id: int) -> ResponseReturnValue:
    """Go away from the door."""
    services.at_the_door(group_id, actor=current_user)
    services.stop_waiting(group_id, actor=current_user._get_current_object())
    return redirect("/", 303)


# The settings: features above show them at an address of their own


def settings(group_id: int, at: str, back: str, **typed: Any) -> str:
    """Render a group's settings and who waits for facilitators, ``at`` an address, over the page ``back``."""
    context = settings_context(group_id, at, back, **typed)
    return sheet("groups/_settings.html", title=context["group"].name, **context)


def settings_context(
    group_id: int,
    at: str,
    back: str,
    *,
    form: Mapping[str, str] | None = None,
    seen: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    clashes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the settings' template shows; with what was typed when it was refused, and grew from."""
    group = policy.require_keeper(current_user, group_id).group
    kept = services.settings_of(group)
    return {
        "group": group,
        "back": back,
        "at": at,
        "form": form or kept,
        "seen": seen or kept,
        "errors": errors or {},
        "clashes": clashes or {},
        "waiting": services.waiting_in(group.id),
        "max_greeting": services.MAX_GREETING,
    }


def change(group_id: int, at: str, back: str, settings: Callable[..., str] = settings) -> ResponseReturnValue:
    """Keep the settings, or decide on who waits; what was typed is not lost when it is refused.

    ``settings`` renders them.
    """
    policy.require_keeper(current_user, group_id)
    actor = current_user._get_current_object()
    decide = {"let_in": services.let_in, "refuse": services.refuse}.get(request.form.get("press", ""))
    form = {name: request.form.get(name, "") for name in services.SETTINGS}
    seen = {name: request.form.get(f"seen-{name}", "").replace("\r\n", "\n") for name in services.SETTINGS}
    seen = seen if "seen-name" in request.form else {}
    has_readers = "readers" in request.form  # a page from before this was asked has not
    try:
        if decide is not None:
            decide(group_id, number(request.values, "person"), actor=actor)
            return part_or_redirect(settings(group_id, at, back), at)
        services.change_group(
            group_id,
            actor=actor,
            name=form["name"],
            entry=form["entry"],
            greeting=form["greeting"],
            everybody_runs=form["everybody_runs"] == "yes",
            readers=form["readers"] if has_readers else None,
            newcomers_read=form["newcomers_read"] == "yes" if has_readers else None,
            seen=seen or None,
        )
    except Changed as error:
        return settings(group_id, at, back, form=error.fields, clashes=error.clashes), error.status
    except Invalid as error:
        wrong = {error.field or "name": error.message}
        return settings(group_id, at, back, form=form, seen=seen, errors=wrong), error.status
    return part_or_redirect("", back)
