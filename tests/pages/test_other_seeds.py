"""Every claim of the book holds with other seeds than those that its pages show."""

from __future__ import annotations

import pytest

from claims.seeds import claiming_pages, shifted

# None of the shifts that `make bounds` measures, from which the bounds come.
SHIFT = 123_456


@pytest.mark.parametrize("page", claiming_pages())
def test_the_claims_of_a_page_hold_with_other_seeds(page: str) -> None:
    found = shifted(page, SHIFT)
    assert found
    broken = [record for record in found if not record["holds"]]
    assert not broken, "\n".join(
        f"{page}.md: claim {record['slug']!r} says {record['bound']}; "
        f"with all seeds shifted by {SHIFT}, measured was {record['text']}"
        for record in broken
    )
