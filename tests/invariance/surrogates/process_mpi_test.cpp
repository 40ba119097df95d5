// A SubModel in place of a solver's process: with policies never and collect bitwise the simulation, with a
// network without error the simulation to float32.
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "support/scratch.hpp"
#include "support/solvers_flow_case.hpp"
#include "surrogates/points/point_model.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy {

namespace {

using flow_test::Case;

solvers::FlowParams reacting() {
  solvers::FlowParams params;
  params.viscosity_m2_s = 0.01;
  params.initial.velocity_m_s = {"sin(pi * x) * cos(pi * y)", "-cos(pi * x) * sin(pi * y)"};
  params.initial.scalar = "0.5 * (1 - tanh((x - 0.5) / 0.1))";
  params.scalar.enabled = true;
  params.scalar.diffusivity_m2_s = 0.002;
  params.scalar.reaction.growth = "bistable";
  params.scalar.reaction.growth_1_s = 10;
  params.scalar.reaction.threshold = 0.25;
  return params;
}

// The reaction's own formula as an imported model.
std::filesystem::path exact_model(const tests::Scratch& work) {
  if (core::Comm::world().is_root()) {
    torch::jit::Module module("reaction");
    module.define("def forward(self, x):\n  return 10 * x * (1 - x) * (x - 0.25)\n");
    module.save((work / "reaction.pt").string());
    surrogates::PointImport from;
    from.file = work / "reaction.pt";
    from.card.name = "reaction";
    from.card.engine = "torchscript";
    from.card.inputs.push_back({"scalar", "1", 0, 1, -1, 2});
    from.card.outputs.push_back({"reaction_rate", "1/s"});
    surrogates::import_point_model(from, work / "model");
  }
  core::Comm::world().barrier();
  return work / "model";
}

SubModelOptions options_of(SubModelPolicy policy, const std::filesystem::path& folder = {}) {
  SubModelOptions options;
  options.policy = policy;
  (policy == SubModelPolicy::collect ? options.dataset : options.model) = folder;
  options.gate.distance = options.gate.disagreement = false;
  return options;
}

template <class Real>
struct Run {
  Case<Real> flow{reacting(), {{0, 0}, {2, 1}, {48, 24}, {}}};
  std::shared_ptr<SubModel> model;

  void replace(SubModelOptions options) {
    const auto process = flow.solver.point_processes().at(0);
    options.name = process.name;
    options.inputs = process.inputs;
    options.outputs = process.outputs;
    model = std::make_shared<SubModel>(options);
    process.use([model = model, physics = process.physics](const auto& in, const auto& out) {
      (*model)(in, out, physics);
    });
  }
  void advance() { flow.solver.advance(flow.state, 0.3); }
};

template <class Real>
double largest_difference(const Run<Real>& a, const Run<Real>& b) {
  double largest = 0;
  for (const char* name : {"u", "scalar", "scalar_rate"}) {
    const auto x =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a.flow.state[name].data);
    const auto y =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), b.flow.state[name].data);
    const mesh::Range3 r = a.flow.grid->interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        largest = std::max(largest, std::abs(double(x(0, 0, j, i)) - double(y(0, 0, j, i))));
  }
  return a.flow.grid->comm().max(largest);
}

template <class Real>
void expect_bitwise_without_network() {
  const tests::Scratch work;
  long long steps = 0;
  {
    Run<Real> own, never, collect;
    never.replace(options_of(SubModelPolicy::never));
    collect.replace(options_of(SubModelPolicy::collect, work / "points"));
    for (auto* run : {&own, &never, &collect}) run->advance();
    EXPECT_EQ(largest_difference(own, never), 0);
    EXPECT_EQ(largest_difference(own, collect), 0);
    collect.model->flush();
    steps = own.flow.state.step;
    EXPECT_EQ(collect.model->counters().stored, own.flow.grid->interior().count() * steps);
  }  // each rank's file is closed: until then it is locked
  core::Comm::world().barrier();
  if (core::Comm::world().is_root()) {
    const auto data = surrogates::read_points(work / "points");
    EXPECT_EQ(data.points, 48 * 24 * steps);
    EXPECT_EQ(data.info.name, "reaction");
  }
  core::Comm::world().barrier();
}

template <class Real>
void expect_physics_of_exact_network() {
  const tests::Scratch work;
  const auto folder = exact_model(work);
  Run<Real> own, always, gate;
  always.replace(options_of(SubModelPolicy::always, folder));
  gate.replace(options_of(SubModelPolicy::gate, folder));
  for (auto* run : {&own, &always, &gate}) run->advance();
  // In single precision the flow itself rounds what it is given.
  constexpr double tolerance = std::is_same_v<Real, float> ? 1e-4 : 1e-5;
  const double difference = largest_difference(own, always);
  EXPECT_LT(difference, tolerance);
  if (std::is_same_v<Real, double>) {
    EXPECT_GT(difference, 1e-10) << "a network did compute it";
  }
  EXPECT_LT(largest_difference(own, gate), tolerance);
  EXPECT_EQ(always.model->counters().to_physics, 0);
  EXPECT_EQ(gate.model->counters().to_network, gate.model->counters().points);
}

}  // namespace

TEST(Process, NeverAndCollectAreBitwiseTheSimulation) {
  expect_bitwise_without_network<double>();
  expect_bitwise_without_network<float>();
}

TEST(Process, ExactNetworkIsThePhysicsToFloat32) {
  expect_physics_of_exact_network<double>();
  expect_physics_of_exact_network<float>();
}

}  // namespace understudy
