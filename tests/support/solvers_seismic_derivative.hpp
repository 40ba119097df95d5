// What the tests of the acoustic stepper's derivative share: a run of one shot, and what goes between the deck's
// box and the padded grid's cells.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "support/solvers_derivatives.hpp"
#include "support/solvers_seismic_case.hpp"

namespace understudy::tests {

inline std::vector<double> moved(std::vector<double> values, double factor,
                                 const std::vector<double>& by) {
  for (std::size_t n = 0; n < by.size(); ++n) values[n] += factor * by[n];
  return values;
}

/// The case's first shot at time 0; the wavelet times `scale`, the speed plus factor * dc (of the box).
template <class Real>
struct WaveRun {
  SeismicCase c;
  seismic::AcousticSolver<Real> solver;
  mesh::State<Real> state;

  explicit WaveRun(const SeismicCase& from, double scale = 1, double factor = 0,
                   const std::vector<double>& dc = {})
      : c(from),
        solver(c.setup(), moved(c.speed(), factor, dc), c.density(), core::Comm::world()),
        state(solver.grid(), solver.fields()) {
    seismic::Shot shot = c.make_shots().front();
    for (double& value : shot.wavelet) value *= scale;
    solver.begin_shot(shot, state);
  }
  solvers::DifferentiableStepper<Real>& derivative() { return *solver.differentiable(); }
  void advance(int steps) { solver.advance(state, steps * c.dt_s()); }
};

/// f(nearest cell of the box, k, j, i) of all cells that this rank owns.
template <class F>
void each_cell(const seismic::WaveGrid& grid, const F& f) {
  const mesh::Range3 r = grid.padded->interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto x = grid.padded->position(mesh::Location::cell, k, j, i);
        std::size_t cell = 0;
        for (int axis = grid.dimension() - 1; axis >= 0; --axis) {
          const double place = (x[axis] - grid.box.lower_m[axis]) / grid.padded->spacing(axis);
          const int cells = int(grid.box.cells[axis]);
          cell = cell * std::size_t(cells) +
                 std::size_t(std::clamp(int(std::floor(place)), 0, cells - 1));
        }
        f(cell, k, j, i);
      }
}

/// A change of the box's speed as the control `speed`: continued into the layers.
template <class Real>
void continue_from_box(const seismic::WaveGrid& grid, const std::vector<double>& box,
                       const mesh::Array4<Real>& field) {
  const auto host = Kokkos::create_mirror_view(field);
  each_cell(grid,
            [&](std::size_t cell, int k, int j, int i) { host(0, k, j, i) = Real(box[cell]); });
  Kokkos::deep_copy(field, host);
}

/// Its transpose. Collective.
template <class Real>
std::vector<double> fold_to_box(const seismic::WaveGrid& grid, const mesh::Array4<Real>& field,
                                std::size_t count) {
  std::vector<double> box(count, 0);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, field);
  each_cell(grid,
            [&](std::size_t cell, int k, int j, int i) { box[cell] += double(host(0, k, j, i)); });
  grid.padded->comm().sum(std::span<double>(box));
  return box;
}

/// Of all points that this rank owns, field after field.
template <class Real>
std::vector<Real> values_of(const mesh::State<Real>& state) {
  std::vector<Real> values;
  for (const auto& field : state.fields())
    derivative_test::each_point<Real>(state.grid(), field.info.location, field.data,
                                      [&](Real& value, std::uint64_t) { values.push_back(value); });
  return values;
}

/// A case that fits on four ranks: blocks along the vertical axis still hold layer and stencil.
inline SeismicCase waves_on_four_ranks(bool density, bool surface) {
  SeismicCase c;
  c.cells = 56;
  c.variable_density = density;
  c.free_surface = surface;
  return c;
}

inline SeismicCase waves_in_space(bool density) {
  SeismicCase c;
  c.dimension = 3;
  c.cells = 32;
  c.layer = 5;
  c.order = 4;
  c.variable_density = density;
  c.free_surface = density;
  return c;
}

}  // namespace understudy::tests
