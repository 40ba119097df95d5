// Points a second through a SubModel by policy, beside the bare physics and a bare forward pass of the
// same network on the same points. The physics is a small iteration, as an equation of state makes; the
// model is trained here for a moment (its accuracy does not matter, its size does).
//
//   OMP_NUM_THREADS=1 bench_surrogates_sub_model [points] [members] [width] [depth]
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/network/torch_view.hpp"
#include "surrogates/points/point_training.hpp"
#include "surrogates/points/torch_point_model.hpp"
#include "surrogates/sub_model/sub_model.hpp"

using namespace understudy;

namespace {

using Batch = Points<double>;

// Newton's method for the temperature at which a sum of exponentials has the given energy.
void physics(const Points<const double>& in, const Batch& out) {
  Kokkos::parallel_for(
      "physics", in.extent(0), KOKKOS_LAMBDA(int n) {
        double t = 1;
        for (int i = 0; i < 30; ++i) {
          const double e = t + 0.1 * Kokkos::exp(-1 / t) - in(n, 1);
          t -= e / (1 + 0.1 * Kokkos::exp(-1 / t) / (t * t));
        }
        out(n, 0) = in(n, 0) * t;
        out(n, 1) = Kokkos::sqrt(1.4 * t);
      });
}

// `outside`: every so many points lie out of range; 0: none.
Batch states(int points, int outside) {
  const Batch in("states", points, 2);
  Kokkos::parallel_for(
      "states", points, KOKKOS_LAMBDA(int n) {
        in(n, 0) = 0.6 + 0.8 * ((n * 7919LL) % 10007) / 10007.0;
        in(n, 1) = 1.1 + 1.8 * ((n * 104729LL) % 10009) / 10009.0;
        if (outside > 0 && n % outside == 0) in(n, 1) += 5;
      });
  return in;
}

// The median of 7, after two warm-up calls.
double seconds(const std::function<void()>& call) {
  call();
  call();
  std::vector<double> times;
  for (int n = 0; n < 7; ++n) {
    const core::Stopwatch stopwatch;
    call();
    Kokkos::fence("timed");
    times.push_back(stopwatch.seconds());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void line(const char* name, int points, double time, double bare) {
  std::printf("%-34s %10.3f ms %10.2f Mpoints/s   %6.2f of the bare one\n", name, 1e3 * time,
              1e-6 * points / time, time / bare);
}

SubModelOptions options_of(SubModelPolicy policy, const std::filesystem::path& work) {
  SubModelOptions o;
  o.name = "bench";
  o.inputs = {{"density", "kg/m3"}, {"energy", "J/kg"}};
  o.outputs = {{"pressure", "Pa"}, {"speed", "m/s"}};
  o.policy = policy;
  o.model = work / "model";
  if (policy == SubModelPolicy::collect) o.dataset = work / "points";
  return o;
}

double timed(const SubModelOptions& options, const Batch& in) {
  SubModel model(options);
  const Batch out("out", in.extent(0), 2);
  return seconds([&] { model(in, out, physics); });
}

}  // namespace

int main(int argc, char** argv) {
  const core::Runtime runtime(argc, argv, {});
  surrogates::set_up_torch();
  const auto argument = [&](int n, int otherwise) {
    return argc > n ? std::atoi(argv[n]) : otherwise;
  };
  const int points = argument(1, 100000), members = argument(2, 4);
  const auto work =
      std::filesystem::temp_directory_path() / ("understudy_bench_" + std::to_string(getpid()));
  {
    SubModel collecting(options_of(SubModelPolicy::collect, work));
    collecting(states(10000, 0), Batch("out", 10000, 2), physics);
  }
  surrogates::PointTrainingSetup setup;
  setup.network.width = argument(3, 64);
  setup.network.depth = argument(4, 3);
  setup.training.members = members;
  setup.training.epochs = 20;
  setup.gate.quantile = 0.99;
  setup.model = work / "model";
  const auto card =
      surrogates::train_points(surrogates::read_points(work / "points"), setup, core::Comm::self())
          .card;
  std::printf("%d points, %d mlp of %lld weights, %d threads\n", points, members, card.weight_count,
              core::Runtime::threads());

  const Batch in = states(points, 0), tenth = states(points, 10), out("out", points, 2);
  const double bare = seconds([&] { physics(in, out); });
  line("bare physics", points, bare, bare);
  line("never", points, timed(options_of(SubModelPolicy::never, work), in), bare);
  SubModelOptions collect = options_of(SubModelPolicy::collect, work);
  collect.dataset = work / "collected";
  line("collect", points, timed(collect, in), bare);

  auto model = surrogates::load_point_model(work / "model");
  const at::Tensor x = at::rand({points, 2});
  const auto pass = [&](std::int64_t most) {
    return seconds([&, most] {
      const c10::InferenceMode no_autograd;
      for (std::int64_t first = 0; first < points; first += most)
        model.engine->predict(x.narrow(0, first, std::min<std::int64_t>(most, points - first)));
    });
  };
  const double forward = pass(2048);  // as a SubModel does on a processor
  line("bare forward pass, 2048 at once", points, forward, forward);
  line("bare forward pass, all at once", points, pass(points), forward);
  line("always", points, timed(options_of(SubModelPolicy::always, work), in), forward);
  const SubModelOptions gate = options_of(SubModelPolicy::gate, work);
  SubModelOptions range = gate, distance = gate, disagreement = gate;
  range.gate = {true, false, false};
  distance.gate = {false, true, false};
  disagreement.gate = {false, false, members > 1};
  line("gate, range alone", points, timed(range, in), forward);
  line("gate, distance alone", points, timed(distance, in), forward);
  if (members > 1) {
    line("gate, disagreement alone", points, timed(disagreement, in), forward);
    line("gate, all", points, timed(gate, in), forward);
    line("gate, all, a tenth out of range", points, timed(gate, tenth), forward);
  }
  std::filesystem::remove_all(work);
  return 0;
}
