"""What a posted closing reflection may hold."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from ementor.errors import Invalid
from ementor.meetings.forms import versions
from ementor.reflections.models import MAX_STEP, MAX_TEXT, TEXTS, Sharing
from ementor.reflections.services import MANY, Given
from ementor.writings.forms import tab_of


def given(form: Mapping[str, str]) -> Given:
    """Return what ``form`` changes; fields that it lacks stay as they are. Raises Invalid.

    Fields: ``text-<question>``, ``sharing-<question>``, ``number`` (1–5, empty takes it
    back), ``step``, ``step-mine`` and ``done`` (``yes`` or ``no``); ``tab`` is the page, and
    ``seen-<field>`` the versions that a text may have grown from. Others are not read.
    """
    seen = {name: versions(form, name) for name in (*(f"text-{key}" for key in TEXTS), "step")}
    return Given(
        texts={key: text_of(form, f"text-{key}", MANY * MAX_TEXT) for key in TEXTS if f"text-{key}" in form},
        sharings={key: _sharing(form[f"sharing-{key}"]) for key in TEXTS if f"sharing-{key}" in form},
        numbers=(_number(form["number"]),) if "number" in form else (),
        steps=(text_of(form, "step", MANY * MAX_STEP),) if "step" in form else (),
        step_is_mine=yes_or_no(form, "step-mine"),
        done=yes_or_no(form, "done"),
        tab=tab_of(form.get("tab", "")),
        seen={name: found for name, found in seen.items() if found is not None},
    )


def yes_or_no(form: Mapping[str, str], name: str) -> bool | None:
    """Return what was chosen, None where nothing was. Raises Invalid."""
    if form.get(name) not in {None, "yes", "no"}:
        raise Invalid(gettext("Choose one of the options on the screen."), field=name)
    return None if name not in form else form[name] == "yes"


def text_of(form: Mapping[str, str], name: str, most: int) -> str:
    """Return the text of a field, without what cannot be shown. Raises Invalid when it is too long."""
    lines = form[name].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in lines if char in "\n\t" or char.isprintable() or char > "\x9f")
    if len(text) > most:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=most), field=name)
    return text.rstrip()


def _sharing(value: str) -> Sharing:
    try:
        return Sharing(value)
    except ValueError:
        raise Invalid(gettext("Choose one of the options on the screen.")) from None


def _number(value: str) -> int | None:
    if value == "":
        return None
    if value not in {"1", "2", "3", "4", "5"}:
        raise Invalid(gettext("Choose a number from 1 to 5."), field="number")
    return int(value)
