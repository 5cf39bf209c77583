"""Shapeset-3x2: images of one or two shapes, drawn without end.

X. Glorot and Y. Bengio (2010), "Understanding the difficulty of training deep feedforward
neural networks", AISTATS, section 2.1, say which shapes there are, how many, and how much
of one the other may cover. They do not say how the angles, lengths, positions and gray
levels are distributed: those are choices of this file, each with its reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from dlglimpse.errors import GlimpseError
from dlglimpse.randomness import seeded

KINDS = ("triangle", "parallelogram", "ellipse")
"""The three kinds of shape."""

SHAPESET_CLASSES = (
    *KINDS,
    "2 triangles",
    "2 parallelograms",
    "2 ellipses",
    "triangle and parallelogram",
    "triangle and ellipse",
    "parallelogram and ellipse",
)
"""What an image can show, by class number: one shape, two of a kind, two kinds."""

SIDE = 32
"""Pixels along each side of an image."""

_CLASS_OF_PAIR = torch.tensor([[3, 6, 7], [6, 4, 8], [7, 8, 5]])
_SMALLEST, _LARGEST = 8.0, 15.0
"""The root of a shape's area in pixels; a shape much larger might not fit."""
_NARROWEST = 0.6
"""The shorter edge beside the longer one; thinner shapes are blurs at 32 pixels."""
_SHARPEST = math.pi / 3
"""The angle between the edges, which is at most pi minus this."""
_DARKEST = 0.25
"""Gray level of the darkest shape; the background is 0, the brightest shape 1."""
_CONTRAST = 0.125
"""How far the gray levels of two shapes are apart, so that both can be seen."""
_CHUNK = 512
"""Images drawn at once: their masks stay in the processor's cache."""

# Each kind is the image, under a matrix, of one figure of area 4 around the origin.
_INRADIUS = math.sqrt(4 / (3 * math.sqrt(3)))
_CORNERS = torch.tensor(
    [[0.0, 2.0], [-math.sqrt(3), -1.0], [math.sqrt(3), -1.0]], dtype=torch.float32
)
_TRIANGLE = _INRADIUS * _CORNERS
_SQUARE = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]], dtype=torch.float32)
_RADIUS = math.sqrt(4 / math.pi)


@dataclass(frozen=True, eq=False)
class Shapes:
    """Shapes in the plane, one for each image.

    Attributes
    ----------
    kinds
        Which of `KINDS`, int64 of shape (n,).
    matrices
        Which linear map makes the shape from the equilateral triangle, the square or the
        disk of area 4, shape (n, 2, 2), in pixels; its area is 4 |det|.
    centers
        Where the centroid lies, x and y in pixels from the upper left corner, shape (n, 2).
    """

    kinds: Tensor
    matrices: Tensor
    centers: Tensor


def shapeset(n: int = 100, *, seed: int | None = 0) -> tuple[Tensor, Tensor]:
    """Draw images of one or two shapes, and which shapes they show.

    The number of shapes (1 or 2) and the kind of each (triangle, parallelogram, ellipse)
    are uniform. So the three classes of one shape have probability 1/6 each, two of a kind
    1/18 each, and two kinds 1/9 each. The second shape lies over the first one and
    covers at most half of its pixels.

    Parameters
    ----------
    n
        Number of images, at least 1.
    seed
        Seed of a generator of its own; None draws fresh entropy. The global random
        state is not touched.

    Returns
    -------
    images : Tensor
        Gray levels from 0 (background) to 1, float32 of shape `(n, 32, 32)`.
    labels : Tensor
        Class numbers, int64 of shape `(n,)`. `SHAPESET_CLASSES` lists the classes: 0 is
        a triangle, 1 a parallelogram, 2 an ellipse, 3 two triangles, 4 two
        parallelograms, 5 two ellipses, 6 triangle and parallelogram, 7 triangle and
        ellipse, 8 parallelogram and ellipse.

    Raises
    ------
    GlimpseError
        If `n` is not a positive integer, or the seed is negative.

    Notes
    -----
    What can mislead: an error of 83.3 % is no learning at all. Whoever always answers
    "one triangle" makes five mistakes in six.

    References
    ----------
    X. Glorot and Y. Bengio (2010), section 2.1. The distributions of lengths, angles,
    positions and gray levels are ours; errors are not comparable digit for digit.

    Examples
    --------
    >>> images, labels = shapeset(5, seed=0)
    >>> images.shape, labels.shape
    (torch.Size([5, 32, 32]), torch.Size([5]))
    >>> len(SHAPESET_CLASSES)
    9
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise GlimpseError(
            "`n` counts images and must be a positive integer",
            given=f"n={n!r}",
            hint="try `shapeset(100)`",
        )
    generator = seeded(seed)
    chunks = [_chunk(min(_CHUNK, n - start), generator) for start in range(0, n, _CHUNK)]
    images, labels = (torch.cat(parts) for parts in zip(*chunks, strict=True))
    return images, labels


def _chunk(n: int, generator: Generator) -> tuple[Tensor, Tensor]:
    two = torch.randint(2, (n,), generator=generator).bool()
    kinds = torch.randint(3, (2, n), generator=generator)
    labels = torch.where(two, _CLASS_OF_PAIR[kinds[0], kinds[1]], kinds[0])
    first, second = gray_levels(n, generator)
    images = torch.empty(n, SIDE, SIDE, dtype=torch.float32)
    alone = (~two).nonzero()[:, 0]
    mask = covered(draw_shapes(kinds[0, alone], generator))
    images[alone] = mask * first[alone, None, None]
    pairs = two.nonzero()[:, 0]
    below, above = _pair_masks(kinds[:, pairs], generator)
    under = below * first[pairs, None, None]
    images[pairs] = torch.where(above, second[pairs, None, None], under)
    return images, labels


def _pair_masks(kinds: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """The pixels of both shapes, (n, 32, 32) each, drawn again until both can be seen."""
    below, above = (torch.empty(kinds.shape[1], SIDE, SIDE, dtype=torch.bool) for _ in range(2))
    # The kinds stay: only where the shapes lie is drawn again, so no class gets rarer.
    todo = torch.arange(kinds.shape[1])
    while len(todo):
        below[todo] = low = covered(draw_shapes(kinds[0, todo], generator))
        above[todo] = high = covered(draw_shapes(kinds[1, todo], generator))
        hidden = (low & high).sum(dim=(1, 2))
        todo = todo[2 * hidden > low.sum(dim=(1, 2))]
    return below, above


def gray_levels(n: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Two gray levels for each of n images, uniform among those far enough apart."""
    span = 1 - _DARKEST - _CONTRAST
    levels = torch.rand(n, 2, generator=generator, dtype=torch.float32)
    low, high = (_DARKEST + span * levels).sort(dim=1).values.unbind(dim=1)
    high = high + _CONTRAST
    swap = torch.randint(2, (n,), generator=generator).bool()
    return torch.where(swap, high, low), torch.where(swap, low, high)


