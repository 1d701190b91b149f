"""How a group meets: its time zone and its video call."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask_babel import gettext

from ementor.accounts.models import User
from ementor.database import transactional
from ementor.errors import Invalid
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.series import planning, services
from ementor.series.models import Series

MAX_URL = 500


@transactional
def change(group_id: int, *, actor: User, time_zone: str, call_url: str) -> None:
    """Change how the group meets; for facilitators. Raises NotFound, NotAllowed or Invalid."""
    policy.require_keeper(actor, group_id)
    groups.lock_group(group_id)
    series = services.series_of(group_id)
    series.call_url = https_url(call_url)
    planning.change_zone(group_id, time_zone, actor=actor)
    services.told(group_id)


def https_url(text: str) -> str:
    """Return an address that may become a link, or nothing. Raises Invalid."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
        is_good = is_good and parts.port != 0  # what is no port raises ValueError
    except ValueError:
        is_good = False
    if text and not (is_good and len(text) <= MAX_URL and text.isprintable() and " " not in text):
        raise Invalid(
            gettext("Enter the full address of the call. It begins with https://"), field="call_url"
        )
    return text


def shown(series: Series) -> Mapping[str, str]:
    """Return the settings as their form shows them."""
    return {"time_zone": series.group.time_zone, "call_url": series.call_url}
