"""How well the reader measures: many simulated specimens with ground truth, and a real image of nuclei.

Settings are locked before the specimens that judge them exist (``lock``). One call, ``evaluate``, does all.
"""

from __future__ import annotations

from host.evaluate.evaluate import evaluate

__all__ = ["evaluate"]
