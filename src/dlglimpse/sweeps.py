"""Look at many configurations, on as many machines as there are, and keep what is done."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend

from dlglimpse.ensembles import draws
from dlglimpse.errors import GlimpseError
from dlglimpse.files import replace
from dlglimpse.fingerprints import fingerprint, versions
from dlglimpse.progress import progress, quiet
from dlglimpse.records import Draws

Measure = Callable[[Draws], Any]

_OPTIONS = ("sizes", "activation", "initializer", "n_draws", "inputs", "targets", "loss", "seed")
_MAGIC = b"dlglimpse sweep 1\n"


def sweep(
    configurations: Iterable[Mapping[str, Any]],
    measure: Measure | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    **common: Any,
) -> list[Any]:
    """Call `draws` for each configuration, through joblib, and measure what comes back.

    Result c is `measure(draws(**common, **configurations[c]))`. Whoever calls decides
    where the work is done, with `joblib.parallel_config`: one after another by default,
    on all cores, or on a cluster of Dask or Ray. The results are the same to the bit on
    machines of one kind, because each configuration is computed with one thread.

    Parameters
    ----------
    configurations
        For each the arguments of `draws` that distinguish it.
    measure
        A function of a `Draws`, whose result is kept in its place. None keeps the whole
        records: 4 bytes for each of `d (3 n o + i o + o)` values of a layer with i
        inputs and o outputs, over d draws and n examples.
    folder
        Where to keep each result as soon as it is there, made if it does not exist. A
        sweep that was interrupted does not repeat what it finds there. None keeps
        nothing.
    common
        The arguments of `draws` that all configurations share.

    Returns
    -------
    list
        One result for each configuration, in their order.

    Raises
    ------
    GlimpseError
        As `draws` does; if an argument is unknown, missing, or given twice; or, with a
        folder, if an argument is an object that cannot be recognized the next time.

    Notes
    -----
    What is kept goes by a fingerprint of the arguments, of the code of `measure` and of
    `loss`, and of the versions of Python, NumPy, PyTorch and this package; if one of them
    changes, the configuration is computed again, and the old file stays. Files that are
    not whole are computed again. What misleads: of a function that `measure` calls from
    another module only the name is known, so change the folder when you change that. And
    files are read with `pickle`, which runs what is in them: use a folder of your own.

    Examples
    --------
    >>> from dlglimpse import band, first_to_last, waves
    >>> inputs, targets = waves(100)
    >>> def ratio(look):
    ...     return band(first_to_last(look.weight_gradients, draws=True)).median
    >>> small = [{"sizes": (2, 2, 2), "activation": name} for name in ("sigmoid", "tanh")]
    >>> sigmoid, tanh = sweep(small, ratio, n_draws=50, inputs=inputs, targets=targets)
    >>> sigmoid < tanh
    True

    On a cluster, nothing changes but the lines around the call::

        with joblib.parallel_config(backend="dask"):
            sweep(small, ratio, folder="ratios", inputs=inputs, targets=targets)
    """
    tasks = [_arguments(configuration, common) for configuration in configurations]
    if measure is not None and not callable(measure):
        raise GlimpseError(
            "`measure` must be a function of a record",
            given=repr(measure),
            hint="try `lambda look: look.loss`",
        )
    keep = _Folder(folder, [(task, measure) for task in tasks]) if folder is not None else None
    results = keep.found() if keep else {}
    left = [c for c in range(len(tasks)) if c not in results]
    with progress(len(tasks), "configuration", done=len(results)) as bar:
        for c, result in _computed([(c, tasks[c], measure) for c in left]):
            if keep:
                keep.put(c, result)
            results[c] = result
            bar.update()
    return [results[c] for c in range(len(tasks))]


def _arguments(configuration: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `draws` for one configuration."""
    for name in (*configuration, *common):
        if name not in _OPTIONS:
            raise GlimpseError(
                "a sweep takes the arguments of `draws`, and this is none",
                given=repr(name),
                hint=f"choose from {', '.join(_OPTIONS)}",
            )
    both = sorted(set(configuration) & set(common))
    missing = [n for n in ("sizes", "inputs", "targets") if n not in {*configuration, *common}]
    if both or missing:
        raise GlimpseError(
            "each argument is given once, in every configuration or for all of them",
            given=f"{', '.join(both or missing)} {'twice' if both else 'nowhere'}",
            hint="try `sweep(configurations, inputs=inputs, targets=targets)`",
        )
    return {**common, **configuration}


def _computed(tasks: Sequence[tuple[int, dict[str, Any], Measure | None]]) -> Iterator[Any]:
    """Numbers of configurations with their results, as they come."""
    jobs = [delayed(_task)(*task) for task in tasks]
    backend, workers = get_active_backend()
    if getattr(backend, "supports_return_generator", True):
        yield from Parallel(return_as="generator_unordered", batch_size=1)(jobs)
        return
    # Such as Ray's, which hands over all results together: what is kept comes in waves.
    wave = max(1, backend.effective_n_jobs(workers))
    for start in range(0, len(jobs), wave):
        yield from Parallel(batch_size=1)(jobs[start : start + wave])


def _task(c: int, arguments: dict[str, Any], measure: Measure | None) -> tuple[int, Any]:
    """What a worker does: the result of configuration `c`, and which one it is."""
    with quiet(), _one_thread():
        record = draws(**arguments)
        return c, record if measure is None else measure(record)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums come out a little different when more threads share them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Folder:
    """Finished results, a file for each, whole or not there."""

    def __init__(self, folder: str | os.PathLike[str], work: Sequence[Any]) -> None:
        self._folder = Path(folder)
        if self._folder.exists() and not self._folder.is_dir():
            raise GlimpseError(
                "`folder` must be a folder", given=str(folder), hint='try `folder="results"`'
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._paths = [
            self._folder / f"{fingerprint(versions(), each)[:32]}.pickle" for each in work
        ]

    def found(self) -> dict[int, Any]:
        """The results that are there, by number of configuration."""
        contents = {c: _whole(path) for c, path in enumerate(self._paths)}
        return {c: pickle.loads(data) for c, data in contents.items() if data is not None}

    def put(self, c: int, result: Any) -> None:
        """Keep a result; under its name there is never a part of it."""
        data = pickle.dumps(result)
        whole = _MAGIC + hashlib.sha256(data).digest() + data
        replace(self._paths[c], lambda file: file.write(whole))


def _whole(path: Path) -> bytes | None:
    """What a file holds, if it is one of ours and nothing of it is missing."""
    if not path.exists():
        return None
    text = path.read_bytes()
    begin = len(_MAGIC) + hashlib.sha256().digest_size
    known, data = text[:begin], text[begin:]
    return data if known == _MAGIC + hashlib.sha256(data).digest() else None
