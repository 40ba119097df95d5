// Diagnostics and derived quantities of a SpectralFlow's state, by the names that FlowSolver has.
#include <cmath>
#include <stdexcept>

#include "solvers/flow/derived.hpp"
#include "solvers/flow/spectral_impl.hpp"

namespace understudy::solvers {

template <class Real>
void SpectralFlow<Real>::Impl::gradient(int a, int b, int out) {
  const Modes& u = motion.velocity()[a];
  const int modes = box().row_modes();
  const auto& kx = box().wave(0);
  box().for_rows([&](const typename Box::Row& row) {
    for (int m = 0; m < modes; ++m) {
      const long at = 1L * row.number * modes + m;
      const Real k = b == 0 ? kx[m] : b == 1 ? row.ky : row.kz;
      scratch(at) = Kokkos::complex<Real>(-k * u(at).imag(), k * u(at).real());
    }
  });
  box().spread(scratch, box().whole()[0]);
  box().transform().inverse({box().whole()[0]}, {box().values()[out]}, 1);
}

// Into values 0, by way of 1 and 2.
template <class Real>
void SpectralFlow<Real>::Impl::vorticity_magnitude() {
  const auto& v = box().values();
  const std::size_t points = box().transform().points();
  Kokkos::deep_copy(v[2], Real(0));
  for (int n = 0; n < 3; ++n) {
    const int a = (n + 1) % 3, b = (n + 2) % 3;
    gradient(b, a, 0);
    gradient(a, b, 1);
    for (std::size_t x = 0; x < points; ++x) v[2](x) += (v[0](x) - v[1](x)) * (v[0](x) - v[1](x));
  }
  for (std::size_t x = 0; x < points; ++x) v[0](x) = std::sqrt(v[2](x));
}

// -1/2 du_a/dx_b du_b/dx_a, into values 0, by way of 1 and 2.
template <class Real>
void SpectralFlow<Real>::Impl::q_criterion() {
  const auto& v = box().values();
  const std::size_t points = box().transform().points();
  Kokkos::deep_copy(v[2], Real(0));
  for (int a = 0; a < grid->dimension(); ++a)
    for (int b = a; b < grid->dimension(); ++b) {
      gradient(a, b, 0);
      gradient(b, a, 1);
      const Real weight = Real(a == b ? -0.5 : -1);
      for (std::size_t x = 0; x < points; ++x) v[2](x) += weight * v[0](x) * v[1](x);
    }
  Kokkos::deep_copy(v[0], v[2]);
}

template <class Real>
void SpectralFlow<Real>::Impl::derive(const std::string& name, const mesh::Array3<Real>& out) {
  const auto& v = box().values();
  const std::size_t points = box().transform().points();
  const int dimension = grid->dimension();
  const auto curl = [&](int a, int b) {  // du_b/dx_a - du_a/dx_b
    gradient(b, a, 0);
    gradient(a, b, 1);
    for (std::size_t x = 0; x < points; ++x) v[0](x) -= v[1](x);
  };
  if (name == "speed") {
    Kokkos::deep_copy(v[1], Real(0));
    for (int a = 0; a < dimension; ++a) {
      box().spread(motion.velocity()[a], box().whole()[0]);
      box().transform().inverse(box().whole(), v, 1);
      for (std::size_t x = 0; x < points; ++x) v[1](x) += v[0](x) * v[0](x);
    }
    for (std::size_t x = 0; x < points; ++x) v[0](x) = std::sqrt(v[1](x));
  } else if (name == "divergence") {
    gradient(0, 0, 0);
    for (int a = 1; a < dimension; ++a) {
      gradient(a, a, 1);
      for (std::size_t x = 0; x < points; ++x) v[0](x) += v[1](x);
    }
  } else if (name == "q_criterion") {
    q_criterion();
  } else if (name == "vorticity" && dimension == 3) {
    vorticity_magnitude();
  } else if (name == "vorticity" || name == "vorticity_z") {
    curl(0, 1);
  } else if (name == "vorticity_x") {
    curl(1, 2);
  } else {
    curl(2, 0);
  }
  box().copy_out(v[0], out);
}

template <class Real>
std::vector<std::string> SpectralFlow<Real>::derived_names() const {
  return flow::derived_quantities(impl_->grid->dimension());
}

template <class Real>
mesh::CellField<Real> SpectralFlow<Real>::derive(const mesh::State<Real>& state,
                                                 const std::string& name) {
  bool known = false;
  for (const auto& one : derived_names()) known = known || one == name;
  if (!known) throw std::out_of_range("no derived field '" + name + "'");
  const mesh::BoxGrid& grid = *impl_->grid;
  const mesh::Array3<Real> out(name, grid.extent(2), grid.extent(1), grid.extent(0));
  impl_->read(state);
  impl_->derive(name, out);
  return {name, flow::derived_unit(name), out};
}

// Parseval; a mode with k_x > 0 stands for its conjugate, too.
template <class Real>
std::array<double, 2> SpectralFlow<Real>::Impl::gradient_integrals() const {
  double curl = 0, divergence = 0, volume = 1;
  for (int a = 0; a < grid->dimension(); ++a) volume *= grid->upper(a) - grid->lower(a);
  for (int r = 0; r < box().rows(); ++r) {
    const auto row = box().row(r);
    for (int m = 0; m < box().row_modes(); ++m) {
      const double k[3] = {box().wave(0)[m], row.ky, row.kz};
      Kokkos::complex<double> along = 0;
      double all = 0, square = 0;
      for (int a = 0; a < grid->dimension(); ++a) {
        const auto c = motion.velocity()[a](1L * r * box().row_modes() + m);
        const Kokkos::complex<double> u(c.real(), c.imag());
        along += k[a] * u;
        all += u.real() * u.real() + u.imag() * u.imag();
        square += k[a] * k[a];
      }
      const double across = along.real() * along.real() + along.imag() * along.imag();
      const double weight = m == 0 ? 1 : 2;
      divergence += weight * across;
      curl += weight * (square * all - across);
    }
  }
  return {volume * curl, volume * divergence};
}

template <class Real>
std::vector<Diagnostic> SpectralFlow<Real>::diagnostics(const mesh::State<Real>& state) {
  Impl& m = *impl_;
  const mesh::BoxGrid& grid = *m.grid;
  const bool plane = grid.dimension() == 2;
  const double rho = m.params.density_kg_m3, drag = m.params.rayleigh_friction_1_s;
  const std::string per = plane ? "/m" : "", watt = plane ? "W/m" : "W";
  m.fill_ghosts(state);
  m.read(state);
  const flow::Velocity<Real> u = m.velocity(state);
  const flow::FlowIntegrals sums = flow::integrate(grid, u);
  const auto [curl, divergence] = m.gradient_integrals();
  double volume = 1;
  for (int a = 0; a < grid.dimension(); ++a) volume *= grid.upper(a) - grid.lower(a);
  const auto& acceleration = m.params.acceleration_m_s2;
  const bool pushed = m.motion.external().pushes() || !acceleration.empty();

  std::vector<Diagnostic> list;
  const auto add = [&](const std::string& name, const std::string& unit, double value,
                       DiagnosticKind kind) {
    list.push_back({"flow." + name, unit, value, kind});
  };
  add("kinetic_energy", "J" + per, 0.5 * rho * sums.speed_squared, DiagnosticKind::bounded);
  add("enstrophy", plane ? "m2/s2" : "m3/s2", 0.5 * curl, DiagnosticKind::free);
  add("divergence_norm", "1/s", std::sqrt(divergence / volume), DiagnosticKind::bounded);
  for (int a = 0; a < grid.dimension(); ++a)
    add(std::string("momentum_") + "xyz"[a], "kg m/s" + per, rho * sums.momentum[a],
        pushed || drag > 0 ? DiagnosticKind::free : DiagnosticKind::conserved);
  add("dissipation", watt, rho * m.params.viscosity() * curl, DiagnosticKind::free);
  if (pushed) {
    double power = m.motion.external().injection(grid, u, state.time_s);
    for (std::size_t a = 0; a < acceleration.size(); ++a)
      power += acceleration[a] * sums.momentum[a];
    add("injection", watt, rho * power, DiagnosticKind::free);
  }
  if (drag > 0) add("drag_loss", watt, rho * drag * sums.speed_squared, DiagnosticKind::free);
  return list;
}

template struct SpectralFlow<float>::Impl;
template struct SpectralFlow<double>::Impl;
template std::vector<Diagnostic> SpectralFlow<float>::diagnostics(const mesh::State<float>&);
template std::vector<Diagnostic> SpectralFlow<double>::diagnostics(const mesh::State<double>&);
template std::vector<std::string> SpectralFlow<float>::derived_names() const;
template std::vector<std::string> SpectralFlow<double>::derived_names() const;
template mesh::CellField<float> SpectralFlow<float>::derive(const mesh::State<float>&,
                                                            const std::string&);
template mesh::CellField<double> SpectralFlow<double>::derive(const mesh::State<double>&,
                                                              const std::string&);

}  // namespace understudy::solvers
