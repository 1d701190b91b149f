"""Notes of the first shape are carried over whole."""

from __future__ import annotations

import pycrdt

from ementor.notes.document import Document
from ementor.notes.old_shape import carried_over
from tests.support.copies import Old


def test_every_kind_mark_and_place_is_carried_over():
    old = Old()
    old.add("heading", "Maja", level=3)
    old.add("heading", "Smaller", level=4)
    marked = old.add("paragraph", "bold, here: insight")
    marked.children[0].format(0, 4, {"strong": {}})
    marked.children[0].format(6, 10, {"link": {"href": "https://a.example"}})
    marked.children[0].format(12, 19, {"insight": {}})
    outer = old.add("bullet_list")
    item = old.add("list_item", parent=outer)
    old.add("paragraph", "one", parent=item)
    old.add("paragraph", "and more", parent=item)
    inner = old.add("list_item", parent=old.add("ordered_list", parent=item))
    old.add("paragraph", "deeper", parent=inner)
    tasks = old.add("task_list")
    old.add("paragraph", "Call 😀", parent=old.add("task_item", parent=tasks, checked=True))
    old.add("paragraph", "SECRET", parent=old.add("off_record"))
    old.add("paragraph", "mine", part="mine")
    document = Document([carried_over(old.sent)])
    assert document.to_html("item-3") == (
        "<h3>Maja</h3><h4>Smaller</h4>"
        '<p><strong>bold</strong>, <a href="https://a.example" rel="noopener noreferrer nofollow">here</a>: '
        '<mark class="insight">insight</mark></p>'
        "<ul><li><p>one<br>and more</p><ol><li><p>deeper</p></li></ol></li></ul>"
        '<ul class="tasks"><li data-checked="true"><span class="box" role="checkbox" aria-checked="true" '
        'aria-disabled="true" aria-label="Call 😀"></span><p>Call 😀</p></li></ul>'
    )
    assert "SECRET" in str(document._doc.get("item-3", type=pycrdt.Text))  # live, and off the record still
    assert document.to_html("mine") == "<p>mine</p>"
    assert document.seed(["item-3", "mine"]) is None  # who opens it does not find another first line


def test_the_same_log_is_carried_over_when_there_is_nothing_in_it():
    old = Old()
    old.add("paragraph")
    document = Document([carried_over(old.sent)])
    assert document.to_html("item-3") == ""
    assert document.seed(["item-3"]) is None
