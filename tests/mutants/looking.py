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
        unclaimed="no page claims anything of the spread of a layer",
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
        unclaimed="no network that the page diagnoses has sigmoids",
    ),
    Mutant(
        "the gradients of all layers summed up in .grad",
        "measuring.py",
        "measured",
        "            parameter.grad = None",
        "            return",
        unclaimed="the page claims no memory; a test holds that no copy is kept",
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
        unclaimed="in the page's network one gradient breaks, the first and the last",
    ),
]

SWEEPS = [
    Mutant(
        "activation after the last layer, in a sweep",
        "blocks.py",
        "look_at_block",
        "_losses(loss, z, targets)",
        "_losses(loss, activations[-1](z), targets)",
    ),
    Mutant(
        "the mean over networks for the sum",
        "blocks.py",
        "_losses",
        "losses.sum()",
        "losses.mean()",
    ),
    Mutant(
        "the weights transposed on the way back, in a sweep",
        "blocks.py",
        "_backward",
        "else (d, weight)",
        "else (d, weight.reshape(weight.shape[::-1]).t())",
        unclaimed="a random matrix and its transpose have the same statistics",
    ),
    Mutant(
        "biases left out of a sweep",
        "blocks.py",
        "look_at_block",
        "torch.addmm(bias,",
        "torch.addmm(0 * bias,",
    ),
    Mutant(
        "dL/da for dL/dz, in a sweep",
        "blocks.py",
        "_backward",
        "_aligned(_derived(a, z, back))",
        "_aligned(back)",
    ),
    Mutant(
        "what leaves a layer for what enters it, in a sweep",
        "blocks.py",
        "look_at_block",
        "a_home.copy_(a)",
        "a_home.copy_(z)",
    ),
    Mutant(
        "bias gradients averaged over the examples, in a sweep",
        "blocks.py",
        "_backward",
        "torch.sum(delta, 1,",
        "torch.mean(delta, 1,",
        unclaimed="the pages claim nothing of the gradients of biases in a sweep",
    ),
    Mutant(
        "one seed for all draws of a block",
        "ensembles.py",
        "draws",
        "draw_seed(seed, k) for k in ks",
        "draw_seed(seed, start) for k in ks",
    ),
    Mutant(
        "losses of the first block in the place of the last",
        "ensembles.py",
        "draws",
        "losses[start : ks.stop]",
        "losses[n_draws - ks.stop : n_draws - start]",
        unclaimed="the pages claim nothing of the losses of a sweep",
    ),
    Mutant(
        "the results of a sweep in the order in which they come",
        "sweeps.py",
        "sweep",
        "return [results[c] for c in range(len(tasks))]",
        "return list(results.values())",
        unclaimed="no page sweeps over configurations",
    ),
    Mutant(
        "a torn file taken for finished work",
        "sweeps.py",
        "_whole",
        "data if known == _MAGIC + hashlib.sha256(data).digest() else None",
        "data",
        unclaimed="no page sweeps over configurations",
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
        unclaimed="so few gradients are nearly zero that no claimed share moves",
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
        unclaimed="the curves of activations are pictures, no claim",
    ),
    Mutant(
        "a curve of counts, not of density",
        "kernels.py",
        "kernel_sums",
        "float(nodes.sum()) * width",
        "width",
        unclaimed="the width of a violin is a picture, no claim",
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

CORRELATIONS = [
    Mutant(
        "Pearson for Spearman",
        "summaries.py",
        "_rho",
        "_ranks(row, times) for row in columns",
        "np.broadcast_to(row, np.shape(times)).astype(float) for row in columns",
    ),
    Mutant(
        "bootstrap of x and y separately",
        "summaries.py",
        "rank_correlation",
        "_rho(columns, rng.multinomial(n, np.full(n, 1 / n), size=n_boot))",
        "np.concatenate([_rho(np.array([rng.permutation(columns[0]), *columns[1:]]), "
        "np.ones((1, n))) for _ in range(n_boot)])",
    ),
    Mutant(
        "the last place of equal values for their mean place",
        "summaries.py",
        "_ranks",
        "(alike - 1) / 2",
        "0 * alike",
    ),
    Mutant(
        "a third number given and not held",
        "summaries.py",
        "_rho",
        "(r[:, 0, 1] - r[:, 0, 2] * r[:, 1, 2]) / rest",
        "r[:, 0, 1] + 0 * rest",
    ),
]

TRAININGS = [
    Mutant("a step uphill", "trainings.py", "_step", "parameter -= eta", "parameter += eta"),
    Mutant(
        "the mean over networks for the sum, in training",
        "trainings.py",
        "_step",
        "losses.sum()",
        "losses.mean()",
    ),
    Mutant(
        "the sum over a batch for its mean",
        "trainings.py",
        "_step",
        ".mean(dim=1)",
        ".sum(dim=1)",
    ),
    Mutant(
        "the same batches for every network",
        "trainings.py",
        "train_together",
        "draw_seed(seed, k) for k",
        "draw_seed(seed, 0) for k",
    ),
    Mutant(
        "weights trained, and biases left behind",
        "trainings.py",
        "_write_back",
        "layer.bias.copy_(bias[k])",
        "pass",
    ),
]

PAGES = [
    Mutant(
        "the contrast of the first hidden layer for that of the last",
        "book/training.md",
        "",
        "*_, a, _ = record.activations.values()",
        "a, *_ = record.activations.values()",
    ),
    Mutant(
        "dead units counted on the wrong axis",
        "book/activations.md",
        "",
        "dead = (signal == 0).all(dim=0)",
        "dead = (signal == 0).all(dim=1)",
    ),
    Mutant(
        "tanh's derivative without the square",
        "book/reproduction.md",
        "",
        "slopes = 1 - image**2",
        "slopes = 1 - image",
    ),
    Mutant(
        "images counted for dead units",
        "book/reproduction.md",
        "",
        "dead = (signal == 0).all(dim=0)",
        "dead = (signal == 0).all(dim=1)",
    ),
    Mutant(
        "the biases behind the first layer kept",
        "book/reproduction.md",
        "",
        "if layer and not later_biases:",
        "if False:",
    ),
    Mutant(
        "the mean of the walk not subtracted",
        "book/reproduction.md",
        "",
        "z - z.mean(dim=0) if centered",
        "z if centered",
    ),
    Mutant(
        "an autocorrelation four times as far off",
        "book/reproduction.md",
        "",
        "lags=5)[4]",
        "lags=17)[16]",
    ),
    Mutant(
        "dropout for alpha dropout",
        "book/reproduction.md",
        "",
        "nn.AlphaDropout(0.1)",
        "nn.Dropout(0.1)",
    ),
]

LOOKING = [*GRADIENTS, *STATISTICS, *SWEEPS, *EXAMPLES, *NUMBERS, *CORRELATIONS, *TRAININGS, *PAGES]
