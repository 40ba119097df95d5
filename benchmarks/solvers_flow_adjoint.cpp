// What a derivative of the flow solver costs: time of a step back (advance_adjoint, all numbers and the body
// force as controls) and of a first variation (advance_tangent) over that of a step forward (advance), and of a
// recorded step, whose velocities are kept. Periodic box and channel with a cylinder in 2-D, periodic box in 3-D.
//
//   bench_solvers_flow_adjoint [seconds per case]        (also under mpirun -n 2)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/provenance.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_solver.hpp"

namespace {

using namespace understudy;

struct Setup {
  const char* name;
  solvers::FlowParams params;
  mesh::GridParams box;
};

Setup periodic_box(int dimension, const std::string& convection) {
  Setup s;
  s.params.reynolds = 1000;
  s.params.convection = convection;
  for (int side = 0; side < 2 * dimension; ++side) s.params.boundaries.side[side].kind = "periodic";
  const double pi2 = 6.283185307179586;
  if (dimension == 2) {
    s.name = "box 256^2";
    s.box = {{0, 0}, {pi2, pi2}, {256, 256}, {}};
    s.params.initial.velocity_m_s = {"sin(x) * cos(y)", "-cos(x) * sin(y)"};
  } else {
    s.name = "box 64^3";
    s.box = {{0, 0, 0}, {pi2, pi2, pi2}, {64, 64, 64}, {}};
    s.params.initial.velocity_m_s = {"sin(x) * cos(y) * cos(z)", "-cos(x) * sin(y) * cos(z)", "0"};
  }
  return s;
}

Setup cylinder(const std::string& method) {
  Setup s;
  s.name = "cylinder 256x128";
  s.box = {{0, 0}, {16, 8}, {256, 128}, {}};
  s.params.reynolds = 100;
  s.params.convection = "upwind3";
  s.params.pressure.method = method;
  const char* kinds[] = {"inflow", "outflow", "slip", "slip"};
  for (int side = 0; side < 4; ++side) s.params.boundaries.side[side].kind = kinds[side];
  s.params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  s.params.initial.velocity_m_s = {"1", "0"};
  mesh::BodyParams body;
  body.center_m = {4, 4};
  s.params.bodies = {body};
  return s;
}

// Seconds a step of what `work` does, `steps` at a time.
template <class Work>
double seconds_per_step(const core::Comm& comm, double seconds, const Work& work) {
  work();  // warm-up
  Kokkos::fence();
  comm.barrier();
  const core::Stopwatch watch;
  double steps = 0;
  while (comm.max(watch.seconds()) < seconds) steps += work();
  Kokkos::fence();
  return comm.max(watch.seconds()) / steps;
}

template <class Real>
void measure(const Setup& setup, double seconds) {
  const core::Comm comm = core::Comm::world();
  const auto grid =
      std::make_shared<mesh::BoxGrid>(setup.box, solvers::periodic_axes(setup.params), comm);
  solvers::FlowSolver<Real> solver(setup.params, grid, ".");
  mesh::State<Real> state(grid, solver.fields());
  solver.initialise(state);
  const double window = 8 * solver.stable_dt(state);
  for (int n = 0; n < 3; ++n) solver.advance(state, window);
  auto& derivative = *solver.differentiable();
  const auto tape = derivative.make_tape(2000);
  const mesh::State<Real> start = state.clone();
  mesh::State<Real> now = state.clone();
  auto gradient = derivative.make_controls({"force"});
  const auto steps = [&](const auto& work) {
    return seconds_per_step(comm, seconds, [&] {
      now.copy_from(start);
      work();
      return static_cast<double>(tape->steps());
    });
  };
  derivative.advance_recorded(now, window, *tape);
  const double forward = steps([&] { solver.advance(now, window); });
  const double recorded = steps([&] { derivative.advance_recorded(now, window, *tape); });
  const double tangent = steps([&] { derivative.advance_tangent(*tape, now, gradient); });
  const double back = steps([&] { derivative.advance_adjoint(*tape, now, gradient); });
  if (comm.is_root())
    std::printf("%-17s %-8s %-7s %-10s %11.3f %9.2f %9.2f %9.2f\n", setup.name,
                setup.params.convection.c_str(), sizeof(Real) == 8 ? "double" : "single",
                setup.params.pressure.method.c_str(), 1e3 * forward, recorded / forward,
                tangent / forward, back / forward);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const core::Comm comm = core::Comm::world();
  if (comm.is_root()) {
    const core::Provenance build = core::describe_build_and_host("");
    std::printf("%s, %s\n", build.cpu.c_str(), build.git.c_str());
    std::printf("%d rank(s), %d thread(s) each, %s\n", comm.size(), core::Runtime::threads(),
                core::Runtime::backend().c_str());
    std::printf("%-17s %-8s %-7s %-10s %11s %9s %9s %9s\n", "case", "scheme", "real", "pressure",
                "step (ms)", "recorded", "tangent", "adjoint");
  }
  for (const int dimension : {2, 3})
    for (const char* convection : {"central", "upwind3"}) {
      measure<double>(periodic_box(dimension, convection), seconds);
      measure<float>(periodic_box(dimension, convection), seconds);
    }
  for (const char* method : {"fft", "multigrid"}) measure<double>(cylinder(method), seconds);
  return 0;
}
