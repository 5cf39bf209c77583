"""The data sets, against their formulas."""

import math
import random

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from dlglimpse import GlimpseError, digits, loop_times, waves

MANY = 40_000


def ks_distance(values: np.ndarray, cdf: np.ndarray) -> float:
    """Kolmogorov and Smirnov's distance of sorted values to their true cdf."""
    steps = np.arange(len(values) + 1) / len(values)
    return float(max(np.abs(cdf - steps[1:]).max(), np.abs(cdf - steps[:-1]).max()))


def assert_distributed(values: np.ndarray, cdf) -> None:
    values = np.sort(values.ravel().astype(np.float64))
    # 1.95 / sqrt(n) is passed by chance in 999 of 1000 seeds; ours is fixed
    assert ks_distance(values, cdf(values)) < 1.95 / math.sqrt(len(values))


def uniform_cdf(low: float, high: float):
    return lambda x: np.clip((x - low) / (high - low), 0, 1)


def normal_cdf(std: float):
    return np.vectorize(lambda x: 0.5 * (1 + math.erf(x / std / math.sqrt(2))))


def test_waves_has_the_shape_and_dtype_of_the_book():
    inputs, targets = waves()
    assert inputs.shape == targets.shape == (100, 2)
    assert inputs.dtype == targets.dtype == torch.float32
    assert not inputs.requires_grad and not targets.requires_grad


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_waves_takes_any_positive_number_of_examples(n):
    inputs, targets = waves(n)
    assert inputs.shape == targets.shape == (n, 2)


def test_waves_without_noise_are_a_sine_and_a_cosine():
    inputs, targets = waves(500, noise=0)
    x1, x2 = inputs.double().numpy().T
    expected = np.stack([np.sin(x1) + x2, np.cos(x1) + x2], axis=1)
    np.testing.assert_allclose(targets.numpy(), expected, atol=1e-6)
    complex_wave = np.exp(1j * x1)  # the same two numbers, another way
    y1, y2 = targets.numpy().T
    np.testing.assert_allclose(y1 - x2, complex_wave.imag, atol=1e-6)
    np.testing.assert_allclose(y2 - x2, complex_wave.real, atol=1e-6)


def test_inputs_are_uniform_and_independent():
    x1, x2 = waves(MANY, seed=3)[0].numpy().T
    assert_distributed(x1, uniform_cdf(-math.pi, math.pi))
    assert_distributed(x2, uniform_cdf(0, 1))
    assert abs(np.corrcoef(x1, x2)[0, 1]) < 4 / math.sqrt(MANY)


@pytest.mark.parametrize("noise", [0.05, 0.5])
def test_noise_is_normal_and_independent(noise):
    inputs, targets = waves(MANY, seed=5, noise=noise)
    x1, x2 = inputs.double().numpy().T
    e1 = targets[:, 0].double().numpy() - np.sin(x1) - x2
    e2 = targets[:, 1].double().numpy() - np.cos(x1) - x2
    for e in (e1, e2):
        assert_distributed(e, normal_cdf(noise))
        assert abs(np.corrcoef(e, x1)[0, 1]) < 4 / math.sqrt(MANY)
    assert abs(np.corrcoef(e1, e2)[0, 1]) < 4 / math.sqrt(MANY)


def test_default_noise_is_that_of_the_book():
    for default, explicit in zip(waves(), waves(100, seed=0, noise=0.05), strict=True):
        assert torch.equal(default, explicit)


def test_noise_does_not_move_the_inputs():
    assert torch.equal(waves(noise=0)[0], waves(noise=1.0)[0])


def test_seed_decides():
    for first, again, other in zip(waves(seed=1), waves(seed=1), waves(seed=2), strict=True):
        assert torch.equal(first, again)
        assert not torch.equal(first, other)


def test_global_random_states_neither_matter_nor_change(untouched):
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    with untouched():
        first = waves(), digits()
    torch.manual_seed(2), np.random.seed(2), random.seed(2)
    second = waves(), digits()
    for one, two in zip(first, second, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_the_default_dtype_does_not_matter():
    expected = waves()
    torch.set_default_dtype(torch.float64)
    try:
        for ours, theirs in zip(waves(), expected, strict=True):
            assert ours.dtype == torch.float32 and torch.equal(ours, theirs)
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("n", [0, -1, 2.5, "100"])
def test_a_wrong_n_is_refused(n):
    with pytest.raises(GlimpseError, match=str(n)):
        waves(n)


@pytest.mark.parametrize("data", [waves, digits])
@pytest.mark.parametrize("seed", [1.5, "0", -1])
def test_a_wrong_seed_is_refused(data, seed):
    with pytest.raises(GlimpseError, match="seed"):
        data(seed=seed)


@pytest.mark.parametrize("noise", [-0.1, math.nan, math.inf])
def test_a_wrong_noise_is_refused(noise):
    with pytest.raises(GlimpseError, match=str(noise)):
        waves(noise=noise)


def test_digits_are_all_there_once():
    images, labels = load_digits(return_X_y=True)
    train_x, train_y, test_x, test_y = digits()
    x, y = torch.cat([train_x, test_x]).numpy(), torch.cat([train_y, test_y]).numpy()
    assert x.shape == images.shape == (1797, 64)
    assert len(train_x) == len(train_y) > len(test_x) == len(test_y) > 100
    # whatever the scale, the mapping is affine and the same for every pixel
    slope = np.ptp(x) / np.ptp(images)
    back = np.rint((x - x.min()) / slope).astype(int)
    ours = sorted(map(tuple, np.column_stack([back, y]).tolist()))
    theirs = sorted(map(tuple, np.column_stack([images, labels]).astype(int).tolist()))
    assert ours == theirs


def test_digits_are_what_a_classifier_takes():
    train_x, train_y, test_x, test_y = digits(seed=4)
    assert train_x.dtype == test_x.dtype == torch.float32
    assert train_y.dtype == test_y.dtype == torch.int64
    assert set(train_y.tolist()) == set(test_y.tolist()) == set(range(10))


def test_digits_are_shuffled_by_the_seed():
    first, again, other = digits(seed=1), digits(seed=1), digits(seed=2)
    for one, two, three in zip(first, again, other, strict=True):
        assert torch.equal(one, two)
        assert one.shape == three.shape and not torch.equal(one, three)


def test_loops_take_longer_than_either_library():
    measured = loop_times()
    assert set(measured) == {"NumPy", "PyTorch"}
    assert all(ratio > 1 for ratio in measured.values())


def test_only_pixels_of_the_training_images_say_how_digits_are_standardized():
    train, _, test, _ = digits()
    assert float(train.double().mean()) == pytest.approx(0, abs=1e-6)
    assert float(train.double().std()) == pytest.approx(1, abs=1e-6)
    assert abs(float(test.double().mean())) > 1e-4
