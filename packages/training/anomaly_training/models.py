"""The three models that are compared. Each reconstructs a window of scaled readings; what it cannot is the residual.

    single       the mean of each signal: what is seen without relations between signals
    linear       each signal from the others, by regression on their principal components
    autoencoder  the same, and a layer of tanh that learns how the relations bend

A signal is reconstructed from the others alone (a masked autoencoder): one that saw the signal itself could copy a wrong
value through its bottleneck, and whether it does would depend on the number of components.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Array = np.ndarray

#: Share of the variance of the other signals that principal components keep.
EXPLAINED = 0.995
MAX_COMPONENTS = 12
HIDDEN = 32
EPOCHS = 30
BATCH = 256
LEARNING_RATE = 1e-3
#: Robust standard deviations beyond which a scaled reading says nothing more.
CLIP = 30.0
#: IQR of a normal distribution in standard deviations.
IQR_OF_NORMAL = 1.349


@dataclass(frozen=True)
class Scaling:
    """Robust scaling of each signal: (value - median) / scale, clipped."""

    median: Array
    scale: Array

    @staticmethod
    def of(samples: Array) -> Scaling:
        low, median, high = np.quantile(samples, [0.25, 0.5, 0.75], axis=0)
        # A signal that is one value most of the time has no IQR; its standard deviation is what is left.
        scale = np.where(high > low, (high - low) / IQR_OF_NORMAL, samples.std(axis=0))
        return Scaling(median.astype(np.float32), np.maximum(scale, 1e-6).astype(np.float32))

    def __call__(self, windows: Array) -> Array:
        return np.clip((windows - self.median) / self.scale, -CLIP, CLIP).astype(np.float32)


@dataclass(frozen=True)
class Reconstruction:
    """x̂ = offset + z·decode + tanh(z·hidden + bias)·bend, where z = (x - mean)·encode; x is a flattened window."""

    mean: Array
    encode: Array
    offset: Array
    decode: Array
    hidden: Array | None = None
    bias: Array | None = None
    bend: Array | None = None

    def __call__(self, flat: Array) -> Array:
        z = (flat - self.mean) @ self.encode
        linear = self.offset + z @ self.decode
        if self.hidden is None:
            return linear
        return linear + np.tanh(z @ self.hidden + self.bias) @ self.bend


@dataclass(frozen=True)
class Model:
    """A reconstruction, and how large its residuals are on normal data."""

    kind: str
    window: int
    signals: int
    scaling: Scaling
    reconstruction: Reconstruction
    #: Variance of the residual of each sample in the window, and of the mean of the window, by signal.
    residual_variance: Array
    mean_variance: Array

    def score(self, windows: Array, batch: int = 4096) -> Array:
        """Scores [count, window, signals] readings; about 2 on normal data, higher is more anomalous."""
        parts = [self._score(windows[start : start + batch]) for start in range(0, len(windows), batch)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _score(self, windows: Array) -> Array:
        residual = residuals(self.reconstruction, self.scaling(windows))
        single = (residual**2 / self.residual_variance).mean(axis=(1, 2))
        lasting = (residual.mean(axis=1) ** 2 / self.mean_variance).mean(axis=1)
        return single + lasting


def residuals(reconstruction: Reconstruction, scaled: Array) -> Array:
    flat = scaled.reshape(len(scaled), -1)
    return (flat - reconstruction(flat)).reshape(scaled.shape)


def fit_models(windows: Array, later: Array, scaling: Scaling, seed: int) -> list[Model]:
    """Fits all three, simplest first, on [count, window, signals] readings; `later` ones say when to stop."""
    scaled, check = scaling(windows), scaling(later)
    size = scaled.shape[1] * scaled.shape[2]
    mean = scaled.mean(axis=(0, 1), keepdims=True).repeat(scaled.shape[1], axis=1).reshape(-1)
    single = Reconstruction(mean, np.zeros((size, 1), np.float32), mean, np.zeros((1, size), np.float32))
    random = np.random.default_rng(seed)
    linear, bent = [], []
    for signal in range(scaled.shape[2]):
        inputs, targets = _masked(scaled, signal)
        linear.append(_principal_components(inputs, targets))
        bent.append(_bend(linear[-1], inputs, targets, *_masked(check, signal), random))
    fitted = {"single": single, "linear": _joined(linear), "autoencoder": _joined(bent)}
    return [_with_residuals(kind, windows, scaling, reconstruction) for kind, reconstruction in fitted.items()]


def _masked(scaled: Array, signal: int) -> tuple[Array, Array]:
    """Flattened windows without a signal, and the windows of that signal."""
    others = np.delete(scaled, signal, axis=2)
    return others.reshape(len(scaled), -1), scaled[:, :, signal]


def _joined(parts: list[Reconstruction]) -> Reconstruction:
    """One reconstruction of all signals from those of each: its matrices are zero where a part does not look."""
    signals, window = len(parts), len(parts[0].offset)
    columns = np.arange(window * signals).reshape(window, signals)

    def blocks(name: str, rows: list[Array] | None, across: list[Array] | None) -> Array | None:
        values = [getattr(part, name) for part in parts]
        if values[0] is None:
            return None
        heights = np.cumsum([0] + [len(value) for value in values])
        widths = np.cumsum([0] + [value.shape[1] for value in values])
        size = columns.size
        made = np.zeros((size if rows else heights[-1], size if across else widths[-1]), np.float32)
        for index, value in enumerate(values):
            down = rows[index] if rows else np.arange(heights[index], heights[index + 1])
            right = across[index] if across else np.arange(widths[index], widths[index + 1])
            made[np.ix_(down, right)] = value
        return made

    own = [columns[:, signal] for signal in range(signals)]
    others = [np.delete(columns, signal, axis=1).reshape(-1) for signal in range(signals)]
    mean, offset = np.zeros(columns.size, np.float32), np.zeros(columns.size, np.float32)
    for index, part in enumerate(parts):
        mean[others[index]] = part.mean
        offset[own[index]] = part.offset
    return Reconstruction(
        mean,
        blocks("encode", others, None),
        offset,
        blocks("decode", None, own),
        blocks("hidden", None, None),
        None if parts[0].bias is None else np.concatenate([part.bias for part in parts]),
        blocks("bend", None, own),
    )


def _with_residuals(kind: str, windows: Array, scaling: Scaling, reconstruction: Reconstruction) -> Model:
    residual = residuals(reconstruction, scaling(windows))
    return Model(
        kind,
        windows.shape[1],
        windows.shape[2],
        scaling,
        reconstruction,
        np.maximum((residual**2).mean(axis=0), 1e-6).astype(np.float32),
        np.maximum((residual.mean(axis=1) ** 2).mean(axis=0), 1e-6).astype(np.float32),
    )


def _principal_components(inputs: Array, targets: Array) -> Reconstruction:
    mean = inputs.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(inputs - mean, rowvar=False).astype(np.float64))
    order = np.argsort(values)[::-1]
    explained = np.cumsum(values[order]) / values.sum()
    count = int(min(np.searchsorted(explained, EXPLAINED) + 1, MAX_COMPONENTS, inputs.shape[1]))
    kept = vectors[:, order[:count]]
    # The sign of an eigenvector is arbitrary: the largest entry is made positive.
    kept = (kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(count)])).astype(np.float32)
    offset = targets.mean(axis=0)
    decode = _least_squares((inputs - mean) @ kept, targets - offset)
    return Reconstruction(mean.astype(np.float32), kept, offset.astype(np.float32), decode)


def _least_squares(inputs: Array, targets: Array) -> Array:
    gram = inputs.T.astype(np.float64) @ inputs
    gram += np.eye(len(gram)) * 1e-4 * np.trace(gram) / len(gram)
    return np.linalg.solve(gram, inputs.T @ targets.astype(np.float64)).astype(np.float32)


def _bend(
    start: Reconstruction, inputs: Array, targets: Array, later: Array, later_targets: Array, random: np.random.Generator
) -> Reconstruction:
    """Adds the layer to `start` by least squares, then trains all of it by Adam; the best epoch on later data counts."""
    z = (inputs - start.mean) @ start.encode
    count = z.shape[1]
    # Units that are neither flat nor saturated over the range of what they see.
    hidden = random.standard_normal((count, HIDDEN)) / np.maximum(z.std(axis=0), 1e-3)[:, None] / np.sqrt(count)
    weights = {
        "encode": start.encode.copy(),
        "offset": start.offset.copy(),
        "decode": start.decode.copy(),
        "hidden": hidden.astype(np.float32),
        "bias": random.standard_normal(HIDDEN).astype(np.float32),
    }
    active = np.tanh(z @ weights["hidden"] + weights["bias"])
    weights["bend"] = _least_squares(active, targets - start.offset - z @ start.decode)
    first = {name: np.zeros_like(value) for name, value in weights.items()}
    second = {name: np.zeros_like(value) for name, value in weights.items()}
    best, best_loss, step = start, _loss(start, later, later_targets), 0
    for epoch in range(EPOCHS):
        # Smaller and smaller steps, so that the last epochs settle.
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = random.permutation(len(inputs))
        for begin in range(0, len(order), BATCH):
            step += 1
            chosen = order[begin : begin + BATCH]
            for name, gradient in _gradients(weights, inputs[chosen] - start.mean, targets[chosen]).items():
                first[name] += 0.1 * (gradient - first[name])
                second[name] += 0.001 * (gradient**2 - second[name])
                unbiased = first[name] / (1 - 0.9**step)
                weights[name] -= (rate * unbiased / (np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
        now = Reconstruction(mean=start.mean, **{name: value.copy() for name, value in weights.items()})
        loss = _loss(now, later, later_targets)
        if loss < best_loss:
            best, best_loss = now, loss
    # The linear one has to look like the others where they are joined.
    return (
        best
        if best.hidden is not None
        else replace(start, hidden=weights["hidden"], bias=weights["bias"], bend=np.zeros_like(weights["bend"]))
    )


def _loss(reconstruction: Reconstruction, inputs: Array, targets: Array) -> float:
    return float(((targets - reconstruction(inputs)) ** 2).mean())


def _gradients(weights: dict[str, Array], x: Array, targets: Array) -> dict[str, Array]:
    z = x @ weights["encode"]
    active = np.tanh(z @ weights["hidden"] + weights["bias"])
    made = weights["offset"] + z @ weights["decode"] + active @ weights["bend"]
    error = (made - targets) * (2 / targets.size)
    back = (error @ weights["bend"].T) * (1 - active**2)
    dz = error @ weights["decode"].T + back @ weights["hidden"].T
    return {
        "encode": x.T @ dz,
        "offset": error.sum(axis=0),
        "decode": z.T @ error,
        "hidden": z.T @ back,
        "bias": back.sum(axis=0),
        "bend": active.T @ error,
    }
