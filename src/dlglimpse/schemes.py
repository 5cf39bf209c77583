"""Initialization schemes: each knows its formula, its spread, and its biases."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from dlglimpse.errors import GlimpseError, one_of

BIASES = ("default", "zeros")
"""What a scheme can do with biases: draw them as PyTorch does, or set them to 0."""


@dataclass(frozen=True)
class Place:
    """Where a layer stands in its network: number `index` (from 0) of `count`."""

    index: int
    count: int

    @property
    def is_first(self) -> bool:
        return self.index == 0

    @property
    def is_last(self) -> bool:
        return self.index == self.count - 1


def fans(weight: Tensor) -> tuple[int, int]:
    """How many inputs feed one unit, and how many outputs one input feeds.

    For a weight of shape (o, i, ...) these are i and o, each times the number of
    positions of a convolution's kernel.

    Examples
    --------
    >>> fans(torch.empty(7, 3)), fans(torch.empty(8, 3, 5, 5))
    ((3, 7), (75, 200))
    """
    positions = math.prod(weight.shape[2:])
    return weight.shape[1] * positions, weight.shape[0] * positions


def _uniform(like: Tensor, bound: float, generator: Generator) -> Tensor:
    values = torch.empty(like.shape, dtype=like.dtype)
    return values.uniform_(-bound, bound, generator=generator)


def _normal(like: Tensor, std: float, generator: Generator) -> Tensor:
    values = torch.empty(like.shape, dtype=like.dtype)
    return values.normal_(0.0, std, generator=generator)


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A way to draw the weights and biases of a layer.

    Parameters
    ----------
    bias
        "default": `U(-b, b)` with `b = 1/sqrt(n_in)`, as PyTorch does and as
        `model.apply(...)` of a function for weights leaves them; or "zeros".

    Attributes
    ----------
    name
        The name by which `initialize` and `mlp` know the scheme.
    formula
        The distribution of a weight, as LaTeX, a normal one by mean and variance.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    bias: str = "default"

    def __post_init__(self) -> None:
        one_of(self.bias, BIASES, "treatment of biases")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and not math.isfinite(value):
                raise GlimpseError(
                    f"`{field.name}` of {type(self).__name__} must be finite",
                    given=repr(value),
                    hint=f"try `{type(self).__name__}({field.name}=1.0)`",
                )

    def std(self, fan_in: int, fan_out: int) -> float:
        """Standard deviation of one weight of a layer with these fans."""
        raise NotImplementedError

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        """Draw a weight of the shape (o, i, ...) and dtype of `like`, on the CPU."""
        return _normal(like, self.std(*fans(like)), generator)

    def biases(self, like: Tensor, weight: Tensor, *, place: Place, generator: Generator) -> Tensor:
        """Draw the biases, shape (o,), that go with a drawn `weight`."""
        if self.bias == "zeros":
            return torch.zeros(like.shape, dtype=like.dtype)
        return _uniform(like, 1 / math.sqrt(fans(weight)[0]), generator)

    def requires_bias(self, place: Place) -> bool:
        """Whether a layer at this place must have biases for the scheme to work."""
        return False


class _UniformScheme(Scheme):
    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        return _uniform(like, math.sqrt(3) * self.std(*fans(like)), generator)


@dataclass(frozen=True, kw_only=True)
class Default(_UniformScheme):
    """PyTorch's own default, which Glorot and Bengio (2010) call "standard".

    Known as `"default"`: weights from `U(-b, b)` with `b = 1/sqrt(n_in)`. It is not
    made for any activation: its variance `1/(3 n_in)` is a third of what keeps a linear
    signal, and a sixth of what a ReLU asks for.

    Examples
    --------
    >>> round(Default().std(300, 7), 4)
    0.0333
    """

    name: ClassVar[str] = "default"
    formula: ClassVar[str] = r"U\left(\pm 1/\sqrt{n_\text{in}}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return 1 / math.sqrt(3 * fan_in)

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        return _uniform(like, 1 / math.sqrt(fans(like)[0]), generator)


@dataclass(frozen=True, kw_only=True)
class Uniform(_UniformScheme):
    """The same interval for every layer, however wide: `U(-bound, bound)`.

    Known as `"uniform"`, then with a bound of 1.

    Examples
    --------
    >>> round(Uniform().std(2, 2), 4)
    0.5774
    """

    name: ClassVar[str] = "uniform"
    formula: ClassVar[str] = r"U(-c, c)"
    bound: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bound < 0:
            raise GlimpseError(
                "`bound` is the end of an interval around zero and cannot be negative",
                given=f"bound={self.bound!r}",
                hint="try `Uniform(bound=1.0)`",
            )

    def std(self, fan_in: int, fan_out: int) -> float:
        return self.bound / math.sqrt(3)

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        return _uniform(like, self.bound, generator)


@dataclass(frozen=True, kw_only=True)
class GlorotNormal(Scheme):
    """The compromise between a signal kept forward and a gradient kept backward.

    Known as `"glorot_normal"`: normal weights of mean 0 and variance
    `2/(n_in + n_out)`.

    References
    ----------
    X. Glorot and Y. Bengio (2010), "Understanding the difficulty of training deep
    feedforward neural networks", AISTATS, eq. 12.

    Examples
    --------
    >>> GlorotNormal().std(3, 5)
    0.5
    """

    name: ClassVar[str] = "glorot_normal"
    formula: ClassVar[str] = r"N\left(0, \frac{2}{n_\text{in} + n_\text{out}}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / (fan_in + fan_out))


@dataclass(frozen=True, kw_only=True)
class GlorotUniform(_UniformScheme):
    """Glorot's compromise with a uniform distribution, "normalized" in the paper.

    Known as `"glorot_uniform"`: weights from `U(-b, b)` with
    `b = sqrt(6/(n_in + n_out))`.

    References
    ----------
    Glorot and Bengio (2010), AISTATS, eq. 16.

    Examples
    --------
    >>> GlorotUniform().std(3, 5)
    0.5
    """

    name: ClassVar[str] = "glorot_uniform"
    formula: ClassVar[str] = r"U\left(\pm\sqrt{6/(n_\text{in} + n_\text{out})}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / (fan_in + fan_out))


@dataclass(frozen=True, kw_only=True)
class HeNormal(Scheme):
    """For ReLU, which passes on half of the second moment: twice `1/n_in`.

    Known as `"he_normal"`: normal weights of mean 0 and variance `2/n_in`.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun (2015), "Delving deep into rectifiers",
    ICCV, eq. 10.

    Examples
    --------
    >>> HeNormal().std(8, 1)
    0.5
    """

    name: ClassVar[str] = "he_normal"
    formula: ClassVar[str] = r"N\left(0, 2/n_\text{in}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / fan_in)


@dataclass(frozen=True, kw_only=True)
class HeUniform(_UniformScheme):
    """He's variance with a uniform distribution.

    Known as `"he_uniform"`: weights from `U(-b, b)` with `b = sqrt(6/n_in)`.

    References
    ----------
    He, Zhang, Ren and Sun (2015), ICCV, eq. 10.

    Examples
    --------
    >>> HeUniform().std(8, 1)
    0.5
    """

    name: ClassVar[str] = "he_uniform"
    formula: ClassVar[str] = r"U\left(\pm\sqrt{6/n_\text{in}}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(2 / fan_in)


@dataclass(frozen=True, kw_only=True)
class LecunNormal(Scheme):
    """Keeps the signal of linear layers, and of SELU layers.

    Known as `"lecun_normal"`: normal weights of mean 0 and variance `1/n_in`.

    References
    ----------
    Y. LeCun, L. Bottou, G. B. Orr and K.-R. Müller (1998), "Efficient BackProp",
    section 4.6.

    Examples
    --------
    >>> LecunNormal().std(4, 1)
    0.5
    """

    name: ClassVar[str] = "lecun_normal"
    formula: ClassVar[str] = r"N\left(0, 1/n_\text{in}\right)"

    def std(self, fan_in: int, fan_out: int) -> float:
        return math.sqrt(1 / fan_in)


@dataclass(frozen=True, kw_only=True)
class Orthogonal(Scheme):
    """A random rotation, times `gain`: every singular value is the same.

    Known as `"orthogonal"`, then with a gain of 1: the weight is `gain * Q`, where the
    rows or the columns of `Q`, whichever are fewer, are orthonormal. A convolution's
    weight is flattened to `(o, the rest)` first.

    References
    ----------
    A. M. Saxe, J. L. McClelland and S. Ganguli (2014), "Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks", ICLR.

    Examples
    --------
    >>> Orthogonal().std(4, 2)
    0.5
    """

    name: ClassVar[str] = "orthogonal"
    formula: ClassVar[str] = r"g\,Q,\quad Q^\top Q = I"
    gain: float = 1.0

    def std(self, fan_in: int, fan_out: int) -> float:
        return self.gain / math.sqrt(max(fan_in, fan_out))

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        weight = torch.empty(like.shape, dtype=like.dtype)
        nn.init.orthogonal_(weight, self.gain, generator=generator)
        return weight


@dataclass(frozen=True, kw_only=True)
class Constant(Scheme):
    """Every weight the same: all units of a layer then stay alike for ever.

    Known as `"constant"`, then with a value of 0.5.

    Examples
    --------
    >>> Constant(value=0.5).std(2, 2)
    0.0
    """

    name: ClassVar[str] = "constant"
    formula: ClassVar[str] = r"c"
    bias: str = "zeros"
    value: float = 0.5

    def std(self, fan_in: int, fan_out: int) -> float:
        return 0.0

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        return torch.full(like.shape, self.value, dtype=like.dtype)


@dataclass(frozen=True, kw_only=True)
class Zeros(Scheme):
    """Every weight zero: no gradient reaches any layer but the last.

    Known as `"zeros"`.

    Examples
    --------
    >>> Zeros().std(2, 2)
    0.0
    """

    name: ClassVar[str] = "zeros"
    formula: ClassVar[str] = r"0"
    bias: str = "zeros"

    def std(self, fan_in: int, fan_out: int) -> float:
        return 0.0

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        return torch.zeros(like.shape, dtype=like.dtype)


@dataclass(frozen=True, kw_only=True)
class MatchedSigmoid(Scheme):
    """Makes a sigmoid network compute what a tanh network under Glorot computes.

    Known as `"matched_sigmoid"`. From `sigmoid(z) = (1 + tanh(z/2)) / 2`: the weights
    are those of `GlorotNormal` times 4 (times 2 in the first and in the last layer),
    which makes the variance `32/(n_in + n_out)` in between, and the biases are minus half
    the row sums of these new weights (0 in the first layer), which moves the mean 1/2 of
    a sigmoid out of the way. Every layer but the first needs biases. The network is the
    tanh network only as long as it is not trained.

    Examples
    --------
    >>> MatchedSigmoid().std(3, 5)
    2.0
    """

    name: ClassVar[str] = "matched_sigmoid"
    formula: ClassVar[str] = r"N\left(0, \frac{32}{n_\text{in} + n_\text{out}}\right)"
    bias: str = "zeros"

    def __post_init__(self) -> None:
        if self.bias != "zeros":
            raise GlimpseError(
                "the biases of matched_sigmoid follow from its weights",
                given=f"bias={self.bias!r}",
                hint="try `MatchedSigmoid()`",
            )

    def std(self, fan_in: int, fan_out: int) -> float:
        """Standard deviation in a hidden layer; half of it in the first and last."""
        return 4 * GlorotNormal().std(fan_in, fan_out)

    def weight(self, like: Tensor, *, place: Place, generator: Generator) -> Tensor:
        weight = GlorotNormal().weight(like, place=place, generator=generator)
        # The factor 2 of z/2 belongs to a sigmoid behind the layer, the factor 2 of
        # the values' range (0, 1) against (-1, 1) to a sigmoid before it.
        return weight * (1 if place.is_last else 2) * (1 if place.is_first else 2)

    def biases(self, like: Tensor, weight: Tensor, *, place: Place, generator: Generator) -> Tensor:
        if place.is_first:
            return torch.zeros(like.shape, dtype=like.dtype)
        return -weight.flatten(1).sum(1) / 2

    def requires_bias(self, place: Place) -> bool:
        return not place.is_first


SCHEMES: dict[str, type[Scheme]] = {
    scheme.name: scheme
    for scheme in (
        Default,
        Uniform,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        LecunNormal,
        Orthogonal,
        Constant,
        Zeros,
        MatchedSigmoid,
    )
}
"""The schemes by name."""


def scheme_of(scheme: str | Scheme) -> Scheme:
    """The scheme itself, or the one of that name with its usual settings.

    Raises
    ------
    GlimpseError
        If there is no scheme of that name; the message lists them.

    Examples
    --------
    >>> scheme_of("uniform")
    Uniform(bias='default', bound=1.0)
    """
    if isinstance(scheme, Scheme):
        return scheme
    return SCHEMES[one_of(scheme, SCHEMES, "initialization scheme")]()
