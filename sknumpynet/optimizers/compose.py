"""Optimizers that wrap optimizers: one rule per part, decay, clipped gradients, averaged weights.

In: any optimizers, these included. Out: an optimizer, which resumes, forgets and pickles like any
other. ``spans`` finds the parts that the layout of theta has.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .optimizer import Met, Optimizer, Segment, whole
from .vectors import axpy, blocks, norm


@dataclass(frozen=True)
class Rule:
    """What moves ``theta[where]``: an optimizer, at ``factor`` times the learning rate."""

    where: slice
    optimizer: Optimizer
    factor: float = 1.0

    @property
    def name(self) -> str:
        return f"{self.where.start}:{self.where.stop}"


class Grouped(Optimizer):
    """One rule per slice of theta; what lies in no slice stands still.

    Parameters
    ----------
    learning_rate : float
    rules : iterable of Rule
        Their slices do not overlap.
    """

    def __init__(self, learning_rate: float, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.where.start))
        for one, other in itertools.pairwise(self.rules):
            if one.where.stop > other.where.start:
                raise ValueError(f"Rules for {one.where} and {other.where} overlap.")
        self.learning_rate = float(learning_rate)

    @property
    def block(self) -> int:
        return min((rule.optimizer.block for rule in self.rules), default=Optimizer.block)

    @block.setter
    def block(self, block: int) -> None:
        for rule in self.rules:
            rule.optimizer.block = block

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        for rule in self.rules:
            rule.optimizer.learning_rate = self.learning_rate * rule.factor
            part = None if met is None else met.within(rule.where)
            rule.optimizer.step(theta[rule.where], gradient[rule.where], part)

    @property
    def coasts(self) -> bool:
        return all(rule.optimizer.coasts for rule in self.rules)

    def coast(self, theta: np.ndarray, met: Met) -> None:
        for rule in self.rules:
            rule.optimizer.coast(theta[rule.where], met.within(rule.where))

    def count_anew(self) -> None:
        for rule in self.rules:
            rule.optimizer.count_anew()

    def state(self) -> dict[str, Any]:
        parts = {rule.name: rule.optimizer.state() for rule in self.rules}
        return {**super().state(), "parts": parts}

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        parts = state.get("parts", {})
        for rule in self.rules:
            rule.optimizer.load(parts.get(rule.name, {}), dtype)

    def to_training(self, theta: np.ndarray) -> None:
        for rule in self.rules:
            rule.optimizer.to_training(theta[rule.where])

    def to_evaluation(self, theta: np.ndarray) -> None:
        for rule in self.rules:
            rule.optimizer.to_evaluation(theta[rule.where])


class Wrapper(Optimizer):
    """An optimizer around one other. What a subclass does not change is the other's."""

    def __init__(self, inner: Optimizer) -> None:
        self.inner = inner

    @property
    def learning_rate(self) -> float:
        return self.inner.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self.inner.learning_rate = rate

    @property
    def block(self) -> int:
        return self.inner.block

    @block.setter
    def block(self, block: int) -> None:
        self.inner.block = block

    @property
    def coasts(self) -> bool:
        return self.inner.coasts

    def coast(self, theta: np.ndarray, met: Met) -> None:
        self.inner.coast(theta, met)

    def count_anew(self) -> None:
        self.inner.count_anew()

    def state(self) -> dict[str, Any]:
        return self.inner.state()

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        self.inner.load(state, dtype)

    def to_training(self, theta: np.ndarray) -> None:
        self.inner.to_training(theta)

    def to_evaluation(self, theta: np.ndarray) -> None:
        self.inner.to_evaluation(theta)


class Decayed(Wrapper):
    """``W <- (1 - lr decay) W`` for some parts of theta before each step of another optimizer.

    The decay does not go through the moments, as that of a penalty in the loss does: Loshchilov and
    Hutter (2019), "Decoupled weight decay regularization", algorithm 2; with the factor of the
    learning rate that PyTorch has. It has no state of its own. Its parts are no tables.

    Parameters
    ----------
    inner : Optimizer
    decay : float
        >= 0.
    where : iterable of slice
        The parts that decay.
    """

    def __init__(self, inner: Optimizer, decay: float, where: Iterable[slice]) -> None:
        super().__init__(inner)
        self.decay, self.where = float(decay), tuple(where)

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        for part in self.where:
            theta[part] *= 1.0 - self.learning_rate * self.decay
        self.inner.step(theta, gradient, met)


