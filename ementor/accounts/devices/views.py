"""Pages of devices: the list, a code on one device and on the other, and leaving one."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter import RateLimitExceeded
from flask_login import current_user, login_required, logout_user
from werkzeug.wrappers import Response

from ementor import clock, i18n
from ementor.accounts import services as accounts
from ementor.accounts.devices import labels, services
from ementor.accounts.devices.services import State
from ementor.accounts.models import User
from ementor.accounts.views import arrive, end_left, somebody, welcome
from ementor.cookies import LEFT
from ementor.errors import DomainError, Invalid, TooFast
from ementor.events import dismiss_all
from ementor.extensions import limiter
from ementor.qr import qr_of
from ementor.web import form_key, is_htmx, opens_page, safe_next

bp = Blueprint("devices", __name__)
CODE, CLAIM, WRONG = "code", "claim", "wrong_codes"
"""What a session keeps: the code that it shows, the secret of the one it typed, when it typed wrong ones."""


def _me() -> User:
    person: User = current_user._get_current_object()
    return person


@bp.after_app_request
def note_seen(response: Response) -> Response:
    """Remember that this device is used, whenever it opens a page that asks whose it is."""
    person = g.get("_login_user")
    if isinstance(person, User) and opens_page():
        accounts.note_device_use(person, _this_device())
    return response


def _this_device() -> str:
    return labels.label_of(request.user_agent.string)


# The list


@bp.app_template_filter()
def day_ago(at: datetime) -> str:
    """Return the day of ``at`` as one says it: today, yesterday, 24 Nov."""
    zone = ZoneInfo(i18n.zone())
    days = (clock.now().astimezone(zone).date() - at.astimezone(zone).date()).days
    return {0: gettext("today"), 1: gettext("yesterday")}.get(days) or i18n.short_day(at)


@bp.get("/me/devices")
@login_required
def mine() -> str:
    """Show where somebody is signed in, and the ways from here."""
    me = _me()
    accounts.note_device_use(me, _this_device())  # so that its first page tells it, too
    return render_template("accounts/devices.html", me=me, devices=services.devices_of(me))


@bp.post("/me/devices")
@login_required
def sign_out() -> ResponseReturnValue:
    """Sign out one device, or all of them, without a way back."""
    if request.form.get("everywhere") == "yes":
        return _forgotten(services.sign_out_everywhere(actor=_me()), "/")
    dismiss_all(services.sign_out(request.form.get("device", ""), actor=_me()))
    return redirect(url_for(".mine"), 303)


# Leaving this device


@bp.get("/forget")
def leaving() -> ResponseReturnValue:
    """Say what it means that this device is somebody's no more, and ask."""
    person, to = somebody(), safe_next(request.args.get("next"))
    if person is None:
        return redirect(to, 303)
    return render_template("accounts/leave.html", me=person, to=to, can_return=services.can_return(person))


@bp.post("/forget")
def leave() -> ResponseReturnValue:
    """Let this device forget who uses it, as the next one may be somebody else; asks first."""
    person, to = somebody(), safe_next(request.form.get("next"))
    if person is None:
        return redirect(to, 303)
    if request.form.get("sure") != "yes":
        return redirect(url_for(".leaving", next=to), 303)
    return _forgotten(services.leave(actor=person), to, left=person.token)


