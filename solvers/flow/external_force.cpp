#include "solvers/flow/external_force.hpp"

#include <cmath>

#include "mesh/loops.hpp"
#include "solvers/flow/boundary_values.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/formula_checks.hpp"

namespace understudy::solvers::flow {

namespace {

// One component's part of a step. Plain pointers: rows copy their functor, and a view counts its copies.
template <class Real>
struct Brake {
  Steps<Real> s;
  Real drag, dt_now;
  const Real* u;
  Real *rate, *star;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    const Real brake = drag * u[n];
    rate[n] -= brake;
    star[n] -= dt_now * brake;
  }
};

template <class Real>
struct Push {
  Steps<Real> s;
  Real dt;
  const Real* force;
  Real* star;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    star[n] += dt * force[n];
  }
};

}  // namespace

template <class Real>
ExternalForce<Real>::ExternalForce(const FlowParams& params, const mesh::BoxGrid& grid)
    : drag_(params.rayleigh_friction_1_s) {
  if (params.force_m_s2.empty()) return;
  pushes_ = true;
  formulas_ = vector_formulas(params.force_m_s2, grid.dimension(), "flow.force_m_s2");
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    depends_on_time_ = depends_on_time_ || formulas_[axis].depends_on_time();
    force_[axis] =
        mesh::Array3<Real>("external force", grid.extent(2), grid.extent(1), grid.extent(0));
  }
}

template <class Real>
void ExternalForce<Real>::evaluate(const mesh::BoxGrid& grid, double time_s) {
  if (!pushes() || (evaluated_ && (!depends_on_time_ || time_s == evaluated_at_s_))) return;
  std::string fault;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const auto at = static_cast<mesh::Location>(axis + 1);
    const mesh::Range3 r = grid.points(at);
    const auto host = Kokkos::create_mirror_view(force_[axis]);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const std::array<double, 3> x{grid.coordinate(at, 0, i), grid.coordinate(at, 1, j),
                                        grid.coordinate(at, 2, k)};
          const double value = formulas_[axis](x[0], x[1], x[2], time_s);
          if (!std::isfinite(value) && fault.empty())
            fault = formula_fault({"flow.force_m_s2", axis}, formulas_[axis], value, x, time_s);
          host(k, j, i) = static_cast<Real>(value);
        }
    Kokkos::deep_copy(force_[axis], host);
  }
  throw_fault(grid.comm(), fault, time_s);
  evaluated_ = true;
  evaluated_at_s_ = time_s;
}

template <class Real>
void ExternalForce<Real>::add(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                              double middle_s, const std::array<Velocity<Real>, 3>& u_rate_star) {
  if (empty()) return;
  evaluate(grid, middle_s);
  const auto& [u, rate, star] = u_rate_star;
  const Steps<Real> s(grid);
  for (int a = 0; a < grid.dimension(); ++a) {
    if (drag_ != 0)
      mesh::for_rows("drag", grid.interior(),
                     Brake<Real>{s, static_cast<Real>(drag_), step.dt * step.weight_now,
                                 u[a].data(), rate[a].data(), star[a].data()});
    if (pushes_)
      mesh::for_rows("force", grid.interior(),
                     Push<Real>{s, step.dt, force_[a].data(), star[a].data()});
  }
}

template <class Real>
double ExternalForce<Real>::injection(const mesh::BoxGrid& grid, const Velocity<Real>& u,
                                      double time_s) {
  if (!pushes()) return 0;
  evaluate(grid, time_s);
  double sum = 0;
  for (int a = 0; a < grid.dimension(); ++a) sum += integrate_product(grid, force_[a], u[a]);
  return sum;
}

template class ExternalForce<float>;
template class ExternalForce<double>;

}  // namespace understudy::solvers::flow
