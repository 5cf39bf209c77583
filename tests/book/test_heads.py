"""What pages say of themselves to search engines and to those who share them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from book.conftest import ROOT, Book
from bookmaker import cards
from bookmaker.checks import check_sources
from bookmaker.commit import changes, commit
from bookmaker.descriptions import LONGEST, SHORTEST, description
from bookmaker.heads import check_heads, keep_one_viewport
from bookmaker.sources import contents

ADDRESS = "https://deep-learning-glimpse.github.io/deep-learning-glimpse/"
ONE = "A page with a figure, an exercise, and its solution."


def told(book: Book) -> list[str]:
    return [str(problem) for problem in check_sources(book.root)]


def metas(page: str) -> dict[str, str]:
    """Name or property and content of all metas of a page."""
    tags = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall("<meta[^>]*>", page)]
    return {tag.get("name", tag.get("property", "")): tag.get("content", "") for tag in tags}


# ---- descriptions ----------------------------------------------------------


def test_a_page_without_a_description(unbuilt: Book) -> None:
    unbuilt.edit("one", f"description: {ONE}\n", "")
    (found,) = told(unbuilt)
    assert found.startswith("book/one.md:1: has no `description:` in its header")


def test_a_page_without_a_header_has_no_description(unbuilt: Book) -> None:
    unbuilt.page("index").write_text("# Top\n\nSee {doc}`one` and {doc}`two`.\n")
    (found,) = told(unbuilt)
    assert found.startswith("book/index.md:1: has no `description:`")


def test_a_description_that_another_page_has(unbuilt: Book) -> None:
    line = unbuilt.edit("two", description(unbuilt.page("two"))[0], ONE)
    assert line == 2
    (found,) = told(unbuilt)
    assert found.startswith("book/two.md:2: has the same `description:` as book/one.md")


@pytest.mark.parametrize("length", [SHORTEST - 1, LONGEST + 1])
def test_a_description_that_is_too_short_or_too_long(unbuilt: Book, length: int) -> None:
    unbuilt.edit("one", ONE, "x" * length)
    (found,) = told(unbuilt)
    assert found.startswith(f"book/one.md:2: has a `description:` of {length} characters")


def test_a_description_may_stand_anywhere_in_the_header(unbuilt: Book) -> None:
    path = unbuilt.page("one")
    text = path.read_text().replace(f"description: {ONE}\n", "")
    path.write_text(text.replace("kernelspec:", f'description: "{ONE}"\nkernelspec:'))
    assert description(path) == (ONE, 6)
    assert told(unbuilt) == []


# ---- the heads of a built book ---------------------------------------------


def test_a_page_says_what_it_is(finished: Book) -> None:
    page = (finished.site / "book" / "one.html").read_text()
    found = metas(page)
    assert found["description"] == found["og:description"] == ONE
    assert found["og:url"] == f"{ADDRESS}book/one.html"
    assert found["twitter:card"] == "summary_large_image"
    assert f'<link href="{found["og:url"]}" rel="canonical"/>' in page
    assert "<title>One — Deep Learning Glimpse</title>" in page
    assert page.count('name="viewport"') == 1
    assert re.search(r"<html[^>]* lang=\"en\"", page)


def test_the_top_of_the_site_is_shared_as_the_landing_page_is(finished: Book) -> None:
    top = (finished.site / "index.html").read_text()
    landing = (finished.site / "book" / "index.html").read_text()
    assert 'url=book/index.html"' in top
    assert metas(top)["og:image"] == metas(landing)["og:image"] == f"{ADDRESS}cards/index.png"
    assert metas(top)["og:type"] == "website"
    # Its own name does not follow the name of the page.
    assert "<title>Top</title>" in landing


def test_every_page_has_a_small_card(finished: Book) -> None:
    for page in contents(finished.root):
        found = metas((finished.site / f"{page.slug}.html").read_text())
        card = finished.site / found["og:image"].removeprefix(ADDRESS)
        assert card.stat().st_size <= 60_000
        with Image.open(card) as picture:
            assert picture.size == (cards.WIDTH, cards.HEIGHT)
        assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")


def test_no_page_loads_a_card(finished: Book) -> None:
    for path in finished.site.rglob("*.html"):
        assert not re.search(r'(?:src|href)="[^"]*cards/', path.read_text())


def test_a_card_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        cards.draw(tmp_path / name / "card.png", "A $5 title?", "Words, words. " * 11, "Book")
    one, two = ((tmp_path / name / "card.png").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_sitemap_lists_each_page_once(finished: Book) -> None:
    tree = ElementTree.parse(finished.site / "sitemap.xml")
    listed = [each.text for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert listed == [f"{ADDRESS}book/{name}.html" for name in ("index", "one", "two")]
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (finished.site / "robots.txt").read_text()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            f'content="{ONE}" name="description"',
            'content="{two}" name="description"',
            "has the same description as book/two.html",
        ),
        ("<title>One", "<title>Two", "has the same title as book/two.html"),
        ("/book/one.html", "/book/two.html", "has the same canonical as book/two.html"),
        ("cards/one.png", "cards/none.png", f"names the picture {ADDRESS}cards/none.png"),
        (' lang="en"', "", "has no lang in its head, not one"),
        ('rel="canonical"', 'rel="alternate"', "has no canonical in its head, not one"),
        ("<title>", "<title>One</title><title>", "has 2 title in its head, not one"),
    ],
)
def test_a_planted_fault_in_a_head_is_named(
    finished: Book, tmp_path: Path, old: str, new: str, message: str
) -> None:
    site = tmp_path / "html"
    shutil.copytree(finished.site, site)
    assert check_heads(finished.root, site) == []
    # The page that is read last is the one that repeats another.
    page = (site / "book" / "one.html").rename(site / "book" / "zero.html")
    two, _ = description(finished.page("two"))
    text = page.read_text()
    page.write_text(text.replace(old, new.replace("{two}", two)))
    lines = [n for n, line in enumerate(text.splitlines(), 1) if old in line]
    (found,) = check_heads(finished.root, site)
    where = "1" if " no " in message else str(lines[-1])
    assert str(found).startswith(f"book/zero.html:{where}: {message}")


def test_one_viewport_is_kept(tmp_path: Path) -> None:
    viewport = '<meta name="viewport" content="width=device-width"/>'
    (tmp_path / "one.html").write_text(f"<head>{viewport}\n{viewport} <title></title>{viewport}")
    assert keep_one_viewport(tmp_path, tmp_path) == []
    assert (tmp_path / "one.html").read_text() == f"<head>{viewport} <title></title>"


# ---- dates -----------------------------------------------------------------


def git(root: Path, *command: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *command], cwd=root, check=True, capture_output=True)


def test_without_git_there_are_no_dates(finished: Book) -> None:
    assert commit(finished.root) is None
    assert changes(finished.root) == {}
    assert "built from commit" not in (finished.site / "book" / "one.html").read_text()
    assert "lastmod" not in (finished.site / "sitemap.xml").read_text()


def test_a_folder_in_a_repository_is_not_the_repository() -> None:
    assert commit(ROOT / "book") is None


def test_a_commit_dates_the_pages_that_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.undo()
    (tmp_path / "book").mkdir()
    git(tmp_path, "init")
    for day, names in enumerate((["one", "two"], ["two"]), start=1):
        for name in names:
            (tmp_path / "book" / f"{name}.md").write_text(f"{day}")
        git(tmp_path, "add", ".")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-03-0{day}T23:30:00 -0200")
        git(tmp_path, "commit", "-m", "Say more")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))  # as a hook would
    seconds = changes(tmp_path)
    assert seconds["book/two.md"] - seconds["book/one.md"] == 24 * 60 * 60
    made = commit(tmp_path)
    assert made is not None
    assert (made.date, len(made.name), made.changed) == ("2026-03-03", 40, False)
    (tmp_path / "book" / "two.md").write_text("more")
    changed = commit(tmp_path)
    assert changed is not None and changed.changed


def test_a_book_in_git_says_which_commit_it_is(built: Book) -> None:
    git(built.root, "init")
    (built.root / ".gitignore").write_text("_build/\n.pages/\n")
    git(built.root, "add", ".")
    git(built.root, "commit", "-m", "Begin")
    made = built.make()
    assert made.returncode == 0, made.stdout + made.stderr
    found = commit(built.root)
    assert found is not None
    page = (built.site / "book" / "one.html").read_text()
    assert f'/commit/{found.name}">{found.name[:7]}</a>' in page
    assert "changes that are not in it" not in page
    dates = re.findall(r"<lastmod>([^T]*)T", (built.site / "sitemap.xml").read_text())
    assert dates == [found.date] * 3
