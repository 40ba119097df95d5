// One training step of a physics-informed network (residuals, gradient of the loss, Adam) by jets and by
// nested autograd in LibTorch, on the same weights and points in the same run, beside the matrix product's
// peak measured there. "share" is that of the products that any method needs (three for every layer between
// hidden layers and channel of derivatives: forward, inputs' and weights' gradient) in the peak. Memory is
// the process's peak so far: give one method, equation, width and precision for its own.
//
//   bench_pinn_training [key=value]...   with
//     equation=burgers,navier_stokes width=64,256 precision=float32,float64 method=jets,nested
//     depth=5 points=10000 steps=15 device=cpu (default: cuda where Kokkos and LibTorch have it)
//
// Threads: OMP_NUM_THREADS. benchmarks/pinn/run sets this beside DeepXDE.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "benchmarks/torch_bench.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "pinn/engine/torch_jet_network.hpp"
#include "pinn/engine/torch_jets.hpp"
#include "pinn/networks.hpp"

using namespace understudy;
using namespace understudy::bench;
using namespace understudy::pinn;
using at::Tensor;

namespace {

std::string default_device() {
  const bool gpu = !core::Runtime::gpu().empty() && at::globalContext().hasCUDA();
  return gpu ? "cuda" : "cpu";
}

// Mean squares of an equation's residuals. d(field, inputs): a derivative, inputs x = 0, then y, then t.
struct Equation {
  int inputs, outputs;
  std::vector<Derivative> derivatives;
  template <class D>
  Tensor loss(const D& d) const {
    if (outputs == 1) {
      const double nu = 0.01 / M_PI;
      return (d(0, {1}) + d(0, {}) * d(0, {0}) - nu * d(0, {0, 0})).square().mean();
    }
    const double nu = 0.01;
    const Tensor u = d(0, {}), v = d(1, {});
    const auto momentum = [&](int i) {
      return d(i, {2}) + u * d(i, {0}) + v * d(i, {1}) + d(2, {i}) -
             nu * (d(i, {0, 0}) + d(i, {1, 1}));
    };
    return momentum(0).square().mean() + momentum(1).square().mean() +
           (d(0, {0}) + d(1, {1})).square().mean();
  }
};

Equation equation_of(const std::string& name) {
  if (name == "burgers") return {2, 1, {{1}, {0, 0}}};
  return {3, 3, {{2}, {0, 0}, {1, 1}}};
}

// Adam on the flat weights, the same for both.
struct Adam {
  Tensor mean, square;
  double steps = 0;
  void step(Tensor& weights) {
    const at::NoGradGuard no_autograd;
    Tensor gradient = weights.grad();
    if (!mean.defined()) {
      mean = at::zeros_like(gradient);
      square = at::zeros_like(gradient);
    }
    ++steps;
    mean.mul_(0.9).add_(gradient, 0.1);
    square.mul_(0.999).addcmul_(gradient, gradient, 0.001);
    weights.addcdiv_(mean, (square / (1 - std::pow(0.999, steps))).sqrt_().add_(1e-8),
                     -1e-3 / (1 - std::pow(0.9, steps)));
    gradient.zero_();
  }
};

struct Case {
  Equation equation;
  JetNetwork network;
  Tensor points, weights;
};

Tensor jets_loss(const Case& c) {
  const auto spec = std::make_shared<const JetSpec>(c.equation.inputs, c.equation.derivatives);
  std::vector<Jet> inputs;
  for (int i = 0; i < c.equation.inputs; ++i) inputs.push_back(coordinate(spec, c.points, i));
  const Tensor features = stack(inputs, c.points);
  const auto jets = unstack(spec, c.network.evaluate(spec->orders(), features, c.weights,
                                                     at::zeros({0}, c.points.options())));
  return c.equation.loss([&](int f, const Derivative& k) { return jets[std::size_t(f)].d(k); });
}

// The usual way: one graph of derivatives of derivatives, each formed once.
Tensor nested_loss(const Case& c) {
  const Tensor points = c.points.detach().clone().requires_grad_(true);
  Tensor x = points;
  const auto& places = c.network.places();
  const auto& shapes = c.network.program().weights;
  for (std::size_t n = 0; n + 1 < places.size(); n += 2) {
    const auto part = [&](std::size_t k) {
      return c.weights.narrow(0, places[k].offset, places[k].count);
    };
    x = at::linear(x, part(n).view({shapes[n].shape[0], shapes[n].shape[1]}), part(n + 1));
    if (n + 2 < places.size()) x = x.tanh();
  }
  std::map<std::pair<int, Derivative>, Tensor> all;
  // The gradient of field f's derivative by `k`, [point, input].
  const auto gradient = [&](int f, const Derivative& k, const Tensor& of) {
    Tensor& found = all[{f, k}];
    if (!found.defined()) found = torch::autograd::grad({of.sum()}, {points}, {}, true, true)[0];
    return found;
  };
  const auto d = [&](int f, const Derivative& k) -> Tensor {
    const Tensor value = x.select(1, f);
    if (k.empty()) return value;
    const Tensor first = gradient(f, {}, value).select(1, k[0]);
    return k.size() == 1 ? first : gradient(f, {k[0]}, first).select(1, k[1]);
  };
  return c.equation.loss(d);
}

struct Measured {
  double seconds = 0, loss = 0;
};

Measured measure(const std::string& method, Case& c, int steps) {
  Measured m;
  std::vector<double> times;
  const Tensor start = c.weights.detach().clone();
  Adam adam;
  for (int n = 0; n < steps + 2; ++n) {
    const core::Stopwatch stopwatch;
    const Tensor loss = method == "jets" ? jets_loss(c) : nested_loss(c);
    loss.backward();
    if (n == 0) m.loss = loss.item<double>();
    adam.step(c.weights);
    wait_for(c.weights);
    if (n >= 2) times.push_back(stopwatch.seconds());
  }
  const at::NoGradGuard no_autograd;
  c.weights.copy_(start);
  m.seconds = median(times);
  return m;
}

void compare(const std::string& name, int width, const at::TensorOptions& options,
             const Options& o) {
  const bool single = options.dtype() == at::kFloat;
  NetworkSettings settings;
  settings.depth = std::stoi(o.at("depth"));
  settings.width = width;
  const Equation equation = equation_of(name);
  Case c{equation, JetNetwork(make_program(settings, equation.inputs, equation.outputs)), {}, {}};
  const std::int64_t points = std::stoll(o.at("points"));
  at::manual_seed(1);
  c.points = at::rand({points, equation.inputs}, options);
  c.weights =
      (at::randn({c.network.trained_count()}, options) / std::sqrt(width)).requires_grad_(true);
  const double peak = matrix_peak(options);
  const int channels = JetSpec(equation.inputs, equation.derivatives).channels();
  const double operations = 6.0 * width * width * (settings.depth - 1) * channels * double(points);
  double jets = 0, loss = 0;
  for (const std::string& method : words(o.at("method"))) {
    const Measured m = measure(method, c, std::stoi(o.at("steps")));
    std::printf("%-13s %d x %-3d %-7s %-6s %8.1f ms a step", name.c_str(), settings.depth, width,
                single ? "float32" : "float64", method.c_str(), 1e3 * m.seconds);
    if (method == "jets") {
      jets = m.seconds;
      loss = m.loss;
      std::printf(", share %4.1f%% of %.0f GFLOP/s", 100 * operations / m.seconds / peak,
                  1e-9 * peak);
    } else if (jets > 0) {
      std::printf(", jets are %.2f times as fast; losses differ by %.0e", m.seconds / jets,
                  std::abs(m.loss - loss) / loss);
    }
    std::printf("; peak memory so far %.0f MB\n", 1e-6 * core::peak_memory_bytes());
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  at::set_num_threads(core::Runtime::threads());
  const Options o = options_of(argc, argv,
                               {{"equation", "burgers,navier_stokes"},
                                {"width", "64,256"},
                                {"precision", "float32,float64"},
                                {"method", "jets,nested"},
                                {"depth", "5"},
                                {"points", "10000"},
                                {"steps", "15"},
                                {"device", default_device()}});
  std::printf("%s, %d thread(s), %s points\n", o.at("device").c_str(), core::Runtime::threads(),
              o.at("points").c_str());
  for (const std::string& name : words(o.at("equation")))
    for (const std::string& width : words(o.at("width")))
      for (const std::string& precision : words(o.at("precision")))
        compare(name, std::stoi(width),
                at::TensorOptions()
                    .dtype(precision == "float32" ? at::kFloat : at::kDouble)
                    .device(o.at("device")),
                o);
  return 0;
}
