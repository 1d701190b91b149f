"""The invitation that somebody pastes into a message, and the address of the group's call."""

from __future__ import annotations

from flask_babel import force_locale, gettext

from ementor import i18n
from ementor.accounts.models import User
from ementor.database import transactional
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.series import services, settings, telling
from ementor.series.domain.dates import State
from ementor.series.services import Planned


def text_of(group: Group, planned: list[Planned], *, link: str, sender: str) -> str:
    """Return the invitation in the group's language, whatever the sender's is."""
    ahead = [one.date for one in planned if one.state in {State.PLANNED, State.OPEN, State.RUNNING}]
    held = any(one.state is State.ENDED for one in planned)
    with force_locale(group.locale):
        name = group.name
        begins = (
            gettext("Welcome to %(group)s.", group=name) if held else gettext("%(group)s begins.", group=name)
        )
        parts = [gettext("Hello,"), begins]
        if ahead:
            zone = telling.zone_name(group.time_zone)
            alike = len({(date.wall.time(), date.minutes) for date in ahead}) == 1
            if len(ahead) == 1:
                often = gettext("We meet online once:")
            elif alike:
                often = gettext(
                    "We meet online %(count)s times, %(times)s (%(zone)s):",
                    count=telling.count_word(len(ahead)),
                    times=telling.times(ahead),
                    zone=zone,
                )
            else:
                often = gettext(
                    "We meet online %(count)s times (%(zone)s):",
                    count=telling.count_word(len(ahead)),
                    zone=zone,
                )
            parts[-1] += f" {often}"
            lines = [
                telling.short_date(date.wall) if alike else i18n.day_and_time(date.wall) for date in ahead
            ]
            if len(ahead) == 1:
                lines = [f"{telling.days_and_times(ahead)} ({zone})"]
            parts.append("\n".join(lines))
        every = (
            gettext("Join with this link every time:") if len(ahead) != 1 else gettext("Join with this link:")
        )
        parts += [f"{every}\n{link}", gettext("You don't need an account; your name is enough."), sender]
    return "\n\n".join(parts)


@transactional
def keep_call(group_id: int, url: str, *, actor: User | None) -> None:
    """Keep the address of the group's call; an empty one takes it away. Raises Invalid."""
    policy.require_keeper(actor, group_id)
    groups.lock_group(group_id)
    series, url = services.series_of(group_id), settings.https_url(url)
    if series.call_url != url:
        series.call_url = url
        services.told(group_id)
