"""Look inside one network: what one forward and one backward pass leave in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from dlglimpse.batches import Loss, check_model, checked_inputs, forward, reduction_of
from dlglimpse.layers import in_order, layer_name, layers_of, parameters_of, unwrapped
from dlglimpse.records import FIELDS, Glimpse
from dlglimpse.stand_ins import standing_in, storage_of
from dlglimpse.watching import Watch, one_pass, watching

Named = dict[str, Tensor]


class _Kept(Watch):
    """Keeps what the layers put out, and what activation functions make of it.

    Nothing is copied before something may write into it. What cannot be seen to write,
    such as a function of another language, is found out by PyTorch's count of changes;
    then a second, careful pass copies everything at once.
    """

    def __init__(self, careful: bool = False) -> None:
        super().__init__()
        self.preactivations: Named = {}
        self.activations: Named = {}
        self.edges: dict[str, GradientEdge] = {}
        self._careful = careful
        self._versions: dict[int, tuple[Tensor, int]] = {}
        self._places: dict[int, list[tuple[Named, str]]] = {}

    def see(self, key: str, output: Tensor) -> Tensor:
        if output.requires_grad:
            # Of the tensor as it is now: in place, it may become another's result.
            self.edges[key] = get_gradient_edge(output)
        value = self._kept(output)
        self._keep(self.preactivations, key, value)
        self._keep(self.activations, key, value)
        return output.clone() if self._careful else output

    def see_activation(self, key: str, output: Tensor, function: str) -> None:
        self._keep(self.activations, key, self._kept(output))

    def see_write(self, tensor: Tensor) -> None:
        for place, key in self._places.pop(storage_of(tensor), ()):
            value = place[key]
            if storage_of(value) == storage_of(tensor):
                place[key] = value.clone()

    def overwritten(self) -> bool:
        """Whether something was written into a kept tensor without being seen."""
        kept = {id(v) for place in (self.preactivations, self.activations) for v in place.values()}
        return any(id(t) in kept and t._version != v for t, v in self._versions.values())

    def _kept(self, value: Tensor) -> Tensor:
        value = value.detach()
        if self._careful or self.stand_ins is None or self.stand_ins.own(value):
            return value.clone()
        self._versions[id(value)] = value, value._version
        return value

    def _keep(self, place: Named, key: str, value: Tensor) -> None:
        place[key] = value
        self._places.setdefault(storage_of(value), []).append((place, key))


def forward_order(model: nn.Module, inputs: Tensor) -> tuple[dict[str, nn.Module], object]:
    """The layers of a model in the order in which a forward pass first uses them, and
    what it puts out."""
    layers, watch = layers_of(model), Watch()
    with torch.no_grad(), standing_in(model) as watch.stand_ins, watching(model, layers, watch):
        outputs = forward(lambda: model(inputs.detach().clone()), inputs)
    return {name: layers[name] for name in in_order(layers, watch.keys) if name in layers}, outputs


def counts(
    fields: Mapping[str, Mapping[str, Tensor]], of: Callable[[Tensor], Tensor]
) -> dict[str, dict[str, int]]:
    """For each field and each layer, how many values `of` finds true."""
    return {
        field: {name: int(of(value).sum()) for name, value in layers.items()}
        for field, layers in fields.items()
    }


class Counted(Mapping[str, Mapping[str, int]]):
    """The same counts, made when a field is first asked for: most looks never ask."""

    def __init__(
        self, fields: Mapping[str, Mapping[str, Tensor]], of: Callable[[Tensor], Tensor]
    ) -> None:
        self._fields, self._of = fields, of
        self._done: dict[str, dict[str, int]] = {}

    def __getitem__(self, field: str) -> Mapping[str, int]:
        if field not in self._done:
            self._done |= counts({field: self._fields[field]}, self._of)
        return self._done[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(dict(self))


def _zero(values: Tensor) -> Tensor:
    return values == 0


def _not_finite(values: Tensor) -> Tensor:
    return ~values.isfinite()


def _owned(model: nn.Module, layers: Mapping[str, nn.Module], kind: str) -> Named:
    """The layers' parameters of a kind, by the name of the layer or, where it has
    several, by their own; tied ones included."""
    prefixes = {name: "" if layer is model else f"{name}." for name, layer in layers.items()}
    return {
        layer_name(prefixes[name] + own, model, kind): parameter
        for name, found in parameters_of(layers, kind).items()
        for own, parameter in found.items()
    }


def _gradients(loss: Tensor, edges: Mapping[str, GradientEdge], *of: Named) -> list[Named]:
    """Gradients of the loss for what the edges lead to, the first group of tensors, and
    for other groups; zeros where none arrives."""
    leaves = [tensor for group in of[1:] for tensor in group.values()]
    wanted = [*edges.values(), *leaves]
    # PyTorch's annotation knows tensors or edges, and takes both.
    found = iter(torch.autograd.grad(loss, wanted, allow_unused=True))  # type: ignore[arg-type]
    arrived = {name: next(found) for name in edges}
    groups = [{name: arrived.get(name) for name in of[0]}]
    groups += [{name: next(found) for name in group} for group in of[1:]]
    return [
        {name: _dense(gradient, tensors[name]) for name, gradient in group.items()}
        for group, tensors in zip(groups, of, strict=True)
    ]


def _dense(gradient: Tensor | None, of: Tensor) -> Tensor:
    if gradient is None:
        return torch.zeros_like(of).detach()
    # An embedding with `sparse=True` has the rows that it used only.
    return gradient.to_dense() if gradient.is_sparse else gradient.detach()


def _record(model: nn.Module, watch: _Kept, loss: Tensor) -> dict[str, Named]:
    """One backward pass, and all fields of a look."""
    names = in_order(watch.layers, watch.keys)
    layers = {name: watch.layers[name] for name in names if name in watch.layers}
    weights, biases = (_owned(model, layers, kind) for kind in ("weight", "bias"))
    gradients = _gradients(loss, watch.edges, watch.preactivations, weights, biases)
    signals = [watch.preactivations, watch.activations]
    return dict(zip(FIELDS, [*signals, *gradients], strict=True))


def glimpse(
    model: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    targets: Tensor,
    *,
    loss: Loss = F.mse_loss,
) -> Glimpse:
    """Look at every layer during one forward and one backward pass.

    A layer is a module that owns a `weight` with two or more axes, or several of them,
    as attention (`in_proj_weight`) and recurrent layers (`weight_ih_l0`) do. With
    `z(l) = W(l) a(l-1) + b(l)` and `a(l) = phi(z(l))`, the record holds `z(l)`, `a(l)`,
    `dL/dz(l)`, `dL/dW(l)` and `dL/db(l)`. Nothing in the model changes: not `.grad`, nor
    `requires_grad`, the mode, the buffers, the hooks or any random state.

    Parameters
    ----------
    model
        Any `nn.Module`; it runs in the mode (training or evaluation) it is in, and
        frozen layers are looked at like the others.
    inputs, targets
        A batch: the first axis counts the n examples; dtype that of the model. A
        sequence of tensors is for a model that takes several inputs.
    loss
        A callable `loss(outputs, targets)` that returns a scalar.

    Returns
    -------
    Glimpse
        Mappings from layer name to tensor, in forward order. A layer that is used
        twice appears as "name" and "name (2)"; its weight has one gradient, the sum.
        Weights not called `weight` go by names of their own, as in `watch_updates`.

    Raises
    ------
    GlimpseError
        If the batch does not fit the model, outputs and targets would be broadcast,
        the loss is not a scalar, or the model has no layer to look at.

    Notes
    -----
    What misleads: a mean loss makes each gradient smaller by n. And an activation is
    recognized where a module or a function such as `torch.tanh` is applied to what
    the layer puts out; anything else between the two counts as no activation.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> look = glimpse(mlp((2, 2, 2), seed=0), *waves(100))
    >>> look.weight_gradients["0"].shape, look.backpropagated["2"].shape
    (torch.Size([2, 2]), torch.Size([100, 2]))
    """
    several, model = checked_inputs(model, inputs, targets), unwrapped(model)
    for careful in (False, True):
        watch = _Kept(careful)
        with one_pass(model, several, targets, loss, watch) as (outputs, value):
            fields = _record(model, watch, value)
            # Afterwards, for a loss may write over the outputs.
            reduction = reduction_of(loss, outputs.detach(), targets)
        if not watch.overwritten():
            break
    return Glimpse(
        **fields,
        loss=value.item(),
        n=len(targets),
        reduction=reduction,
        dtype=str(check_model(model)).removeprefix("torch."),
        zeros=Counted(fields, _zero),
        non_finite=Counted(fields, _not_finite),
    )
