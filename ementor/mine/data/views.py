"""My data: the page, and the file."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_required

from ementor import i18n
from ementor.accounts.addresses import services as addresses
from ementor.accounts.models import User
from ementor.extensions import limiter
from ementor.mine.data import files, words

bp = Blueprint("data", __name__)


def _me() -> User:
    person: User = current_user._get_current_object()
    return person


def _who_asks() -> str:
    return str(getattr(current_user, "id", None) or get_remote_address())


@bp.get("/me/data")
@login_required
def page() -> ResponseReturnValue:
    """Say what is in the file, and offer it."""
    return render_template("data/page.html", words=words, asks=addresses.must_prove(_me()))


@bp.get("/me/data.zip")
@login_required
@limiter.limit("10/minute", key_func=_who_asks)
def file() -> ResponseReturnValue:
    """Send all that is the asking person's, and nobody else's, once they have shown that it is them."""
    if addresses.must_prove(_me()):
        return redirect(url_for("addresses.prove", to=url_for(".page")), 303)
    name, content = files.zip_of(_me(), i18n.choose())
    response = make_response(content)
    response.mimetype = "application/zip"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
