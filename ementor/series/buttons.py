"""The buttons of the group's page itself."""

from __future__ import annotations

from ementor.accounts.models import User
from ementor.meetings.models import Meeting
from ementor.series import opening
from ementor.series.presses import Form, on_press
from ementor.web import number


@on_press("prepare")
def prepare(group_id: int, actor: User, form: Form) -> Meeting:
    return opening.prepare(group_id, number(form, "planned"), actor=actor)
