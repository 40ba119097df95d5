// A small Kokkos program with an equation of state, which Understudy learns and replaces.
//
//   eos collect DATASET         runs with its own physics, and collects what it computed
//   understudy train eos.yaml   (points.dataset=DATASET)
//   eos gate MODEL DATASET      runs with the network where it is trusted, and checks itself; what it
//                               rejected goes into DATASET
//
// The gated run meets states beyond those that were collected: they must go to the physics.
#include <Kokkos_Core.hpp>
#include <Kokkos_Random.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <understudy/understudy.hpp>

#include "eos.hpp"

using Batch = understudy::Points<double>;  // [point, column] where Kokkos works

// Densities of 0.5 to 2 kg/m3 and energies of 1 to 3 J/kg; `beyond`: every tenth energy is doubled.
void fill_states(const Batch& states, int step, bool beyond) {
  const Kokkos::Random_XorShift64_Pool<> pool(1000 + step);
  Kokkos::parallel_for(
      "states", states.extent(0), KOKKOS_LAMBDA(int n) {
        auto random = pool.get_state();
        states(n, 0) = random.drand(0.5, 2.0);
        states(n, 1) = random.drand(1.0, 3.0);
        if (beyond && n % 10 == 0) states(n, 1) = 2 * states(n, 1) + 1.5;
        pool.free_state(random);
      });
}

void equation_of_state(const understudy::Points<const double>& states, const Batch& result) {
  Kokkos::parallel_for(
      "equation of state", states.extent(0), KOKKOS_LAMBDA(int n) {
        result(n, 0) = examples::pressure(states(n, 0), states(n, 1));
        result(n, 1) = examples::sound_speed(states(n, 0), states(n, 1));
      });
}

// Largest relative error of column c, over all points or those beyond the range alone.
double largest_error(const Batch& result, const Batch& truth, int c, bool beyond_only) {
  double worst = 0;
  Kokkos::parallel_reduce(
      "error", result.extent(0),
      KOKKOS_LAMBDA(int n, double& largest) {
        if (beyond_only && n % 10 != 0) return;
        const double error = Kokkos::abs(result(n, c) - truth(n, c)) / truth(n, c);
        largest = error > largest ? error : largest;
      },
      Kokkos::Max<double>(worst));
  return worst;
}

int run(const std::string& mode, const std::string& first, const std::string& second) {
  understudy::SubModelOptions options;
  options.name = "eos";
  options.inputs = {{"density", "kg/m3"}, {"energy", "J/kg"}};
  options.outputs = {{"pressure", "Pa"}, {"sound_speed", "m/s"}};
  options.policy = understudy::sub_model_policy_from(mode);
  const bool gated = mode == "gate";
  if (gated) options.model = first;
  options.dataset = gated ? second : first;
  understudy::SubModel eos(options);

  const int points = 4000, steps = 4;
  const Batch states("states", points, 2), result("result", points, 2), truth("truth", points, 2);
  double error = 0, error_beyond = 0;
  for (int step = 0; step < steps; ++step) {
    fill_states(states, gated ? 100 + step : step, gated);
    eos(states, result, equation_of_state);
    equation_of_state(states, truth);
    for (int c = 0; c < 2; ++c) {
      error = std::fmax(error, largest_error(result, truth, c, false));
      error_beyond = std::fmax(error_beyond, largest_error(result, truth, c, true));
    }
  }
  eos.flush();
  std::printf("%slargest error %.2e, beyond the range %.2e\n", eos.report().c_str(), error,
              error_beyond);
  const auto c = eos.counters();
  const long long beyond = points / 10 * steps;
  if (!gated) return c.to_physics == points * steps && c.stored == c.points ? 0 : 1;
  return error < 0.04 && error_beyond == 0 && c.out_of_range >= beyond &&
                 c.to_network > 8 * beyond && c.stored == c.to_physics
             ? 0
             : 1;
}

int main(int argc, char** argv) {
  const understudy::core::Runtime runtime(argc, argv, {});
  try {
    if (argc >= 3) return run(argv[1], argv[2], argc > 3 ? argv[3] : "");
    std::fprintf(stderr, "usage: eos collect DATASET | eos gate MODEL DATASET\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "eos: %s\n", error.what());
  }
  return 2;
}
