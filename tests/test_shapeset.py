"""Shapeset: priors, the rule of overlap, and the geometry, each against its definition.

Every statistical test states its false-alarm rate: with another seed it would fail a true
generator with probability `RARE` at most.
"""

import math
from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch
from scipy import stats

from dlglimpse import SHAPESET_CLASSES, GlimpseError, shapeset
from dlglimpse.randomness import seeded
from dlglimpse.shapeset import (
    KINDS,
    SIDE,
    _pair_masks,
    covered,
    draw_shapes,
    extents,
    gray_levels,
)

RARE = 1e-6
PRIORS = np.array([1 / 6] * 3 + [1 / 18] * 3 + [1 / 9] * 3)
CORNERS = {
    0: [math.pi / 2 + k * 2 * math.pi / 3 for k in range(3)],
    1: [math.pi / 4 + k * math.pi / 2 for k in range(4)],
}


def polygon(kind: int) -> np.ndarray:
    """The regular polygon of area 4 around the origin, with this kind's corners."""
    angles = np.array(CORNERS[kind])
    area = len(angles) / 2 * math.sin(2 * math.pi / len(angles))
    return math.sqrt(4 / area) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def drawn(n=3000, seed=0, kind=None):
    generator = seeded(seed)
    kinds = torch.randint(3, (n,), generator=generator)
    if kind is not None:
        kinds = torch.full_like(kinds, kind)
    return draw_shapes(kinds, generator)


def test_shapes_dtypes_and_range():
    images, labels = shapeset(700, seed=1)
    assert images.shape == (700, 32, 32) and images.dtype == torch.float32
    assert labels.shape == (700,) and labels.dtype == torch.int64
    assert images.min() == 0 and images.max() <= 1
    assert set(labels.tolist()) == set(range(9))


@pytest.mark.parametrize("n", [1, 2, 511, 512, 513])
def test_any_positive_number_of_images(n):
    images, labels = shapeset(n)
    assert len(images) == len(labels) == n


def test_the_class_names_say_what_is_shown():
    pairs = combinations_with_replacement(KINDS, 2)
    names = {f"2 {a}s" if a == b else f"{a} and {b}" for a, b in pairs}
    assert set(SHAPESET_CLASSES) == names | set(KINDS)
    assert SHAPESET_CLASSES[:3] == KINDS


@pytest.mark.parametrize("seed", [0, 1])
def test_priors(seed):
    # A chi-squared test of nine counts: fails a true generator once in a million seeds.
    counts = np.bincount(shapeset(18_000, seed=seed)[1], minlength=9)
    expected = 18_000 * PRIORS
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert statistic < stats.chi2.isf(RARE, df=8)


def test_the_test_of_priors_could_fail():
    # Kinds drawn before the count, or classes drawn uniformly, are what it must refuse.
    for wrong in (np.full(9, 1 / 9), np.array([2 / 9] * 3 + [1 / 27] * 3 + [2 / 27] * 3)):
        noncentrality = 18_000 * ((wrong - PRIORS) ** 2 / PRIORS).sum()
        assert stats.ncx2.cdf(stats.chi2.isf(RARE, df=8), df=8, nc=noncentrality) < RARE


def test_one_gray_level_for_each_shape():
    images, labels = shapeset(1000, seed=2)
    for image, label in zip(images, labels, strict=True):
        assert len(image.unique()) == (2 if label < 3 else 3)  # the background is the first


def test_the_second_shape_covers_at_most_half_of_the_first():
    kinds = torch.randint(3, (2, 4000), generator=seeded(3))
    below, above = _pair_masks(kinds, seeded(4))
    hidden = (below & above).sum((1, 2)) / below.sum((1, 2))
    assert hidden.max() <= 0.5
    # The rule binds: covers between 0.4 and 0.5 occur, and some pairs do not touch at all.
    assert hidden.max() > 0.4 and (hidden == 0).float().mean() > 0.1


def test_images_alone_show_the_rule_of_overlap():
    """Of the shape below, at least half can be seen: its area is known from the shape."""
    images, labels = shapeset(3000, seed=5)
    for image in images[labels >= 3]:
        counts = image[image > 0].unique(return_counts=True)[1]
        # half of the smallest shape, less what the pixels along its edge can add or take
        assert counts.min() > 0.5 * 8**2 - 16


def test_what_is_drawn_again_is_both_shapes_of_the_pair():
    """The pairs are those of plain rejection: half-hidden ones left out, no more."""
    n = 20_000
    kinds = torch.tensor([[1], [2]]).expand(2, n)
    below, above = _pair_masks(kinds, seeded(6))
    ours = (below & above).sum((1, 2)).double() / below.sum((1, 2))
    generator = seeded(7)
    low, high = (covered(draw_shapes(k, generator)) for k in kinds)
    plain = (low & high).sum((1, 2)).double() / low.sum((1, 2))
    kept = plain[plain <= 0.5]
    assert 0.02 < 1 - len(kept) / n < 0.5
    assert stats.ks_2samp(ours, kept, method="asymp").pvalue > RARE
    areas = below.sum((1, 2)).double(), low.sum((1, 2))[plain <= 0.5].double()
    assert stats.ks_2samp(*areas, method="asymp").pvalue > RARE


def test_shapes_stay_inside_the_image():
    shapes = drawn(200_000)
    low, high = extents(shapes.kinds, shapes.matrices)
    assert (shapes.centers + low).min() >= -1e-4
    assert (shapes.centers + high).max() <= SIDE + 1e-4
    assert (high - low).max() < SIDE


