"""Fields: arrays with a name, a unit, named axes and coordinates, read when they are asked for.

    u = run.fields["u"]        # nothing of its values is read
    u.dims, u.shape, u.unit    # ("time", "y", "x"), (11, 64, 64), "m/s"
    u[-1]                      # numpy array [y, x] of the last time
    u.sel(time=2.5, x=0.5)     # the nearest place, as a field; still lazy
    u.values, np.asarray(u)    # everything, in memory
    u.to_xarray()              # as xarray.DataArray, where xarray is installed

Several lists or arrays of indices at once select along their axes independently, as in xarray.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Union

import numpy as np

from .errors import Missing, UnderstudyError, listed

Array = np.ndarray[Any, Any]
Choice = Union[int, range]  # of one axis: a place, or places at equal distances
Key = tuple[Union[int, slice], ...]


class Source(Protocol):
    """Where a field's values come from. `read` takes a place or a slice of step > 0 per axis."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def read(self, key: Key) -> Array: ...


class ArraySource:
    """Values that are in memory already."""

    def __init__(self, values: Array) -> None:
        self.values = values
        self.shape = tuple(values.shape)
        self.dtype = values.dtype

    def read(self, key: Key) -> Array:
        return np.asarray(self.values[key])


class StackedSource:
    """Sources one behind the other along their first axis, which they may have of different length."""

    def __init__(self, parts: list[Source]) -> None:
        self.parts = parts
        self.ends = np.cumsum([part.shape[0] for part in parts])
        self.shape = (int(self.ends[-1]), *parts[0].shape[1:])
        self.dtype = parts[0].dtype

    def read(self, key: Key) -> Array:
        first, rest = key[0], key[1:]
        if isinstance(first, slice):
            places = range(*first.indices(self.shape[0]))
            found: list[Array] = []
            for n, part in enumerate(self.parts):
                begin = int(self.ends[n]) - part.shape[0]
                own = [place - begin for place in places if begin <= place < int(self.ends[n])]
                if own:
                    found.append(part.read((slice(own[0], own[-1] + 1, first.step), *rest)))
            if found:
                return np.concatenate(found)
            return self.parts[0].read((slice(0, 0, None), *rest))
        n = int(np.searchsorted(self.ends, first, side="right"))
        begin = int(self.ends[n]) - self.parts[n].shape[0]
        return self.parts[n].read((first - begin, *rest))


@dataclass(frozen=True)
class Coordinate:
    """Where an axis's entries lie: `values` along `dims` (mostly the axis alone), in `unit`."""

    name: str
    unit: str
    values: Array
    dims: tuple[str, ...]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.asarray(self.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.values)


def coordinate(name: str, unit: str, values: Any, dim: str | None = None) -> Coordinate:
    """A coordinate along one axis, of the same name unless `dim` is given."""
    return Coordinate(name, unit, np.asarray(values), (dim or name,))


