"""Sweeps over configurations: the same to the bit everywhere, and nothing done twice."""

import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import joblib
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import GlimpseError, draws, first_to_last, sweep, waves
from dlglimpse.sweeps import _Folder
from interrupted import CONFIGURATIONS as CONFIGURED

INPUTS, TARGETS = waves(30)
COMMON = {"n_draws": 6, "inputs": INPUTS, "targets": TARGETS, "seed": 4}
CONFIGURATIONS = [
    {"sizes": (2, width, 3, 2), "activation": activation}
    for width in (3, 65)
    for activation in ("sigmoid", "gelu", "relu")
]


def loss_of(look):
    return look.loss


def bits(record):
    """All numbers of a record, as bytes."""
    fields = ("preactivations", "activations", "backpropagated", "weight_gradients")
    layers = [t for f in (*fields, "bias_gradients") for t in getattr(record, f).values()]
    return [t.numpy().tobytes() for t in [*layers, record.loss]]


@pytest.fixture(scope="module")
def serial():
    return [bits(record) for record in sweep(CONFIGURATIONS, **COMMON)]


def test_a_sweep_is_a_draws_for_each_configuration_in_order(serial):
    assert serial == [bits(draws(**c, **COMMON)) for c in CONFIGURATIONS]
    assert len({str(record) for record in serial}) == len(CONFIGURATIONS)


def test_measure_sees_each_record():
    def ratios(look):
        return first_to_last(look.weight_gradients, draws=True).tolist()

    expected = [ratios(draws(**c, **COMMON)) for c in CONFIGURATIONS]
    assert sweep(iter(CONFIGURATIONS), ratios, **COMMON) == expected


# Those of multiprocessing, like Ray's, come only when all of them are there.
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_two_workers_give_the_records_of_the_serial_run_to_the_bit(serial, tmp_path, backend):
    with joblib.parallel_config(backend=backend, n_jobs=2):
        records = sweep(CONFIGURATIONS, folder=tmp_path, **COMMON)
    assert [bits(record) for record in records] == serial
    assert len(list(tmp_path.iterdir())) == len(CONFIGURATIONS)


