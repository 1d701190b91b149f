"""Whole series by the link, as a supervisors' group with themes and a mentor group of nine hold them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from ementor import clock
from ementor.archive import services as archive
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import PersonCame
from ementor.series.domain import dates as rules
from tests.support.people import followed, said, shown
from tests.support.series import ZONE, Wait, in_days

BEFORE = timedelta(minutes=10)
ROOM = re.compile(r"/m/(\d+)")


def _read(answer: Any) -> str:
    """Return a page as one reads it, without the marks around names."""
    return re.sub("</?bdi[^>]*>", "", html.unescape(shown(answer)))


@dataclass
class Somebody:
    """A person with a browser; what they promised last, and whether it is done with."""

    name: str
    client: Any
    id: int = 0
    promised: str = ""
    came_at: datetime = field(default_factory=lambda: clock.now())  # also when the clock was moved
    promised_at: datetime | None = None

    def sees(self, other: Somebody) -> bool:
        """Tell whether the other's promise is theirs to see: not one from before they came."""
        return other.promised_at is not None and other.promised_at > self.came_at

    def page(self, path: str) -> str:
        return _read(self.client.get(path))

    def part(self, path: str) -> str:
        return _read(self.client.get(path, headers={"HX-Request": "true"}))

    def press(self, path: str, what: str, **fields: Any) -> str:
        return followed(self.client.post(path, data={"press": what, **fields}))


