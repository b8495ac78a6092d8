"""The whole plan on all processors, in an order that does not depend on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from host import core
from host.evaluate import lock
from host.evaluate.plan import Condition
from host.evaluate.specimen import Outcome, measure

Progress = Callable[[str, float | None], None]

_CHUNK = 4


def outcomes(
    plan: list[Condition],
    config: core.Config,
    locked: str | None,
    *,
    workers: int | None = None,
    progress: Progress = lambda what, share: None,
) -> list[Outcome]:
    """Measure every specimen of the plan; the same arguments give the same list.

    Args:
        plan: the conditions.
        config: the locked settings.
        locked: the digest for test seeds, None for tuning seeds.
        workers: processes; None: one per processor. 1: in this one.
        progress: told what is done; whatever it raises ends the run.
    """
    tasks = [
        (condition, seed, number, config)
        for condition in plan
        for number, seed in enumerate(lock.seeds(locked, condition.name, condition.specimens))
    ]
    done: list[Outcome] = []
    for outcome in _measured(tasks, workers or os.cpu_count() or 1):
        done.append(outcome)
        progress(f"{outcome.condition} ({len(done)} of {len(tasks)} specimens)", len(done) / len(tasks))
    return done


Task = tuple[Condition, int, int, core.Config]


def _measured(tasks: list[Task], workers: int) -> Iterator[Outcome]:
    if workers == 1:
        yield from map(_one, tasks)
        return
    with ProcessPoolExecutor(workers) as pool:
        chunks = [list(islice(tasks, at, at + _CHUNK)) for at in range(0, len(tasks), _CHUNK)]
        try:
            for part in pool.map(_some, chunks):
                yield from part
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one(task: Task) -> Outcome:
    return measure(*task)


def _some(tasks: list[Task]) -> list[Outcome]:
    return [measure(*task) for task in tasks]
