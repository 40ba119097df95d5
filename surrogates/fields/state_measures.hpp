// What the cheap gates know of a state: one pass over the prognostic channels that gives the means over
// the blocks of a coarse lattice, the root mean square of what these means leave out, and the extremes.
//
// Means weigh each cell by its measure (mesh/cell_measure.hpp). The lattice has `most_blocks` blocks along the
// longest axis and as many along the others as make the blocks square: cell i of n lies in block floor(i b / n).
// Values are in the fields' units.
//
// Limits: a disturbance that keeps every block's mean, the channel's remaining mean square and its
// extremes is not seen here; the truth's diagnostics see some of those (energy, enstrophy).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "mesh/field.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

inline constexpr int most_blocks = 16;

/// Numbers of blocks along x, y, z for a grid; no block is empty.
struct Lattice {
  std::array<int, 3> blocks{1, 1, 1}, cells{1, 1, 1};
  int count() const { return blocks[0] * blocks[1] * blocks[2]; }
};
Lattice lattice_of(const mesh::Grid& grid);

struct StateMeasures {
  std::vector<double> block_means;      ///< [channel, block z, block y, block x]
  std::vector<double> fluctuation;      ///< [channel]: rms of value - mean of its block
  std::vector<double> lowest, highest;  ///< [channel]; infinite where a value is not finite
};

template <class Real>
class Measurer {
 public:
  Measurer(std::shared_ptr<const mesh::Grid> grid, const std::vector<FieldCard>& channels);
  const Lattice& lattice() const { return lattice_; }
  /// The same on all ranks. Collective.
  StateMeasures operator()(const mesh::State<Real>& state) const;

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  std::vector<FieldCard> channels_;
  Lattice lattice_;
  std::vector<double> sizes_;  ///< [block]: its cells, or what they measure
  Kokkos::View<double***, Kokkos::LayoutRight, mesh::Memory> sums_;  ///< [channel, block, sum...]
};

extern template class Measurer<float>;
extern template class Measurer<double>;

}  // namespace understudy::surrogates
