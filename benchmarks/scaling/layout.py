"""How a grid lies on ranks: its blocks, their cuts, what multigrid leaves on them and what leaves a node. As
mesh/grid.cpp cuts blocks, mesh/linear_solver/multigrid_cycle.cpp gathers levels and
apps/simulation/plan/machine.cpp counts what passes between nodes."""
import itertools
import math

GHOSTS = 2
GATHERED_CELLS, SMALLEST_SPLIT_BLOCK = 8192, 4  # multigrid_cycle.cpp


def block_starts(cells, blocks):
    unit = 8
    while unit > 1 and cells < 4 * unit * blocks:
        unit //= 2
    return [(cells * b // blocks + unit // 2) // unit * unit for b in range(blocks)] + [cells]


def block_sizes(cells, blocks):
    return [b - a for a, b in itertools.pairwise(block_starts(cells, blocks))]


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def split_of_ranks(cells, ranks):
    """As mesh/grid.cpp: the least area of cuts, those across x counted four times; None: no room."""
    cells = (list(cells) + [1, 1])[:3]
    count, best, best_cost = math.prod(cells), None, math.inf
    for px in divisors(ranks):
        for py in divisors(ranks // px):
            split = (px, py, ranks // px // py)
            if any(p > 1 and min(block_sizes(n, p)) < GHOSTS for n, p in zip(cells, split)):
                continue
            cost = (4 * (px - 1) * count / cells[0] + (split[1] - 1) * count / cells[1] +
                    (split[2] - 1) * count / cells[2])
            if cost < best_cost:
                best, best_cost = split, cost
    return best


def balanced(ranks, dimension):
    """Blocks along the axes, as alike as can be, the fewest along x."""
    best = None
    for px in divisors(ranks):
        for py in divisors(ranks // px) if dimension == 3 else [ranks // px]:
            split = sorted([px, py, ranks // px // py][:dimension])
            if math.prod(split) == ranks and (best is None or sum(split) < sum(best)):
                best = split
    return tuple(best)


class Layout:
    """A grid on so many ranks: the largest block, its cuts and their cells."""

    def __init__(self, cells, split, periodic):
        self.cells = list(cells)
        self.split = list(split)[:len(cells)]
        self.ranks = math.prod(self.split)
        self.sizes = [block_sizes(n, p) for n, p in zip(self.cells, self.split)]
        self.block = [max(sizes) for sizes in self.sizes]
        self.faces = [0 if p == 1 else 1 if p == 2 and not periodic else 2 for p in self.split]
        self.cuts = sum(self.faces)
        self.own = math.prod(self.block)
        self.with_ghosts = math.prod(n + (2 * GHOSTS if p > 1 else 0) for n, p in zip(self.block, self.split))
        self.surface = self.surface_of(self.block)

    def surface_of(self, block):
        return sum(f * math.prod(block) / n for f, n in zip(self.faces, block))

    def split_levels(self):
        """Multigrid's levels that stay on the ranks' own blocks, each by its largest block, and the cells that are
        gathered below them: a level halves every block by itself, and is gathered when the smallest is too small."""
        sizes, levels = self.sizes, []
        while self.ranks > 1:
            levels.append([max(of_axis) for of_axis in sizes])
            along = [sum(of_axis) for of_axis in sizes]
            smallest = min((min(of_axis) for of_axis, n in zip(sizes, along) if n > 1), default=0)
            if math.prod(along) <= GATHERED_CELLS or smallest < SMALLEST_SPLIT_BLOCK:
                return levels, math.prod(along)
            sizes = [[-(-n // 2) for n in of_axis] for of_axis in sizes]
        return levels, 0

    def slabs(self):
        return all(p == 1 for p in self.split[:-1])

    def leaving(self, ranks_of_node):
        """As leaving_node() of apps/simulation/plan/machine.cpp."""
        if self.ranks <= ranks_of_node or self.cuts == 0:
            return 0.0, 0.0
        split = (self.split + [1, 1])[:3]
        block = (self.block + [1, 1])[:3]
        stride = (1, split[0], split[0] * split[1])
        nodes = [0.0] * -(-self.ranks // ranks_of_node)
        most = 0
        for rank in range(self.ranks):
            cuts = 0
            for axis in range(3):
                if split[axis] == 1:
                    continue
                place = rank // stride[axis] % split[axis]
                for step in (-1, 1):
                    other = (place + step) % split[axis]
                    if (rank + (other - place) * stride[axis]) // ranks_of_node == rank // ranks_of_node:
                        continue
                    cuts += 1
                    nodes[rank // ranks_of_node] += math.prod(block) / block[axis]
            most = max(most, cuts)
        sides = sum(2 for p in split if p > 1)
        surface = sum(2 * math.prod(block) / n for n, p in zip(block, split) if p > 1)
        return most / sides, max(nodes) / surface