@dataclass
class Circle:
    app: Flask
    wait: Wait
    link: str = ""
    place: str = ""
    first: datetime = field(default_factory=lambda: in_days(7))
    people: list[Somebody] = field(default_factory=list)

    def newcomer(self, name: str) -> Somebody:
        return Somebody(name, self.app.test_client())

    def plan(self, programme: str, weeks: int) -> Somebody:
        """Plan the series as its first person does."""
        one = self.newcomer("Aino")
        form = {"name": one.name, "programme": programme, "group": "Circle", "weeks": str(weeks)}
        form |= {"first": self.first.date().isoformat(), "time": f"{self.first:%H:%M}", "time_zone": ZONE}
        self.place = followed(one.client.post("/plan", data=form)).removesuffix("/dates")
        self.link = said(one.page(f"{self.place}/invite"), r"(/j/[\w-]+)")
        return self.known(one)

    def known(self, one: Somebody) -> Somebody:
        one.id = int(said(one.page(self.place), r'data-me="(\d+)"'))
        self.people.append(one)
        return one

    def join(self, name: str) -> Somebody:
        one = self.newcomer(name)
        assert followed(one.client.post(self.link, data={"name": name})) == self.place
        return self.known(one)

    def until(self, wall: datetime) -> None:
        ahead = (rules.instant(wall, ZONE) - clock.now()).total_seconds()
        assert ahead > 0
        self.wait(ahead)
        archive.seal_due()

    def room(self) -> str:
        """Follow the link with everybody: it leads all of them to one room. Answers which."""
        places = {followed(one.client.get(self.link)) for one in self.people}
        assert len(places) == 1, places
        room = places.pop()
        assert ROOM.fullmatch(room)
        return room

    def between(self) -> None:
        """Follow the link with everybody, and with a stranger, while no room is open."""
        for one in self.people:
            assert followed(one.client.get(self.link)) == self.place
        self.strange()

    def strange(self) -> None:
        """A stranger is asked for a name by the link, and finds nothing else."""
        eve = self.newcomer("Eve").client
        assert 'name="name"' in shown(eve.get(self.link))
        assert eve.get(self.place).status_code == 404

    def hold(self, wall: datetime, leader: Somebody, away: Somebody | None = None) -> str:
        """Hold the meeting of a date: the link before it, in it and right after. Answers its title."""
        self.until(wall - BEFORE)
        room = self.room()
        self.until(wall)
        assert self.room() == room
        here = [one for one in self.people if one is not away]
        for one in (leader, away or self.people[-1]):
            assert one.page(room)
        meeting_id = int(room.removeprefix("/m/"))
        for one in here:
            meetings.record(meeting_id, PersonCame(one.id), actor_id=one.id)
        for one in here:
            last_time = one.part(f"{room}/last-time")
            seen = [other for other in self.people if other.promised and other.promised in last_time]
            assert seen == [other for other in self.people if one.sees(other)]
        not_theirs = here[-1].client.post(f"{room}/press", data={"press": "start"})
        assert not_theirs.status_code == 403
        leader.press(f"{room}/press", "start")
        leader.press(f"{room}/press", "next_item")
        for one in here:
            one.promised, one.promised_at = f"{one.name}'s step after {wall:%d %B}", clock.now()
            answer = one.client.post(f"{room}/reflection", data={"step": one.promised})
            assert answer.status_code in {200, 204, 303}
        leader.press(f"{room}/press", "reveal")
        assert self.room() == room
        self.strange()
        leader.press(f"{room}/press", "end")
        self.between()
        for one in (leader, away or self.people[-1]):
            page = one.page(self.place)
            assert [
                other.name for other in self.people if one.sees(other) and other.promised not in page
            ] == []
        return said(here[0].page(room), r"<h1[^>]*>([^<]+)")

    def records(self, who: Somebody) -> int:
        """Return how many records somebody can open on the group's page."""
        return len(ROOM.findall(who.page(self.place).partition('id="past"')[2]))

    def titles(self, who: Somebody) -> list[tuple[str, str]]:
        """Return id and title of each date, in order."""
        return re.findall(
            r'<li id="date-(\d+)".*?<h2[^>]*>([^<]*)</h2>', who.page(f"{self.place}/dates"), re.DOTALL
        )

    def change(self, who: Somebody, number: int, press: str = "save", **fields: str) -> Any:
        """Change a date by the form that its page shows."""
        planned, _ = self.titles(who)[number]
        page = who.page(f"{self.place}/dates?change={planned}")
        shown = {
            name: said(page, rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"')
            for name in ("version", "date", "time", "end")
        }
        form = shown | fields | {"press": press, "planned": planned}
        return who.client.post(f"{self.place}/dates", data=form)


def test_supervisors_choose_the_themes_of_their_dates(app: Flask, wait: Wait) -> None:
    circle = Circle(app, wait)
    aino = circle.plan("supervisors", weeks=4)
    cai, *_ = [circle.join(name) for name in ("Cai", "Ben", "Dan", "Eva")]
    circle.between()
    first, after = circle.first, lambda weeks: circle.first + timedelta(weeks=weeks)
    names = [title for _, title in circle.titles(aino)]
    assert circle.hold(first, aino) == names[0]

    # A theme that is chosen reaches an agenda that nobody has prepared; one that is, only if one says so.
    assert followed(circle.change(aino, 1, template="supervisors-3")).endswith("/dates")
    assert cai.client.get(f"{circle.place}/dates").status_code == 403
    room = aino.press(circle.place, "prepare", planned=circle.titles(aino)[2][0])
    assert names[2] in cai.page(room)
    refused = circle.change(aino, 2, template="supervisors-2")
    assert refused.status_code == 422
    assert "The agenda has already been prepared" in refused.text
    followed(circle.change(aino, 2, template="supervisors-2", replace="yes"))
    followed(circle.change(aino, 3, title="What keeps us going"))
    assert [title for _, title in circle.titles(aino)] == [
        names[0],
        names[2],
        names[1],
        "What keeps us going",
    ]
    themes = [circle.hold(after(weeks), aino) for weeks in (4, 8, 12)]
    assert themes == [names[2], names[1], "What keeps us going"]
    for one in circle.people:
        assert "Four meetings behind you" in one.page(circle.place)
        assert circle.records(one) == 4


def test_a_mentor_group_of_nine_leads_in_turns(app: Flask, wait: Wait) -> None:
    circle = Circle(app, wait)
    aino = circle.plan("mentorgroup", weeks=3)
    for name in ("Ben", "Cai", "Dan", "Eva", "Fay", "Gil", "Hal"):
        circle.join(name)
    ben, cai, dan = circle.people[1:4]
    for one in (aino, ben, cai, dan):
        one.press(f"{circle.place}/duties", "willing", duty="facilitator", willing="yes")
    aino.press(f"{circle.place}/duties", "duty_rule", duty="facilitator", who="turns")
    circle.hold(circle.first, aino)

    # Who comes later waits at the door, until a facilitator lets them in on the group's page.
    ivy = circle.newcomer("Ivy")
    door = followed(ivy.client.post(circle.link, data={"name": "Ivy"}))
    assert "/waiting/" in door
    assert followed(ivy.client.get(circle.link)) == door
    person = said(aino.page(circle.place), r"person=(\d+)[^>]*>Let in")
    aino.press(circle.place, "let_in", person=person)
    assert followed(ivy.client.get(circle.link)) == circle.place
    circle.known(ivy)

    # Each meeting another leads, and another is away, whom the link refuses nothing.
    order = (ben, cai, dan, aino, ben)
    for number, (leader, away) in enumerate(zip(order, circle.people[4:], strict=True), 1):
        planned = circle.titles(aino)[number][0]
        away.press(circle.place, "cannot_come", planned=planned)
        away.press(circle.place, "away", planned=planned, told="yes")
        assert "You lead" in leader.page(circle.place)
        assert f"{away.name} can't come." in leader.page(circle.place)
        circle.hold(circle.first + timedelta(weeks=3 * number), leader, away)
    circle.until(circle.first + timedelta(weeks=16))
    for one in circle.people:
        assert "Six meetings behind you" in one.page(circle.place)
    assert [circle.records(one) for one in circle.people] == [6, 6, 6, 6, 6, 6, 6, 6, 5]
