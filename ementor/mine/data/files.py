"""My data as files: one for programs, one to read, one that explains what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from flask import current_app
from flask_babel import force_locale, gettext

from ementor import i18n
from ementor.accounts.models import User
from ementor.accounts.personal import at_leisure
from ementor.mine.data import services, words


def zip_of(person: User, locale: str) -> tuple[str, bytes]:
    """Return the name and the content of a ZIP with all that is somebody's, in words of ``locale``."""
    with force_locale(locale):
        data = services.data_of(person, locale)
        texts = {
            "data.json": services.json_of(data),
            "data.html": html_of(data),
            "readme.txt": "\n".join(_readme(data)),
        }
        name = f"my-data-{data['made_at']:%Y-%m-%d}.zip"
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for file, text in texts.items():
            archive.writestr(file, text)
    return name, content.getvalue()


def html_of(data: Mapping[str, Any]) -> str:
    """Return the data as a page of its own, which loads nothing."""
    locale, zone = data["locale"], i18n.zone()
    template = current_app.jinja_env.get_template("data/file.html")
    pieces = template.stream(data=data, words=words, lists_of=_lists_of, locale=locale, zone=zone)
    pieces.enable_buffering(100)
    return "".join(at_leisure(pieces))


def _lists_of(own: Mapping[str, Any]) -> list[str]:
    return [key for key, value in own.items() if isinstance(value, list)]


def _readme(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of what explains the data: its keys, and its codes with what they mean."""
    yield gettext("My data")
    yield ""
    yield gettext("data.html is for you to read. data.json is for other programs.")
    yield gettext("The times in data.json are in UTC (ISO 8601).")
    yield ""
    yield gettext("Not included")
    yield from (f"- {line}" for line in words.NOT_HERE)
    for feature in words.FEATURES:
        yield ""
        yield f"{feature}: {words.of_key(feature)}"
        for key in sorted(words.keys_in(data[feature])):
            codes = "; ".join(f"{code} = {said}" for code, said in words.CODES.get(key, {}).items())
            yield f"  {key}: {words.of_key(key)}" + (f" ({codes})" if codes else "")
    yield ""
