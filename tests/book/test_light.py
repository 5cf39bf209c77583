"""What is left of style sheets, fonts and scripts, and what must never be lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from pygments.styles import get_style_by_name
from pygments.token import Name, Punctuation, Text, Whitespace

from book.conftest import Book
from bookmaker import fonts, styles
from bookmaker.light import RUNTIME, lighten
from bookmaker.scripts import clean, outgrown
from bookmaker.seen import Seen, of_page, of_script

HTML = """<!DOCTYPE html><html><head>
<link rel="stylesheet" href="_static/sub/a.css?v=1">
<link rel="preload" as="script" href="_static/one.js">
<script src="_static/documentation_options.js"></script>
<script>OPTIONS.page = 1;</script>
<script src="_static/one.js"></script>
<script src="_static/design-tabs.js"></script>
</head><body class="page"><p id="here" data-kind="x">Hi</p>
<script src="_static/two.js"></script>
</body></html>
"""


@pytest.fixture
def page() -> Seen:
    return RUNTIME | of_page(
        '<html><body class="a"><p class="b c" id="d">e <b data-f="g">h</b></p></body></html>'
    )


def left(css: str, seen: Seen, folder: Path) -> str:
    """What is left of a style sheet for a page."""
    (folder / "x.css").write_text(css)
    return styles.pruned([folder / "x.css"], seen, folder, folder).css()


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (".a{x:y}", ".a{x:y}"),
        (".z{x:y}", ""),
        (".a .z{x:y}", ""),
        ("#d > b, #z{x:y}", "#d>b{x:y}"),
        ("i{x:y}", ""),
        ("P:hover::before{x:y}", "P:hover::before{x:y}"),
        (".a:not(.z){x:y}", ".a:not(.z){x:y}"),
        (":is(.z,.b){x:y}", ":is(.z,.b){x:y}"),
        (":is(.z, i){x:y}", ""),
        ("p:has(> .z){x:y}", ""),
        ("[data-f=q]{x:y}", "[data-f=q]{x:y}"),
        ("[data-z]{x:y}", ""),
        (".show{x:y}", ".show{x:y}"),
        ('html[data-theme="dark"] .a{x:y}', 'html[data-theme="dark"] .a{x:y}'),
        ("@media print{.z{x:y}.b{x:y}}", "@media print{.b{x:y}}"),
        ("@media print{.z{x:y}}", ""),
        ("@supports (x:y){b{x:y}}", "@supports (x:y){b{x:y}}"),
        (".a{width:calc(1px + 2px) !important}", ".a{width:calc(1px + 2px)!important}"),
        (".a{--used:1;--idle:2;x:var(--used)}", ".a{--used:1;x:var(--used)}"),
        (".a{--idle:var(--too);--too:1;x:y}", ".a{x:y}"),
        ("@keyframes k{to{x:y}}.a{animation:k 1s}", "@keyframes k{to{x:y}}.a{animation:k 1s}"),
        ("@keyframes k{to{x:y}}.a{x:y}", ".a{x:y}"),
        ("@font-face{font-family:'F';src:url(f)}.a{x:y}", ".a{x:y}"),
        ("/*! (c) them */ /* mine */ .a{x:y}", "/*! (c) them */\n.a{x:y}"),
        (".a{& .q{x:y}}", ".a{& .q{x:y}}"),
        (r".a{content:'\f101'}", "@charset \"UTF-8\";.a{content:'\uf101'}"),
    ],
)
def test_rules_that_cannot_match_are_left_out(
    rule: str, kept: str, page: Seen, tmp_path: Path
) -> None:
    assert left(rule, page, tmp_path).replace('"', "'") == kept.replace('"', "'")


def test_a_rule_within_a_rule_does_not_swallow_what_stands_before(
    page: Seen, tmp_path: Path
) -> None:
    css = "@page { margin: 2mm; @bottom-center { color: red } }"
    assert left(css, page, tmp_path) == "@page{margin:2mm;@bottom-center {color:red}}"
    assert left(".a { x: y; & .b { u: v } }", page, tmp_path) == ".a{x:y;& .b{u:v}}"


def test_imports_are_joined_and_addresses_follow(page: Seen, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.css").write_text("p{background:url(b.png)}")
    (tmp_path / "sub" / "a.css").write_text(
        '@import "../b.css";.a{background:url("a.png")}.b{background:url(data:x)}'
    )
    sheet = styles.pruned([tmp_path / "sub" / "a.css"], page, tmp_path, tmp_path)
    assert re.findall(r'url\("?([^")]+)', sheet.css()) == ["b.png", "sub/a.png", "data:x"]


def test_what_scripts_add_is_kept(tmp_path: Path) -> None:
    script = of_script("x.className = 'new-class other'; x.dataset.someThing = 1;")
    css = ".new-class{x:y}.other{x:y}[data-some-thing]{x:y}.no{x:y}"
    assert left(css, script, tmp_path) == css.replace(".no{x:y}", "")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    static = tmp_path / "_static"
    (static / "sub").mkdir(parents=True)
    (static / "sub" / "a.css").write_text("p{x:y}.two{x:y}.gone{x:y}")
    (static / "one.js").write_text('"use strict";\none = 1;\n//# sourceMappingURL=one.js.map')
    (static / "two.js").write_text("document.body.classList.add('two'); load('lazy.json');")
    (static / "documentation_options.js").write_text("const OPTIONS = {};")
    for name in ("design-tabs.js", "one.js.map", "lazy.json", "idle.png", "them.LICENSE.txt"):
        (static / name).write_text("")
    (tmp_path / "index.html").write_text(HTML)
    (tmp_path / "other.html").write_text(HTML.replace("Hi", "Ho"))
    (tmp_path / "bare.html").write_text("<html><body><p>Bare</p></body></html>")
    return tmp_path


def test_pages_load_one_sheet_and_one_script_which_wait(site: Path) -> None:
    assert lighten(site, site) == []
    names = sorted(path.name for path in (site / "_static").rglob("*") if path.is_file())
    script, sheet = sorted(names[1:3], key=lambda name: name.endswith(".css"))
    assert names[0::3] == ["lazy.json", "them.LICENSE.txt"] and len(names) == 4
    assert (site / "_static" / sheet).read_text() == "p{x:y}.two{x:y}"
    code = (site / "_static" / script).read_text()
    assert code.index("one = 1") < code.index("classList") and "Mapping" not in code
    # At its top, this would hold for every script after it.
    assert code.startswith(";")
    page = (site / "index.html").read_text()
    assert page.count("<script") == 3
    assert f'<script defer src="_static/{script}"></script>' in page
    assert page.index("const OPTIONS") < page.index("OPTIONS.page") < page.index("defer")
    assert re.findall("<link.*>", page) == [f'<link rel="stylesheet" href="_static/{sheet}">']
    assert (site / "bare.html").read_text() == "<html><body><p>Bare</p></body></html>"


def test_the_same_site_gives_the_same_files(site: Path) -> None:
    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}

    before = state()
    lighten(site, site)
    first = state()
    for path in first:
        path.unlink()
    for path, data in before.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    lighten(site, site)
    assert state() == first


def test_a_font_keeps_the_letters_shown(tmp_path: Path) -> None:
    builder = FontBuilder(1000)
    names = {letter: letter for letter in "abcxyz"}
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap({ord(letter): letter for letter in names})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 500))
    pen.lineTo((500, 0))
    pen.closePath()
    builder.setupGlyf(dict.fromkeys([".notdef", *names], pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (500, 0)))
    builder.setupHorizontalHeader()
    builder.setupPost()
    builder.font.flavor = "woff2"
    builder.save(tmp_path / "f.woff2")
    seen = of_page("<p>a &#98;</p>")
    css = "@font-face{font-family:F;src:url(f.woff2) format('woff2'),url(f.ttf)}"
    css += "p{font-family:F}p:after{content:'\\78'}"
    (tmp_path / "x.css").write_text(css)
    sheet = styles.pruned([tmp_path / "x.css"], seen, tmp_path, tmp_path)
    letters = frozenset(seen.letters | fonts.written(sheet))
    fonts.shrink(sheet, letters, seen, tmp_path)
    [name] = re.findall(r"url\((f\.\w+\.woff2)\)", sheet.css())
    assert "".join(map(chr, TTFont(tmp_path / name).getBestCmap())) == "abx"
    assert fonts.subset(tmp_path / "f.woff2", frozenset("q")) is None


def test_the_site_ships_no_script_of_icons_and_no_maps(finished: Book) -> None:
    names = {path.name for path in (finished.site / "_static").rglob("*")}
    assert not any(name == "fontawesome.js" or "thebe" in name for name in names)
    assert not any(name.endswith((".map", ".mo", ".ttf")) for name in names)
    page = (finished.site / "book" / "one.html").read_text()
    assert page.count('rel="stylesheet"') == 1 and 'rel="icon"' in page
    assert "THEBE_JS_URL" not in page and "x-thebe-config" not in page
    [bundle] = re.findall(r'_static/(site\.\w+\.css)"', page)
    sheet = (finished.site / "_static" / bundle).read_text()
    assert 'html[data-theme="dark"]' in sheet and "@media print" in sheet
    assert ".fa-rocket:before" in sheet and ".fa-cat:before" not in sheet


@pytest.mark.parametrize("style", ["a11y-high-contrast-light", "a11y-high-contrast-dark"])
def test_marks_left_out_of_code_had_the_color_of_all_code(finished: Book, style: str) -> None:
    looks = get_style_by_name(style)
    marked = [looks.style_for_token(token) for token in (Name, Name.Namespace, Punctuation)]
    marked.append(looks.style_for_token(Whitespace))
    base = looks.style_for_token(Text)
    assert all(look == base for look in marked)
    assert f"color:#{base['color']}".lower() in finished.loaded("one", "css").lower()
    page = (finished.site / "book" / "one.html").read_text()
    assert '<div class="highlight"><pre' in page
    assert not re.search(r'<span class="(n|nn|p|w)">', page)


def test_what_is_changed_in_scripts_is_still_in_them(tmp_path: Path) -> None:
    theme = tmp_path / "bootstrap.js"
    theme.write_text(
        'var e=document.getElementsByClassName("bd-header")[0].getBoundingClientRect()'
    )
    assert clean(theme) == "var e={bottom:0}"
    assert not outgrown(theme)
    theme.write_text("var e=0")
    assert outgrown(theme)
