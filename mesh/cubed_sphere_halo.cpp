#include "mesh/cubed_sphere_halo.hpp"

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

namespace {

struct Ghost {
  int index;  // flat, in an array
  std::vector<GhostTerm> terms;
};

std::vector<Ghost> all_ghosts(const CubedSphereGrid& grid, int order) {
  std::vector<Ghost> ghosts;
  const Range3 inside = grid.interior();
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) {
        const bool interior =
            j >= inside.begin[1] && j < inside.end[1] && i >= inside.begin[0] && i < inside.end[0];
        if (interior) continue;
        ghosts.push_back(
            {(k * grid.extent(1) + j) * grid.extent(0) + i,
             ghost_terms(grid.cells_per_edge(), order, k, grid.centre(0, i), grid.centre(1, j))});
      }
  return ghosts;
}

// Which rank has a cell of that global number, and where.
template <class Real>
typename IndexExchange<Real>::Home home_of(const CubedSphereGrid& grid, long long cell) {
  const long long n = grid.cells_per_edge();
  const int i = int(cell % n), j = int(cell / n % n), k = int(cell / (n * n));
  for (int rank = 0; rank < grid.comm().size(); ++rank) {
    const Range3 block = grid.block(rank);
    if (i < block.begin[0] || i >= block.end[0] || j < block.begin[1] || j >= block.end[1])
      continue;
    const long long wide = block.size(0) + 2 * grid.ghosts(0);
    const long long high = block.size(1) + 2 * grid.ghosts(1);
    return {rank, (k * high + (j - block.begin[1] + grid.ghosts(1))) * wide +
                      (i - block.begin[0] + grid.ghosts(0))};
  }
  throw std::out_of_range("no rank has that cell");
}

}  // namespace

template <class Real>
CubedSphereHalo<Real>::CubedSphereHalo(std::shared_ptr<const CubedSphereGrid> grid, int order)
    : grid_(std::move(grid)) {
  const int fewest = std::max(2 * order + 2, 4 * grid_->ghosts(0) / 2);
  if (grid_->cells_per_edge() < fewest)
    throw core::UserError(core::format(
        "grid.cells: {} along an edge are too few for ghosts of order {}; at least {} are needed",
        grid_->cells_per_edge(), order, fewest));
  const std::vector<Ghost> ghosts = all_ghosts(*grid_, order);
  std::map<long long, int> places;
  for (const Ghost& ghost : ghosts)
    for (const GhostTerm& term : ghost.terms) places.emplace(term.cell, 0);
  std::vector<long long> wanted;
  for (auto& [cell, place] : places) {
    place = int(wanted.size());
    wanted.push_back(cell);
  }
  sources_ = std::make_unique<IndexExchange<Real>>(
      grid_->comm(), wanted, [&](long long cell) { return home_of<Real>(*grid_, cell); });
  std::map<std::size_t, std::vector<const Ghost*>> by_terms;
  for (const Ghost& ghost : ghosts) by_terms[ghost.terms.size()].push_back(&ghost);
  for (const auto& [terms, same] : by_terms) {
    Rows rows{Indices("ghosts", same.size()),
              {"terms", terms, same.size()},
              {"weights", terms, same.size()}};
    const auto index = Kokkos::create_mirror_view(rows.ghosts);
    const auto term = Kokkos::create_mirror_view(rows.terms);
    const auto weight = Kokkos::create_mirror_view(rows.weights);
    for (std::size_t r = 0; r < same.size(); ++r) {
      index(r) = same[r]->index;
      for (std::size_t t = 0; t < terms; ++t) {
        term(t, r) = places.at(same[r]->terms[t].cell);
        weight(t, r) = Real(same[r]->terms[t].weight);
      }
    }
    Kokkos::deep_copy(rows.ghosts, index);
    Kokkos::deep_copy(rows.terms, term);
    Kokkos::deep_copy(rows.weights, weight);
    rows_.push_back(rows);
  }
}

namespace {

constexpr int together = 4;  // arrays that share the weights

template <class Real>
struct Interpolate {
  const int *ghosts, *terms;  // [row], [term, row]
  const Real* weights;        // [term, row]
  const Real* values;         // [source, width]
  int rows, term_count, width, count;
  Real* out[together];
  KOKKOS_INLINE_FUNCTION void operator()(const int row) const {
    Real sum[together] = {0, 0, 0, 0};
    for (int t = 0; t < term_count; ++t) {
      const Real weight = weights[long(t) * rows + row];
      const Real* const from = values + long(terms[long(t) * rows + row]) * width;
      for (int a = 0; a < together; ++a) sum[a] += weight * from[a];
    }
    const int ghost = ghosts[row];
    for (int a = 0; a < count; ++a) out[a][ghost] = sum[a];
  }
};

}  // namespace

template <class Real>
void CubedSphereHalo<Real>::exchange(const std::vector<Array3<Real>>& arrays) {
  const core::ScopedTimer region("halo");
  const int count = int(arrays.size()), width = (count + together - 1) / together * together;
  if (int(values_.extent(1)) != width)
    values_ = Kokkos::View<Real**, Kokkos::LayoutRight, Memory>("sources of ghosts",
                                                                sources_->wanted(), width);
  sources_->fetch({arrays.begin(), arrays.end()}, values_);
  for (const Rows& rows : rows_)
    for (int first = 0; first < count; first += together) {
      Interpolate<Real> f{rows.ghosts.data(),
                          rows.terms.data(),
                          rows.weights.data(),
                          values_.data() + first,
                          int(rows.ghosts.extent(0)),
                          int(rows.terms.extent(0)),
                          width,
                          std::min(together, count - first),
                          {}};
      for (int a = 0; a < f.count; ++a) f.out[a] = arrays[first + a].data();
      Kokkos::parallel_for("cubed sphere ghosts", Kokkos::RangePolicy<Exec>(0, f.rows), f);
    }
}

template class CubedSphereHalo<float>;
template class CubedSphereHalo<double>;

}  // namespace understudy::mesh
