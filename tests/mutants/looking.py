"""Wrong formulas for what is seen in networks: gradients, and numbers made of them."""

from __future__ import annotations

from mutants.planting import Mutant

GRADIENTS = [
    Mutant(
        "layers in reverse order",
        "layers.py",
        "in_order",
        "return names",
        "return names[::-1]",
    ),
    Mutant(
        "pre-activations shown for activations",
        "gradients.py",
        "_Kept.see_activation",
        "self._keep(self.activations, key, self._kept(output))",
        "return",
    ),
    Mutant(
        "gradients with the sign of a step downhill",
        "gradients.py",
        "_dense",
        "else gradient.detach()",
        "else -gradient.detach()",
    ),
    Mutant(
        "the last short batch weighted as a full one",
        "batches.py",
        "reduction_of",
        "(first + (n - 1) * rest) / n",
        "(first + rest) / 2",
        unclaimed="the losses of the pages say themselves whether they are means",
    ),
]

STATISTICS = [
    Mutant(
        "dead units counted on the wrong axis, in statistics",
        "measuring.py",
        "_values",
        "for axis in range(values.ndim) if axis != units",
        "for axis in range(1, values.ndim)",
    ),
    Mutant(
        "the spread over units, not over examples",
        "measuring.py",
        "_values",
        "wide.mean(examples, keepdim=True)",
        "wide.mean(units, keepdim=True)",
    ),
    Mutant(
        "the mean square for its root, in statistics",
        "measuring.py",
        "_root",
        "math.sqrt(squares / count)",
        "squares / count",
    ),
    Mutant(
        "saturation of a sigmoid counted as that of tanh",
        "measuring.py",
        "",
        '"sigmoid": (2, -1)',
        '"sigmoid": (1, 0)',
    ),
    Mutant(
        "the gradients of all layers summed up in .grad",
        "measuring.py",
        "measured",
        "            parameter.grad = None",
        "            return",
    ),
    Mutant(
        "the last over the first gradient, in a diagnosis",
        "diagnosis.py",
        "_ends",
        "(first, start), *_, (_, end)",
        "(_, end), *_, (first, start)",
    ),
    Mutant(
        "the first broken gradient named for the last, in a diagnosis",
        "diagnosis.py",
        "_non_finite",
        'yield _finding("non-finite", back[-1]',
        'yield _finding("non-finite", back[0]',
    ),
]

SWEEPS = [
    Mutant(
        "activation after the last layer, in a sweep",
        "ensembles.py",
        "_look",
        "z if last else activation_module",
        "activation_module",
    ),
    Mutant(
        "the mean over networks for the sum",
        "ensembles.py",
        "_look",
        "losses.sum()",
        "losses.mean()",
    ),
    Mutant(
        "the weights not transposed, in a sweep",
        "ensembles.py",
        "_look",
        "weight.transpose(1, 2)",
        "weight.reshape(len(weight), weight.shape[2], weight.shape[1])",
    ),
    Mutant(
        "biases left out of a sweep",
        "ensembles.py",
        "_look",
        "bias.unsqueeze(1)",
        "0 * bias.unsqueeze(1)",
    ),
    Mutant(
        "dL/da for dL/dz, in a sweep",
        "ensembles.py",
        "_look",
        "wanted = [*preactivations,",
        "wanted = [*activations,",
    ),
]

EXAMPLES = [
    Mutant(
        "an example's gradient divided by n",
        "per_example.py",
        "_summed",
        "loss(outputs, targets) * len(outputs)",
        "loss(outputs, targets)",
    ),
    Mutant(
        "the outer product transposed",
        "per_example.py",
        "_outer",
        "delta.unsqueeze(2) * before.unsqueeze(1)",
        "before.unsqueeze(2) * delta.unsqueeze(1)",
    ),
    Mutant(
        "what leaves a layer for what enters it",
        "per_example.py",
        "_signals",
        "seen.append((name, signal.detach(), z))",
        "seen.append((name, z.detach(), z))",
    ),
    Mutant(
        "the squared length of a gradient for its length",
        "per_example_statistics.py",
        "_norms",
        "factor.double().square().sum(1).sqrt()",
        "factor.double().square().sum(1)",
    ),
]

NUMBERS = [
    Mutant("abs left out of the mean", "summaries.py", "typical", "np.abs(rows)", "rows"),
    Mutant("sum for mean", "summaries.py", "typical", "rows).mean(", "rows).sum("),
    Mutant("abs left out of the ratio", "summaries.py", "first_to_last", "np.abs(rows)", "rows"),
    Mutant(
        "sum for mean in the ratio", "summaries.py", "first_to_last", "rows).mean(", "rows).sum("
    ),
    Mutant(
        "last layer to first",
        "summaries.py",
        "first_to_last",
        "ratios: Floats = first / last",
        "ratios: Floats = last / first",
    ),
    Mutant(
        "the second layer to the last",
        "summaries.py",
        "first_to_last",
        "first, *_, last =",
        "_, first, *_, last =",
    ),
    Mutant(
        "zeros counted on the wrong axis",
        "summaries.py",
        "zero_share",
        "np.mean(rows == 0, axis=1)",
        "np.mean(rows == 0, axis=0)",
    ),
    Mutant(
        "nearly zero counted as zero",
        "summaries.py",
        "zero_share",
        "rows == 0",
        "np.abs(rows) < 1e-6",
    ),
    Mutant(
        "the mean for the median",
        "summaries.py",
        "band",
        "np.percentile(array, (5, 50, 95))",
        "(np.percentile(array, 5), array.mean(), np.percentile(array, 95))",
    ),
    Mutant(
        "the quartiles for the 5 and 95 % points",
        "summaries.py",
        "band",
        "(5, 50, 95)",
        "(25, 50, 75)",
    ),
    Mutant(
        "the slope of the mean for the slope of each value",
        "curves.py",
        "_slopes",
        "values.sum()",
        "values.mean()",
    ),
    Mutant(
        "a curve of counts, not of density",
        "kernels.py",
        "kernel_sums",
        "float(nodes.sum()) * width",
        "width",
    ),
    Mutant(
        "Scott's bandwidth for the error of a mean",
        "kernels.py",
        "scott_bandwidth",
        "-0.2 *",
        "-0.5 *",
        unclaimed="the width of a violin is a picture, no claim",
    ),
    Mutant(
        "the natural logarithm for powers of ten",
        "densities.py",
        "density",
        "np.log10",
        "np.log",
        unclaimed="violins on an axis of powers of ten are pictures, no claim",
    ),
]

PAGES = [
    Mutant(
        "dead units counted on the wrong axis",
        "book/activations.md",
        "",
        "dead = (signal == 0).all(dim=0)",
        "dead = (signal == 0).all(dim=1)",
    ),
]

LOOKING = [*GRADIENTS, *STATISTICS, *SWEEPS, *EXAMPLES, *NUMBERS, *PAGES]
