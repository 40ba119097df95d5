// A spectral flow solver with its state made from a few lines, beside solvers_flow_case.hpp.
#pragma once

#include <string>

#include "mesh/loops.hpp"
#include "solvers/flow/spectral_flow.hpp"
#include "support/solvers_flow_case.hpp"

namespace flow_test {

template <class Real>
struct SpectralCase {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::SpectralFlow<Real> solver;
  mesh::State<Real> state;

  SpectralCase(FlowParams params, const mesh::GridParams& box,
               const core::Comm& comm = core::Comm::world())
      : grid(std::make_shared<mesh::BoxGrid>(box, solvers::periodic_axes(params), comm)),
        solver((params.discretisation = "spectral", params), grid),
        state(grid, solver.fields()) {
    solver.initialise(state);
  }
  double diagnostic(const std::string& name) {
    for (const auto& d : solver.diagnostics(state))
      if (d.name == "flow." + name) return d.value;
    throw std::out_of_range("no diagnostic flow." + name);
  }
};

/// Suites of it: a device has no FFTW.
class SpectralSuite : public testing::Test {
 protected:
  void SetUp() override {
    if (!mesh::on_host) GTEST_SKIP() << "spectral flow needs a build for the host";
  }
};

inline FlowParams periodic_flow(double viscosity_m2_s, int dimension = 2) {
  FlowParams params;
  params.viscosity_m2_s = viscosity_m2_s;
  set_sides(params, std::vector<std::string>(2UL * dimension, "periodic"));
  return params;
}

inline mesh::GridParams cube_of(int cells, int dimension = 2) {
  const auto n = static_cast<std::size_t>(dimension);
  return {std::vector<double>(n, 0),
          std::vector<double>(n, 2 * 3.14159265358979323846),
          std::vector<long long>(n, cells),
          {}};
}

/// Root mean square over the interior of one field's difference between two states of one grid.
template <class Real>
double rms_difference(const mesh::State<Real>& one, const mesh::State<Real>& other,
                      const std::string& name) {
  const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), one[name].data);
  const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), other[name].data);
  const mesh::Range3 r = one.grid().interior();
  double sum = 0;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const double d = static_cast<double>(a(0, k, j, i)) - static_cast<double>(b(0, k, j, i));
        sum += d * d;
      }
  return std::sqrt(sum / static_cast<double>(r.count()));
}

}  // namespace flow_test