@pytest.mark.parametrize("kind", [0, 1])
def test_polygons_reach_as_far_as_their_corners(kind):
    shapes = drawn(500, kind=kind)
    corners = np.einsum("nxy,cy->ncx", shapes.matrices.double().numpy(), polygon(kind))
    low, high = extents(shapes.kinds, shapes.matrices)
    np.testing.assert_allclose(low, corners.min(axis=1), atol=1e-4)
    np.testing.assert_allclose(high, corners.max(axis=1), atol=1e-4)


def test_ellipses_reach_as_far_as_points_along_them():
    shapes = drawn(500, kind=2)
    angles = np.linspace(0, 2 * math.pi, 2001)
    circle = math.sqrt(4 / math.pi) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.einsum("nxy,cy->ncx", shapes.matrices.double().numpy(), circle)
    low, high = extents(shapes.kinds, shapes.matrices)
    np.testing.assert_allclose(low, points.min(axis=1), atol=1e-3)
    np.testing.assert_allclose(high, points.max(axis=1), atol=1e-3)


def signed(shapes, k):
    """How far inside shape k each pixel's center lies, in pixels or so, in float64."""
    grid = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=2) + 0.5
    from_center = grid - shapes.centers[k].double().numpy()
    matrix, kind = shapes.matrices[k].double().numpy(), int(shapes.kinds[k])
    if kind == 2:
        form = np.linalg.inv(4 / math.pi * matrix @ matrix.T)
        return 1 - np.einsum("yxi,ij,yxj->yx", from_center, form, from_center)
    corners = polygon(kind) @ matrix.T
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    offsets = (normals * corners).sum(axis=1)
    return (from_center @ normals.T - offsets).min(axis=2)


def test_pixels_are_those_whose_center_is_inside():
    shapes = drawn(300)
    masks = covered(shapes).numpy()
    for k in range(300):
        depth = signed(shapes, k)
        certain = np.abs(depth) > 1e-3
        assert certain.mean() > 0.98
        assert (masks[k] == (depth > 0))[certain].all()


@pytest.mark.parametrize("kind", range(3))
def test_as_many_pixels_as_the_area_says(kind):
    shapes = drawn(20_000, kind=kind, seed=8)
    area = 4 * torch.linalg.det(shapes.matrices.double()).abs()
    assert area.min() >= 8**2 - 1e-2 and area.max() <= 15**2 + 1e-2
    error = covered(shapes).sum((1, 2)) - area
    z = error.mean() / (error.std() / math.sqrt(len(error)))
    assert abs(z) < stats.norm.isf(RARE / 2)


def test_sizes_ratios_angles_and_turns_are_uniform():
    matrices = drawn(20_000, seed=9).matrices.double()
    first, second = matrices[:, :, 0], matrices[:, :, 1]
    turn = torch.atan2(first[:, 1], first[:, 0])
    between = torch.atan2(torch.linalg.det(matrices), (first * second).sum(1))
    ratio = second.norm(dim=1) / first.norm(dim=1)
    size = 2 * torch.linalg.det(matrices).sqrt()
    for values, low, high in (
        (turn, -math.pi, math.pi),
        (between, math.pi / 3, 2 * math.pi / 3),
        (ratio, 0.6, 1),
        (size, 8, 15),
    ):
        assert stats.kstest(values, "uniform", args=(low, high - low)).pvalue > RARE


def test_places_are_uniform_among_those_that_fit():
    shapes = drawn(20_000, seed=10)
    low, high = extents(shapes.kinds, shapes.matrices)
    place = ((shapes.centers + low) / (SIDE - (high - low))).double()
    for axis in range(2):
        assert stats.kstest(place[:, axis], "uniform").pvalue > RARE
    # the correlation of n independent pairs is normal with deviation 1/sqrt(n)
    r = np.corrcoef(place.T)[0, 1]
    assert abs(r) < stats.norm.isf(RARE / 2) / math.sqrt(len(place))


def test_gray_levels_are_apart_and_uniform_among_those():
    first, second = (level.double() for level in gray_levels(20_000, seeded(11)))
    low, high = torch.minimum(first, second), torch.maximum(first, second)
    assert low.min() >= 0.25 and high.max() <= 1
    assert (high - low).min() >= 0.125 - 1e-6
    span = 1 - 0.25 - 0.125
    smaller = ((low - 0.25) / span).numpy()
    assert stats.kstest(smaller, lambda x: 1 - (1 - x) ** 2).pvalue > RARE
    larger = ((high - 0.375) / span).numpy()
    assert stats.kstest(larger, lambda x: x**2).pvalue > RARE
    brighter = int((first > second).sum())
    assert stats.binomtest(brighter, 20_000).pvalue > RARE


def test_seed_decides():
    for one, again, other in zip(
        shapeset(50, seed=1), shapeset(50, seed=1), shapeset(50, seed=2), strict=True
    ):
        assert torch.equal(one, again) and not torch.equal(one, other)


def test_global_random_states_neither_matter_nor_change(untouched):
    torch.manual_seed(1)
    with untouched():
        first = shapeset(50)
    torch.manual_seed(2)
    torch.set_default_dtype(torch.float64)
    try:
        second = shapeset(50)
    finally:
        torch.set_default_dtype(torch.float32)
    for one, two in zip(first, second, strict=True):
        assert one.dtype == two.dtype and torch.equal(one, two)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "100"])
def test_a_wrong_n_is_refused(n):
    with pytest.raises(GlimpseError, match=r"counts images.*try `shapeset\(100\)`"):
        shapeset(n)


@pytest.mark.parametrize("seed", [-1, 1.5, "0"])
def test_a_wrong_seed_is_refused(seed):
    with pytest.raises(GlimpseError, match="a seed is an integer"):
        shapeset(seed=seed)
