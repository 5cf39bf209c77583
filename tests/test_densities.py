"""Densities by binning, against the sum of Gaussians they stand for."""

import math

import numpy as np
import pytest
import torch
from matplotlib.mlab import GaussianKDE

from dlglimpse.densities import as_array, density, density_from_counts
from dlglimpse.errors import GlimpseError
from dlglimpse.records import Density


def exact(values: np.ndarray, coords: np.ndarray) -> np.ndarray:
    """The definition, one Gaussian per value."""
    width = values.std(ddof=1) * values.size**-0.2
    away = (coords[:, None] - values) / width
    heights = np.exp(-0.5 * away**2).sum(axis=1)
    return np.asarray(heights / (values.size * width * math.sqrt(2 * math.pi)))


def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "normal": rng.normal(size=20_000),
        "shifted": 1e6 + rng.normal(size=500),
        "heavy tails": rng.standard_t(2, size=5_000),
        "very heavy tails": rng.standard_cauchy(5_000),
        "two spikes": np.repeat([0.0, 1.0], 500),
        "four": np.array([0.1, 0.2, -0.3, 0.5]),
        "two": np.array([1.0, 2.0]),
        "half zeros": np.concatenate([np.zeros(2_000), rng.normal(size=2_000)]),
        "tiny": 1e-30 * rng.normal(size=1_000),
        "huge": 1e200 * rng.normal(size=1_000),
    }


@pytest.mark.parametrize("name", samples())
def test_the_error_against_the_exact_density_is_below_a_thousandth(name: str) -> None:
    values = samples()[name]
    layer = density(values)
    # Squares of 1e200 overflow in the reference, not in ours.
    scale = float(np.abs(values).max()) if name == "huge" else 1.0
    truth = exact(values / scale, layer.coords / scale) / scale
    assert np.abs(layer.vals - truth).max() < 1e-3 * truth.max()


def test_the_bandwidth_is_that_of_matplotlib_violins() -> None:
    values = samples()["normal"][:300]
    layer = density(values)
    theirs = GaussianKDE(values, "scott").evaluate(layer.coords)
    assert np.allclose(layer.vals, theirs, rtol=0, atol=1e-3 * theirs.max())


@pytest.mark.parametrize("name", samples())
def test_the_curve_covers_the_range_in_order(name: str) -> None:
    values = samples()[name]
    layer = density(values, points=50)
    assert layer.coords.shape == layer.vals.shape == (50,)
    assert (np.diff(layer.coords) >= 0).all()
    ends = [values.min(), values.max()]
    assert np.allclose([layer.minimum, layer.maximum], ends, rtol=1e-12)
    assert np.allclose(layer.coords[[0, -1]], ends, rtol=1e-12)
    marks = np.percentile(values, (5, 50, 95))
    assert np.allclose([layer.low, layer.median, layer.high], marks, rtol=1e-12, atol=0)


def test_a_narrow_peak_between_far_tails_keeps_its_height() -> None:
    # 200 evenly spaced coordinates would step over this peak.
    values = np.concatenate([np.random.default_rng(1).normal(size=10_000), [-1e4, 1e4]])
    layer = density(values)
    grid = np.linspace(-100, 100, 2_001)
    assert layer.vals.max() > 0.98 * exact(values, grid).max()
    area = np.sum((layer.vals[1:] + layer.vals[:-1]) / 2 * np.diff(layer.coords))
    assert abs(area - 1) < 0.02


def test_zeros_and_non_finite_values_are_counted() -> None:
    values = np.array([0.0, -0.0, 1.0, -2.0, np.nan, np.inf, -np.inf])
    layer = density(values)
    assert (layer.count, layer.zeros, layer.non_finite) == (7, 2, 3)
    assert (layer.minimum, layer.median, layer.maximum) == (-2.0, 0.0, 1.0)
    magnitudes = density(values, log=True)
    assert (magnitudes.count, magnitudes.zeros, magnitudes.non_finite) == (7, 2, 3)
    assert math.isclose(magnitudes.maximum, math.log10(2))
    assert magnitudes.minimum == 0.0


def test_logarithmic_densities_are_those_of_the_powers_of_ten() -> None:
    values = samples()["half zeros"]
    powers = np.log10(np.abs(values[values != 0]))
    ours, direct = density(values, log=True), density(powers)
    assert ours.log
    assert not direct.log
    assert np.array_equal(ours.vals, direct.vals)
    assert np.array_equal(ours.coords, direct.coords)
    assert ours.median == direct.median