def _forgotten(ended: Collection[str], to: str, *, left: str | None = None) -> Response:
    """Lead a device to ``to`` that knows nobody any more, but for who has ``left`` and may come back."""
    dismiss_all(ended)
    logout_user()
    # The token of forms stays: a page that reloads as its connection ends could bring an older one back,
    # and the way to undo this would be refused.
    stays = {name: session[name] for name in ("locale", "csrf_token") if session.get(name)}
    session.clear()
    session.update(stays)
    if left:
        session[LEFT] = left
    response = redirect(to, 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/forget/undo")
def come_back() -> ResponseReturnValue:
    """Make the device again theirs who left it, or let them not come back any more."""
    to = safe_next(request.form.get("next"))
    if request.form.get("press") == "end":
        end_left()
        return redirect(to, 303)
    left = None if somebody() else session.pop(LEFT, None)
    person = services.come_back(left) if left else None
    if person is None:
        raise Invalid(gettext("This can no longer be undone."))
    welcome(person)
    return redirect(to, 303)


@bp.get("/forget/undo")
def came_back() -> ResponseReturnValue:
    """Lead back to the front page: a refused form was shown at this address."""
    return redirect("/", 303)


# A code on the device that shows it


@bp.get("/me/devices/code")
@login_required
def code() -> ResponseReturnValue:
    """Show the code that was made, or ask about the device that came with it. Changes nothing."""
    known, text = services.code_of(_me()), session.get(CODE)
    if is_htmx():  # the page asks whether something has changed
        if known is None or known.state != request.args.get("state"):
            return "", 200, {"HX-Refresh": "true"}
        return render_template("accounts/_left.html", code=known)
    if known is not None and known.state is State.SHOWN and not text:
        known = None
    address = url_for(".enter", _external=True)
    return render_template(
        "accounts/code.html",
        me=_me(),
        code=known,
        text=text,
        address=address.partition("://")[2],
        qr=qr_of(f"{address}#{text}") if known is not None and known.state is State.SHOWN else None,
    )


@bp.post("/me/devices/code")
@login_required
def make_code() -> ResponseReturnValue:
    """Make a code, or answer whether the device that came with it is theirs."""
    answer = request.form.get("answer")
    if answer is None:
        session[CODE] = services.make_code(actor=_me(), locale=i18n.choose())
    elif answer in {"yes", "no"}:
        services.answer(request.form.get("code", ""), mine=answer == "yes", actor=_me())
    else:
        raise Invalid(gettext("Something went wrong. Reload the page."))
    return redirect(url_for(".code"), 303)


# A code on the other device


@bp.get("/device")
def enter() -> ResponseReturnValue:
    """Ask for a code, or wait for the first device's answer. Changes nothing."""
    secret = session.get(CLAIM)
    known = services.claimed(secret) if secret else None
    if is_htmx():
        waits = known is not None and known.state is State.ASKED
        return ("", 204) if waits else ("", 200, {"HX-Refresh": "true"})
    if known is not None and known.state in {State.ASKED, State.YES}:
        return render_template("accounts/wait.html", code=known)
    return _asking(news=known.state if known is not None else "")


def _asking(typed: str = "", error: str = "", news: str = "") -> str:
    return render_template("accounts/enter.html", typed=typed[:40], error=error, news=news)


@bp.post("/device")
def claim() -> ResponseReturnValue:
    """Wait with the code that was typed, bound to this browser; a refused one stays in its field."""
    typed = request.form.get("code", "")
    try:
        session[CLAIM] = _claimed(typed)
    except DomainError as error:
        return _asking(typed, error.message), error.status
    return redirect(url_for(".enter"), 303)


def _claimed(typed: str) -> str:
    """Claim a code; five wrong ones in ten minutes are counted in the session, all of them by address.

    What is right is never refused for what somebody else behind the same address has tried.
    """
    now = int(clock.now().timestamp())
    wrong = [at for at in session.get(WRONG, []) if now - at < services.LASTS.total_seconds()]
    too_many = TooFast(gettext("Too many attempts. Wait ten minutes, then show a new code and try again."))
    if len(wrong) >= services.TRIES:
        raise too_many
    code = services.typed_code(typed)
    if code is None:
        raise Invalid(services.incomplete())
    secret = form_key(code) or secrets.token_urlsafe(24)  # the same when the form is sent twice
    try:
        services.claim(code, secret=secret, device=_this_device(), actor=somebody())
    except services.CodeRefused as refused:
        if not refused.guessed:
            raise
        session[WRONG] = [*wrong, now]
        try:
            with limiter.shared_limit("20/minute", scope="device codes"):
                raise
        except RateLimitExceeded:
            raise too_many from None
    return secret


@bp.post("/device/arrive")
def arrived() -> ResponseReturnValue:
    """Make this device theirs, once the first one has said yes."""
    secret = session.get(CLAIM, "")
    key = form_key(secret)
    taken = services.take(secret, key=key) if secret else None
    if taken is None:
        return redirect("/notes" if somebody() and not secret else url_for(".enter"), 303)
    session.pop(CLAIM)
    person, proved_at = taken
    return arrive(person, to="/notes", key=key, proved_at=proved_at)


@bp.get("/device/arrive")
def to_enter() -> ResponseReturnValue:
    """Lead back: a refused form was shown at this address."""
    return redirect(url_for(".enter"), 303)
