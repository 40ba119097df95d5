#include "solvers/flow/spectral_motion.hpp"

#include <algorithm>
#include <cmath>

#include "mesh/loops.hpp"
#include "solvers/flow/time_step.hpp"

namespace understudy::solvers::flow {

namespace {

// 2-D: uv, uu - vv. 3-D: uv, uw, vw, uu - ww, vv - ww.
int product_count(int dimension) { return dimension == 2 ? 2 : 5; }

// k . k, and what divides by it: 1 for the mean, which nothing is divided for.
template <int dim, class Real>
Real square(const Real* k) {
  Real sum = k[0] * k[0] + k[1] * k[1];
  if constexpr (dim == 3) sum += k[2] * k[2];
  return sum > 0 ? sum : Real(1);
}

template <int dim, class Real>
Kokkos::complex<Real> dot(const Real* k, const Kokkos::complex<Real>* n) {
  auto sum = k[0] * n[0] + k[1] * n[1];
  if constexpr (dim == 3) sum += k[2] * n[2];
  return sum;
}

// NaN wherever one of them is.
template <class Real>
Real larger(Real a, Real b) {
  return b > a || b != b ? b : a;
}

template <int dim, class Real>
void take_off_gradient(const Real* k, Kokkos::complex<Real>* n) {
  const auto part = dot<dim>(k, n) * (Real(1) / square<dim>(k));
  for (int a = 0; a < dim; ++a) n[a] -= k[a] * part;
}

// -i times the divergence of T; p points at the products of one mode, `scale` is that of the transform.
template <int dim, class Real>
void divergence(const Real* k, const Kokkos::complex<Real>* p, Real scale,
                Kokkos::complex<Real>* n) {
  Kokkos::complex<Real> sum[3];
  if constexpr (dim == 2) {
    sum[0] = k[0] * p[1] + k[1] * p[0];
    sum[1] = k[0] * p[0];
  } else {
    sum[0] = k[0] * p[3] + k[1] * p[0] + k[2] * p[1];
    sum[1] = k[0] * p[0] + k[1] * p[4] + k[2] * p[2];
    sum[2] = k[0] * p[1] + k[1] * p[2];
  }
  for (int a = 0; a < dim; ++a)
    n[a] = Kokkos::complex<Real>(scale * sum[a].imag(), -scale * sum[a].real());
}

}  // namespace

template <class Real>
SpectralMotion<Real>::SpectralMotion(const FlowParams& params,
                                     std::shared_ptr<const mesh::BoxGrid> grid)
    : params_(params),
      grid_(std::move(grid)),
      dimension_(grid_->dimension()),
      products_(product_count(dimension_)),
      box_(*grid_, products_ + 1),
      external_(params, *grid_),
      forced_(external_.pushes() || !params.acceleration_m_s2.empty()),
      row_rates_(1UL * grid_->global_cells(1) * grid_->global_cells(2)) {
  double largest = 0;
  for (int a = 0; a < dimension_; ++a) {
    u_[a] = box_.make("velocity modes");
    stage_[a] = box_.make("stage");
    sum_[a] = box_.make("sum of stages");
    if (forced_) force_[a] = box_.make("force modes");
    const double k = box_.wave(a)[box_.most(a)];
    largest += k * k;
  }
  for (int a = 0; a < 3; ++a) half_[a].resize(box_.wave(a).size());
  damping_1_s_ = params_.viscosity() * largest + params_.rayleigh_friction_1_s;
}

template <class Real>
void SpectralMotion<Real>::load_force(double time_s) {
  if (!forced_ || (force_known_ && (!external_.depends_on_time() || time_s == force_at_s_))) return;
  const Velocity<Real> f = external_.force(*grid_, time_s);
  const std::size_t given = params_.acceleration_m_s2.size();
  double most = 0;
  for (int a = 0; a < dimension_; ++a) {
    const double mean = static_cast<std::size_t>(a) < given ? params_.acceleration_m_s2[a] : 0;
    double largest = 0;
    if (f[a].data()) {
      box_.read(f[a], static_cast<mesh::Location>(a + 1), force_[a]);
      const Real* values = box_.values()[0].data();
      for (std::size_t n = 0; n < box_.transform().points(); ++n)
        largest = std::max(largest, std::abs(static_cast<double>(values[n])));
    }
    force_[a](0) += Kokkos::complex<Real>(static_cast<Real>(mean), 0);
    most += (largest + std::abs(mean)) / grid_->spacing(a);
  }
  push_1_s2_ = most;
  force_known_ = true;
  force_at_s_ = time_s;
}

template <class Real>
double SpectralMotion<Real>::row_rate(int row) const {
  const int cells = grid_->global_cells(0);
  Real fastest = 0;
  for (int i = 0; i < cells; ++i) {
    Real rate = 0;
    for (int a = 0; a < dimension_; ++a)
      rate += Real(1 / grid_->spacing(a)) * std::abs(box_.values()[a](1L * row * cells + i));
    fastest = larger(fastest, rate);
  }
  return static_cast<double>(fastest);
}

// In the velocity's place, one row of points.
template <class Real>
void SpectralMotion<Real>::multiply_row(int row, Also also) {
  const int cells = grid_->global_cells(0);
  std::array<Real*, 6> q{};
  for (int n = 0; n <= products_; ++n) q[n] = box_.values()[n].data() + 1L * row * cells;
  if (also == Also::rates) row_rates_[row] = row_rate(row);
  if (also == Also::trace) {
    const Real* const last = q[dimension_ - 1];
    for (int i = 0; i < cells; ++i) q[products_][i] = last[i] * last[i];
  }
  if (dimension_ == 2)
    mesh::independent(0, cells, [=](const int i) {
      const Real u = q[0][i], v = q[1][i];
      q[0][i] = u * v;
      q[1][i] = (u - v) * (u + v);
    });
  else
    mesh::independent(0, cells, [=](const int i) {
      const Real u = q[0][i], v = q[1][i], w = q[2][i];
      q[0][i] = u * v;
      q[1][i] = u * w;
      q[2][i] = v * w;
      q[3][i] = (u - w) * (u + w);
      q[4][i] = (v - w) * (v + w);
    });
}

template <class Real>
void SpectralMotion<Real>::multiply(const Vector& modes, Also also) {
  for (int a = 0; a < dimension_; ++a) box_.spread(modes[a], box_.whole()[a]);
  box_.transform().inverse(box_.whole(), box_.values(), dimension_);
  mesh::for_host(static_cast<int>(row_rates_.size()),
                 [&](const int row) { multiply_row(row, also); });
  box_.transform().forward(box_.values(), box_.whole(), products_ + (also == Also::trace ? 1 : 0));
}

// use(row, m, k, n): the tendency n before its projection, of the carried mode m of a row.
template <class Real>
template <int dim, class Use>
void SpectralMotion<Real>::for_tendencies(const Use& use) const {
  constexpr int products = dim == 2 ? 2 : 5;
  const Real scale = Real(1) / static_cast<Real>(box_.transform().points());
  const int modes = box_.row_modes();
  const Real* const kx = box_.wave(0).data();
  box_.for_rows([&](const typename Box::Row& row) {
    const Kokkos::complex<Real>* from[products];
    for (int n = 0; n < products; ++n) from[n] = box_.whole()[n].data() + row.at;
    const long first = 1L * row.number * modes;
    for (int m = 0; m < modes; ++m) {
      const Real k[3] = {kx[m], row.ky, row.kz};
      Kokkos::complex<Real> p[products], n[3];
      for (int q = 0; q < products; ++q) p[q] = from[q][m];
      divergence<dim>(k, p, scale, n);
      if (forced_)
        for (int a = 0; a < dim; ++a) n[a] += force_[a](first + m);
      use(row, m, k, n);
    }
  });
}

template <class Real>
void SpectralMotion<Real>::project() {
  const auto run = [&]<int dim>(std::integral_constant<int, dim>) {
    const int modes = box_.row_modes();
    box_.for_rows([&](const typename Box::Row& row) {
      for (int m = 0; m < modes; ++m) {
        const long at = 1L * row.number * modes + m;
        const Real k[3] = {box_.wave(0)[m], row.ky, row.kz};
        Kokkos::complex<Real> n[3];
        for (int a = 0; a < dim; ++a) n[a] = u_[a](at);
        take_off_gradient<dim>(k, n);
        for (int a = 0; a < dim; ++a) u_[a](at) = n[a];
      }
    });
  };
  if (dimension_ == 2)
    run(std::integral_constant<int, 2>{});
  else
    run(std::integral_constant<int, 3>{});
}

template <class Real>
void SpectralMotion<Real>::keep() {
  for (int a = 0; a < dimension_; ++a) Kokkos::deep_copy(sum_[a], u_[a]);
}

template <class Real>
void SpectralMotion<Real>::restore() {
  for (int a = 0; a < dimension_; ++a) Kokkos::deep_copy(u_[a], sum_[a]);
}

// exp(-nu k^2 dt/2) falls apart into the axes; drag goes with x.
template <class Real>
void SpectralMotion<Real>::set_factors(double dt_s) {
  if (dt_s == factors_of_s_) return;
  for (int a = 0; a < 3; ++a)
    for (std::size_t n = 0; n < half_[a].size(); ++n) {
      const double k = box_.wave(a)[n];
      const double rate =
          params_.viscosity() * k * k + (a == 0 ? params_.rayleigh_friction_1_s : 0);
      half_[a][n] = static_cast<Real>(std::exp(-0.5 * dt_s * rate));
    }
  factors_of_s_ = dt_s;
}

template <class Real>
template <int dim, int stage>
void SpectralMotion<Real>::update(double dt_s) {
  const Real dt = Real(dt_s), half = Real(dt_s / 2), third = Real(dt_s / 3), sixth = Real(dt_s / 6);
  const int modes = box_.row_modes();
  for_tendencies<dim>(
      [&](const typename Box::Row& row, int m, const Real* k, Kokkos::complex<Real>* n) {
        take_off_gradient<dim>(k, n);
        const long at = 1L * row.number * modes + m;
        const Real e = half_[0][m] * half_[1][row.y] * half_[2][row.z];
        for (int a = 0; a < dim; ++a) {
          Kokkos::complex<Real>&u = u_[a](at), &y = stage_[a](at), &sum = sum_[a](at);
          if constexpr (stage == 1) {
            sum = e * e * (u + sixth * n[a]);
            y = e * (u + half * n[a]);
          } else if constexpr (stage == 2) {
            sum += third * e * n[a];
            y = e * u + half * n[a];
          } else if constexpr (stage == 3) {
            sum += third * e * n[a];
            y = e * e * u + dt * e * n[a];
          } else {
            u = sum + sixth * n[a];
          }
        }
      });
}

template <class Real>
template <int stage>
void SpectralMotion<Real>::run_stage(double dt_s) {
  if (dimension_ == 2)
    update<2, stage>(dt_s);
  else
    update<3, stage>(dt_s);
}

// u + dt f is still carried no further than cfl cells: dt (convection + dt push) <= cfl. A mode that others
// feed steadily comes out wrong by (nu k^2 dt)^4 / 2880 of its size, 0.6 % at the bound of 2.
template <class Real>
double SpectralMotion<Real>::step_limit(double convection_1_s) const {
  constexpr double most_damping = 2;
  if (!std::isfinite(convection_1_s)) return 0;  // no step is stable
  double dt = no_step_limit;
  const double root = std::sqrt(convection_1_s * convection_1_s + 4 * params_.cfl * push_1_s2_);
  if (convection_1_s + root > 0) dt = std::min(dt, 2 * params_.cfl / (convection_1_s + root));
  if (damping_1_s_ > 0) dt = std::min(dt, most_damping / damping_1_s_);
  return params_.max_dt_s > 0 ? std::min(dt, params_.max_dt_s) : dt;
}

template <class Real>
double SpectralMotion<Real>::begin(double time_s) {
  load_force(time_s);
  multiply(u_, Also::rates);
  double fastest = 0;
  for (const double rate : row_rates_) fastest = larger(fastest, rate);
  return step_limit(fastest);
}

template <class Real>
void SpectralMotion<Real>::step(double time_s, double dt_s) {
  set_factors(dt_s);
  run_stage<1>(dt_s);
  load_force(time_s + 0.5 * dt_s);
  multiply(stage_, Also::nothing);
  run_stage<2>(dt_s);
  multiply(stage_, Also::nothing);
  run_stage<3>(dt_s);
  load_force(time_s + dt_s);
  multiply(stage_, Also::nothing);
  run_stage<4>(dt_s);
}

template <class Real>
void SpectralMotion<Real>::pressure(double time_s, const Modes& p) {
  load_force(time_s);
  multiply(u_, Also::trace);
  const auto run = [&]<int dim>(std::integral_constant<int, dim>) {
    const Real rho = static_cast<Real>(params_.density_kg_m3);
    const Real scale = Real(1) / static_cast<Real>(box_.transform().points());
    const int modes = box_.row_modes();
    const auto& trace = box_.whole()[products_];
    for_tendencies<dim>([&](const typename Box::Row& row, int m, const Real* k,
                            Kokkos::complex<Real>* n) {
      const auto along = dot<dim>(k, n) * (Real(1) / square<dim>(k));
      p(1L * row.number * modes + m) =
          rho * (Kokkos::complex<Real>(along.imag(), -along.real()) - scale * trace(row.at + m));
    });
    p(0) = 0;
  };
  if (dimension_ == 2)
    run(std::integral_constant<int, 2>{});
  else
    run(std::integral_constant<int, 3>{});
}

template class SpectralMotion<float>;
template class SpectralMotion<double>;

}  // namespace understudy::solvers::flow
