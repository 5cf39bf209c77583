"""2.6: ten ReLU networks, and the typical gradients of their layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from torch import nn

from dlglimpse.data import waves
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described
from dlglimpse.gradients import glimpse
from dlglimpse.networks import mlp
from dlglimpse.records import Glimpse

Sizes = list[float]
Statistic = Callable[[Glimpse], list[float]]


def _means(field: str) -> Statistic:
    return lambda record: [g.abs().mean().item() for g in getattr(record, field).values()]


def _of_weights(reduce: Callable[[Any], Any]) -> Statistic:
    return lambda record: [reduce(g).item() for g in record.weight_gradients.values()]


TYPICAL = _means("weight_gradients")
STATISTICS: dict[str, Statistic] = {
    "sign-kept": _of_weights(lambda g: g.mean()),
    "sums": _of_weights(lambda g: g.abs().sum()),
    "largest": _of_weights(lambda g: g.abs().max()),
    "medians": _of_weights(lambda g: g.abs().median()),
    "activations": _means("activations"),
    "back-propagated": _means("backpropagated"),
    "biases": _means("bias_gradients"),
}
"""What is looked at in place of the typical gradient."""
NETWORKS: dict[str, tuple[str, str, range]] = {
    "tanh": ("tanh", "uniform", range(10)),
    "sigmoid": ("sigmoid", "uniform", range(10)),
    "default-weights": ("relu", "default", range(10)),
    "seeds-from-one": ("relu", "uniform", range(1, 11)),
}
"""Which networks are looked at in place of those asked for."""


@cache
def _records(activation: str, scheme: str, seeds: range) -> tuple[Glimpse, ...]:
    inputs, targets = waves(100, seed=0)
    networks = (mlp((2, 2, 2, 2, 2), activation, scheme, seed=seed) for seed in seeds)
    return tuple(glimpse(network, inputs, targets) for network in networks)


def verdict(*, relu_sizes: Any) -> Verdict:
    """First the form of the list, then what its numbers are."""
    if isinstance(relu_sizes, Mapping):
        return mistaken("one-dictionary")
    if not isinstance(relu_sizes, Sequence) or isinstance(relu_sizes, str):
        return unexpected(f"`relu_sizes` should be a list, and is {described(relu_sizes)}.")
    found = []
    for item in relu_sizes:
        if isinstance(item, Glimpse | nn.Module):
            return mistaken("not-summarized", given=type(item).__name__)
        if not isinstance(item, Mapping):
            return unexpected(f"The list holds {described(item)}, which is no dictionary.")
        numbers = [array(value) for value in item.values()]
        if any(number is not None and number.size > 1 for number in numbers):
            return mistaken("raw-gradients")
        if any(number is None or number.size != 1 for number in numbers):
            return unexpected(f"A dictionary holds something that is no number: {described(item)}.")
        found.append([float(number.item()) for number in numbers if number is not None])
    return _numbers(found)


def _numbers(found: Sequence[Sizes]) -> Verdict:
    right = _look("relu", "uniform", range(10), TYPICAL)
    if _alike(found, right):
        return None
    if len(found) > 1 and all(_alike([sizes], found[:1]) for sizes in found):
        return mistaken("one-seed", count=len(found))
    if len(found) != 10:
        return mistaken("not-ten", count=len(found))
    for mistake, statistic in STATISTICS.items():
        if _alike(found, _look("relu", "uniform", range(10), statistic)):
            return mistaken(mistake)
    for mistake, networks in NETWORKS.items():
        if _alike(found, _look(*networks, TYPICAL)):
            return mistaken(mistake)
    if [len(sizes) for sizes in found] != [4] * 10:
        return unexpected(
            f"Each dictionary should hold four layers; the first has {len(found[0])}."
        )
    first = next(k for k in range(10) if not _alike(found[k : k + 1], right[k : k + 1]))
    return unexpected(
        f"For seed {first} the typical gradient of layer 0 is {found[first][0]:.2g} in your list, "
        f"and {right[first][0]:.2g} when the check builds that network."
    )


def _look(activation: str, scheme: str, seeds: range, statistic: Statistic) -> list[Sizes]:
    return [statistic(record) for record in _records(activation, scheme, seeds)]


def _alike(found: Sequence[Sizes], wanted: Sequence[Sizes]) -> bool:
    """Equal to three digits, as far as a sum in another order allows."""
    return len(found) == len(wanted) and all(
        len(a) == len(b)
        and all(abs(x - y) <= 1e-3 * abs(y) + 1e-12 for x, y in zip(a, b, strict=True))
        for a, b in zip(found, wanted, strict=True)
    )


EXERCISE = Exercise(
    key="2.6",
    page="activations",
    tests="Looks at ten draws in place of one, and tells zero from small.",
    minutes=15,
    answers={"relu_sizes": "any"},
    hints=(
        "Do it for one seed first: a network from `mlp`, a record from `glimpse`, and "
        "`typical` of one of its fields.",
        "`typical` takes what `glimpse` calls `weight_gradients` and gives a dictionary with "
        "one number for each layer.",
        "A list comprehension over `range(10)` does all ten, with the number as the seed.",
    ),
    mistakes={
        "one-dictionary": "`relu_sizes` is one dictionary, of one network. Ten are asked for, "
        "in a list.",
        "not-summarized": "The list holds objects of type {given}. Let `typical` make one "
        "number per layer of each.",
        "raw-gradients": "The dictionaries hold whole gradients. `typical` makes one number of "
        "each layer.",
        "one-seed": "All {count} dictionaries are the same: the seed does not change from one "
        "network to the next.",
        "not-ten": "There are {count} dictionaries, and ten are asked for, for the seeds 0 to 9.",
        "seeds-from-one": "These are the networks of the seeds 1 to 10. The seeds asked for "
        "begin with 0.",
        "sign-kept": "These are means of the gradients with their signs, which cancel. The size "
        "of a gradient is what counts.",
        "sums": "These are sums over a layer. What is typical of a layer is a mean.",
        "largest": "These are the largest gradients of each layer. What is typical of a layer "
        "is a mean.",
        "medians": "These are medians within a layer. The book calls the mean of a layer's "
        "sizes typical, and takes medians over networks.",
        "activations": "These are sizes of activations, on the way forward. Take the gradients "
        "of the weights.",
        "back-propagated": "These are gradients with respect to pre-activations. Take those of "
        "the weights.",
        "biases": "These are gradients of biases. Take those of the weights.",
        "tanh": "These are the gradients of tanh networks. Is the activation handed on?",
        "sigmoid": "These are the gradients of sigmoid networks. Is the activation handed on?",
        "default-weights": "These are networks with PyTorch's default weights. The "
        "initializer asked for is `uniform`.",
    },
    right="One draw of ten may show what nine do not: look at many, and count the zeros.",
    verdict=verdict,
)
