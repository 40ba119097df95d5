// What the acoustic operators of constant and variable density share. Private to the acoustic solver.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "mesh/halo.hpp"
#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace understudy::solvers::seismic {

/// UserError unless the arrays have the box's cells (density may be empty) and every value is finite and
/// above 0; names the first cell that is not.
void require_model(std::span<const double> speed_m_s, std::span<const double> density,
                   const WaveGrid& grid);

template <class Real>
std::array<CpmlAxis<Real>, 3> layer_profiles(const AcousticSetup& setup, const WaveGrid& grid);

/// Ghosts of the pressure: from neighbouring ranks, and odd images above a free surface.
template <class Real>
class WaveGhosts {
 public:
  explicit WaveGhosts(const WaveGrid& grid);
  void fill(const mesh::Array4<Real>& u);

 private:
  WaveGrid grid_;
  std::optional<mesh::Halo<Real>> halo_;  ///< on several ranks
  bool surface_here_;
};

}  // namespace understudy::solvers::seismic
