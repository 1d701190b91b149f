"""What stands in an attribute has no markup in it: a quote of that would end the attribute."""

from __future__ import annotations

import re

import pytest

from ementor.meetings.cards.words import N_, Own
from ementor.meetings.printing import ENVIRONMENT, TEMPLATES

IN_ATTRIBUTE = re.compile(
    r"""[\w-]=(["'])(?:(?!\1)[^<>{]|\{\{(?:(?!\}\}).)*\}\}|\{%(?:(?!%\}).)*%\})*?"""
    r"""\{\{\s*(?:words|m\.own|m\.clock)\("""
)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_puts_marked_words_into_an_attribute(path: object) -> None:
    assert not IN_ATTRIBUTE.search(path.read_text())  # type: ignore[attr-defined]


def test_the_pattern_finds_them() -> None:
    assert IN_ATTRIBUTE.search('<button aria-label="{{ words(one.says) }}">')
    assert IN_ATTRIBUTE.search("<button class='a {{ one.b }}' title='Undo: {{ words(one.says) }}'>")
    assert not IN_ATTRIBUTE.search('<p class="a">{{ words(one.says) }}</p>')


def test_words_in_an_attribute_are_text_and_keep_every_letter() -> None:
    template = ENVIRONMENT.from_string('<b title="{{ plain_words(value) }}">')
    said = template.render(locale="en", time_zone="UTC", value=N_("Undo: %(what)s", what=Own('"a" <b> & c')))
    assert said == '<b title="Undo: &#34;a&#34; &lt;b&gt; &amp; c">'
