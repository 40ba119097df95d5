"""What a step sends and holds, by ranks: what each count grows with, and coefficients fitted to what was measured."""
import itertools
import math

from layout import Layout, split_of_ranks


def features(case, at):
    """What each count of a step grows with: lists, whose coefficients are fitted to what was measured. fft: its
    all-to-alls and, where blocks are no slabs, the cells that move to slabs and back
    (mesh/linear_solver/fft_solver.cpp, split_columns.hpp)."""
    ranks = at.ranks
    others = ranks - 1
    if case["kind"] == "training":
        return {"count": [1], "bytes": [1], "collectives": [1], "collective_bytes": [1]}
    if case.get("place") == "gathered":
        return {"count": [others], "bytes": [math.prod(at.cells) * others / ranks], "collectives": [1],
                "collective_bytes": [1]}
    f = {"count": [at.cuts], "bytes": [at.surface], "collectives": [1], "collective_bytes": [1]}
    if case["kind"] == "inference":
        f["count"].append(1)
        f["bytes"].append(1)
    elif case["solver"] == "multigrid":
        levels, gathered = at.split_levels()
        f["count"].append(at.cuts * len(levels))
        f["bytes"].append(sum(at.surface_of(block) for block in levels))
        f["collective_bytes"].append(gathered / ranks)
    elif case["solver"] == "fft":
        modes = math.prod(at.cells[:-1])
        moved = 0 if at.slabs() else 1
        f["count"] += [others, moved * ranks / at.split[-1]]
        f["bytes"] += [modes * others / ranks, moved * at.own]
        f["collective_bytes"].append(at.cells[-1])
    else:  # petsc: its coarse levels are its own
        f["count"].append(math.log2(ranks))
        f["bytes"].append(math.log2(ranks))
    return f


def solve(matrix, right):
    """Gauss' elimination; None where the matrix is singular."""
    n = len(right)
    a = [row[:] + [r] for row, r in zip(matrix, right)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(a[r][c]))
        if abs(a[pivot][c]) < 1e-12 * max(1e-300, max(abs(v) for row in matrix for v in row)):
            return None
        a[c], a[pivot] = a[pivot], a[c]
        for r in range(n):
            if r != c:
                factor = a[r][c] / a[c][c]
                a[r] = [x - factor * y for x, y in zip(a[r], a[c])]
    return [a[r][n] / a[r][r] for r in range(n)]


def fit(rows, values):
    """Least squares of the relative deviations without negative coefficients: every subset of the features is tried,
    and the best one taken."""
    count = len(rows[0])
    weights = [1 / v if v > 0 else 1.0 for v in values]
    best, best_rest = [0.0] * count, math.inf
    for size in range(count + 1):
        for subset in itertools.combinations(range(count), size):
            scaled = [[w * row[n] for n in subset] for w, row in zip(weights, rows)]
            target = [w * v for w, v in zip(weights, values)]
            found = []
            if subset:
                # Features of unlike sizes: each by its largest value.
                largest = [max(abs(row[n]) for row in scaled) or 1.0 for n in range(size)]
                scaled = [[x / m for x, m in zip(row, largest)] for row in scaled]
                normal = [[sum(row[i] * row[j] for row in scaled) for j in range(size)] for i in range(size)]
                found = solve(normal, [sum(row[i] * t for row, t in zip(scaled, target)) for i in range(size)])
                if found is None or min(found) < 0:
                    continue
                rest = sum((sum(x * y for x, y in zip(row, found)) - t)**2 for row, t in zip(scaled, target))
                found = [x / m for x, m in zip(found, largest)]
            else:
                rest = sum(t * t for t in target)
            if rest < best_rest * (1 - 1e-9):
                best_rest = rest
                best = [0.0] * count
                for n, x in zip(subset, found):
                    best[n] = x
    return best


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def layout_of(case, row):
    periodic = case.get("dimension") == 3 or case["kind"] != "simulation"
    ranks = row["ranks"]
    split = row.get("blocks") or split_of_ranks(row["cells"], ranks)
    return Layout(row["cells"], split, periodic)


def memory_counted(case, at):
    """Bytes a rank that do not go with its block, by what the sources allocate: too few on few ranks to be fitted."""
    if case["kind"] != "simulation" or at.ranks == 1:
        return 0.0
    if case["solver"] == "multigrid":
        # Unknowns, right-hand side and residual of the gathered level and of those below it, a quarter or an eighth as
        # many each; while it is gathered, its values twice (Comm::all_gather).
        joined = 2**len(at.cells)
        return 8.0 * (3 * joined / (joined - 1) + 2) * at.split_levels()[1]
    if case["solver"] == "fft":
        # split_columns.hpp: four numbers of each mode, buffers of two by owner and by rank, and nine of each rank for
        # this rank's share of the modes; of these alone, seven more.
        modes = math.prod(at.cells[:-1])
        doubles = (4 + 2 + 2 + 9) * modes + 7 * modes / at.ranks
        if not at.slabs():
            # fft_solver.hpp: the slab beside its modes, and buffers of two exchanges; planes are not parted.
            slab = modes * -(-at.cells[-1] // at.ranks)
            doubles += 2 * at.own + 3 * slab + max(0, slab - at.own)
        return 8.0 * doubles
    return 0.0


class Counts:
    """A case's counts by ranks: coefficients and how far they are from what was measured."""

    NAMES = ("count", "bytes", "collectives", "collective_bytes")

    def __init__(self, cases):
        self.case = cases[0]
        self.worst, self.coefficients = {}, {}
        rows = [(c, r) for c in cases for r in c["rows"] if r["ranks"] > 1]
        layouts = [layout_of(c, r) for c, r in rows]
        for name in self.NAMES:
            values = [r["sent"][name] for _, r in rows]
            table = [features(c, at)[name] for (c, _), at in zip(rows, layouts)]
            k = self.coefficients[name] = fit(table, values)
            self.worst[name] = max((abs(dot(k, f) / v - 1) for f, v in zip(table, values) if v > 0), default=0.0)
        # Memory: the program and a part a cell are fitted, beside what is counted.
        rows = [(layout_of(c, r), r["memory_bytes"]) for c in cases for r in c["rows"]]
        self.memory = fit([self.memory_features(at) for at, _ in rows],
                          [value - memory_counted(self.case, at) for at, value in rows])
        self.worst["memory"] = max(abs(self.memory_at(at) / value - 1) for at, value in rows)
        # Of a gathered field, bytes a cell: what rank 0 sends, or on two ranks the other one, which is more.
        self.gathered_bytes = max((r["sent"]["bytes"] / math.prod(r["cells"]) * r["ranks"] / (r["ranks"] - 1)
                                   for c in cases for r in c["rows"] if r["ranks"] > 1), default=0.0)

    def memory_features(self, at):
        if self.case["kind"] == "training":
            return [1]
        cells = math.prod(at.cells) if self.case.get("place") == "gathered" else at.with_ghosts
        return [1, cells]

    def memory_at(self, layout):
        return dot(self.memory, self.memory_features(layout)) + memory_counted(self.case, layout)

    def all_to_all_bytes(self, layout):
        """What a gathered network's rank 0 has in one all-to-all; 0 where nothing is gathered."""
        if self.case.get("place") != "gathered" or layout.ranks == 1:
            return 0.0
        return self.gathered_bytes * math.prod(layout.cells)

    def at(self, layout):
        f = features(self.case, layout)
        return {name: dot(self.coefficients[name], f[name]) for name in self.NAMES}
