"""Of texts and forms that two write at once, nothing is replaced that its writer had not seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ementor.texts import MAX_PARAGRAPHS, merged_fields, merged_text, version_of


def grown_from(*texts: str) -> list[str]:
    return [version_of(text) for text in texts]


def test_a_version_is_what_the_browser_computes_too():
    assert version_of("") == "0-00000000"
    assert version_of("123456789") == "9-cbf43926"
    assert version_of("Mitä nyt?") == "10-" + version_of("Mitä nyt?")[3:]


def test_a_text_replaces_the_one_that_it_grew_from():
    assert merged_text("How?", "How much?", grown_from("How?")) == "How much?"
    assert merged_text("How?", "", grown_from("How?")) == ""


def test_of_two_who_wrote_at_once_both_texts_are_kept_whole():
    assert merged_text("Ada's", "Ben's", grown_from("")) == "Ada's\n\nBen's"
    assert merged_text("How much?", "How often?", grown_from("How?")) == "How much?\n\nHow often?"
    assert merged_text("Ada's", "Ben's", []) == "Ada's\n\nBen's"


def test_the_same_text_twice_is_once():
    assert merged_text("Same", "Same", grown_from("")) == "Same"
    assert merged_text("Ada's\n\nBen's", "Ben's", grown_from("")) == "Ada's\n\nBen's"
    assert merged_text("bananas", "a", grown_from("")) == "bananas\n\na"  # not as a piece of a word


def test_who_types_on_after_a_lost_answer_goes_on_with_their_own_paragraph():
    assert merged_text("Ben's", "Ben's own", grown_from("", "Ben's")) == "Ben's own"
    assert merged_text("Ada's\n\nBen's", "Ben's own", grown_from("", "Ben's")) == "Ada's\n\nBen's own"
    now = "Ada's\n\nBen's\n\nGus's"
    assert merged_text(now, "Ben's own", grown_from("", "Ben's")) == "Ada's\n\nBen's own\n\nGus's"


def test_paragraphs_that_others_added_around_it_stay():
    now = "Before\n\nHow?\n\nWhy?\n\nAfter"
    assert merged_text(now, "How much?", grown_from("How?\n\nWhy?")) == "Before\n\nHow much?\n\nAfter"
    assert merged_text(now, "", grown_from("How?\n\nWhy?")) == "Before\n\nAfter"


def test_who_cleared_a_text_that_was_rewritten_meanwhile_takes_nothing_away():
    assert merged_text("How much?", "", grown_from("How?")) == "How much?"
    assert merged_text("", "How much?", grown_from("How?")) == "How much?"


def test_an_old_version_is_not_looked_for_in_a_text_of_very_many_paragraphs():
    now = "\n\n".join(str(number) for number in range(MAX_PARAGRAPHS + 1))
    assert merged_text(now, "mine", grown_from("7")) == f"{now}\n\nmine"


WRITERS = ("Ada", "Ben", "Gus")
STEPS = st.lists(
    st.tuples(st.sampled_from(WRITERS), st.sampled_from(["type", "paragraph", "deaf", "look"])), max_size=16
)


@given(STEPS)
def test_every_word_that_anybody_wrote_is_there_whatever_arrives_late_or_is_never_answered(steps):
    now, words = "", []
    field = dict.fromkeys(WRITERS, "")
    seen = {writer: [version_of("")] for writer in WRITERS}
    for number, (writer, what) in enumerate(steps):
        if what != "look":
            word = f"{writer}{number}."
            words.append(word)
            gap = "\n\n" if what == "paragraph" else " "
            field[writer] = f"{field[writer]}{gap}{word}".strip()
            now = merged_text(now, field[writer], seen[writer])
            seen[writer].append(version_of(field[writer]))
        if what != "deaf":  # the answer, or a look at the page, shows what stands there
            if what == "look" and len(seen[writer]) > 1:
                continue  # a field with unsaved words is left alone
            field[writer], seen[writer] = now, [version_of(now)]
    assert [word for word in words if word not in now] == []


def test_only_the_fields_that_somebody_changed_are_applied():
    seen = {"name": "Peers", "greeting": "Hi", "entry": "first"}
    now = seen | {"greeting": "Welcome"}
    assert merged_fields(seen, now, seen) == (now, {})
    assert merged_fields(seen, now, seen | {"name": "Friends"}) == (now | {"name": "Friends"}, {})


def test_a_field_that_two_changed_otherwise_clashes_and_alike_does_not():
    seen, now = {"name": "Peers"}, {"name": "Friends"}
    assert merged_fields(seen, now, {"name": "Mates"}) == ({"name": "Mates"}, {"name": "Friends"})
    assert merged_fields(seen, now, {"name": "Friends"}) == (now, {})
