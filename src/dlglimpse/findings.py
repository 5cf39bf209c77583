"""What is known of a layer in a few numbers, and what is wrong: plain data, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from dlglimpse.records import number


@dataclass(frozen=True)
class LayerStatistics:
    """What one forward and one backward pass left in one layer, in a few numbers.

    A number is nan where there is nothing to measure: a weight that an attention uses
    without calling its layer has a gradient, and no activation.

    Attributes
    ----------
    activation_rms
        Root mean square of what the layer hands on, behind its activation function.
    contrast
        How far a unit's activation is spread over the examples: the root mean square of
        its deviations from its own mean over them. Not a share: it grows with the
        activations, unlike the contrast in the book's chapter on training. It is nan for
        one example, or if neither of the first two axes counts the examples.
    dead
        Share of units whose activation is exactly zero for every example.
    saturated
        Share of values beyond |tanh z| = 0.97, or |tanh(z/2)| = 0.97 of a sigmoid; nan
        if neither function follows the layer.
    backpropagated_rms
        Root mean square of the gradient with respect to the pre-activations; zero if
        none arrives.
    weight_rms, gradient_rms
        The same of the weights, and of the gradient with respect to them, zero if none
        arrives; of an embedding, over the rows that this batch uses.
    non_finite
        How many weights, pre-activations and activations are nan or infinite.
    non_finite_gradients
        How many gradients with respect to pre-activations and weights are nan or
        infinite.
    """

    activation_rms: float
    contrast: float
    dead: float
    saturated: float
    backpropagated_rms: float
    weight_rms: float
    gradient_rms: float
    non_finite: int
    non_finite_gradients: int


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a network.

    Attributes
    ----------
    kind
        "non-finite", "exploding", "vanishing", "dead units", "saturated" or
        "starved layer".
    layer
        The layer where it shows most, or "loss".
    statistic, value, limit
        Which number says so, what it is, and the limit that it lies beyond.
    advice
        What to try.
    """

    kind: str
    layer: str
    statistic: str
    value: float
    limit: float
    advice: str

    def __str__(self) -> str:
        return (
            f"{self.kind} at {self.layer!r}: {self.statistic} is {number(self.value)} "
            f"(limit {number(self.limit)}). Try {self.advice}."
        )


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What `diagnose` found; nothing, if the network is well.

    Attributes
    ----------
    findings
        The most serious first.
    layers
        The statistics of each layer that they rest on, in forward order.
    """

    findings: tuple[Finding, ...]
    layers: Mapping[str, LayerStatistics]

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __repr__(self) -> str:
        if self.healthy:
            return f"Nothing wrong in {len(self.layers)} layers."
        return "\n".join(str(finding) for finding in self.findings)

    def _repr_html_(self) -> str:
        """Without script; colors and font are those of the page around it."""
        color = "#2e8b57" if self.healthy else "#c2701a"
        lines = "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())
        return (
            f'<div class="dlglimpse-check" style="border-left: 0.3rem solid {color}; '
            f'padding: 0.3rem 0.8rem; margin: 0.3rem 0">{lines}</div>'
        )
