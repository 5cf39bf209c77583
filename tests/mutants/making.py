"""Wrong formulas for what is made: data, networks, their random weights."""

from __future__ import annotations

from mutants.planting import Mutant

VARIANCES = [
    Mutant("no factor 2 in He", "schemes.py", "HeNormal.std", "2 / fan_in", "1 / fan_in"),
    Mutant("no factor 2 in He, uniform", "schemes.py", "HeUniform.std", "2 / fan_in", "1 / fan_in"),
    Mutant("fan-out for fan-in in He", "schemes.py", "HeNormal.std", "2 / fan_in", "2 / fan_out"),
    Mutant(
        "variance for standard deviation in Glorot",
        "schemes.py",
        "GlorotNormal.std",
        "math.sqrt(2 / (fan_in + fan_out))",
        "2 / (fan_in + fan_out)",
    ),
    Mutant(
        "fan-in for both fans in Glorot",
        "schemes.py",
        "GlorotNormal.std",
        "fan_in + fan_out",
        "fan_in + fan_in",
    ),
    Mutant(
        "the sum of the fans for their mean in Glorot",
        "schemes.py",
        "GlorotNormal.std",
        "2 / (fan_in + fan_out)",
        "1 / (fan_in + fan_out)",
    ),
    Mutant(
        "Glorot uniform's bound without the 6",
        "schemes.py",
        "GlorotUniform.std",
        "2 / (fan_in + fan_out)",
        "1 / (3 * (fan_in + fan_out))",
    ),
    Mutant(
        "N for U in Glorot uniform",
        "schemes.py",
        "GlorotUniform",
        "(_UniformScheme)",
        "(Scheme)",
    ),
    Mutant(
        "the standard deviation taken for the bound of U",
        "schemes.py",
        "_UniformScheme.weight",
        "math.sqrt(3) * self.std",
        "self.std",
    ),
    Mutant("He's 2 in LeCun", "schemes.py", "LecunNormal.std", "1 / fan_in", "2 / fan_in"),
    Mutant(
        "PyTorch's default taken for He's",
        "schemes.py",
        "Default.weight",
        "1 / math.sqrt(fans(like)[0])",
        "math.sqrt(6 / fans(like)[0])",
    ),
    Mutant(
        "fan-out for fan-in in PyTorch's default",
        "schemes.py",
        "Default.weight",
        "fans(like)[0]",
        "fans(like)[1]",
    ),
    Mutant(
        "the two fans exchanged",
        "schemes.py",
        "fans",
        "return weight.shape[1] * positions, weight.shape[0] * positions",
        "return weight.shape[0] * positions, weight.shape[1] * positions",
    ),
    Mutant(
        "a convolution's fans without its kernel",
        "schemes.py",
        "fans",
        "math.prod(weight.shape[2:])",
        "1",
        unclaimed="the networks of the pages have no convolutions",
    ),
    Mutant(
        "only positive weights, as torch.rand draws them",
        "schemes.py",
        "_uniform",
        "uniform_(-bound,",
        "uniform_(0,",
    ),
    Mutant(
        "a variance handed to normal_, which takes a standard deviation",
        "schemes.py",
        "_normal",
        "normal_(0.0, std,",
        "normal_(0.0, std**2,",
    ),
    Mutant(
        "the orthogonal gain lost",
        "schemes.py",
        "Orthogonal.weight",
        "weight, self.gain,",
        "weight,",
    ),
    Mutant(
        "a Gaussian matrix taken for an orthogonal one",
        "schemes.py",
        "Orthogonal.weight",
        "nn.init.orthogonal_(weight, self.gain, generator=generator)",
        "nn.init.normal_(weight, 0.0, self.std(*fans(like)), generator=generator)",
    ),
]

BIASES = [
    Mutant(
        "biases not zeroed", "schemes.py", "Scheme.biases", 'self.bias == "zeros"', "not self.bias"
    ),
    Mutant(
        "biases always zeroed", "schemes.py", "Scheme.biases", 'self.bias == "zeros"', "self.bias"
    ),
    Mutant(
        "biases as wide as U(-1, 1)",
        "schemes.py",
        "Scheme.biases",
        "1 / math.sqrt(fans(weight)[0])",
        "1.0",
    ),
    Mutant(
        "matched sigmoid without its shift of the mean",
        "schemes.py",
        "MatchedSigmoid.biases",
        "-weight.flatten(1).sum(1) / 2",
        "0 * weight.flatten(1).sum(1)",
    ),
    Mutant(
        "matched sigmoid shifted the wrong way",
        "schemes.py",
        "MatchedSigmoid.biases",
        "-weight",
        "weight",
    ),
    Mutant(
        "matched sigmoid with twice Glorot's weights, for four times",
        "schemes.py",
        "MatchedSigmoid.weight",
        "(1 if place.is_last else 2)",
        "1",
    ),
]

