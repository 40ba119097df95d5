"""Fields as pictures: planes, maps, gathers, models of the earth."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UnderstudyError
from ..fields import Array, Field
from ..seismic import Gathers
from .style import axis_label, colour_bar, colours, edges, label, new_axes

_series = ("time", "iteration", "sample")


def plane(field: Field, time: float | None = None, z: float | None = None) -> Field:
    """[up, across] of a field: its last time and the middle of z, unless others are given."""
    for axis in _series:
        if axis in field.dims:
            field = field.isel(**{axis: -1}) if time is None else field.sel(**{axis: time})
    if "component" in field.dims:
        raise UnderstudyError(f"{field.name} is a vector; draw a component of it")
    if "panel" in field.dims:
        raise UnderstudyError(f"{field.name} lies on six panels; fields.nc has it as a map")
    for axis, other in (("z", "y"), ("y", "depth")):
        if axis in field.dims and other in field.dims and field.ndim == 3:
            middle = field.shape[field.dims.index(axis)] // 2
            field = field.isel(**{axis: middle}) if z is None else field.sel(**{axis: z})
    return field


def draw_field(
    field: Field,
    axes: Any = None,
    time: float | None = None,
    mask: Array | Field | None = None,
    **style: Any,
) -> Any:
    """A field with axes, unit and colour bar; the figure.

    `mask` [up, across], or a field: where it is below 0.5 (in a body) nothing is drawn; a field on other
    places (cells, where this one is on faces) is left out. `style`: of pcolormesh.
    """
    field = plane(field, time)
    if field.dims == ("cell",):
        return _draw_sphere(field, axes, **style)
    if field.ndim == 1:
        return _draw_profile(field, axes)
    if field.ndim != 2:
        raise UnderstudyError(f"{field.name} has the axes {field.dims}; two are drawn")
    across, up = _across_and_up(field.dims)
    coords = field.coords
    values = np.asarray(field.values, dtype=float)
    if field.dims != (up, across):
        values = values.T
    if isinstance(mask, Field):
        mask = _mask_values(mask, time, (up, across), values.shape)
    if mask is not None:
        values = np.where(mask < 0.5, np.nan, values)
    x, y = coords[across].values, coords[up].values
    wide = (x[-1] - x[0]) / max(y[-1] - y[0], 1e-300)
    if axes is None:
        _, axes = new_axes(7.0, float(np.clip(7.0 / max(wide, 0.1), 2.4, 7.0)) + 0.4)
    image = axes.pcolormesh(
        edges(x), edges(y), values, shading="flat", rasterized=True,
        **{**colours(values, field.name), **style},
    )
    axes.set_facecolor("0.8")
    _finish(axes, field, image, axis_label(coords[across]), axis_label(coords[up]))
    if coords[across].unit == coords[up].unit and 0.1 < wide < 10:
        axes.set_aspect("equal")
    if up == "depth":
        axes.invert_yaxis()
    return axes.figure


def _mask_values(
    mask: Field, time: float | None, dims: tuple[str, ...], shape: tuple[int, ...]
) -> Array | None:
    """A mask in the plane that is drawn, its axes in that order; None where it has no values there."""
    if "component" in mask.dims or "panel" in mask.dims:
        return None
    mask = plane(mask, time)
    if sorted(mask.dims) != sorted(dims):
        return None
    values = mask.values if mask.dims == dims else mask.values.T
    return values if values.shape == shape else None


def _across_and_up(dims: tuple[str, ...]) -> tuple[str, str]:
    for across, up in (("lon", "lat"), ("x", "y"), ("x", "z"), ("y", "z"), ("x", "depth")):
        if set(dims) == {across, up}:
            return across, up
    return dims[1], dims[0]


def _finish(axes: Any, field: Field, image: Any, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_title(_title(field))
    colour_bar(axes, image, label(field.name, field.unit))


def _title(field: Field) -> str:
    parts = [label(field.name, "")]
    for name in (*_series, "z", "y"):
        c = field.coords.get(name)
        if c is not None and c.dims == () and np.issubdtype(c.values.dtype, np.number):
            parts.append(f"{name} {float(c.values):.4g} {c.unit}".rstrip())
    return ", ".join(parts)


def _draw_sphere(field: Field, axes: Any, **style: Any) -> Any:
    coords = field.coords
    lon, lat = coords["lon"].values, coords["lat"].values
    values = np.asarray(field.values, dtype=float)
    if axes is None:
        _, axes = new_axes(8.0, 4.0)
    # the map's sides: cells beyond them once more, so that no gap stays
    left, right = lon > 300, lon < 60
    lon = np.concatenate([lon, lon[left] - 360, lon[right] + 360])
    lat = np.concatenate([lat, lat[left], lat[right]])
    image = axes.tripcolor(
        lon, lat, np.concatenate([values, values[left], values[right]]), shading="gouraud",
        rasterized=True, **{**colours(values, field.name), **style},
    )
    axes.set_xlim(0, 360)
    axes.set_ylim(-90, 90)
    _finish(axes, field, image, "longitude (degrees)", "latitude (degrees)")
    return axes.figure


def _draw_profile(field: Field, axes: Any) -> Any:
    if axes is None:
        _, axes = new_axes()
    (dim,) = field.dims
    c = field.coords.get(dim)
    places = np.arange(field.shape[0]) if c is None else c.values
    axes.plot(places, field.values)
    axes.set_xlabel(dim if c is None else axis_label(c))
    axes.set_ylabel(label(field.name, field.unit))
    axes.set_title(_title(field))
    axes.grid(alpha=0.3)
    return axes.figure


def draw_gather(
    gathers: Gathers, shot: int = 0, quantity: str | None = None, axes: Any = None, clip: float = 0.01
) -> Any:
    """A shot as seismologists print it: time downwards, receivers across, grey around zero.

    `clip`: share of the largest amplitudes on each side that lie beyond the colours' range.
    """
    name = quantity or next(iter(gathers.fields))
    field = gathers.fields[name]
    if not -field.shape[0] <= shot < field.shape[0]:
        raise UnderstudyError(f"there is no shot {shot}; there are {field.shape[0]}")
    values = np.asarray(field[shot], dtype=float)
    x, where = _receiver_axis(gathers)
    if axes is None:
        _, axes = new_axes(5.6, 5.6)
    high = float(np.quantile(np.abs(values), 1 - clip)) or float(np.abs(values).max()) or 1.0
    image = axes.pcolormesh(
        edges(x), edges(gathers.times), values, cmap="Greys", vmin=-high, vmax=high,
        shading="flat", rasterized=True,
    )
    axes.invert_yaxis()
    axes.set_xlabel(where)
    axes.set_ylabel("time (s)")
    at = gathers.sources[shot]
    axes.set_title(f"{label(name, '')}, shot {shot % field.shape[0]} at x {at[0]:.4g} m, depth {at[2]:.4g} m")
    colour_bar(axes, image, label(name, field.unit), extend="both")
    return axes.figure


def _receiver_axis(gathers: Gathers) -> tuple[Array, str]:
    x = gathers.receivers[:, 0]
    if len(x) > 1 and np.all(np.diff(x) > 0):
        return x, "receiver x (m)"
    return np.arange(len(x)), "receiver"
