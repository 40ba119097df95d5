// Speed of the moist box over flat ground and with metric terms (terrain of height 0, so that both do the same
// steps): processor time of a step, the least of several windows taken in turns, which a busy machine disturbs less
// than the clock on the wall. One thread.
//
//   bench_solvers_moist_box [windows]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "core/runtime.hpp"
#include "solvers/weather/moist_box/moist_box_solver.hpp"

namespace {

using namespace understudy;
using solvers::MoistBoxParams;

template <class Real>
struct Run {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::MoistBoxSolver<Real> solver;
  mesh::State<Real> state;
  double least_s = 1e9;  ///< of a step

  Run(const MoistBoxParams& params, const mesh::GridParams& box)
      : grid(solvers::make_moist_box_grid(params, box, core::Comm::world())),
        solver(params, grid, "."),
        state(grid, solver.fields()) {
    solver.initialise(state);
  }
  void window(double duration_s) {
    const long long steps = state.step;
    const std::clock_t start = std::clock();
    solver.advance(state, duration_s);
    Kokkos::fence();
    const double used = double(std::clock() - start) / CLOCKS_PER_SEC;
    least_s = std::min(least_s, used / double(state.step - steps));
  }
};

template <class Real>
void measure(const char* what, MoistBoxParams params, const mesh::GridParams& box, double window_s,
             int windows) {
  Run<Real> flat(params, box);
  params.terrain.height_m = "0";
  Run<Real> mapped(params, box);
  for (int n = 0; n < windows; ++n)
    for (auto* run : {&flat, &mapped}) run->window(window_s);
  const double cells = double(flat.grid->global_cell_count());
  std::printf("%-34s %s  flat %6.2f Mcell steps/s   terrain %6.2f   time ratio %.2f\n", what,
              sizeof(Real) == 4 ? "single" : "double", 1e-6 * cells / flat.least_s,
              1e-6 * cells / mapped.least_s, mapped.least_s / flat.least_s);
}

}  // namespace

int main(int argc, char** argv) {
  const core::Runtime runtime(argc, argv, {.threads = 1});
  const int windows = argc > 1 ? std::atoi(argv[1]) : 9;
  MoistBoxParams waves;
  waves.base.profile = "isothermal";
  waves.base.wind_m_s = {"20"};
  waves.initial.noise_k = 0.01;
  const mesh::GridParams slice{{-100e3, 0}, {100e3, 20e3}, {400, 100}, {}};
  measure<double>("dry slice, 400 x 100", waves, slice, 60, windows);
  measure<float>("dry slice, 400 x 100", waves, slice, 60, windows);
  MoistBoxParams storm;
  storm.base.profile = "weisman_klemp";
  storm.moisture = "rain";
  storm.microphysics = "kessler";
  storm.diffusion.model = "smagorinsky";
  solvers::MoistBoxBubbleParams bubble;
  bubble.center_m = {0, 0, 1500};
  bubble.radius_m = {6000, 6000, 1500};
  storm.initial.bubbles = {bubble};
  const mesh::GridParams block{{-32e3, -32e3, 0}, {32e3, 32e3, 20e3}, {64, 64, 40}, {}};
  measure<double>("storm with Kessler, 64 x 64 x 40", storm, block, 12, windows);
  measure<float>("storm with Kessler, 64 x 64 x 40", storm, block, 12, windows);
  return 0;
}
