"""What the theme and its companions write that some readers cannot use, and what should stand.

Each repair is the change that their own templates and scripts would need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLOSE = '<form method="dialog" class="close-drawer"><button class="btn">Close</button></form>'
_BOOK_THEME = "_static/scripts/sphinx-book-theme.js"
_TOGGLE = "_static/togglebutton.js"


@dataclass(frozen=True)
class Repair:
    """A pattern in files of the site, what takes its place, and for whose sake."""

    why: str
    old: str
    new: str
    files: str = "**/*.html"
    # What only some content brings about may be absent; what frames every page may not.
    always: bool = True

    def applied(self, text: str) -> tuple[str, int]:
        """The text, mended, and in how many places it was."""
        return re.subn(self.old, self.new, text, flags=re.DOTALL)


FRAME = (
    Repair(
        "the skip link leads to the text, past the buttons above it",
        r'<a href="#main-content">Skip to main content</a>(.*)<article class="bd-article">',
        r'<a href="#article">Skip to the text</a>\1<article class="bd-article" id="article">',
    ),
    Repair(
        "an empty banner is one landmark too many",
        r'<header id="pst-header" class="([^"]*)">\s*</header>',
        r'<div id="pst-header" class="\1"></div>',
    ),
    Repair(
        "a banner without news is measured by a script, which lays the whole page out for it",
        r'<div class="pst-async-banner-revealer d-none">\s*'
        r"<aside [^>]*bd-header-version-warning[^>]*></aside>\s*</div>",
        "",
    ),
    Repair(
        "logo and search lie in no landmark; and a drawer needs a button that closes it",
        r'(<div id="pst-primary-sidebar" class="[^"]*")>',
        rf'\1 role="banner">{_CLOSE}',
    ),
    Repair(
        "a drawer needs a button that closes it",
        r'(<div id="pst-secondary-sidebar" class="[^"]*">)(?!<form)',
        rf"\1{_CLOSE}",
        always=False,
    ),
    Repair(
        "a dialog needs a name",
        '<dialog id="pst-search-dialog">',
        '<dialog id="pst-search-dialog" aria-label="Search this book">',
        always=False,
    ),
    Repair(
        "a dialog needs a name",
        '<dialog id="pst-primary-sidebar-modal">',
        '<dialog id="pst-primary-sidebar-modal" aria-label="Contents of the book">',
    ),
    Repair(
        "a dialog needs a name",
        '<dialog id="pst-secondary-sidebar-modal">',
        '<dialog id="pst-secondary-sidebar-modal" aria-label="Contents of this page">',
        always=False,
    ),
    Repair(
        "an empty footer is one landmark too many",
        r'<footer class="bd-footer">\s*</footer>',
        "",
    ),
    Repair(
        "a place for advertisements is of no use here",
        r'<div id="ethical-ad-placement"[^>]*>\s*</div>',
        "",
    ),
    Repair(
        "the headings of a page begin with its title, not with the contents of the book",
        r'<p aria-level="2" class="caption" role="heading">',
        '<p class="caption">',
        always=False,
    ),
    Repair(
        "who does not see the mark beside the current page hears it",
        r'<a class="current reference internal" href="#">',
        '<a class="current reference internal" href="#" aria-current="page">',
        always=False,
    ),
    Repair(
        "previous and next are navigation",
        r'<div class="prev-next-area">(.*?)</div>(\s*</footer>)',
        r'<nav class="prev-next-area" aria-label="Previous and next page">\1</nav>\2',
    ),
)

BUTTONS = (
    Repair(
        "an icon is an ornament beside a name",
        r"<(i|span)(\s+class=\"(?:theme-switch )?fa[bs]?[ -])",
        r'<\1 aria-hidden="true"\2',
    ),
    Repair(
        "what a button is called holds what it shows, so that it can be called by voice",
        r'(<button class="btn search-button-field [^"]*") title="Search" aria-label="Search"'
        r' data-bs-placement="bottom" data-bs-toggle="tooltip">',
        r"\1>",
    ),
    Repair(
        "the name of the button says which colors are on; a second one on its icon is in the way",
        r'(data-mode="(?:light|dark|auto)") +title="[^"]*"',
        r"\1",
    ),
    Repair(
        "`primary sidebar` says nothing to a reader",
        'title="Toggle primary sidebar"',
        'title="Contents of the book"',
    ),
    Repair(
        "`secondary sidebar` says nothing to a reader",
        'title="Toggle secondary sidebar"',
        'title="Contents of this page"',
        always=False,
    ),
    Repair(
        "a tooltip that repeats its menu's item is in the way of the next one",
        r'(dropdown-item")\s+title="[^"]*"\s+data-bs-placement="left" data-bs-toggle="tooltip"',
        r"\1",
    ),
    Repair(
        "a tooltip is part of the page, not of a place outside all landmarks",
        '(?<!#main-content" )data-bs-placement="bottom" data-bs-toggle="tooltip"'
        "(?! data-bs-container)",
        'data-bs-placement="bottom" data-bs-toggle="tooltip" data-bs-container="#main-content"',
    ),
    Repair(
        "a kind of file is no name of what happens",
        r'(<span class="btn__text-container">)\.pdf<',
        r"\1Print this page<",
        always=False,
    ),
    Repair(
        "a download opens no window",
        r'(href="[^":]*notebooks/[^"]*") target="_blank"',
        r"\1",
        always=False,
    ),
    Repair(
        "a button that was pressed by key keeps the focus",
        r"\(\(\)=>\{t\.blur\(\)\}\)",
        '(()=>{t.matches(":focus-visible")||t.blur()})',
        files=_BOOK_THEME,
    ),
    Repair(
        "the name of a button that unfolds is what it shows",
        r"button\.dataset\.toggleHint = (toggleHint\w+)",
        r"button.dataset.toggleHint = button.ariaLabel = \1",
        files=_TOGGLE,
    ),
)

CONTENT = (
    Repair(
        "a link does not begin with a space",
        r'(Solution to)(<a class="reference internal" href="[^"]*">) ',
        r"\1 \2",
        always=False,
    ),
    Repair(
        "what unfolds a cell is called what it says",
        r'<summary aria-label="Toggle hidden content">',
        "<summary>",
        always=False,
    ),
    Repair(
        "the corner of a table heads nothing",
        r'<th class="head"><p></p></th>',
        "<td></td>",
        always=False,
    ),
    Repair(
        "an entry of the bibliography is an item of a list; its old role was withdrawn",
        ' role="doc-biblioentry"',
        ' role="listitem"',
        always=False,
    ),
    Repair(
        "a mark such as [GB10] is of no use where works are cited by author and year",
        r'(<div class="citation" [^>]*>\s*)<span class="label">.*?</span></span>\s*',
        r"\1",
        always=False,
    ),
    Repair(
        "an id occurs once on a page",
        r'<section id="(?:exercise|solution)-content">',
        "<section>",
        always=False,
    ),
)

REPAIRS = FRAME + BUTTONS + CONTENT
