"""Drawings of matplotlib made small, and colored by the style of the page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from bookmaker.colors import MARKS, TEXT, Paint, paint
from bookmaker.paths import moved, plain, shortened

Element = Any
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
PIXELS = 16 / 11
"""Pixels per point: text of 11 points is as large as that of the page."""
# What the style of the page, or SVG itself, says anyway.
_USUAL = {
    "fill": {"#000000", "#1f2937"},
    "font-size": {"11px"},
    "opacity": {"1"},
    "stroke-dashoffset": {"0"},
    "stroke-linecap": {"butt", "square"},
    "stroke-linejoin": {"miter", "round"},
    "stroke-miterlimit": {"100000"},
    "stroke-opacity": {"1"},
    "stroke-width": {"1"},
    "text-anchor": {"start"},
}
_CLASSES = (("axes_", "axes"), ("legend_", "legend"))


@dataclass
class Drawing:
    """One SVG of a figure, ready for a page, and the colors that are too faint."""

    markup: str
    faint: list[str] = field(default_factory=list)


def drawings(svg: str, name: str, label: str) -> list[Drawing]:
    """The drawings of one figure, wide first, with ids that begin with a name."""
    root = etree.fromstring(svg.encode())
    found = [child for child in root if child.tag == f"{SVG}svg"]
    return [_finished(one, f"{name}{place}", label) for place, one in enumerate(found)]


def _finished(root: Element, name: str, label: str) -> Drawing:
    faint: list[str] = []
    _drop_comments(root)
    _inline_single_uses(root)
    _rename_ids(root, name)
    for element in list(root.iter()):
        if element.get("style") == "fill: none":
            element.getparent().remove(element)
            continue
        if "d" in element.attrib:
            element.set("d", shortened(str(element.get("d"))))
        faint += _restyle(element)
    _tidy_uses(root)
    _hoist(root)
    _unwrap(root)
    width, height = (float(x) for x in str(root.get("viewBox")).split()[2:])
    root.attrib.clear()
    root.set("viewBox", f"0 0 {width:.1f} {height:.1f}")
    root.set("width", str(math.ceil(width * PIXELS)))
    root.set("height", str(math.ceil(height * PIXELS)))
    root.set("role", "img")
    root.set("aria-label", label)
    return Drawing(_written(root), list(dict.fromkeys(faint)))


def _drop_comments(root: Element) -> None:
    for element in list(root.iter()):
        if isinstance(element.tag, str) and element.tag.startswith(SVG):
            element.text = element.text if element.tag in (f"{SVG}text", f"{SVG}tspan") else None
            inside = element.tag == f"{SVG}tspan"
            element.tail = element.tail if inside else None
            if element.tag not in (f"{SVG}metadata", f"{SVG}style"):
                continue
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _inline_single_uses(root: Element) -> None:
    """Draw a shape where it is used, if that is in one place only."""
    uses: dict[str, list[Element]] = {}
    for use in root.iter(f"{SVG}use"):
        uses.setdefault(str(use.get(HREF)), []).append(use)
    for shape in list(root.iter(f"{SVG}path")):
        users = uses.get(f"#{shape.get('id')}", [])
        home = shape.getparent()
        if home is None or home.tag != f"{SVG}defs" or len(users) != 1:
            continue
        use = users[0]
        drawn = etree.Element(f"{SVG}path")
        offset = float(use.get("x", "0")), float(use.get("y", "0"))
        drawn.set("d", moved(str(shape.get("d")), offset))
        drawn.set("style", f"{use.get('style', '')}; {shape.get('style', '')}")
        into = use.getparent()
        assert into is not None
        into.replace(use, drawn)
        home.remove(shape)


def _rename_ids(root: Element, name: str) -> None:
    """Short ids that no other figure of the page has; none where nothing refers to it."""
    text = etree.tostring(root, encoding="unicode")
    referred = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    names: dict[str, str] = {}
    for element in root.iter():
        old = element.get("id")
        if old is None or element is root:
            continue
        del element.attrib["id"]
        if old in referred:
            names[old] = f"{name}-{len(names)}"
            element.set("id", names[old])
        for start, kind in _CLASSES:
            if old.startswith(start):
                element.set("class", kind)
    for element in root.iter():
        target = element.get(HREF)
        if target and target.startswith("#"):
            del element.attrib[HREF]
            element.set("href", "#" + names[target[1:]])
        clip = element.get("clip-path")
        if clip:
            element.set("clip-path", f"url(#{names[clip[5:-1]]})")


def _restyle(element: Element) -> Iterator[str]:
    """Turn the style of an element into attributes, and name colors that are too faint."""
    style = dict(_declarations(element.attrib.pop("style", "")))
    paints: dict[str, Paint] = {}
    for key in ("fill", "stroke"):
        if re.match("^#[0-9a-f]{6}$", style.get(key, "")):
            paints[key] = paint(style[key])
    yield from _faint(element, style, paints)
    late = []
    for key, value in style.items():
        if value in _USUAL.get(key, ()) or (key == "stroke" and value == "none"):
            continue
        css = paints[key].css if key in paints else value
        if key in paints:
            # An attribute holds a plain color; what changes with the theme is style.
            late.append(f"{key}:{css}")
        else:
            element.set(key, _rounded(css) if key in ("stroke-width", "font-size") else css)
    if late:
        element.set("style", ";".join(late))


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for part in style.split(";"):
        key, _, value = part.partition(":")
        if value:
            yield key.strip(), value.strip()


def _faint(element: Element, style: dict[str, str], paints: dict[str, Paint]) -> Iterator[str]:
    """The colors that a reader could not see, unless an outline shows the shape."""
    whole = float(style.get("opacity", "1"))
    text = element.tag == f"{SVG}text"
    least = TEXT if text else MARKS
    strengths = {
        key: found.contrast(whole * float(style.get(f"{key}-opacity", "1")))
        for key, found in paints.items()
    }
    if not strengths or max(strengths.values()) >= least:
        return
    best = max(strengths, key=lambda key: strengths[key])
    if {found.css for found in paints.values()} == {"var(--fig-paper)"}:
        return
    see_through = whole * float(style.get(f"{best}-opacity", "1"))
    color = style[best] + (f" with opacity {see_through:.2g}" if see_through < 1 else "")
    yield (
        f"the color {color} of {'text' if text else 'a mark'} has contrast "
        f"{strengths[best]:.1f} on the page, and needs {least:g}"
    )


def _tidy_uses(root: Element) -> None:
    """Leave to a shape what it says of itself; it holds wherever the shape is used."""
    shapes = {f"#{shape.get('id')}": shape for shape in root.iter(f"{SVG}path") if shape.get("id")}
    for use in root.iter(f"{SVG}use"):
        shape = shapes[use.get("href")]
        for key in set(use.attrib) & set(shape.attrib) - {"id"}:
            if use.get(key) == shape.get(key):
                del use.attrib[key]
        for key in ("x", "y"):
            use.set(key, _rounded(use.get(key, "0")))
            if use.get(key) == "0":
                del use.attrib[key]


def _hoist(root: Element) -> None:
    """Say once for a group of equal marks what all of them look like."""
    for group in root.iter(f"{SVG}g"):
        uses = list(group)
        if len(uses) < 2 or any(use.tag != f"{SVG}use" for use in uses):
            continue
        for key, value in list(uses[0].attrib.items()):
            same = all(use.get(key) == value for use in uses)
            if same and key not in ("href", "x", "y", *group.attrib):
                group.set(key, value)
                for use in uses:
                    del use.attrib[key]


def _unwrap(root: Element) -> None:
    """Drop groups and definitions that say nothing."""
    for element in list(root.iter(f"{SVG}g", f"{SVG}defs")):
        parent = element.getparent()
        if parent is None or element.attrib or (element.tag == f"{SVG}defs" and len(element)):
            continue
        for child in list(element):
            element.addprevious(child)
        parent.remove(element)


def _rounded(text: str) -> str:
    found = re.fullmatch(r"(-?[\d.]+)(px)?", text)
    return plain(round(float(found[1]), 1)) if found else text


def _written(root: Element) -> str:
    for element in root.iter():
        for key in ("x", "y"):
            if element.tag == f"{SVG}text" and key in element.attrib:
                element.set(key, _rounded(str(element.get(key))))
        element.tag = str(element.tag).removeprefix(SVG)
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