class Field:
    """An array of a file. See the module's text."""

    def __init__(
        self,
        name: str,
        unit: str,
        dims: tuple[str, ...],
        source: Source,
        coords: Mapping[str, Coordinate] | None = None,
        description: str = "",
        location: str = "cell",
        choice: tuple[Choice, ...] | None = None,
    ) -> None:
        self.name = name
        self.unit = unit
        self.description = description
        self.location = location
        self.source = source
        self._all_dims = dims
        self._coords = dict(coords or {})
        self._choice = choice or tuple(range(n) for n in source.shape)
        if len(dims) != len(source.shape):
            raise UnderstudyError(f"{name}: {len(source.shape)} axes, but names {dims}")

    @property
    def dims(self) -> tuple[str, ...]:
        kept = zip(self._all_dims, self._choice)
        return tuple(dim for dim, c in kept if isinstance(c, range))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(c) for c in self._choice if isinstance(c, range))

    @property
    def ndim(self) -> int:
        return len(self.dims)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def coords(self) -> dict[str, Coordinate]:
        """By name; those of axes that a selection has reduced to one place are single values."""
        chosen = dict(zip(self._all_dims, self._choice))
        found: dict[str, Coordinate] = {}
        for name, old in self._coords.items():
            values = old.values
            for axis in reversed(range(len(old.dims))):
                c = chosen.get(old.dims[axis])
                if c is not None:
                    at = c if isinstance(c, int) else np.asarray(c, dtype=int)
                    values = np.take(values, at, axis=axis)
            dims = tuple(d for d in old.dims if not isinstance(chosen.get(d), int))
            found[name] = Coordinate(name, old.unit, np.asarray(values), dims)
        return found

    @property
    def values(self) -> Array:
        """All values, in memory."""
        return self[...]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.asarray(self.values, dtype=dtype)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self.name} is a single value")
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return (self[n] for n in range(len(self)))

    def __getitem__(self, key: Any) -> Array:
        """As of a numpy array; several lists of indices select independently of each other."""
        choice, lists = self._chosen(key)
        values = _read(self.source, choice)
        kept = [n for n, c in enumerate(choice) if isinstance(c, range)]
        for axis, places in lists.items():
            values = np.take(values, places, axis=kept.index(axis))
        return values

    def isel(self, **places: int | slice) -> Field:
        """The field at places (numbers) along named axes; lazy. Lists are for indices: field[[0, 3]]."""
        asked = [places.pop(dim, slice(None)) for dim in self.dims]
        if places:
            self._refuse_dim(next(iter(places)))
        for dim, one in zip(self.dims, asked):
            if not _is_place(one) and not isinstance(one, slice):
                raise UnderstudyError(
                    f"{self.name}: {dim} is selected by a whole number or a slice; "
                    f"{_index_words(self, dim, '[...]')} takes lists and masks"
                )
        choice, _ = self._chosen(tuple(asked))
        return self._with(choice)

    def sel(self, **at: Any) -> Field:
        """The field nearest to values of its coordinates; a slice takes all between two values.

        Of coordinates along one axis (lon and lat of cells, receiver_x and receiver_depth) given together
        it is the place that is nearest in all of them, on the sphere by the great circle.
        """
        coords = self.coords
        wanted: dict[str, dict[str, Any]] = {}
        for name, value in at.items():
            if name not in coords or len(coords[name].dims) != 1:
                self._refuse_dim(name)
            wanted.setdefault(coords[name].dims[0], {})[name] = value
        return self.isel(**{dim: self._nearest(dim, values) for dim, values in wanted.items()})

    def _nearest(self, dim: str, wanted: Mapping[str, Any]) -> int | slice:
        """The place along an axis, or the places between the ends of slices."""
        coords = self.coords
        points: dict[str, float] = {}
        inside = np.ones(self.shape[self.dims.index(dim)], dtype=bool)
        for name, value in wanted.items():
            values = coords[name].values
            if not isinstance(value, slice):
                if np.ndim(value) != 0:
                    raise UnderstudyError(f"{self.name}: {name} is selected by one value or a slice of two")
                points[name] = value
                continue
            if value.step is not None:
                raise UnderstudyError(
                    f"{self.name}: a slice between two values of {name} has no step; isel({dim}=slice(None, "
                    "None, 2)) takes every second place"
                )
            if value.start is not None:
                inside &= values >= value.start
            if value.stop is not None:
                inside &= values <= value.stop
        found = np.flatnonzero(inside)
        if points:
            if not len(found):
                raise UnderstudyError(f"{self.name}: no place along {dim} where {listed(wanted)} lie")
            distance = self._distance({n: coords[n] for n in points}, points)
            return int(found[np.argmin(distance[found])])
        first = int(found[0]) if len(found) else 0
        if len(found) and found[-1] - first + 1 != len(found):
            index = _index_words(self, dim, "np.flatnonzero(...)")
            raise UnderstudyError(
                f"{self.name}: what lies between these values of {listed(wanted)} is not side by side along "
                f"{dim}; {index} takes the places where a condition on coords holds"
            )
        return slice(first, first + len(found))

    def _distance(self, coords: Mapping[str, Coordinate], at: Mapping[str, float]) -> Array:
        """Of every place from `at`: on the sphere the chord, which grows as the great circle does."""
        units = {c.unit for c in coords.values()}
        if len(coords) == 2 and units == set(_degrees):
            east, north = (next(n for n, c in coords.items() if c.unit == unit) for unit in _degrees)
            here = _on_sphere(coords[east].values, coords[north].values)
            there = _on_sphere(np.asarray(at[east]), np.asarray(at[north]))
            return np.asarray(np.sum((here - there) ** 2, axis=-1))
        if len(units) > 1:
            raise UnderstudyError(
                f"{self.name}: {listed(coords)} have different units, so that no place is the nearest in all "
                "of them; give one of them, or slices of the others"
            )
        apart = [np.abs(c.values - at[n]) for n, c in coords.items()]
        if units == {_degrees[0]}:  # 359 lies beside 0
            apart = [np.minimum(one % 360, 360 - one % 360) for one in apart]
        return np.asarray(apart[0] if len(apart) == 1 else np.sqrt(sum(one**2 for one in apart)))

    def with_coords(self, coords: Mapping[str, Coordinate]) -> Field:
        """The same values at other coordinates."""
        return Field(
            self.name, self.unit, self._all_dims, self.source, coords, self.description,
            self.location, self._choice,
        )

    def _renamed(self, ends: Mapping[str, str]) -> Field:
        """With more at the end of axes' names, and of the coordinates' along them."""
        coords: dict[str, Coordinate] = {}
        for old in self._coords.values():
            name = old.name + "".join(ends.get(d, "") for d in old.dims)
            dims = tuple(d + ends.get(d, "") for d in old.dims)
            coords[name] = Coordinate(name, old.unit, old.values, dims)
        return Field(
            self.name, self.unit, tuple(d + ends.get(d, "") for d in self._all_dims), self.source, coords,
            self.description, self.location, self._choice,
        )

    def to_xarray(self) -> Any:
        """As xarray.DataArray, with unit and coordinates; its values are read."""
        try:
            import xarray
        except ImportError as e:
            raise UnderstudyError("to_xarray() needs xarray: pip install xarray") from e
        coords = {c.name: (c.dims, c.values, {"units": c.unit}) for c in self.coords.values()}
        attributes = {"units": self.unit, "long_name": self.description or self.name}
        if self.location != "cell":
            attributes["location"] = self.location
        return xarray.DataArray(
            self.values, dims=self.dims, coords=coords, name=self.name, attrs=attributes
        )

    def __repr__(self) -> str:
        axes = ", ".join(f"{dim} {n}" for dim, n in zip(self.dims, self.shape))
        unit = f" [{self.unit}]" if self.unit else ""
        place = "" if self.location == "cell" else f" at {self.location}"
        return f"<Field {self.name}{unit} ({axes}) {self.dtype}{place}>"

    def _refuse_dim(self, name: str) -> None:
        raise Missing(f"{self.name} has no axis '{name}'; it has {listed(self.dims)}")

    def _with(self, choice: tuple[Choice, ...]) -> Field:
        return Field(
            self.name, self.unit, self._all_dims, self.source, self._coords,
            self.description, self.location, choice,
        )

    def _chosen(self, key: Any) -> tuple[tuple[Choice, ...], dict[int, Array]]:
        """The places that a key asks for, and along which axes it lists them one by one."""
        keys = list(key) if isinstance(key, tuple) else [key]
        dots = [n for n, k in enumerate(keys) if k is Ellipsis]
        if len(keys) - len(dots) > self.ndim or len(dots) > 1:
            raise IndexError(f"{self.name} has {self.ndim} axes, and the index {len(keys)}")
        at = dots[0] if dots else len(keys)
        missing = self.ndim - (len(keys) - len(dots))
        keys[at : at + len(dots)] = [slice(None)] * missing
        lists: dict[int, Array] = {}
        choice: list[Choice] = []
        for axis, old in enumerate(self._choice):
            if isinstance(old, int):
                choice.append(old)
                continue
            k = keys.pop(0)
            if _is_place(k):
                choice.append(self._place(old, int(k), axis))
            elif isinstance(k, slice):
                choice.append(old[k])
            else:
                choice.append(old)
                lists[axis] = self._listed(old, k, axis)
        return tuple(choice), lists

    def _listed(self, places: range, key: Any, axis: int) -> Array:
        """A list of places along an axis, or a mask of as many entries as the axis has, as places."""
        found = np.asarray(key)
        if found.dtype == bool:
            if found.shape != (len(places),):
                raise IndexError(
                    f"{self.name}: a mask of shape {found.shape} for axis {self._all_dims[axis]} of length "
                    f"{len(places)}; a mask has as many entries as its axis"
                )
            return np.flatnonzero(found)
        return found if found.size else found.astype(int)

    def _place(self, places: range, n: int, axis: int) -> int:
        if not -len(places) <= n < len(places):
            raise IndexError(
                f"{self.name}: {n} is outside axis {self._all_dims[axis]} of length {len(places)}"
            )
        return places[n]


