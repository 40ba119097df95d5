// What the tests of corrections share: decaying vortices in a periodic box of 32 x 32 cells, and the same solver on
// cells twice as large.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_solver.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::tests {

inline constexpr double vortices_window_s = 0.1;

inline solvers::FlowParams vortices_flow(double viscosity_m2_s, long long seed) {
  solvers::FlowParams params;
  params.viscosity_m2_s = viscosity_m2_s;
  for (int side = 0; side < 4; ++side) params.boundaries.side[side].kind = "periodic";
  params.initial.random.spectrum = "peak";
  params.initial.random.rms_m_s = 0.5;
  params.initial.random.peak_wave_number_1_m = 25;
  params.initial.noise_seed = seed;
  return params;
}

inline mesh::GridParams vortices_box(long long cells) {
  mesh::GridParams box;
  box.cells = {cells, cells};
  return box;
}

template <class Real>
struct Vortices {
  std::shared_ptr<const mesh::BoxGrid> grid;
  std::shared_ptr<solvers::FlowSolver<Real>> solver;
  std::shared_ptr<mesh::State<Real>> state;

  explicit Vortices(long long cells, double viscosity_m2_s = 1e-3, long long seed = 1,
                    const core::Comm& comm = core::Comm::self())
      : grid(std::make_shared<const mesh::BoxGrid>(vortices_box(cells),
                                                   std::array<bool, 3>{true, true, true}, comm)),
        solver(std::make_shared<solvers::FlowSolver<Real>>(vortices_flow(viscosity_m2_s, seed),
                                                           grid, ".")),
        state(std::make_shared<mesh::State<Real>>(grid, solver->fields())) {
    solver->initialise(*state);
  }
};

/// The solver of a sample on `cells` x `cells` cells.
inline surrogates::MakeCoarseSolver coarse_vortices(long long cells) {
  return [cells](const surrogates::SampleInfo& sample) {
    const Vortices<double> made(cells, sample.parameters.at(0).value);
    return surrogates::CoarseSolver{made.solver, made.state};
  };
}

inline surrogates::SampleInfo vortices_sample(double viscosity_m2_s, long long seed,
                                              const std::string& split, long long frames) {
  surrogates::SampleInfo sample;
  sample.name = "sample_" + std::to_string(seed);
  sample.split = split;
  sample.parameters = {{"flow.viscosity_m2_s", "m2/s", viscosity_m2_s}};
  sample.frames = frames;
  sample.provenance.version = "test";
  sample.provenance.deck = "seed: " + std::to_string(seed);
  sample.provenance.deck_hash = "hash" + std::to_string(seed);
  return sample;
}

/// Simulated on 32 x 32 cells and written. Collective over `comm`.
inline void write_vortices(const std::filesystem::path& folder, long long seed,
                           const std::string& split, long long frames, const core::Comm& comm) {
  constexpr double viscosity_m2_s = 1e-3;
  const Vortices<double> flow(32, viscosity_m2_s, seed, comm);
  surrogates::DatasetInfo info;
  info.name = "vortices";
  info.fields = flow.solver->fields();
  std::erase_if(info.fields, [](const auto& f) { return f.role == mesh::Role::history; });
  info.grid = vortices_box(32);
  info.boundaries = surrogates::SideKinds(4, surrogates::SideKind::periodic);
  info.window_s = vortices_window_s;
  surrogates::SampleWriter<double> writer(
      folder, info, vortices_sample(viscosity_m2_s, seed, split, frames), flow.grid);
  for (long long frame = 0; frame < frames; ++frame) {
    if (frame > 0) flow.solver->advance(*flow.state, vortices_window_s);
    writer.write(*flow.state);
  }
  writer.finish(1);
}

}  // namespace understudy::tests
