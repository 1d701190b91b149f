"""Reading what people type or paste: an e-mail address, and a code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext

from ementor.errors import Invalid

MAX_ADDRESS = 254
MAX_LOCAL = 64
LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
CODE = re.compile(r"(?<!\d)\d(?:[ -]?\d){5}(?!\d)", re.ASCII)


@dataclass(frozen=True)
class Address:
    """An address as somebody wrote it, as letters are sent to it, and what all ways to write it share."""

    written: str
    reached: str

    @property
    def key(self) -> str:
        """Return the same for whatever capitals it is written in: no server that matters tells them apart."""
        return self.reached.lower()


def address(text: str) -> Address:
    """Return the address in ``text``, or raise Invalid. A domain may be of any script, its user is ASCII."""
    text = unicodedata.normalize("NFC", text.strip())
    local, at, domain = text.rpartition("@")
    try:
        reached = domain.encode("idna").decode("ascii") if at else ""
    except UnicodeError:
        reached = ""
    labels = reached.split(".")
    is_well_formed = (
        len(labels) > 1
        and all(LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
        and len(local) <= MAX_LOCAL
        and len(local) + 1 + len(reached) <= MAX_ADDRESS
        and len(text) <= MAX_ADDRESS
        and text.isprintable()
    )
    if is_well_formed and not local.isascii():
        raise Invalid(
            gettext("Before the @, use only the letters a–z, digits and punctuation marks."), field="email"
        )
    if not is_well_formed or not LOCAL.fullmatch(local):
        raise Invalid(gettext("Enter an e-mail address, for example noora@example.org."), field="email")
    return Address(text, f"{local}@{reached}")


def code(text: str) -> str:
    """Return the six digits in what was pasted, with spaces and words around them; or raise Invalid."""
    found = CODE.search(" ".join(unicodedata.normalize("NFKC", text[:500]).split()))
    if found is None:
        raise Invalid(gettext("The code has six digits."), field="code")
    return re.sub(r"\D", "", found[0])
