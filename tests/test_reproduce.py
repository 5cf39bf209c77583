"""The training behind Table 1: its formulas, its stream, and what survives a kill."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlglimpse import GlimpseError, draw_seed, mlp
from dlglimpse.reproduce import CONFIGURATIONS, TABLE, Plan, Results, Run, paired, train
from dlglimpse.reproduce.__main__ import main
from dlglimpse.reproduce.keeping import keep, replace, take_up
from dlglimpse.reproduce.plans import BLOCK, error, stream
from dlglimpse.reproduce.results import commit
from dlglimpse.reproduce.searching import SEED, best_rates, search_plan
from dlglimpse.reproduce.training import Training, device_of

SMALL = {"width": 8, "depth": 2, "batch": 4, "test_size": 60}
TWO = paired({"tanh": 0.1, "tanh N": 0.1}, seeds=[0, 1])
ROOT = Path(__file__).parents[1]


def small_plan(runs=TWO, updates=60, every=20, **options) -> Plan:
    return Plan(runs, updates, every, **{**SMALL, **options})


def same_networks(one: Training, other: Training) -> bool:
    return all(
        torch.equal(a, b)
        for run, model in one.networks.items()
        for a, b in zip(model.parameters(), other.networks[run].parameters(), strict=True)
    )


def test_the_rows_are_those_of_the_paper():
    assert TABLE == ("softsign", "softsign N", "tanh", "tanh N", "sigmoid")
    assert Plan(paired(dict.fromkeys(TABLE, 0.1), [0]), 10, 10).sizes == (1024, *[1000] * 5, 9)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_weights_are_as_wide_as_the_scheme_says_and_biases_zero(name):
    plan = small_plan((Run(name, 0.1, seed=3),), width=200)
    model = plan.network(plan.runs[0])
    for layer, (i, o) in zip(model[::2], [(1024, 200), (200, 200), (200, 9)], strict=True):
        bound = (6 / (i + o)) ** 0.5 if name.endswith(" N") else i**-0.5
        widest = layer.weight.abs().max().item()
        assert 0.97 * bound < widest <= bound
        assert not layer.bias.any()
    expected = {"softsign": torch.nn.Softsign, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    assert type(model[1]) is expected[name.removesuffix(" N")]


def test_one_update_is_gradient_descent_on_the_cross_entropy():
    run = Run("softsign N", 0.3, seed=5)
    plan = small_plan((run,), updates=1, every=1)
    model = plan.network(run)
    weights = [p.detach().double().requires_grad_() for p in model.parameters()]
    images, classes = next(stream(5, plan.batch))
    signal = images.double()
    for layer in range(3):
        z = signal @ weights[2 * layer].T + weights[2 * layer + 1]
        signal = z / (1 + z.abs())
    # the mean over the batch of log sum exp z - z of the class
    loss = (z.exp().sum(dim=1).log() - z[range(len(z)), classes]).mean()
    steps = torch.autograd.grad(loss, weights)
    trained = train(plan).networks[run]
    for now, before, step in zip(trained.parameters(), weights, steps, strict=True):
        torch.testing.assert_close(now.double(), before - 0.3 * step, rtol=1e-4, atol=1e-7)


def test_loss_falls_and_more_is_right_than_by_guessing():
    run = Run("tanh N", 0.1, seed=1)
    plan = small_plan((run,), updates=1000, every=500, width=30, batch=10, test_size=1000)
    images, classes = plan.held_out()
    training = train(plan)
    with torch.no_grad():
        before, after = (
            F.cross_entropy(model(images), classes).item()
            for model in (plan.network(run), training.networks[run])
        )
    assert after < before - 0.2
    # two standard errors below what always one class of one shape would get
    assert training.errors[run][-1] < 5 / 6 - 0.025


def test_always_one_class_makes_five_mistakes_in_six():
    images, classes = Plan(TWO, 10, 10).held_out()
    always = mlp((1024, 9), initializer="zeros", seed=0)
    shares = []
    for answer in range(9):
        with torch.no_grad():
            always[0].bias.copy_(F.one_hot(torch.tensor(answer), 9))
        shares.append(error(always, images, classes))
        assert shares[-1] == pytest.approx((classes != answer).float().mean().item())
    # five standard deviations of 10,000 images
    assert min(shares) == pytest.approx(5 / 6, abs=5 * (5 / 36 / 10_000) ** 0.5)


def test_errors_are_measured_before_during_and_after():
    plan = small_plan(updates=50, every=25)
    training = train(plan)
    assert training.measured == [0, 25, 50]
    images, classes = plan.held_out()
    for run, errors in training.errors.items():
        assert errors[0] == error(plan.network(run), images, classes)
        assert errors[2] == error(training.networks[run], images, classes)


def test_the_stream_can_be_entered_anywhere():
    batches = [b for _, b in zip(range(2 * BLOCK + 3), stream(4, 3), strict=False)]
    for start in (0, 7, BLOCK - 1, BLOCK, 2 * BLOCK + 2):
        images, classes = next(stream(4, 3, start=start))
        assert torch.equal(images, batches[start][0])
        assert torch.equal(classes, batches[start][1])


def test_no_two_blocks_and_no_two_purposes_share_images():
    plan = small_plan()
    sets = [plan.held_out()[0], small_plan(purpose="validation").held_out()[0]]
    sets += [next(stream(s, 60, start=t))[0] for s in (0, 1, SEED) for t in (0, BLOCK)]
    rows = torch.cat(sets)
    assert len(torch.unique(rows, dim=0)) == len(rows)


def test_a_network_trains_the_same_alone_and_among_others():
    together = train(small_plan())
    alone = train(small_plan(TWO[2:3]))
    assert alone.errors[TWO[2]] == together.errors[TWO[2]]
    one, other = alone.networks[TWO[2]][0], together.networks[TWO[2]][0]
    assert torch.equal(one.weight, other.weight)


def test_networks_of_one_seed_start_from_the_same_numbers():
    plan = small_plan()
    standard, normalized = (plan.network(run)[0].weight for run in TWO[:2])
    torch.testing.assert_close(standard * 1024**0.5, normalized * ((1024 + 8) / 6) ** 0.5)
    other = plan.network(TWO[2])[0].weight
    assert not torch.equal(standard, other)
    assert draw_seed(0, 0) != draw_seed(0, 1)


def test_taken_up_at_any_point_it_ends_as_if_never_left(tmp_path):
    plan = small_plan(updates=150, every=50)
    whole = train(plan)
    first = Training(plan)
    while first.done < 100:
        first.advance()
        keep(first, tmp_path / "kept.pt", commits=["a"])
        second = Training(plan)
        assert take_up(second, tmp_path / "kept.pt") == {"commits": ["a"]}
        while second.done < plan.updates:
            second.advance()
        assert second.measured == whole.measured and second.errors == whole.errors
        assert same_networks(second, whole)


def test_a_momentum_would_be_kept_too(tmp_path):
    plan = small_plan(updates=40, every=20)
    trainings = [Training(plan), Training(plan)]
    for training in trainings:
        for run, model in training.networks.items():
            training.optimizers[run] = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    whole, first = trainings
    whole.advance(), whole.advance(), first.advance()
    keep(first, tmp_path / "kept.pt")
    second = Training(plan)
    for run, model in second.networks.items():
        second.optimizers[run] = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    take_up(second, tmp_path / "kept.pt")
    second.advance()
    assert same_networks(second, whole)


def test_a_checkpoint_of_another_plan_is_refused(tmp_path):
    path = tmp_path / "kept.pt"
    keep(train(small_plan()), path)
    with pytest.raises(GlimpseError, match=r"width was 8, is 9.*another `--output`"):
        take_up(Training(small_plan(width=9)), path)
    with pytest.raises(GlimpseError, match="60 updates are done already"):
        take_up(Training(small_plan(updates=40)), path)
    longer = Training(small_plan(updates=80))
    take_up(longer, path)
    assert longer.done == 60


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def half(file):
        file.write(b"ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace(path, half)
    assert path.read_bytes() == b"old"


def test_search_tries_every_rate_on_images_of_its_own():
    plan = search_plan(small_plan(), [0.1, 0.01], updates=30)
    assert {(r.configuration, r.rate) for r in plan.runs} == {
        (name, rate) for name in ("tanh", "tanh N") for rate in (0.1, 0.01)
    }
    assert {r.seed for r in plan.runs} == {SEED} and plan.purpose == "validation"


def test_the_best_rate_has_the_lowest_last_error_and_of_equals_the_smallest():
    errors = {
        Run("tanh", 0.3, 0): [0.1, 0.5],
        Run("tanh", 0.1, 0): [0.9, 0.5],
        Run("tanh N", 0.1, 0): [0.9, 0.4],
        Run("tanh N", 0.3, 0): [0.9, 0.3],
    }
    assert best_rates(errors) == {"tanh": 0.1, "tanh N": 0.3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"updates": 0}, "try `updates=100`"),
        ({"width": 2.5}, "try `width=100`"),
        ({"updates": 50}, "try `updates=60`"),
        ({"runs": ()}, "each configuration and each seed once"),
        ({"runs": TWO + TWO}, "each configuration and each seed once"),
        ({"runs": (Run("tanh M", 0.1, 0),)}, "choose one of softsign, softsign N"),
        ({"runs": (Run("tanh", -0.1, 0),)}, "try 0.1"),
        ({"runs": (Run("tanh", float("nan"), 0),)}, "try 0.1"),
        ({"purpose": "fun"}, "choose one of test, validation"),
    ],
)
def test_a_plan_that_cannot_be_says_what_to_try(change, message):
    with pytest.raises(GlimpseError, match=re.escape(message)):
        small_plan(**change)


def test_an_unknown_device_says_what_to_try():
    assert device_of("auto") in ("cpu", "cuda")
    for name in ("abacus", "cuda:99"):
        with pytest.raises(GlimpseError, match="try `cpu` or `auto`"):
            device_of(name)


def options(folder: Path, *more: str) -> list[str]:
    words = "--width 8 --depth 2 --batch 4 --test-size 50 --seeds 0 1 --every 40 --save 40"
    names = ["--configurations", "tanh N", "sigmoid", "--device", "cpu"]
    return ["--output", str(folder), *words.split(), *names, *more]


def test_the_command_writes_results_with_their_provenance(tmp_path, capsys):
    words = options(tmp_path, "--updates", "80", "--rates", "0.1", "0.3", "--search", "20")
    assert main(words) == 0
    found = Results.read(tmp_path / "results.json")
    assert found.measured == [0, 40, 80]
    assert {name: np.shape(e) for name, e in found.errors.items()} == {
        "tanh N": (2, 3),
        "sigmoid": (2, 3),
    }
    what = found.provenance
    assert re.fullmatch(r"[0-9a-f]{40}\+?|unknown", what["commits"][0])
    assert set(what["versions"]) == {"python", "torch", "numpy"}
    assert (what["device"], what["seeds"]) == ("cpu", [0, 1])
    assert what["plan"] == {
        "updates": 80, "done": 80, "every": 40, "batch": 4, "width": 8, "depth": 2,
        "test_size": 50, "purpose": "test",
    }  # fmt: skip
    assert set(what["search"]["errors"]["tanh N"]) == {"0.1", "0.3"}
    assert what["search"]["updates"] == 20 and set(what["rates"]) == {"tanh N", "sigmoid"}
    assert set(found.machine) == {"seconds", "processor"}
    assert "sigmoid      seed 1" in capsys.readouterr().out
    runs = paired(what["rates"], [0, 1])
    again = train(Plan(runs, 80, 40, width=8, depth=2, batch=4, test_size=50))
    for name, errors in found.errors.items():
        mine = [e for run, e in again.errors.items() if run.configuration == name]
        np.testing.assert_allclose(np.array(errors) / 100, mine, atol=1e-6)
        np.testing.assert_array_equal(found.final()[name], np.array(errors)[:, -1])


def test_the_command_says_what_to_try_and_leaves_no_traceback(tmp_path, capsys):
    assert main([*options(tmp_path), "--updates", "50"]) == 2
    assert "error: " in (said := capsys.readouterr().err) and "try `updates=80`" in said
    with pytest.raises(GlimpseError, match=r"python -m dlglimpse\.reproduce"):
        Results.read(tmp_path / "none.json")


def test_the_commit_is_that_of_the_package_and_of_no_other_repository(tmp_path):
    def git(*words: str) -> str:
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(tmp_path), *author, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    file = tmp_path / "package" / "part" / "file.py"
    file.parent.mkdir(parents=True)
    file.write_text("x = 1\n")
    assert commit(file) == "unknown"
    git("init", "--quiet")
    assert commit(file) == "unknown"
    git("add", "."), git("commit", "--quiet", "-m", "a file")
    assert commit(file) == git("rev-parse", "HEAD")
    (tmp_path / "package" / "other.py").write_text("x = 2\n")
    assert commit(file) == git("rev-parse", "HEAD") + "+"


def start(folder: Path, updates: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "dlglimpse.reproduce"]
    words = options(folder, "--updates", str(updates), "--rates", "0.1", "0.3", "--search", "20")
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_killed_and_started_again_it_ends_as_if_never_killed(tmp_path):
    updates = 400
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = start(killed, updates)
    checkpoint = killed / "training.pt"
    deadline = time.monotonic() + 120
    while not checkpoint.exists():
        assert process.poll() is None and time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    done = torch.load(checkpoint, weights_only=True)["state"]["done"]
    assert 0 < done < updates
    for folder in (killed, whole):
        process = start(folder, updates)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said.decode()
    one, other = (torch.load(f / "training.pt", weights_only=True) for f in (killed, whole))
    assert one["plan"] == other["plan"] and one["state"]["done"] == updates
    assert one["state"]["errors"] == other["state"]["errors"]
    for a, b in zip(one["state"]["networks"], other["state"]["networks"], strict=True):
        assert all(torch.equal(a[name], b[name]) for name in a)
    one, other = (json.loads((f / "results.json").read_text()) for f in (killed, whole))
    del one["machine"], other["machine"]
    assert one == other