NETWORKS = [
    Mutant(
        "sigmoid's derivative without (1 - s)",
        "networks.py",
        "",
        '"sigmoid": nn.Sigmoid,',
        '"sigmoid": type("Sigmoid", (nn.Sigmoid,), {"forward": lambda self, z: '
        "(s := torch.sigmoid(z).detach()) + s * (z - z.detach())}),",
    ),
    Mutant("tanh for sigmoid", "networks.py", "", '"sigmoid": nn.Sigmoid', '"sigmoid": nn.Tanh'),
    Mutant("leaky ReLU for ReLU", "networks.py", "", '"relu": nn.ReLU', '"relu": nn.LeakyReLU'),
    Mutant(
        "tanh with the sigmoid's slope, a quarter at zero",
        "networks.py",
        "",
        '"tanh": nn.Tanh,',
        '"tanh": type("Tanh", (nn.Tanh,), {"forward": lambda self, z: '
        "torch.tanh(z).detach() + (1 - torch.tanh(z).detach() ** 2) * (z - z.detach()) / 4}),",
    ),
    Mutant("activation after the last layer", "networks.py", "mlp", "*modules[:-1]", "*modules"),
    Mutant(
        "the scheme forgotten, PyTorch's default kept",
        "networks.py",
        "mlp",
        '"default" if initializer is None else initializer',
        '"default"',
    ),
]

RANDOMNESS = [
    Mutant(
        "a seed ignored",
        "randomness.py",
        "seeded",
        "generator.manual_seed(seed)",
        "generator.seed()",
    ),
    Mutant("every network of a sweep the same", "ensembles.py", "draw_seed", "spawn_key=(k,)", ""),
    Mutant(
        "the seed of a sweep ignored",
        "ensembles.py",
        "draw_seed",
        "np.random.SeedSequence(seed,",
        "np.random.SeedSequence(0,",
        unclaimed="any seed is as good as any other to a claim",
    ),
    Mutant(
        "the seed set anew before each layer",
        "initializers.py",
        "draw",
        "new = scheme.weight(weight, place=place, generator=generator)",
        "generator.manual_seed(generator.initial_seed())\n"
        "        new = scheme.weight(weight, place=place, generator=generator)",
    ),
    Mutant(
        "weights drawn, but the biases left as they were",
        "initializers.py",
        "initialize",
        "bias.copy_(new_bias)",
        "pass",
    ),
]

DATA = [
    Mutant(
        "noise with variance 0.05, not standard deviation",
        "data.py",
        "waves",
        "noise * torch.randn",
        "math.sqrt(noise) * torch.randn",
        unclaimed="what is claimed of networks holds for any small noise",
    ),
    Mutant("sine and cosine exchanged", "data.py", "waves", "angle.sin()", "angle.cos()"),
    Mutant(
        "angles from 0 to 2 pi",
        "data.py",
        "waves",
        "(2 * unit[:, 0] - 1)",
        "(2 * unit[:, 0])",
    ),
    Mutant(
        "test pixels used to standardize",
        "data.py",
        "digits",
        "inputs[train].mean(), inputs[train].std()",
        "inputs.mean(), inputs.std()",
        unclaimed="the two means differ by half a percent of a standard deviation",
    ),
    Mutant(
        "pixels centered, but not scaled",
        "data.py",
        "digits",
        "(inputs - mean) / std",
        "inputs - mean",
    ),
]

_PLANS, _TRAINING = "reproduce/plans.py", "reproduce/training.py"
_SEARCHING = "reproduce/searching.py"

REPRODUCTION = [
    Mutant(
        "standard weights for normalized ones in Table 1",
        _PLANS,
        "",
        '"tanh N": ("tanh", _NORMALIZED)',
        '"tanh N": ("tanh", _STANDARD)',
    ),
    Mutant(
        "tanh for sigmoid in Table 1",
        _PLANS,
        "",
        '"sigmoid": ("sigmoid", _STANDARD)',
        '"sigmoid": ("tanh", _STANDARD)',
    ),
    Mutant(
        "tanh for softsign in Table 1",
        _PLANS,
        "",
        '"softsign": ("softsign", _STANDARD)',
        '"softsign": ("tanh", _STANDARD)',
    ),
    Mutant(
        "right answers counted as errors",
        _PLANS,
        "error",
        "guesses != classes",
        "guesses == classes",
    ),
    Mutant(
        "the same images in every block of the stream",
        _PLANS,
        "stream",
        "seed=draw_seed(source, block)",
        "seed=draw_seed(source, 0)",
        unclaimed="a thousand images are many for the first few hundred updates",
    ),
    Mutant(
        "learning rates chosen by the test images",
        _PLANS,
        "Plan.held_out",
        '_TEST if self.purpose == "test" else _VALIDATION',
        "_TEST",
        unclaimed="any thousand images are as good as others to a claim",
    ),
    Mutant(
        "gradients added up from update to update",
        _TRAINING,
        "descend",
        "optimizer.zero_grad()",
        "pass",
    ),
    Mutant(
        "every training from the weights of seed 0",
        _PLANS,
        "Plan.network",
        "draw_seed(run.seed, _WEIGHTS)",
        "draw_seed(0, _WEIGHTS)",
        unclaimed="any seed is as good as any other to a claim",
    ),
    Mutant(
        "the rate with the most errors chosen",
        _SEARCHING,
        "best_rates",
        "errors[run][-1]",
        "-errors[run][-1]",
    ),
]

MAKING = [*VARIANCES, *BIASES, *NETWORKS, *RANDOMNESS, *DATA, *REPRODUCTION]
