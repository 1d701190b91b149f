"""Joining by link, names, and the facilitator's hat."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts import services as accounts
from ementor.accounts.models import SignIn, User
from ementor.accounts.services import name_key
from ementor.database import db
from ementor.errors import Conflict, Invalid, NotAllowed, NotFound
from ementor.groups import policy, services
from ementor.groups.models import Group, Membership, Waiting
from tests.support.people import House


@pytest.fixture
def ada(app: Flask) -> User:
    return accounts.make_guest("Ada", locale="en")


@pytest.fixture
def group(app: Flask, ada: User) -> Group:
    return services.make_group("Tuesday circle", actor=ada, locale="en")


def test_the_starter_facilitates(group: Group, ada: User) -> None:
    assert policy.may_run(policy.require_member(ada, group.id))


def test_joining_twice_changes_nothing(group: Group) -> None:
    first = services.join(group.join_token, actor=None, name="Ben")
    again = services.join(group.join_token, actor=first.user, name="Benjamin")
    assert (again.id, again.user.name) == (first.id, "Ben")
    assert len(policy.members(group.id)) == 2


@pytest.mark.parametrize(
    "name", ["Ada", "ADA", " ada ", "A\u0301da", "A\u200bda", "\uff21da", "\u0410d\u0430", "\u0391d\u03b1"]
)
def test_a_name_that_looks_taken_is_refused_with_a_free_one(group: Group, name: str) -> None:
    with pytest.raises(services.NameTaken) as refused:
        services.join(group.join_token, actor=None, name=name)
    member = services.join(group.join_token, actor=None, name=refused.value.suggestion)
    assert member.user.name.endswith("2")


@pytest.mark.parametrize("name", ["", "   ", "\u202e", "\u200b\u200d", "x" * 41])
def test_a_name_nobody_can_read_is_refused(group: Group, name: str) -> None:
    with pytest.raises(Invalid):
        services.join(group.join_token, actor=None, name=name)
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize(
    "name", ["Åsa-Märta Ögren", "שרה", "👩‍💻 Noor", "<script>alert(1)</script>", "O'Hara"]
)
def test_names_of_all_kinds_are_kept_as_they_are(group: Group, name: str) -> None:
    assert services.join(group.join_token, actor=None, name=name).user.name == name


def test_direction_marks_in_a_name_are_dropped(group: Group) -> None:
    assert services.join(group.join_token, actor=None, name="Ben\u202e nif").user.name == "Ben nif"


def test_a_full_group_takes_nobody(group: Group) -> None:
    for number in range(2, services.MAX_MEMBERS + 1):
        services.join(group.join_token, actor=None, name=f"Person {number}")
    with pytest.raises(Conflict):
        services.join(group.join_token, actor=None, name="One more")


def test_a_closed_group_knows_its_own_people_only(group: Group, ada: User) -> None:
    ben = services.join(group.join_token, actor=None, name="Ben").user
    services.close_to_new(group.id, closed=True)
    assert isinstance(services.join(group.join_token, actor=ben), Membership)
    assert isinstance(services.join(group.join_token, actor=None, name="Gus"), Waiting)


def test_a_rotated_link_opens_nothing(group: Group, ada: User) -> None:
    old = group.join_token
    services.rotate_link(group.id, actor=ada)
    with pytest.raises(NotFound):
        services.join(old, actor=None, name="Ben")
    assert services.join(services.group_by_token(group.join_token).join_token, actor=None, name="Ben")


def test_only_a_facilitator_passes_the_hat_on(group: Group, ada: User) -> None:
    ben = services.join(group.join_token, actor=None, name="Ben").user
    eve = accounts.make_guest("Eve", locale=None)
    assert policy.membership_of(eve, group.id) is None
    for actor, refusal in ((ben, NotAllowed), (eve, NotFound)):
        with pytest.raises(refusal):
            services.give_hat(group.id, ben.id, actor=actor)
    assert services.give_hat(group.id, ben.id, actor=ada)
    assert not services.give_hat(group.id, ben.id, actor=ada)
    assert policy.may_run(policy.require_member(ben, group.id))


def test_the_last_facilitator_keeps_the_hat(group: Group, ada: User) -> None:
    with pytest.raises(Conflict):
        services.drop_hat(group.id, actor=ada)
    ben = services.join(group.join_token, actor=None, name="Ben").user
    services.give_hat(group.id, ben.id, actor=ada)
    services.drop_hat(group.id, actor=ada)
    assert not policy.may_run(policy.require_member(ada, group.id))


def test_the_database_does_not_hold_what_lets_somebody_in(app: Flask, ada: User) -> None:
    token = accounts.sign_in(ada).token
    assert token is not None
    assert accounts.person_of(token) == ada
    kept = db.session.scalars(select(SignIn.token_hash)).all()
    assert token not in kept
    assert accounts.person_of(kept[0]) is None
    accounts.sign_out(token)
    assert accounts.person_of(token) is None


def test_a_person_known_here_keeps_their_groups_under_a_new_name(group: Group, ada: User) -> None:
    other = services.make_group("Wednesday", actor=accounts.make_guest("Zoe", locale=None), locale="fi")
    member = services.join(other.join_token, actor=ada, name="Ada L.")
    assert (member.user_id, ada.name) == (ada.id, "Ada L.")
    assert name_key("Ada L.") in {one.name_key for one in policy.members(group.id)}


def test_a_new_name_must_be_free_in_all_groups_of_a_person(group: Group, ada: User) -> None:
    services.join(group.join_token, actor=None, name="Ben")
    other = services.make_group("Wednesday", actor=accounts.make_guest("Zoe", locale=None), locale="fi")
    with pytest.raises(services.NameTaken):
        services.join(other.join_token, actor=ada, name="Ben")
    assert ada.name == "Ada"


def test_a_preview_of_the_link_does_not_tell_the_groups_name(house: House, app: Flask) -> None:
    ada = house.person("Ada")
    name = "Ada&#39;s group"
    assert name in app.test_client().get(house.join_path).text
    assert name not in app.test_client().get(house.join_path).text.split("</title>")[0]
    robot = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
    assert name not in app.test_client().get(house.join_path, headers=robot).text
    assert ada.client.get(house.join_path, headers=robot).status_code == 303
