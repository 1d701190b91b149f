"""Blocks as a Word file. python-docx is imported with the first one: it and lxml take their memory."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ementor.archive.files.pieces import Entry, clean, tree
from ementor.archive.files.zips import repacked
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Run, Runs, Table
from ementor.languages import LANGUAGES

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as Line

LONGEST_TITLE = 255
DEEPEST = 9
"""Word knows so many levels of headings and of lists."""
_SHADES = {"insight": ("Insight", "FFF2CC"), "next_step": ("Next step", "DDEFE3")}
_INK, _LINK = "1F4D3A", "0B5394"
_BULLETS = "•◦▪"
_CHECKBOX = "http://schemas.microsoft.com/office/word/2010/wordml"
_LEFT_OUT = ("/thumbnail", "/extended-properties", "/stylesWithEffects", "/customXml")
"""What the library's template says of itself, and the styles once more, in another language."""
_RIGHT_TO_LEFT = {"R", "AL"}


def write(blocks: Iterable[Block], *, title: str, author: str, locale: str, at: datetime) -> bytes:
    """Return the blocks as a file, dated ``at``: the same bytes for the same blocks."""
    return repacked(_Writer(title=title, author=author, locale=locale, at=at).write(blocks), at)


class _Writer:
    """One Word file in the making."""

    def __init__(self, *, title: str, author: str, locale: str, at: datetime) -> None:
        import docx

        self.document: Document = docx.Document()
        self._bookmarks = 0
        _describe(self.document, title, author, LANGUAGES[locale].tag, at)
        _style(self.document, LANGUAGES[locale].tag)
        self._numbering = _Numbering(self.document)
        self._end = self.document.element.body.get_or_add_sectPr()
        self._ids = {style.name: style.style_id for style in self.document.styles}
        """Style's name → id: the library would look through all styles for each paragraph."""

    def write(self, blocks: Iterable[Block]) -> bytes:
        for is_item, some in groupby(blocks, lambda block: isinstance(block, Item)):
            if is_item:
                self._list(tree(block for block in some if isinstance(block, Item)), 0)
            else:
                for block in some:
                    self._block(block)
        file = BytesIO()
        self.document.save(file)
        return file.getvalue()

    def _block(self, block: Block) -> None:
        match block:
            case Heading(level, runs, anchor):
                line = self._line(f"Heading {min(level, DEEPEST)}", runs)
                if anchor:
                    self._bookmark(line, anchor)
            case Paragraph(runs):
                self._line("Normal", runs)
            case Quote(runs, who):
                self._line("Quote", (Run(f"{who}:", bold=True), Run("\n"), *runs) if who else runs)
            case Table(head, rows):
                self._table(head, rows)

    def _list(self, entries: Iterable[Entry], depth: int) -> None:
        for kind, some in groupby(entries, lambda entry: entry.item.kind):
            number = self._numbering.of(kind)
            for entry in some:
                style = "List Number" if kind is Kind.NUMBER else "List Bullet"
                line = self._line(style, (), direction=_text(entry.item.runs))
                properties = line._p.get_or_add_pPr().get_or_add_numPr()
                properties.get_or_add_ilvl().val = min(depth, DEEPEST - 1)
                properties.get_or_add_numId().val = number
                if kind is Kind.TASK:
                    line._p.append(_checkbox(entry.item.checked))
                    line.add_run(" ")
                self._runs(line, entry.item.runs)
                self._list(entry.below, depth + 1)

    def _table(self, head: tuple[Runs, ...], rows: tuple[tuple[Runs, ...], ...]) -> None:
        table = self.document.add_table(rows=1 + len(rows), cols=len(head), style="Table Grid")
        table.autofit = True
        table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))
        for row, cells in zip(table.rows, (head, *rows), strict=True):
            for cell, runs in zip(row.cells, cells, strict=True):
                line = cell.paragraphs[0]
                self._runs(line, runs)
                if cells is head:
                    for run in line.runs:
                        run.bold = True
        self.document.add_paragraph()

    def _line(self, style: str, runs: Runs, direction: str = "") -> Line:
        line = self._empty_line()
        line._p.style = self._ids[style]
        self._runs(line, runs)
        if _leads_right_to_left(direction or _text(runs)):
            line._p.get_or_add_pPr().insert_element_before(_element("w:bidi"), *_AFTER_BIDI)
        return line

    def _empty_line(self) -> Line:
        """Return a new paragraph at the end: the library would look through all others for that place."""
        from docx.text.paragraph import Paragraph as Line

        self._end.addprevious(made := _element("w:p"))
        return Line(made, self.document._body)

    def _runs(self, line: Line, runs: Runs) -> None:
        for run in runs:
            into = line._p
            if run.link:
                into = self._link(line, run.link)
                line._p.append(into)
            for text, right_to_left in _directions(clean(run.text)):
                into.append(self._run(line, run, text, right_to_left=right_to_left))

    def _run(self, line: Line, run: Run, text: str, *, right_to_left: bool) -> Any:
        """Return the XML of a run, at the end of the line."""
        made = line.add_run(text)
        made.bold, made.italic = run.bold or None, run.italic or None
        if run.link:
            made._r.style = self._ids["Hyperlink"]
        elif run.mark in _SHADES:
            made._r.style = self._ids[_SHADES[run.mark][0]]
        made.font.rtl = right_to_left or None
        return made._r

    def _link(self, line: Line, href: str) -> Any:
        if href.startswith("#"):
            return _element("w:hyperlink", anchor=_place(href[1:]))
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn

        link = _element("w:hyperlink")
        link.set(qn("r:id"), line.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        return link

    def _bookmark(self, line: Line, anchor: str) -> None:
        self._bookmarks += 1
        start = _element("w:bookmarkStart", id=str(self._bookmarks), name=_place(anchor))
        line._p.insert_element_before(start, "w:r", "w:hyperlink")
        line._p.append(_element("w:bookmarkEnd", id=str(self._bookmarks)))


class _Numbering:
    """Lists of the file: all bullets are one, each numbered list begins anew."""

    def __init__(self, document: Document) -> None:
        self._root = document.part.numbering_part.element
        for old in list(self._root):
            self._root.remove(old)
        for number, kind in enumerate(Kind):
            self._root.append(_abstract(number, kind))
        self._kinds = list(Kind)
        self._made = {kind: self._new(kind) for kind in (Kind.BULLET, Kind.TASK)}

    def of(self, kind: Kind) -> int:
        """Return the number by which a new list of that kind goes."""
        return self._made.get(kind) or self._new(kind)

    def _new(self, kind: Kind) -> int:
        num = self._root.add_num(self._kinds.index(kind))
        if kind is Kind.NUMBER:
            for level in range(DEEPEST):
                num.add_lvlOverride(ilvl=level).add_startOverride(1)
        return int(num.numId)


def _abstract(number: int, kind: Kind) -> Any:
    """Return a list of so many levels as Word has."""
    root = _element("w:abstractNum", abstractNumId=str(number))
    root.append(_element("w:multiLevelType", val="multilevel"))
    for level in range(DEEPEST):
        made = _element("w:lvl", ilvl=str(level))
        sign = f"%{level + 1}." if kind is Kind.NUMBER else _BULLETS[level % len(_BULLETS)]
        made.append(_element("w:start", val="1"))
        made.append(_element("w:numFmt", val="decimal" if kind is Kind.NUMBER else "bullet"))
        made.append(_element("w:suff", val="nothing") if kind is Kind.TASK else _element("w:suff", val="tab"))
        made.append(_element("w:lvlText", val="" if kind is Kind.TASK else sign))
        made.append(_element("w:lvlJc", val="left"))
        properties = _element("w:pPr")
        properties.append(_element("w:ind", left=str(425 * (level + 1)), hanging="425"))
        made.append(properties)
        root.append(made)
    return root


def _describe(document: Document, title: str, author: str, language: str, at: datetime) -> None:
    said = document.core_properties
    said.title = " ".join(clean(title).split())[:LONGEST_TITLE]
    said.author = said.last_modified_by = " ".join(clean(author).split())[:LONGEST_TITLE]
    said.comments, said.language, said.revision = "", language, 1
    said.created = said.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    for relations in (document.part.package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(_LEFT_OUT):
                del relations[key]


def _style(document: Document, language: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    styles = document.styles
    for spoken in styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:val"), language)
        spoken.set(qn("w:eastAsia"), language)
    for spoken in document.settings.element.iter(qn("w:themeFontLang")):
        spoken.set(qn("w:val"), language)
    for numbered in list(styles.element.iter(qn("w:numPr"))):  # by the template's lists, which are gone
        numbered.getparent().remove(numbered)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for level in range(1, DEEPEST + 1):
        styles[f"Heading {level}"].font.color.rgb = RGBColor.from_string(_INK)
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor.from_string(_LINK), True
    for name, shade in _SHADES.values():
        marked = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        marked.element.get_or_add_rPr().append(_element("w:shd", val="clear", color="auto", fill=shade))


_AFTER_BIDI = (
    *("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents"),
    *("w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap"),
    *("w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)
"""What the schema puts after that in a paragraph's properties."""


def _element(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _checkbox(checked: bool) -> Any:
    """Return a box that Word can tick."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    sign = "☒" if checked else "☐"
    return parse_xml(
        f'<w:sdt {nsdecls("w")} xmlns:w14="{_CHECKBOX}"><w:sdtPr><w14:checkbox>'
        f'<w14:checked w14:val="{int(checked)}"/>'
        '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
        '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
        "</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:rPr>"
        '<w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic"/></w:rPr>'
        f"<w:t>{sign}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def _place(anchor: str) -> str:
    """Return an anchor as the name of a bookmark: letters, digits and _ only, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def _text(runs: Runs) -> str:
    return "".join(run.text for run in runs)


def _leads_right_to_left(text: str) -> bool:
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", *_RIGHT_TO_LEFT})
    return next(strong, "L") in _RIGHT_TO_LEFT


def _directions(text: str) -> Iterator[tuple[str, bool]]:
    """Yield pieces of ``text``, each with whether it runs from right to left; signs join what is before."""
    piece, was = "", False
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        now = kind in _RIGHT_TO_LEFT if kind in {"L", *_RIGHT_TO_LEFT} else was
        if now != was and piece:
            yield piece, was
            piece = ""
        piece, was = piece + letter, now
    if piece:
        yield piece, was