def test_workers_use_one_thread_and_give_back_the_others():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert sweep(CONFIGURATIONS[:1], lambda _: torch.get_num_threads(), **COMMON) == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes of Dask on this machine."""
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        # Even without a dashboard it listens, at 8787 unless told to take any free port.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def process_of(look):
    """The process that did the work, and the record."""
    return os.getpid(), look


def test_a_cluster_gives_the_records_of_the_serial_run_to_the_bit(cluster, serial):
    with joblib.parallel_config(backend="dask"):
        found = sweep(CONFIGURATIONS, process_of, **COMMON)
    assert [bits(record) for _, record in found] == serial
    workers = {info["pid"] for info in cluster.run(lambda: {"pid": os.getpid()}).values()}
    assert len(workers) == 2 and os.getpid() not in workers
    assert {process for process, _ in found} <= workers


def slow(look, *, folder):
    """Says that work is under way, and is still at it when the worker is killed."""
    Path(folder, f"{os.getpid()}-{look.seed}-{time.monotonic_ns()}").touch()
    time.sleep(0.5)
    return os.getpid(), look


def kill_a_working_process(folder, killed):
    """Kill the first worker that says it is at work, while it is."""
    while not (started := sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)):
        time.sleep(0.01)
    process = int(started[-1].name.split("-")[0])
    os.kill(process, signal.SIGKILL)
    killed.append(process)


def test_a_worker_killed_midway_changes_nothing(cluster, serial, tmp_path):
    killed = []
    killer = threading.Thread(target=kill_a_working_process, args=(tmp_path, killed))
    killer.start()
    with joblib.parallel_config(backend="dask"):
        found = sweep(CONFIGURATIONS, partial(slow, folder=str(tmp_path)), **COMMON)
    killer.join()
    assert [bits(record) for _, record in found] == serial
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0], 0)
    # It had begun what another one then did: nothing that it gave back is among the results.
    begun = [int(path.name.split("-")[0]) for path in tmp_path.iterdir()]
    assert begun.count(killed[0]) > [process for process, _ in found].count(killed[0])
    assert len(begun) > len(CONFIGURATIONS)


def interrupted(folder, calls):
    script = Path(__file__).with_name("interrupted.py")
    return [sys.executable, str(script), str(folder), str(calls)]


def test_a_sweep_killed_midway_goes_on_where_it_was(tmp_path):
    folder, calls = tmp_path / "results", tmp_path / "calls"
    running = subprocess.Popen(interrupted(folder, calls), stdout=subprocess.DEVNULL)
    while len(list(folder.glob("*.pickle")) if folder.exists() else []) < 3:
        assert running.poll() is None
        time.sleep(0.01)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    finished = len(list(folder.glob("*.pickle")))
    before = calls.read_text().split()
    assert 3 <= finished < 8 and len(before) <= finished + 1

    again = subprocess.run(interrupted(folder, calls), capture_output=True, text=True, check=True)
    after = calls.read_text().split()
    assert after[len(before) :] == [str(width) for width in range(1, 9)][finished:]
    batch = dict(zip(("inputs", "targets"), waves(20), strict=True))
    alone = [draws(**c, n_draws=5, **batch).loss.tolist() for c in CONFIGURED]
    assert again.stdout == f"{alone}\n"


def counted(configurations, folder, measure=loss_of, **options):
    """The results of a sweep, and how many of them were computed."""
    calls = []

    def draws_counted(**arguments):
        calls.append(arguments)
        return draws(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dlglimpse.sweeps.draws", draws_counted)
        found = sweep(configurations, measure, folder=folder, **{**COMMON, **options})
    return found, len(calls)


def test_finished_work_is_not_done_again(tmp_path):
    first, computed = counted(CONFIGURATIONS[:3], tmp_path / "new" / "folder")
    assert computed == 3
    again, computed = counted(CONFIGURATIONS, tmp_path / "new" / "folder")
    assert computed == 3
    assert [torch.equal(a, b) for a, b in zip(first, again, strict=False)] == [True] * 3
    backwards, computed = counted(CONFIGURATIONS[::-1], tmp_path / "new" / "folder")
    assert computed == 0
    assert all(torch.equal(a, b) for a, b in zip(again, backwards[::-1], strict=True))


def other_measure(look):
    return look.loss * 2


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 5},
        {"n_draws": 7},
        {"inputs": INPUTS + 1e-6},
        {"targets": TARGETS.flip(0)},
        {"loss": F.l1_loss},
        {"loss": lambda o, t: (o - t).square().mean()},
        {"loss": nn.MSELoss(reduction="sum")},
        {"initializer": "he_normal"},
        {"measure": other_measure},
        {"measure": lambda look: look.loss + 1},
        {"measure": None},
    ],
    ids=lambda changed: "-".join(changed),
)
def test_changed_work_is_done_anew(tmp_path, changed):
    assert counted(CONFIGURATIONS[:1], tmp_path)[1] == 1
    assert counted(CONFIGURATIONS[:1], tmp_path, **changed)[1] == 1
    assert counted(CONFIGURATIONS[:1], tmp_path, **changed)[1] == 0
    assert counted(CONFIGURATIONS[:1], tmp_path)[1] == 0


def test_another_version_of_anything_is_other_work(tmp_path, monkeypatch):
    assert counted(CONFIGURATIONS[:1], tmp_path)[1] == 1
    monkeypatch.setattr("dlglimpse.sweeps.versions", lambda: ("another",))
    assert counted(CONFIGURATIONS[:1], tmp_path)[1] == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:70] + bytes([data[70] ^ 1]) + data[71:],
        lambda data: pickle.dumps("something else"),
    ],
    ids=["empty", "torn early", "torn late", "longer", "one bit", "foreign"],
)
def test_a_file_that_is_not_whole_is_not_finished_work(tmp_path, damage):
    (expected,), _ = counted(CONFIGURATIONS[:1], tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    (found,), computed = counted(CONFIGURATIONS[:1], tmp_path)
    assert computed == 1
    assert torch.equal(found, expected)
    assert counted(CONFIGURATIONS[:1], tmp_path)[1] == 0


def test_files_of_others_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "abc.part").write_bytes(b"torn")
    counted(CONFIGURATIONS[:1], tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "abc.part").read_bytes() == b"torn"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        _Folder(tmp_path, [1]).put(0, "result")
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_one_configuration_keeps_those_before(tmp_path):
    bad = [*CONFIGURATIONS[:2], {"sizes": (2, 2), "activation": "sigmoyd"}]
    with pytest.raises(GlimpseError, match="sigmoyd"):
        counted(bad, tmp_path)
    assert counted(CONFIGURATIONS[:2], tmp_path)[1] == 0


def test_no_configuration_gives_no_result():
    assert sweep([], **COMMON) == []


@pytest.mark.parametrize(
    ("configuration", "options", "words"),
    [
        ({"sizes": (2, 2), "width": 3}, {}, ["'width'", "sizes", "initializer"]),
        ({"sizes": (2, 2), "seed": 3}, {}, ["seed twice"]),
        ({}, {}, ["sizes nowhere"]),
        ({"sizes": (2, 2)}, {"measure": 3}, ["measure", "3"]),
        ({"sizes": (2, 2)}, {"folder": __file__}, ["folder", "test_sweeps.py"]),
        ({"sizes": (2, 2)}, {"folder": "F", "loss": partial(F.mse_loss, x=object())}, ["object"]),
    ],
    ids=["unknown", "twice", "nowhere", "measure", "folder", "object"],
)
def test_bad_sweeps_are_refused(tmp_path, configuration, options, words):
    if options.get("folder") == "F":
        options = {**options, "folder": tmp_path}
    with pytest.raises(GlimpseError) as caught:
        sweep([configuration], **{**COMMON, **options})
    assert [word for word in words if word not in str(caught.value)] == []
