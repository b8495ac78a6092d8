"""Where the bodies lie: apart from each other, unless density or the caller forces them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from host.specimen.cells import Body
from host.specimen.geometry import Geometry

GAP_UM = 6.0  # clear rim to rim: the blurred edges of two neighbours do not meet
MARGIN_UM = 4.0  # from rim to the field's edge: every body is whole
TRIES = 200  # at each gap, before the gap is given up step by step
GAPS = (1.0, 0.5, 0.0, -0.5, -1.0)  # shares of GAP_UM; the last bodies of a crowded field overlap


class Placer:
    """Places bodies one after the other; earlier ones are never moved by later ones."""

    def __init__(self, size: Geometry, fields: int) -> None:
        self._width = (size.width - 1) * size.um_per_pixel
        self._height = (size.height - 1) * size.um_per_pixel
        self._placed: list[list[Body]] = [[] for _ in range(fields)]

    def scatter(self, rng: np.random.Generator, bodies: Sequence[Body]) -> None:
        """Give each body a random field and a random free place in it."""
        for body in bodies:
            body.field = int(rng.integers(len(self._placed)))
            self._drop(rng, body)

    def attach(self, rng: np.random.Generator, bodies: Sequence[Body], hosts: Sequence[Body]) -> None:
        """Put each body rim to rim against one of ``hosts`` in turn, in a random direction that stays in the field."""
        for body, host in zip(bodies, (hosts[n % len(hosts)] for n in range(len(bodies))), strict=True):
            body.field = host.field
            reach = (body.diameter + host.diameter) / 2.0
            for angle in rng.uniform(0.0, 2.0 * np.pi, size=TRIES):
                body.x, body.y = host.x + reach * float(np.cos(angle)), host.y + reach * float(np.sin(angle))
                others = [other for other in self._placed[host.field] if other is not host]
                if self._inside(body) and self._gap(body, others) >= 0.0:
                    break
            self._placed[host.field].append(body)

    def _drop(self, rng: np.random.Generator, body: Body) -> None:
        others = self._placed[body.field]
        margin = body.diameter / 2.0 * body.elongation + MARGIN_UM
        for share in GAPS:
            for _ in range(TRIES):
                body.x = float(rng.uniform(margin, self._width - margin))
                body.y = float(rng.uniform(margin, self._height - margin))
                if self._gap(body, others) >= share * GAP_UM:
                    others.append(body)
                    return
        others.append(body)

    def _inside(self, body: Body) -> bool:
        margin = body.diameter / 2.0 * body.elongation + MARGIN_UM
        return margin <= body.x <= self._width - margin and margin <= body.y <= self._height - margin

    @staticmethod
    def _gap(body: Body, others: Sequence[Body]) -> float:
        """Return the least distance from rim to rim in um, infinite when alone."""
        gap = np.inf
        for other in others:
            reach = (body.diameter * body.elongation + other.diameter * other.elongation) / 2.0
            gap = min(gap, float(np.hypot(body.x - other.x, body.y - other.y)) - reach)
        return gap
