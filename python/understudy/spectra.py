"""Spectra, whose sums are the variance: of time series, of rows of cells, over shells of wave numbers.

The conventions are those of the program's comparison: rows have their mean removed, and a Hann window
where they are not periodic; shell n holds the waves with n - 1/2 <= |k| / k1 < n + 1/2, k1 = 2 pi / the
longest side, up to the Nyquist wave number of the coarsest axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .errors import UnderstudyError
from .fields import Array


class Spectrum(NamedTuple):
    """`values` at `at`: frequencies (Hz) or wave numbers (rad/m)."""

    at: Array
    values: Array


def _one_sided(power: Array, length: int) -> Array:
    """All but the first and (even length) the last wave stand for two."""
    power = np.array(power)
    power[..., 1 : (power.shape[-1] - 1 if length % 2 == 0 else None)] *= 2
    return power


def frequency_spectrum(times: Array, values: Array, from_s: float | None = None) -> Spectrum:
    """Power spectral density of a time series, one-sided, in unit^2/Hz.

    Rows at unequal times are interpolated to as many equal ones. `from_s`: what is before is left out.
    """
    known = np.isfinite(values) & np.isfinite(times)
    if from_s is not None:
        known &= times >= from_s
    times, values = np.asarray(times)[known], np.asarray(values, dtype=float)[known]
    if len(times) < 4:
        raise UnderstudyError(f"a spectrum of {len(times)} samples; 4 at least are wanted")
    n = len(times)
    even = np.linspace(times[0], times[-1], n)
    dt = even[1] - even[0]
    window = np.hanning(n + 1)[:n]
    signal = np.interp(even, times, values)
    signal = (signal - signal.mean()) * window
    power = np.abs(np.fft.rfft(signal)) ** 2 * dt / np.sum(window**2)
    return Spectrum(np.fft.rfftfreq(n, dt), _one_sided(power, n))


def row_spectrum(values: Array, spacing_m: float, periodic: bool) -> Spectrum:
    """Of rows along the last axis, mean over rows; the sum over wave numbers is the variance."""
    n = values.shape[-1]
    rows = values - values.mean(axis=-1, keepdims=True)
    share = 1.0
    if not periodic:
        hann = np.hanning(n)
        share = float(np.mean(hann**2))
        rows = rows * hann
    power = np.abs(np.fft.rfft(rows, axis=-1) / n) ** 2 / share
    mean = power.reshape(-1, power.shape[-1]).mean(axis=0)
    return Spectrum(2 * np.pi * np.fft.rfftfreq(n, spacing_m), _one_sided(mean, n))


def shell_spectrum(components: Sequence[Array], spacings_m: Sequence[float]) -> Spectrum:
    """Of one vector (or a field alone) in a periodic box, over shells; shell 0, the mean, is 0.

    components: arrays [(z,) y, x]; spacings_m in the order of their axes.
    """
    shape = components[0].shape
    waves = [2 * np.pi * np.fft.fftfreq(n, d) for n, d in zip(shape, spacings_m)]
    squares = np.meshgrid(*[k**2 for k in waves], indexing="ij")
    k = np.sqrt(sum(squares))
    first = 2 * np.pi / max(n * d for n, d in zip(shape, spacings_m))
    count = int(np.floor(np.pi / max(spacings_m) / first + 1e-9)) + 1
    shell = np.rint(k / first).astype(int)
    power = sum(np.abs(np.fft.fftn(c) / c.size) ** 2 for c in components)
    inside = (shell > 0) & (shell < count)
    sums = np.bincount(shell[inside], np.asarray(power)[inside], minlength=count)
    return Spectrum(first * np.arange(count), sums)