class Clipped(Wrapper):
    """``g <- g min(1, max_norm / |g|)`` before each step of another optimizer.

    |g| is the Euclidean norm of the whole gradient: Pascanu, Mikolov and Bengio (2013), "On the
    difficulty of training recurrent neural networks", algorithm 1. It has no state of its own, so
    that training may go on with it or without it.

    Parameters
    ----------
    inner : Optimizer
    max_norm : float
        > 0, in the units of the gradient.
    """

    def __init__(self, inner: Optimizer, max_norm: float) -> None:
        super().__init__(inner)
        self.max_norm = float(max_norm)

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        parts = whole(theta) if met is None else met.parts
        lengths = [norm(gradient[part], self.block) for part in parts]
        length = lengths[0] if len(lengths) == 1 else math.hypot(*lengths)
        # A norm that is nan makes the step nan, for the trainer to see.
        if not length <= self.max_norm:
            for part in parts:
                gradient[part] *= self.max_norm / length
        self.inner.step(theta, gradient, met)


class Averaged(Wrapper):
    """The weights to judge are a decaying mean of the weights after each step.

    ``a_t = sum_k decay^(t-k) theta_k / sum_k decay^(t-k)`` over the steps k = 1, ..., t: without a
    share of the start. Polyak and Juditsky (1992), "Acceleration of stochastic approximation by
    averaging", with decaying weights. Between epochs theta is the mean; the steps go on from the
    raw weights, unless theta has been set to something else meanwhile (the best epoch, a user's
    ``coefs_``): then they go on from there, and the mean starts anew. Means of optimizers inside
    are not used.

    With ``from_start`` ``a_t = decay a_(t-1) + (1 - decay) theta_t``, and a_0 is where it starts,
    as if the weights had been there for ever: few steps from good weights do not replace them.

    Parameters
    ----------
    inner : Optimizer
    decay : float
        In [0, 1).
    from_start : bool
    """

    keeps = ("t", "mean", "raw", "swapped")
    t: int
    mean: np.ndarray
    raw: np.ndarray
    swapped: bool
    # Of what earlier versions have saved.
    from_start: bool = False

    def __init__(self, inner: Optimizer, decay: float, from_start: bool = False) -> None:
        super().__init__(inner)
        self.decay, self.from_start = float(decay), bool(from_start)
        self._know_nothing()

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        if self.mean is None:
            mean = theta.copy() if self.from_start else np.zeros_like(theta)
            self.mean, self.raw, self.t = mean, np.empty_like(theta), 0
        self.inner.step(theta, gradient, met)
        self.t += 1
        share = self._share(1)
        add = axpy(theta.dtype)
        for part in whole(theta) if met is None else met.parts:
            means, values = self.mean[part], theta[part]
            for block in blocks(means.size, self.block):
                means[block] *= 1.0 - share
                add(values[block], means[block], a=share)
            if isinstance(part, np.ndarray):
                self.mean[part] = means

    def coast(self, theta: np.ndarray, met: Met) -> None:
        """Entries that momentum carried on count as if they had gone all their way at once.

        So their mean is early by the steps in which momentum fades, 10 with 0.9.
        """
        self.inner.coast(theta, met)
        met = met.behind()
        if self.mean is None or not self.t or not met.entries.size:
            return
        share = self._share(met.now - met.since)
        means = self.mean[met.entries]
        means += (theta[met.entries] - means) * met.spread(share, means.dtype)
        self.mean[met.entries] = means

    def _share(self, n_steps: Any) -> Any:
        """What so many last steps have of the mean.

        The sum of weights is (1 - decay^t) / (1 - decay), of which the newest has 1; 1 / (1 -
        decay) if they go back for ever.
        """
        of_all = 1.0 if self.from_start else 1.0 - self.decay**self.t
        return (1.0 - self.decay**n_steps) / of_all

    def to_evaluation(self, theta: np.ndarray) -> None:
        if self.t and not self.swapped:
            self.raw[:] = theta
            theta[:] = self.mean
            self.swapped = True

    def to_training(self, theta: np.ndarray) -> None:
        if self.swapped:
            if np.array_equal(theta, self.mean):
                theta[:] = self.raw
            elif self.from_start:
                self.mean[:] = theta
            else:
                self.mean[:], self.t = 0, 0
            self.swapped = False

    def state(self) -> dict[str, Any]:
        """The state of the optimizer inside, and beside it what is averaged.

        So training may go on with averages or without, from the same moments.
        """
        inner = self.inner.state()
        own = {name: getattr(self, name) for name in self.keeps}
        return {**inner, "averaged": {**own, "inside": inner.get("averaged")}}

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        own = state.get("averaged") or {}
        Optimizer.load(self, {"kind": type(self).__name__, **own} if own else {}, dtype)
        self.inner.load({**state, "averaged": own.get("inside")}, dtype)


def spans(
    slots: Iterable[Segment], key: Callable[[Segment], Hashable]
) -> list[tuple[Hashable, slice, list[Segment]]]:
    """Parts of theta in a row that have the same key: (key, where, slots), in their order."""
    found: list[tuple[Hashable, slice, list[Segment]]] = []
    for slot in slots:
        value, where, part = key(slot), slot.where, [slot]
        if found and found[-1][0] == value and found[-1][1].stop == where.start:
            _, before, members = found.pop()
            where, part = slice(before.start, where.stop), [*members, slot]
        found.append((value, where, part))
    return found
