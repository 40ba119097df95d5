#include "solvers/seismic/acoustic/acoustic_model.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers::seismic {

namespace {

void require_values(std::span<const double> values, const WaveGrid& grid, const char* what) {
  const auto& cells = grid.box.cells;
  std::size_t count = 1;
  for (const auto n : cells) count *= std::size_t(n);
  if (values.size() != count)
    throw core::UserError(core::format("the model's {} has {} values; the grid has {} cells", what,
                                       values.size(), count));
  for (std::size_t n = 0; n < count; ++n) {
    if (std::isfinite(values[n]) && values[n] > 0) continue;
    std::size_t rest = n;
    std::string at;
    for (const auto along : cells) {
      at += core::format("{}{}", at.empty() ? "" : ", ", rest % std::size_t(along));
      rest /= std::size_t(along);
    }
    throw core::UserError(
        core::format("the model's {} is {} at cell ({}); it must be above 0", what, values[n], at));
  }
}

// States (and checkpoints) hold cells: the faces at the grid's ends and beyond get no memory, so that a
// restart has nothing to miss.
template <class Real>
void clear_outer_faces(const CpmlAxis<Real>& profile, const mesh::BoxGrid& padded, int axis) {
  auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, profile.a_half);
  auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, profile.b_half);
  for (int i = 0; i < padded.extent(axis); ++i) {
    const int face = padded.offset(axis) + i - padded.ghosts(axis);
    if (face > 0 && face < padded.global_cells(axis)) continue;
    a(i) = 0;
    b(i) = 0;
  }
  Kokkos::deep_copy(profile.a_half, a);
  Kokkos::deep_copy(profile.b_half, b);
}

}  // namespace

void require_model(std::span<const double> speed_m_s, std::span<const double> density,
                   const WaveGrid& grid) {
  require_values(speed_m_s, grid, "speed");
  if (!density.empty()) require_values(density, grid, "density");
}

template <class Real>
std::array<CpmlAxis<Real>, 3> layer_profiles(const AcousticSetup& setup, const WaveGrid& grid) {
  std::array<CpmlAxis<Real>, 3> profiles;
  const CpmlSetup layer{setup.absorbing, setup.layer_speed_m_s, setup.layer_frequency_hz,
                        setup.dt_s};
  for (int a = 0; a < grid.dimension(); ++a) {
    profiles[a] = cpml_axis<Real>(layer, *grid.padded, a, grid.layer[2 * a], grid.layer[2 * a + 1]);
    clear_outer_faces(profiles[a], *grid.padded, a);
  }
  return profiles;
}

template <class Real>
WaveGhosts<Real>::WaveGhosts(const WaveGrid& grid) : grid_(grid) {
  if (grid.padded->comm().size() > 1) halo_.emplace(grid.padded);
  surface_here_ = grid.free_surface() && grid.padded->at_boundary(2 * grid.vertical() + 1);
}

template <class Real>
void WaveGhosts<Real>::fill(const mesh::Array4<Real>& u) {
  if (halo_) {
    std::vector<mesh::Array3<Real>> shots;
    for (std::size_t s = 0; s < u.extent(0); ++s)
      shots.push_back(Kokkos::subview(u, s, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL));
    halo_->exchange(shots);
  }
  if (!surface_here_) return;
  const mesh::BoxGrid& g = *grid_.padded;
  const int axis = grid_.vertical(), depth = g.ghosts(axis), top = g.interior().end[axis];
  mesh::Range3 ghosts = g.everything();
  ghosts.begin[axis] = top;
  ghosts.end[axis] = top + depth;
  const std::ptrdiff_t stride_j = g.extent(0), stride_k = stride_j * g.extent(1);
  const std::ptrdiff_t along = axis == 1 ? stride_j : stride_k;
  for (std::size_t s = 0; s < u.extent(0); ++s) {
    Real* values = u.data() + s * stride_k * g.extent(2);
    mesh::for_cells(
        "surface images", ghosts, KOKKOS_LAMBDA(const int k, const int j, const int i) {
          const int beyond = (axis == 1 ? j : k) - top;
          const std::ptrdiff_t n = k * stride_k + j * stride_j + i;
          values[n] = -values[n - (2 * beyond + 1) * along];
        });
  }
}

template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_acoustic_operator(const AcousticSetup& setup,
                                                               const core::Comm& comm) {
  // The layer's stretching is written for fluxes only.
  return setup.variable_density || setup.absorbing.stretch > 1
             ? make_variable_density<Real>(setup, comm)
             : make_constant_density<Real>(setup, comm);
}

template std::array<CpmlAxis<float>, 3> layer_profiles(const AcousticSetup&, const WaveGrid&);
template std::array<CpmlAxis<double>, 3> layer_profiles(const AcousticSetup&, const WaveGrid&);
template class WaveGhosts<float>;
template class WaveGhosts<double>;
template std::unique_ptr<AcousticOperator<float>> make_acoustic_operator(const AcousticSetup&,
                                                                         const core::Comm&);
template std::unique_ptr<AcousticOperator<double>> make_acoustic_operator(const AcousticSetup&,
                                                                          const core::Comm&);

}  // namespace understudy::solvers::seismic
