#include "pinn/problems/torch_periodic.hpp"

#include <memory>
#include <mutex>
#include <numbers>
#include <utility>

namespace understudy::pinn {

void make_periodic(Problem& problem, double time_scale) {
  const InputInfo &x = problem.inputs.at(0), &t = problem.inputs.at(1);
  const double k = 2 * std::numbers::pi / (x.upper - x.lower);
  const double middle = (t.lower + t.upper) / 2, scale = 2 * time_scale / (t.upper - t.lower);
  problem.features = [k, middle, scale](const std::vector<Jet>& inputs, int) -> std::vector<Jet> {
    const Jet phase = inputs[0] * k;
    return {cos(phase), sin(phase), (inputs[1] - middle) * scale};
  };
}

Reference periodic_reference(const PeriodicEquation& equation, const PeriodicRun& run) {
  struct Once {
    std::once_flag flag;
    std::unique_ptr<const PeriodicHistory> history;
  };
  return [equation, run,
          once = std::make_shared<Once>()](const std::vector<std::vector<double>>& points) {
    std::call_once(once->flag,
                   [&] { once->history = std::make_unique<const PeriodicHistory>(equation, run); });
    return std::vector<std::vector<double>>{once->history->at(points)};
  };
}

ClassicalMethod periodic_method(const PeriodicEquation& equation, double end,
                                std::vector<int> resolutions,
                                const std::function<int(int points)>& steps) {
  ClassicalMethod method;
  method.name = "Fourier spectral, exponential time differencing of fourth order (ETDRK4)";
  method.resolutions = std::move(resolutions);
  method.solve = [equation, end, steps](int points) -> Reference {
    const auto history = std::make_shared<const PeriodicHistory>(
        equation, PeriodicRun{.points = points, .steps = steps(points), .end = end});
    return [history](const std::vector<std::vector<double>>& at) {
      return std::vector<std::vector<double>>{history->at(at)};
    };
  };
  return method;
}

}  // namespace understudy::pinn
