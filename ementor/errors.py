"""What can go wrong for a reason the person should hear.

The message is text for the person, already in their language.
"""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A wish that is refused; ``status`` is its HTTP status, ``name`` its name on the socket."""

    status = 400
    name = "refused"

    @property
    def message(self) -> str:
        """The sentence the person reads."""
        return str(self.args[0]) if self.args else ""


class NotFound(DomainError):
    """There is no such thing, or none that this person may know of."""

    status = 404
    name = "not_found"


class NotAllowed(DomainError):
    """The person may see it, but may not do this."""

    status = 403
    name = "not_allowed"


class Conflict(DomainError):
    """It cannot be done now, as things stand."""

    status = 409
    name = "conflict"


class TooFast(DomainError):
    """More at once than anybody means to do or writes; a page sends the same again after a moment."""

    status = 429
    name = "too_fast"


class Changed(Conflict):
    """Somebody else changed the same fields of a form meanwhile, otherwise.

    ``fields`` is the form with what both changed, the person's own words where they clash, and
    ``clashes`` what stands there now.
    """

    def __init__(self, message: str, fields: Mapping[str, str], clashes: Mapping[str, str]) -> None:
        super().__init__(message)
        self.fields, self.clashes = fields, clashes


class Unavailable(DomainError):
    """The database does not take it just now; the same again may work."""

    status = 503
    name = "unavailable"


class Invalid(DomainError):
    """What was given is not of the right form; ``field`` names where."""

    status = 422
    name = "invalid"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
