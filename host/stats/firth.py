"""Firth's penalised likelihood: log L + log det(I) / 2, finite where the likelihood itself has no maximum.

Source: Firth, Biometrika 80 (1993) 27-38; for Cox's model Heinze and Schemper, Biometrics 57 (2001) 114-119.
"""

from __future__ import annotations

import numpy as np

from host.stats.partial import Evaluation, Floats, PartialLikelihood


class FirthLikelihood:
    """A partial likelihood with Firth's penalty; its information is that of the likelihood without it."""

    def __init__(self, likelihood: PartialLikelihood) -> None:
        self.likelihood = likelihood
        self.p = likelihood.p

    def evaluate(self, beta: Floats) -> Evaluation:
        """Return penalised log likelihood, modified score and information at ``beta`` [p].

        The penalty's derivative is tr(I^-1 dI/db_j) / 2 (Firth 1993, equation 3.1). With q = (x - z)' I^-1
        (x - z), dI/db_j contributes E[q (x_j - z_j)] for every event, E being the mean over its risk set
        with weights r.
        """
        model = self.likelihood
        plain = model.evaluate(beta)
        if not (np.isfinite(plain.value) and np.isfinite(plain.information).all()):
            return Evaluation(-np.inf, plain.gradient, plain.information)
        sign, logdet = np.linalg.slogdet(plain.information)
        if sign <= 0:
            return Evaluation(-np.inf, plain.gradient, plain.information)
        inverse = np.linalg.inv(plain.information)
        risk, below, z = model.means(np.asarray(beta, dtype=float))
        x = model.x
        h = np.einsum("ij,jk,ik->i", x, inverse, x)
        weighted = risk[:, None] * x
        mean_h = model.at_events(risk * h) / below
        mean_hx = model.at_events(weighted * h[:, None]) / below[:, None]
        second = model.at_events(weighted[:, :, None] * x[:, None, :]) / below[:, None, None]
        az = z @ inverse
        zaz = np.einsum("ij,ij->i", az, z)
        mean_q = mean_h - zaz  # E[q]
        mean_qx = mean_hx - 2 * np.einsum("ij,ijk->ik", az, second) + zaz[:, None] * z  # E[q x]
        penalty = 0.5 * model.weight @ (mean_qx - mean_q[:, None] * z)
        return Evaluation(plain.value + 0.5 * float(logdet), plain.gradient + penalty, plain.information)
