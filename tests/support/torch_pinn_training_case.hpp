// A problem small enough to be trained in a second: decay, u' = -k u, u(0) = 1, with the truth exp(-k t).
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/comm.hpp"
#include "core/error.hpp"
#include "pinn/solver.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn::cases {

inline std::shared_ptr<Problem> decay(double k = 2) {
  auto p = std::make_shared<Problem>();
  p->name = p->title = "decay";
  p->inputs = {{"t", "1", 0, 1, true}};
  p->fields = {{"u", "1", "what decays"}};
  p->evaluation = {101};
  p->add("rate", {{"decay", "1"}}, p->interior()).residuals = [k](const Fields& f) -> Residuals {
    return {f["u"].d(0) + k * f["u"]};
  };
  p->add("start", {{"u", "1"}}, p->face(0, 0), Term::Kind::initial).residuals =
      [](const Fields& f) -> Residuals { return {f["u"] - 1}; };
  p->initial = [](const at::Tensor& points) -> std::vector<at::Tensor> {
    return {at::ones_like(points.select(1, 0))};
  };
  p->reference = [k](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> u(1);
    for (const auto& point : points) u[0].push_back(std::exp(-k * point[0]));
    return u;
  };
  return p;
}

/// The same with k unknown, from samples of the truth at k = 2.
inline std::shared_ptr<Problem> unknown_decay() {
  auto p = decay();
  p->parameters = {
      {.name = "k", .unit = "1", .help = "rate", .start = 1, .lower = 0.5, .upper = 5, .truth = 2}};
  p->terms[0].residuals = [](const Fields& f) -> Residuals {
    return {f["u"].d(0) + f.parameter("k") * f["u"]};
  };
  Region samples;
  samples.points = at::linspace(0, 1, 11, at::kDouble).unsqueeze(1);
  samples.data = (-2 * samples.points).exp();
  p->add("samples", {{"u", "1"}}, samples, Term::Kind::data).residuals =
      [](const Fields& f) -> Residuals { return {f["u"] - f.data(0)}; };
  return p;
}

inline Settings quick() {
  Settings s;
  s.network.depth = 2;
  s.network.width = 12;
  s.sampling.interior = 48;
  s.sampling.initial = 4;
  s.optimiser.steps = 600;
  s.optimiser.learning_rate = 1e-2;
  s.optimiser.decay_steps = 100;
  s.record_every = 50;
  s.evaluate_every = 0;
  s.precision = "double";
  return s;
}

inline TrainingTask task_of(std::shared_ptr<const Problem> problem, const Settings& settings,
                            const core::Comm& comm = core::Comm::self()) {
  return TrainingTask{.problem = std::move(problem),
                      .remake = {},
                      .settings = settings,
                      .comm = comm,
                      .progress = {},
                      .checkpoint = {},
                      .resume = false,
                      .start = nullptr,
                      .pause_after_steps = 0};
}

/// What a training that must not succeed says.
inline std::string message_of(const TrainingTask& task) {
  try {
    train(task);
  } catch (const core::Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace understudy::pinn::cases
