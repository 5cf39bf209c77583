"""A backend of matplotlib for the pages: each figure drawn for wide and narrow columns.

The kernel of the book asks for it (ipython_kernel_config.py). One SVG holds both
drawings; the site shows the one that fits, so text has the size of the text around it.
"""

from __future__ import annotations

import io
import pickle
import re
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from bookmaker.narrow import WIDTH, narrow
from bookmaker.svg_text import TextRenderer, anchor, with_italics

_OPENING = re.compile(r"\A.*?(?=<svg)", re.DOTALL)


class _OneCanvas(FigureCanvasSVG):
    """Draws one figure, its text as text."""

    def print_svg(
        self,
        filename: Any,
        *,
        bbox_inches_restore: Any = None,
        metadata: Any = None,
        **_: Any,
    ) -> None:
        dpi, self.figure.dpi = self.figure.dpi, 72
        width, height = self.figure.get_size_inches()
        page = io.TextIOWrapper(filename, encoding="utf-8", write_through=True)
        written: Any = TextRenderer(  # type: ignore[no-untyped-call]
            width * 72, height * 72, page, image_dpi=dpi, metadata=metadata
        )
        renderer: Any = MixedModeRenderer(
            self.figure, width, height, dpi, written, bbox_inches_restore=bbox_inches_restore
        )
        self.figure.draw(renderer)
        renderer.finalize()
        page.detach()


class FigureCanvas(FigureCanvasSVG):
    """Draws a figure twice, where one drawing cannot serve a phone, too."""

    def print_svg(self, filename: Any, **_: Any) -> None:
        if "draw" in vars(self.figure):
            # Matplotlib asks for a renderer only, by a `draw` that hands it over.
            super().print_svg(filename)  # type: ignore[no-untyped-call]
            return
        wide = copied(self.figure)
        drawings = [drawn(wide)]
        if wide.get_size_inches()[0] > WIDTH:
            drawings.append(drawn(narrow(copied(self.figure))))
        both = "\n".join(drawings)
        filename.write(f'<svg xmlns="http://www.w3.org/2000/svg">\n{both}\n</svg>\n'.encode())


FigureManager = FigureManagerBase


def copied(figure: Figure) -> Figure:
    """A figure of its own, so that drawing leaves the page's as it is."""
    copy: Figure = pickle.loads(pickle.dumps(figure))
    plt.close(copy)
    copy.dpi = 72
    return copy


def _outline(area: Any) -> None:
    """Edge a see-through area, such as a band: by its own color alone few would see it."""
    faces = area.get_facecolor()
    if len(faces) and faces[0][3] < 1:
        area.set(alpha=None, facecolor=faces, edgecolor=to_rgb(faces[0]), linewidth=0.6)


def drawn(figure: Figure) -> str:
    """The SVG of a figure, text as text, without a date."""
    _OneCanvas(figure)
    figure.draw_without_rendering()
    for area in figure.findobj(PolyCollection):
        _outline(area)
    for text in figure.findobj(Text):
        text.set_gid(anchor(text))
    page = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "path.simplify_threshold": 0.3}):
        figure.canvas.print_figure(
            page, format="svg", bbox_inches="tight", pad_inches=0.03, metadata={"Date": None}
        )
    return with_italics(_OPENING.sub("", page.getvalue().decode()))
