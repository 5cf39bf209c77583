"""Numbers from records, against cases that can be counted by hand."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from dlglimpse.errors import GlimpseError
from dlglimpse.summaries import band, first_to_last, rank_correlation, typical, zero_share

ONE = {"0": torch.tensor([[1.0, -3.0]]), "2": np.array([[0.5], [0.0]])}
MANY = {
    "0": torch.tensor([[[1.0, -3.0]], [[0.0, 0.0]], [[8.0, 8.0]]]),
    "2": torch.tensor([[[4.0]], [[0.0]], [[0.0]]]),
}


def test_typical_is_the_mean_magnitude_of_each_layer() -> None:
    assert typical(ONE) == {"0": 2.0, "2": 0.25}
    assert list(typical(ONE)) == ["0", "2"]
    assert all(type(value) is float for value in typical(ONE).values())


def test_typical_over_draws_gives_each_draw_alone() -> None:
    result = typical(MANY, draws=True)
    assert {name: value.tolist() for name, value in result.items()} == {
        "0": [2.0, 0.0, 8.0],
        "2": [4.0, 0.0, 0.0],
    }
    for k in range(3):
        alone = typical({name: values[k] for name, values in MANY.items()})
        assert alone == {name: result[name][k] for name in MANY}


def test_a_nan_stays_in_its_layer() -> None:
    result = typical({"0": [1.0, math.nan], "2": [1.0, 2.0]})
    assert math.isnan(result["0"])
    assert result["2"] == 1.5


def test_float32_gradients_are_averaged_in_float64() -> None:
    # In float32 the sum of these overflows.
    assert math.isclose(typical({"0": torch.full((4,), 3e38)})["0"], 3e38, rel_tol=1e-6)


def test_first_to_last_is_a_ratio_of_typical_values() -> None:
    assert first_to_last(ONE) == 8.0
    ratios = first_to_last(MANY, draws=True)
    assert ratios[0] == 0.5
    assert math.isnan(ratios[1])
    assert ratios[2] == math.inf


def test_zero_share_counts_exact_zeros_only() -> None:
    assert zero_share(ONE) == {"0": 0.0, "2": 0.5}
    shares = zero_share({"0": [[0.0, 1e-45], [-0.0, 0.0]]}, draws=True)
    assert shares["0"].tolist() == [0.5, 1.0]


def test_input_is_not_changed() -> None:
    before = {name: values.clone() for name, values in MANY.items()}
    typical(MANY, draws=True)
    first_to_last(MANY, draws=True)
    zero_share(MANY)
    band(MANY["0"][:, 0, 0])
    assert all(torch.equal(MANY[name], before[name]) for name in MANY)


def test_a_band_holds_nine_tenths_of_the_draws() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1001.0))
    result = band(values)
    assert (result.low, result.median, result.high, result.n) == (50.0, 500.0, 950.0, 1001)
    inside = np.mean((values >= result.low) & (values <= result.high))
    assert abs(inside - 0.9) < 0.002
    assert str(band(torch.tensor([0.25, 0.25]))) == "0.25 (0.25–0.25)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: band([]), "given: 0 values, 0 of them nan or infinite"),
        (lambda: band([1.0, math.nan, math.inf]), "3 values, 2 of them nan or infinite"),
        (
            lambda: band([[1.0], [2.0]]),
            r"one number per draw; given: values of shape \(2, 1\)",
        ),
        (lambda: band(3.0), r"given: values of shape \(\)"),
        (
            lambda: typical([1.0]),  # type: ignore[call-overload]
            "given: list; try `record.weight_gradients`",
        ),
        (lambda: typical({"4": []}), r"layer '4' holds no values; given: shape \(0,\)"),
        (lambda: typical({"4": 1.0}, draws=True), "no values per draw"),
        (
            lambda: typical({"0": [1.0, 2.0], "2": [1.0]}, draws=True),
            "given: 2 in layer '0', 1 in layer '2'",
        ),
        (lambda: first_to_last({"0": [1.0]}), r"at least two layers; given: 1 \(0\)"),
        (lambda: first_to_last({}), r"given: 0 \(none\)"),
    ],
)
def test_errors_say_what_was_wrong(call: object, message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        call()  # type: ignore[operator]


def cases(n: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three numbers per case that go together, with ties and outliers among them."""
    rng = np.random.default_rng(seed)
    z = rng.integers(0, 5, n)
    x = np.round(z + rng.normal(size=n), 1)
    y = np.exp(3 * (x + z + rng.normal(size=n)))
    return x, y, z


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_is_that_of_scipy(seed: int) -> None:
    x, y, z = cases(seed=seed)
    result = rank_correlation(torch.tensor(x), y, n_boot=10)
    assert result.median == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert rank_correlation(x, -y, n_boot=10).median == pytest.approx(-result.median)
    assert rank_correlation(x, z, n_boot=10).median == pytest.approx(
        stats.spearmanr(x, z).statistic, abs=1e-12
    )
    assert result.n == 80


