"""Parts of a Word file: page, watermark, tables whose heads repeat, pictures with their words."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any
from xml.sax.saxutils import quoteattr

from sousveil.assessment.text import clean
from sousveil.report.layout import Figure, Grid

INK, QUIET = "1D2733", "55606B"
FONT = "Calibri"
_LETTERS = '"Liberation Sans, Arial, Helvetica, sans-serif"'
_MARGIN_CM, _WIDTH_CM = 2.0, 17.0
_LEAST, _MOST = 19, 28
"""Letters that a column of a table counts at least and at most."""
_DESCRIPTION = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)
_WATERMARK = """
<w:p {spaces}><w:r><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/>
<v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/>
<v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/>
<v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject1" o:spid="_x0000_s2049" type="#_x0000_t136"
 style="position:absolute;margin-left:0;margin-top:0;width:460pt;height:60pt;rotation:315;
z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin"
 fillcolor="#e6d3c8" stroked="f"><v:fill opacity=".5"/>
<v:textpath style="font-family:&quot;{font}&quot;;font-size:1pt" string={words}/></v:shape>
</w:pict></w:r></w:p>
"""
_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def open_document() -> Any:
    """An empty A4 document in the look of the report. Raises ModuleNotFoundError."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    made: Any = docx.Document()
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(page, side, Cm(_MARGIN_CM))
    sizes = {"Normal": 10, "Title": 22, "Subtitle": 12, "Caption": 8.5, "Quote": 10}
    sizes |= {"Heading 1": 17, "Heading 2": 13.5, "Heading 3": 11, "Intense Quote": 9}
    for name, size in sizes.items():
        style = made.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.italic = False
        style.font.color.rgb = RGBColor.from_string(QUIET if name == "Caption" else INK)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(script), None)
    made.styles["Caption"].font.bold = False
    _british(made)
    return made


def _british(made: Any) -> None:
    """Set the language, so that no spelling checker marks the whole text."""
    from docx.oxml.ns import qn

    for language in made.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def header_of(made: Any, mark: str, never: str) -> None:
    """The watermark with its words in the head of each page; what is never so at its foot."""
    from docx.oxml import parse_xml

    section = made.sections[0]
    head = section.header
    head.paragraphs[0].text = mark
    if mark:
        words = quoteattr(mark)
        xml = _WATERMARK.format(spaces=_SPACES, font=FONT, words=words)
        head._element.append(parse_xml(xml))
    section.footer.paragraphs[0].text = never
    _page_number(section.footer.add_paragraph())


def _page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def shaded(made: Any, text: str, colour: str) -> None:
    """A box to be written into."""
    grid = made.add_table(1, 1, style="Table Grid")
    cell = grid.cell(0, 0)
    cell.paragraphs[0].add_run(clean(text)).bold = True
    cell.add_paragraph()
    _shade(cell, colour)
    _keep(grid.rows[0], head=False)
    made.add_paragraph()


def table(made: Any, grid: Grid) -> None:
    """A table with a head that repeats on each page; numbers stand to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    if grid.caption:
        made.add_heading(clean(grid.caption), 3)
    drawn = made.add_table(1 + len(grid.rows), len(grid.columns), style="Table Grid")
    drawn.autofit = False
    _narrow(drawn)
    widths = _widths(grid)
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    for row, cells in zip(drawn.rows, (grid.columns, *grid.rows), strict=True):
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(clean(text))
            # A head is smaller, so that its longest word stays whole in a wider letter too.
            run.font.size = Pt(7 if cells is grid.columns else 7.5)
            run.bold = cells is grid.columns
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.keep_with_next = cells is grid.columns
            cell.width = widths[place]
            if place in grid.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if cells is grid.columns:
                _shade(cell, "F4F2ED")
        _keep(row, head=cells is grid.columns)
    made.add_paragraph()


def _widths(grid: Grid) -> list[Any]:
    """Widths of columns by the words in them; a long text counts only up to a line."""
    from docx.shared import Cm

    columns = list(zip(grid.columns, *grid.rows, strict=True))
    shares = [max(_LEAST, min(_MOST, max(map(len, column)))) for column in columns]
    return [Cm(_WIDTH_CM * share / sum(shares)) for share in shares]


def _narrow(drawn: Any) -> None:
    """Little air at the sides of a cell, so that a head stays whole."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), "60")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    drawn._tbl.tblPr.append(margins)


def _keep(row: Any, *, head: bool) -> None:
    """Keep a row on one page, and a head on every page."""
    from docx.oxml import OxmlElement

    about = row._tr.get_or_add_trPr()
    about.append(OxmlElement("w:cantSplit"))
    if head:
        about.append(OxmlElement("w:tblHeader"))


def _shade(cell: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shade)


def picture(made: Any, figure: Figure) -> None:
    """The drawings of a figure, each with the words that stand for it."""
    import vl_convert
    from docx.shared import Cm

    for drawing in figure.drawings:
        # On a page its letters come from the style sheet; a picture has none.
        svg = drawing.wide.replace("<svg ", f"<svg font-family={_LETTERS} ", 1)
        image = vl_convert.svg_to_png(svg, scale=2)
        shape = made.add_picture(io.BytesIO(image), width=Cm(_WIDTH_CM))
        words = _DESCRIPTION.search(drawing.wide)
        about = shape._inline.docPr
        about.set("descr", clean(unescape(words[1]) if words else figure.title))
        about.set("title", clean(figure.title))
