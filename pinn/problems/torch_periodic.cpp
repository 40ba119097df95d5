#include "pinn/problems/torch_periodic.hpp"

#include <memory>
#include <mutex>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

void make_periodic(Problem& problem, double time_scale) {
  const InputInfo& x = problem.inputs.at(0);
  const double k = 2 * std::numbers::pi / (x.upper - x.lower);
  problem.features = [k, time_scale](const std::vector<Jet>& inputs, const InputBox& box,
                                     int) -> std::vector<Jet> {
    const Jet phase = inputs[0] * k, time = scaled(inputs, box, 1) * time_scale;
    return {cos(phase), sin(phase), time};
  };
}

void add_start(Problem& problem, const Start& start) {
  if (start.exactly) {
    problem.transform = [start](const std::vector<Jet>& in,
                                const std::vector<Jet>& out) -> std::vector<Jet> {
      const Jet g = exp(in[1] * (-1 / start.duration));
      const Jet later = start.inside ? start.inside(in[0]) * out[0] : out[0];
      const Jet first = start.continued ? start.continued(in[0], in[1]) : start.values(in[0]);
      return {g * first + (1 - g) * later};
    };
    return;
  }
  const auto values = [start](const at::Tensor& points) {
    return start.values(coordinate(std::make_shared<const JetSpec>(2), points, 0)).value();
  };
  const InputInfo& t = problem.inputs.at(1);
  const std::string field = problem.fields.at(0).name;
  problem
      .add("initial", {{field, problem.fields.at(0).unit}}, problem.face(1, t.lower),
           Term::Kind::initial)
      .residuals = [values, field](const Fields& f) -> Residuals {
    return {f[field] - values(f.points())};
  };
  problem.initial = [values](const at::Tensor& points) -> std::vector<at::Tensor> {
    return {values(points)};
  };
}

ConstantInfo exact_start(double value) {
  return {"exact_start",
          "1",
          "1: the initial values hold exactly, 0: they are a term, which time windows need",
          value,
          {.at_least = 0, .at_most = 1}};
}

bool starts_exactly(const ProblemChoice& choice) {
  const auto found = choice.constants.find("exact_start");
  if (found == choice.constants.end()) return false;
  if (found->second != 0 && found->second != 1)
    throw core::UserError(
        core::format("problem: constant 'exact_start' is {}; it must be 0 or 1", found->second));
  return found->second == 1;
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