@pytest.mark.parametrize(
    ("values", "median"),
    [
        ([], math.nan),
        ([np.nan, np.inf], math.nan),
        ([3.0], 3.0),
        ([2.0] * 5, 2.0),
        ([0.0, 0.0], 0.0),
        ([1.0, 1.0 + 1e-15], 1.0),
    ],
)
def test_no_curve_where_none_is_defined(values: list[float], median: float) -> None:
    layer = density(values)
    assert layer.coords.size == layer.vals.size == 0
    assert layer.count == len(values)
    assert np.isclose(layer.median, median, equal_nan=True)


def test_zeros_have_no_magnitude() -> None:
    layer = density([0.0, 0.0], log=True)
    assert (layer.count, layer.zeros, layer.coords.size) == (2, 2, 0)
    assert math.isnan(layer.median)


def test_the_smallest_and_the_largest_numbers_do_not_overflow() -> None:
    for values in ([1.7e308, -1.7e308, 1e300], [1e-310, 2e-310, 5e-324]):
        for log in (False, True):
            layer = density(values, log=log)
            assert np.isfinite(layer.coords).all()
            assert np.isfinite(layer.vals).all()
            assert layer.vals.max() > 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.int64])
def test_tensors_of_any_kind_are_taken(dtype: torch.dtype) -> None:
    tensor = torch.tensor([[1, 2], [3, 5]], dtype=dtype)
    assert as_array(tensor).tolist() == [[1.0, 2.0], [3.0, 5.0]]
    assert density(tensor).maximum == 5.0


def test_parameters_and_lists_of_tensors_are_taken_and_left_alone() -> None:
    weight = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert as_array([weight, weight]).shape == (2, 3)
    density(weight)
    assert weight.tolist() == [3.0, 1.0, 2.0]
    assert weight.requires_grad


def histogram(values: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    counts, edges = np.histogram(values, bins)
    return (edges[1:] + edges[:-1]) / 2, counts


def test_a_fine_histogram_gives_the_density_of_its_values() -> None:
    values = samples()["normal"]
    layer = density_from_counts(*histogram(values, 4096), zeros=3, non_finite=2)
    truth = exact(values, layer.coords)
    assert np.abs(layer.vals - truth).max() < 5e-3 * truth.max()
    bin_width = np.ptp(values) / 4096
    assert abs(layer.median - np.median(values)) < bin_width
    assert abs(layer.low - np.percentile(values, 5)) < bin_width
    assert abs(layer.maximum - values.max()) < bin_width
    assert (layer.count, layer.zeros, layer.non_finite) == (20_002, 3, 2)


def test_zeros_are_outside_a_logarithmic_histogram() -> None:
    layer = density_from_counts([0.0, 1.0, 2.0], [1, 2, 1], zeros=5, log=True)
    assert (layer.count, layer.zeros, layer.log) == (9, 5, True)
    assert layer.median == 1.0


def test_a_coarse_histogram_is_smoothed_over_its_bins() -> None:
    counts = np.full(11, 1_000_000)
    layer = density_from_counts(np.linspace(0, 1, 11), counts)
    assert layer.vals.min() > 0.3 * layer.vals.max()


@pytest.mark.parametrize(
    ("grid", "counts", "median"),
    [([], [], math.nan), ([0.0, 1.0], [0, 0], math.nan), ([0.0, 1.0], [0, 7], 1.0)],
)
def test_histograms_without_a_curve(grid: list[float], counts: list[int], median: float) -> None:
    layer = density_from_counts(grid, counts, non_finite=4)
    assert layer.coords.size == 0
    assert layer.non_finite == 4
    assert np.isclose(layer.median, median, equal_nan=True)


def test_bins_narrower_than_rounding_errors_are_one_value() -> None:
    layer = density_from_counts(np.linspace(1.0, 1.0 + 4e-16, 9), np.ones(9))
    assert isinstance(layer, Density)
    assert layer.coords.size == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: density([1.0], points=1), "a curve needs at least two points"),
        (lambda: density_from_counts([0.0], [1], points=0), "given: points=0"),
        (lambda: density_from_counts([0, 1, 2], [1, 2]), "the centers of the bins, not"),
        (lambda: density_from_counts([0, 1, 3], [1, 2, 1]), "must be of one width"),
        (lambda: density_from_counts([2, 1, 0], [1, 2, 1]), "in increasing order"),
        (lambda: density_from_counts([0, 1, 2], [1, -2, 1]), "smallest count of -2"),
    ],
)
def test_errors_say_what_was_wrong(call: object, message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        call()  # type: ignore[operator]