def draw_shapes(kinds: Tensor, generator: Generator) -> Shapes:
    """Draw size, edges, angle, rotation and place of a shape of each of these kinds.

    With edges e and f, the angle phi between them and the rotation r, the matrix is
    R(r) [[e, f cos phi], [0, f sin phi]]; the place is uniform among those at which the
    whole shape lies inside the image.
    """
    size, ratio, angle, turn, x, y = torch.rand(
        6, len(kinds), generator=generator, dtype=torch.float32
    )
    size = _SMALLEST + (_LARGEST - _SMALLEST) * size
    ratio = _NARROWEST + (1 - _NARROWEST) * ratio
    angle = _SHARPEST + (math.pi - 2 * _SHARPEST) * angle
    turn = 2 * math.pi * turn
    edge = size / (4 * ratio * angle.sin()).sqrt()
    other = ratio * edge
    columns = [
        torch.stack([edge * turn.cos(), edge * turn.sin()], dim=1),
        torch.stack([other * (turn + angle).cos(), other * (turn + angle).sin()], dim=1),
    ]
    matrices = torch.stack(columns, dim=2)
    low, high = extents(kinds, matrices)
    place = torch.stack([x, y], dim=1)
    return Shapes(kinds, matrices, -low + place * (SIDE - (high - low)))


def extents(kinds: Tensor, matrices: Tensor) -> tuple[Tensor, Tensor]:
    """How far shapes reach from their center to the left and up, right and down: (n, 2) each."""
    reach = _RADIUS * matrices.square().sum(dim=2).sqrt()
    low, high = -reach, reach.clone()
    for kind, corners in enumerate((_TRIANGLE, _SQUARE)):
        chosen = (kinds == kind).nonzero()[:, 0]
        points = corners @ matrices[chosen].transpose(1, 2)
        low[chosen], high[chosen] = points.amin(dim=1), points.amax(dim=1)
    return low, high


def covered(shapes: Shapes) -> Tensor:
    """Which pixels of an image have their center inside the shape: bool (n, 32, 32)."""
    masks = torch.empty(len(shapes.kinds), SIDE, SIDE, dtype=torch.bool)
    inverses = _inverses(shapes.matrices)
    centers = torch.arange(SIDE, dtype=torch.float32) + 0.5
    for kind in range(len(KINDS)):
        chosen = (shapes.kinds == kind).nonzero()[:, 0]
        inverse, (cx, cy) = inverses[chosen], shapes.centers[chosen].T[..., None]
        # u and v are where the pixel lies in the figure of area 4 that the shape is made from
        u, v = (
            (inverse[:, row, :1] * (centers - cx))[:, None, :]
            + (inverse[:, row, 1:] * (centers - cy))[:, :, None]
            for row in range(2)
        )
        masks[chosen] = _inside(kind, u, v)
    return masks


def _inverses(matrices: Tensor) -> Tensor:
    (a, b), (c, d) = matrices.permute(1, 2, 0)
    adjugate: Tensor = torch.stack([d, -b, -c, a], dim=1).reshape(-1, 2, 2)
    determinant: Tensor = a * d - b * c
    return adjugate / determinant[:, None, None]


def _inside(kind: int, u: Tensor, v: Tensor) -> Tensor:
    """Whether points lie in the triangle, the square or the disk of area 4."""
    if kind == 0:
        slanted = u.abs_().mul_(math.sqrt(3)).add_(v) <= 2 * _INRADIUS
        return slanted.logical_and_(v >= -_INRADIUS)
    if kind == 1:
        return torch.maximum(u.abs_(), v.abs_()) <= 1
    return u.square_().add_(v.square_()) <= 4 / math.pi