_degrees = ("degrees_east", "degrees_north")


def _is_place(key: Any) -> bool:
    return isinstance(key, (int, np.integer)) and not isinstance(key, bool)


def _index_words(field: Field, dim: str, places: str) -> str:
    """'field[:, places]'"""
    return f"field[{':, ' * field.dims.index(dim)}{places}]"


def _on_sphere(lon: Array, lat: Array) -> Array:
    """Points of the unit sphere by longitude and latitude in degrees; the last axis is x, y, z."""
    east, north = np.radians(lon), np.radians(lat)
    return np.stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1
    )


def _read(source: Source, choice: tuple[Choice, ...]) -> Array:
    key: list[int | slice] = []
    turned: list[int] = []
    axis = 0
    for c in choice:
        if isinstance(c, int):
            key.append(c)
            continue
        if c.step < 0:
            turned.append(axis)
            c = c[::-1]
        key.append(slice(c.start, c.stop, c.step) if len(c) else slice(0, 0, 1))
        axis += 1
    values = source.read(tuple(key))
    if turned:
        values = np.flip(values, turned)
    # the caller's own, to change at will: readers keep theirs
    return values if values.flags.owndata and values.flags.writeable else values.copy()


class Fields(Mapping[str, Field]):
    """Fields by name; a name that is not there is an error that lists those that are."""

    def __init__(self, fields: Mapping[str, Field], where: str) -> None:
        self._fields = dict(fields)
        self._where = where

    def __getitem__(self, name: str) -> Field:
        if name not in self._fields:
            raise Missing(f"{self._where}: no field '{name}'; there are {listed(self._fields)}")
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return "\n".join(repr(field) for field in self._fields.values())

    def apart(self) -> Fields:
        """The same; an axis whose places are not those of another field's axis of that name has a name of its
        own: x_face beside x of a staggered grid (else x_corner, x_2)."""
        ends: dict[str, dict[str, str]] = {name: {} for name in self._fields}
        for dim in dict.fromkeys(d for field in self._fields.values() for d in field.dims):
            known: dict[str, Field] = {}  # by the name's end
            # centres keep the name
            having = [n for n, f in self._fields.items() if dim in f.dims]
            for name in sorted(having, key=lambda n: _place_along(dim, self._fields[n]) != ""):
                field = self._fields[name]
                end = next((e for e, other in known.items() if _same_places(field, other, dim)), None)
                if end is None:
                    end = _free_end(dim, field, known)
                    known[end] = field
                ends[name][dim] = end
        return Fields({n: f._renamed(ends[n]) for n, f in self._fields.items()}, self._where)

    def to_xarray(self) -> Any:
        """All of them as one xarray.Dataset; axes that lie elsewhere have names of their own, see apart()."""
        arrays = {name: field.to_xarray() for name, field in self.apart().items()}
        import xarray

        return xarray.merge([arrays], join="exact", compat="no_conflicts")


def _same_places(one: Field, other: Field, dim: str) -> bool:
    """Do the two have the same entries along an axis?"""
    if one.shape[one.dims.index(dim)] != other.shape[other.dims.index(dim)]:
        return False
    mine, others = one.coords, other.coords
    return all(
        np.array_equal(mine[name].values, others[name].values)
        for name in mine.keys() & others.keys()
        if dim in mine[name].dims
    )


def _place_along(dim: str, field: Field) -> str:
    """'face' or 'corner' where the values stand at the ends of cells along an axis."""
    return {f"face_{dim}": "face", "corner": "corner"}.get(field.location, "")


def _free_end(dim: str, field: Field, known: Mapping[str, Field]) -> str:
    place = _place_along(dim, field)
    end = f"_{place}" if place and known else ""
    return f"{end}_{len(known) + 1}" if end in known else end
