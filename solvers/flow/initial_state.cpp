#include "solvers/flow/initial_state.hpp"

#include <cmath>

#include "core/error.hpp"
#include "solvers/flow/boundary_values.hpp"
#include "solvers/flow/formula_checks.hpp"
#include "solvers/flow/random_velocity.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr const char* component_names[3] = {"u", "v", "w"};

// Noise by global index, so that it does not depend on the ranks: splitmix64 (Steele et al. 2014).
double noise(unsigned long long seed, unsigned long long index) {
  unsigned long long z = (seed + 1) * 0x9E3779B97F4A7C15ull + index * 0xD1B54A32D192ED03ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return 2 * (static_cast<double>(z >> 11) * 0x1.0p-53) - 1;
}

template <class Real, class Value>
void fill_points(const mesh::State<Real>& state, const std::string& name, const Value& value) {
  const mesh::Grid& grid = state.grid();
  const mesh::Field<Real>& field = state[name];
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const mesh::Range3 r = grid.points(field.info.location);
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::array<double, 3> x = grid.position(field.info.location, k, j, i);
        const unsigned long long global =
            (1ull * (k - r.begin[2] + grid.offset(2)) * (grid.global_cells(1) + 1) + j -
             r.begin[1] + grid.offset(1)) *
                (grid.global_cells(0) + 1) +
            i - r.begin[0] + grid.offset(0);
        host(0, k, j, i) = Real(value(x, global));
      }
  Kokkos::deep_copy(field.data, host);
}

}  // namespace

template <class Real>
void fill_initial_state(const FlowParams& params, mesh::State<Real>& state) {
  const mesh::Grid& grid = state.grid();
  const FlowInitialParams& initial = params.initial;
  const auto formulas =
      vector_formulas(initial.velocity_m_s, grid.dimension(), "flow.initial.velocity_m_s");
  state.time_s = 0;
  state.step = 0;
  state.scalars.clear();
  for (auto& field : state.fields()) Kokkos::deep_copy(field.data, Real(0));
  std::string fault;
  const auto value = [&](const FormulaPlace& place, const core::Expression& formula,
                         const std::array<double, 3>& x) {
    const double number = formula(x[0], x[1], x[2], 0);
    if (!std::isfinite(number) && fault.empty())
      fault = formula_fault(place, formula, number, x, 0);
    return number;
  };
  for (int a = 0; a < grid.dimension(); ++a) {
    const auto seed = 3 * static_cast<unsigned long long>(initial.noise_seed) + a;
    fill_points(state, component_names[a],
                [&](const std::array<double, 3>& x, unsigned long long global) {
                  return value({"flow.initial.velocity_m_s", a}, formulas[a], x) +
                         initial.noise_m_s * noise(seed, global);
                });
  }
  add_random_velocity(initial.random, static_cast<unsigned long long>(initial.noise_seed), state);
  if (params.scalar.enabled) {
    const auto scalar = scalar_formula(initial.scalar, "flow.initial.scalar");
    fill_points(state, "scalar", [&](const std::array<double, 3>& x, unsigned long long) {
      return value({"flow.initial.scalar", -1}, scalar, x);
    });
  }
  grid.comm().template throw_on_all_ranks<core::UserError>(fault);
}

template void fill_initial_state(const FlowParams&, mesh::State<float>&);
template void fill_initial_state(const FlowParams&, mesh::State<double>&);

}  // namespace understudy::solvers::flow