def test_ranks_do_not_see_what_keeps_the_order() -> None:
    x, y, _ = cases()
    assert rank_correlation(x, y) == rank_correlation(x**3, np.log(y))
    assert rank_correlation([1, 2, math.inf], [1, 2, 3]).median == pytest.approx(1)


def test_the_bootstrap_draws_pairs() -> None:
    x, y, _ = cases()
    result = rank_correlation(x, y, n_boot=4000, seed=1)

    def statistic(*pair: np.ndarray) -> float:
        return float(stats.spearmanr(*pair).statistic)

    theirs = stats.bootstrap(
        (x, y), statistic, paired=True, vectorized=False, confidence_level=0.9,
        method="percentile", n_resamples=2000, rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert result.low == pytest.approx(theirs.low, abs=0.02)
    assert result.high == pytest.approx(theirs.high, abs=0.02)
    assert result.low < result.median < result.high


def test_the_bootstrap_has_a_seed() -> None:
    x, y, _ = cases()
    assert rank_correlation(x, y) == rank_correlation(x, y, seed=0)
    assert rank_correlation(x, y).low != rank_correlation(x, y, seed=1).low
    assert rank_correlation(x, y).median == rank_correlation(x, y, seed=1).median


@pytest.mark.parametrize("seed", range(3))
def test_a_partial_rank_correlation_is_that_of_the_residuals(seed: int) -> None:
    x, y, z = cases(seed=seed)
    ranks = [stats.rankdata(v) for v in (x, y, z)]
    design = np.column_stack([np.ones(len(x)), ranks[2]])
    left = [r - design @ np.linalg.lstsq(design, r, rcond=None)[0] for r in ranks[:2]]
    expected = stats.pearsonr(*left).statistic
    assert rank_correlation(x, y, given=z, n_boot=10).median == pytest.approx(expected, abs=1e-9)


def test_what_depends_on_a_third_number_only_has_no_partial_correlation() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=2000)
    x, y = z + rng.normal(size=(2, 2000))
    assert rank_correlation(x, y, n_boot=10).median > 0.4
    assert abs(rank_correlation(x, y, given=z, n_boot=10).median) < 0.06


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rank_correlation([1, 2], [1, 2]), "three cases or more"),
        (lambda: rank_correlation([1, 2, 3], [1, 2]), "shapes (3,), (2,)"),
        (lambda: rank_correlation([[1], [2], [3]], [[1], [2], [3]]), "shapes (3, 1)"),
        (lambda: rank_correlation([1, 2, math.nan], [1, 2, 3]), "1 nan of 3 values"),
        (lambda: rank_correlation([1, 2, 3], [4, 4, 4]), "`y` has no order"),
        (lambda: rank_correlation([1, 2, 3], [1, 2, 3], given=[0, 0, 0]), "`given` has no order"),
        (lambda: rank_correlation([1, 2, 3], [1, 2, 3], n_boot=0), "n_boot=0"),
    ],
)
def test_what_has_no_order_is_refused(call, message: str) -> None:
    with pytest.raises(GlimpseError) as caught:
        call()
    assert message in str(caught.value)
