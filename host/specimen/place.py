"""Where the bodies lie: apart from each other, unless density or the caller forces them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from host.specimen.cells import Body
from host.specimen.geometry import Geometry

GAP_UM = 6.0  # from rim to rim: the blurred edges of two neighbours do not meet
MARGIN_UM = 4.0  # from rim to the field's edge: every body is whole
TRIES = 200  # places drawn for each body; when none is free, the freest is taken


class Placer:
    """Places bodies one after the other; earlier ones are never moved by later ones."""

    def __init__(self, size: Geometry, fields: int) -> None:
        self._size = np.array([size.width - 1, size.height - 1]) * size.um_per_pixel
        self._placed: list[list[tuple[float, float, float]]] = [[] for _ in range(fields)]  # x, y, reach

    def scatter(self, rng: np.random.Generator, bodies: Sequence[Body]) -> None:
        """Give each body a random field and a random free place in it."""
        for body in bodies:
            body.field = int(rng.integers(len(self._placed)))
            margin = _reach(body) + MARGIN_UM
            self._settle(body, rng.uniform(margin, self._size - margin, size=(TRIES, 2)), GAP_UM)

    def attach(self, rng: np.random.Generator, bodies: Sequence[Body], hosts: Sequence[Body]) -> None:
        """Put each body rim to rim against one of ``hosts`` in turn, where there is room, in a random
        direction."""
        for n, body in enumerate(bodies):
            host = hosts[n % len(hosts)]
            body.field = host.field
            angle = rng.uniform(0.0, 2.0 * np.pi, size=TRIES)
            distance = (body.diameter + host.diameter) / 2.0
            places = np.stack((host.x + distance * np.cos(angle), host.y + distance * np.sin(angle)), axis=1)
            margin = _reach(body) + MARGIN_UM
            inside = ((places >= margin) & (places <= self._size - margin)).all(axis=1)
            self._settle(body, places[inside] if inside.any() else places, 0.0, beside=host)

    def cluster(self, rng: np.random.Generator, bodies: Sequence[Body], size: int) -> None:
        """Scatter groups of ``size`` bodies; within a group each lies rim to rim against one before it."""
        for first in range(0, len(bodies), size):
            group = bodies[first : first + size]
            self.scatter(rng, group[:1])
            for n, body in enumerate(group[1:], 1):
                self.attach(rng, [body], [group[int(rng.integers(n))]])

    def _settle(
        self, body: Body, places: NDArray[np.float64], wanted: float, beside: Body | None = None
    ) -> None:
        """Take the first of ``places`` [n, 2] with at least the ``wanted`` gap, else the one with the
        largest."""
        placed = self._placed[body.field]
        others = [other for other in placed if beside is None or other[:2] != (beside.x, beside.y)]
        best = 0
        if others:
            table = np.array(others)
            gaps = (
                np.hypot(*(places[:, None, :] - table[None, :, :2]).transpose(2, 0, 1))
                - table[:, 2]
                - _reach(body)
            )
            least = gaps.min(axis=1)
            free = np.flatnonzero(least >= wanted)
            best = int(free[0]) if free.size else int(np.argmax(least))
        body.x, body.y = (float(value) for value in places[best])
        placed.append((body.x, body.y, _reach(body)))


def _reach(body: Body) -> float:
    """Return how far a body reaches from its centre, in um."""
    return body.diameter / 2.0 * body.elongation
