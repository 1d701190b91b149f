"""The page that asks whether two are one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ementor.accounts import services as accounts
from ementor.accounts.merging import services
from ementor.accounts.models import User
from ementor.cookies import LEFT
from ementor.errors import Conflict
from ementor.events import WAS, dismiss_all
from ementor.web import safe_next

bp = Blueprint("merging", __name__)
OTHER = "other"
"""Where a session keeps the sign-in of who was on this device before: see ``accounts.views.arrive``."""


def _me() -> User:
    person: User = current_user._get_current_object()
    return person


@bp.get("/me/one")
@login_required
def ask() -> ResponseReturnValue:
    """Show the two and what each has, and ask. Changes nothing."""
    to, me = safe_next(request.args.get("to")), _me()
    asked = services.asked(session.get(OTHER), actor=me)
    if asked is None:
        return redirect(to, 303)
    refused, told = asked.unproved, []
    try:
        told = services.warnings(asked)
    except Conflict as refusal:
        refused = refused or refusal.message
    return render_template("accounts/one.html", asked=asked, to=to, told=told, refused=refused)


@bp.post("/me/one")
@login_required
def answer() -> ResponseReturnValue:
    """Make the two one, or let the other one's sign-in on this device end. Twice is once."""
    to, me, token = safe_next(request.form.get("to")), _me(), session.get(OTHER)
    asked = services.asked(token, actor=me)
    if asked is None or token is None:
        session.pop(OTHER, None)
        return redirect(to, 303)
    if request.form.get("about") != asked.about:  # this page asked of somebody else
        return redirect(url_for(".ask", to=to), 303)
    if request.form.get("answer") == "yes":
        services.become_one(token, actor=me)
        session[WAS] = token  # pages of the other one that are open here can call again, as who they are now
        accounts.sign_out(token)
    else:
        services.leave(token)
        dismiss_all({accounts.hash_of(token)})
        session[LEFT] = token
    session.pop(OTHER, None)
    return redirect(to, 303)
