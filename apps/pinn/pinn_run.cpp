// The verbs `pinn` and `compare` of physics-informed networks: training or the kept solution, outputs, summary.
#include <algorithm>
#include <cmath>

#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_history.hpp"
#include "apps/pinn/pinn_report.hpp"
#include "apps/pinn/pinn_result.hpp"
#include "apps/pinn/pinn_verbs.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "pinn/settings_fit.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps::pinn_verbs {

namespace {

long long all_steps(const pinn::Settings& s) {
  long long steps = 1LL * s.curriculum.windows * (s.optimiser.steps + s.optimiser.lbfgs_iterations);
  for (const auto& stage : s.curriculum.stages) steps += stage.steps;
  return steps;
}

// Of the samples; every rank has read them.
std::string data_hash(const PinnJob& job) {
  if (job.deck.problem.data.empty()) return "";
  return hash_of_samples(std::filesystem::path(job.deck.directory) / job.deck.problem.data);
}

std::string note(const pinn::HistoryLine& line) {
  std::string text = core::format("{}  loss {:.3g}", line.phase, line.loss);
  double worst = -1;
  for (const double error : line.errors)
    if (std::isfinite(error)) worst = std::max(worst, error);
  return worst < 0 ? text : text + core::format("  error {:.3g}", worst);
}

// LibTorch says more of a processor.
std::string device_now() {
  const std::string device = surrogates::torch_info().device;
  return device.starts_with("cpu") ? "cpu" : device;
}

PinnResult described(const PinnJob& job) {
  PinnResult result;
  result.problem = job.problem();
  result.about = pinn::describe(*result.problem);
  pinn::require_fit(*result.problem, job.deck.settings);
  require_training_fits(job, *result.problem);
  output_points(job, result.about);
  if (job.comm.is_root())
    for (const auto& caution : result.about.cautions)
      core::log::warn("problem {}: {}", result.about.name, caution);
  result.data_hash = data_hash(job);
  return result;
}

// Where nothing was left to train, how long a step took is what the finished training noted in its card.
void take_pace(const PinnJob& job, PinnResult& result) {
  std::error_code none;
  if (!std::filesystem::exists(job.model() / "card.yaml", none)) return;
  const PinnCard card = read_pinn_card(job.model());
  if (card.training_hash != job.training_hash) return;
  result.iteration_s = card.iteration_s;
  result.threads = int(card.threads);
  result.ranks = int(card.ranks);
  result.device = card.device;
}

PinnResult train(const PinnJob& job) {
  PinnResult result = described(job);
  const bool resumed = resumes_from(job, job.checkpoint());
  pinn::TrainingTask task{
      .problem = result.problem,
      .remake = [&](const std::map<std::string, double>& changed) { return job.problem(changed); },
      .settings = job.deck.settings,
      .comm = job.comm,
      .progress = {},
      .checkpoint = job.checkpoint(),
      .resume = resumed,
      .start = nullptr,
      .pause_after_steps = 0,
      .identity = core::format("{}samples: {}\n", job.training_deck, result.data_hash)};
  if (!job.deck.start.empty()) task.start = load_start(job, result.problem);
  open_output(job);
  PinnHistory history(job.out / "history.csv", result.about, resumed);
  core::Progress progress("train", double(all_steps(job.deck.settings)), "steps");
  task.progress = [&](const pinn::HistoryLine& line) {
    history.write(line);
    progress.update(double(line.step) + 1, note(line));
  };
  auto trained = pinn::train(task);
  result.set_solution(trained.solution);
  result.errors = trained.errors;
  result.train_s = trained.train_s;
  result.iteration_s = trained.iteration_s;
  result.steps = trained.steps;
  result.threads = trained.threads;
  result.ranks = job.comm.size();
  result.device = device_now();
  job.comm.on_root<core::UserError>([&] {
    complete_history(job.out / "history.csv", result.about, trained.history);
    result.history = read_history(job.out / "history.csv", result.about);
    if (resumed && result.iteration_s == 0) take_pace(job, result);
  });
  write_pinn_model(job, result);
  return result;
}

// What an earlier call has trained for the same deck; empty solution: nothing.
PinnResult kept(const PinnJob& job) {
  PinnResult result = described(job);
  std::error_code code;
  if (!std::filesystem::exists(job.model() / "card.yaml", code)) return result;
  const PinnCard card = read_pinn_card(job.model());
  if (card.training_hash != job.training_hash || card.data_hash != result.data_hash) return result;
  result.set_solution(load_pinn_model(job, job.model(), result.problem));
  result.errors = pinn::errors(*result.problem, *result.solution);
  result.train_s = card.train_s;
  result.iteration_s = card.iteration_s;
  result.steps = card.steps;
  result.threads = int(card.threads);
  result.ranks = int(card.ranks);
  result.device = card.device;
  if (job.comm.is_root()) result.history = read_history(job.out / "history.csv", result.about);
  return result;
}

void summarise(const PinnJob& job, const PinnResult& result, Summary& summary) {
  summary.belongs_to(job.training_hash);
  for (std::size_t f = 0; f < result.errors.size(); ++f)
    summary.metric("pinn.error." + result.about.fields[f].name + ".rel_l2", result.errors[f]);
  for (const auto& parameter : result.parameters) {
    const std::string prefix = "pinn.parameter." + parameter.info.name + ".";
    summary.metric(prefix + "value", parameter.value);
    summary.metric(prefix + "unit", parameter.info.unit);
    summary.metric(prefix + "relative_error", relative_error(parameter));
    summary.metric(prefix + "absolute_error", absolute_error(parameter));
  }
  if (!result.about.cautions.empty()) summary.metric("pinn.cautions", result.about.cautions);
  if (result.iteration_s > 0)
    summary.metric("pinn.iteration_s", result.iteration_s);
  else
    summary.keep_earlier({"pinn.iteration_s"});  // finished, and killed before its card
  summary.metric("pinn.train_s", result.train_s);
  summary.metric("pinn.steps", result.steps);
  summary.metric("pinn.weights", result.weight_count);
  summary.metric("pinn.threads", result.threads);
  summary.metric("pinn.ranks", result.ranks);
  if (!result.history.empty()) summary.metric("pinn.loss", result.history.back().loss);
  if (result.about.error_to_reach > 0)
    summary.metric("validation." + result.about.name, {{"value", result.worst_error()},
                                                       {"reference", result.about.error_to_reach},
                                                       {"source", result.about.source},
                                                       {"passed", result.passed()}});
  for (const auto& parameter : result.parameters)
    if (is_judged(parameter))
      summary.metric("validation." + result.about.name + "." + parameter.info.name,
                     {{"value", relative_error(parameter)},
                      {"reference", parameter.info.tolerance},
                      {"source", result.about.source},
                      {"passed", passed(parameter)}});
  summary.timing("train_s", result.train_s);
  if (!job.comm.is_root()) return;
  core::log::info("{}: {}", job.deck.name, pinn_verdict(result));
  core::log::info("{}: results in {}", job.deck.name, job.out.string());
}

// Fields, pictures, report. `comparison`: null but for compare.
void write_outputs(const PinnJob& job, const PinnResult& result, const PinnComparison* comparison) {
  const PinnFields fields = sample(job, result.about, *result.solution);
  job.comm.on_root<core::UserError>([&] {
    if (job.deck.output.vtk) write_pinn_vtk(job, fields);
    if (job.deck.output.pictures) write_pinn_pictures(job, fields);
    write_pinn_report(job, result, fields, comparison);
  });
}

void summarise_inversion(const PinnComparison& c, Summary& summary) {
  const std::string prefix = "pinn.inversion.";
  summary.metric(prefix + "folder", c.beside->folder.string());
  summary.metric(prefix + "wall_s", c.beside->wall_s);
  summary.metric(prefix + "core_s", c.beside->core_s);
  for (const auto& row : c.beside_rows) {
    summary.metric(prefix + "errors." + row.name + ".network", row.network);
    summary.metric(prefix + "errors." + row.name + ".classical", row.classical);
  }
}

void summarise(const PinnComparison& c, Summary& summary) {
  if (c.beside) summarise_inversion(c, summary);
  const std::string prefix = "pinn.classical.";
  summary.metric(prefix + "method", c.method);
  summary.metric(prefix + "evaluation_s", c.evaluation_s);
  nlohmann::json runs = nlohmann::json::array();
  for (const auto& run : c.runs) {
    runs.push_back({{"resolution", run.resolution}, {"failed", !run.failure.empty()}});
    if (run.failure.empty())
      runs.back().update(
          {{"wall_s", run.wall_s}, {"core_s", run.wall_s * c.cores}, {"errors", run.errors}});
    else
      runs.back()["failure"] = run.failure;
  }
  summary.metric(prefix + "runs", runs);
  summary.metric(prefix + "ranks", 1);
  summary.metric(prefix + "threads", c.threads);
  summary.metric(prefix + "device", c.device);
  summary.metric("pinn.core_s", c.train_core_s);
  summary.metric("pinn.device", c.train_device);
  if (c.equal < 0) return;
  const auto& equal = c.runs[std::size_t(c.equal)];
  summary.metric(prefix + "equal_error.resolution", equal.resolution);
  summary.metric(prefix + "equal_error.wall_s", equal.wall_s);
  summary.metric(prefix + "equal_error.core_s", equal.wall_s * c.cores);
  summary.metric(prefix + "training_ratio", c.training_ratio);
  summary.metric(prefix + "core_ratio", c.train_core_s / (equal.wall_s * c.cores));
  summary.metric(prefix + "evaluation_ratio", c.evaluation_ratio);
  summary.metric("speedup.equal_error", 1 / c.training_ratio);
  summary.metric("speedup.break_even_runs", c.break_even);
}

}  // namespace

void solve(PinnJob& job, Summary& summary) {
  const PinnResult result = train(job);
  write_outputs(job, result, nullptr);
  summarise(job, result, summary);
}

std::optional<ClassicalInversion> inversion_beside(const PinnJob& job) {
  const auto& folder = job.deck.compare.inversion;
  if (folder.empty()) return {};
  const auto about = pinn::describe(*job.problem());
  if (!about.inverse)
    throw core::UserError(core::format(
        "compare.inversion: {} finds nothing from samples: there is no inversion to compare with",
        about.title));
  return read_inversion(std::filesystem::path(job.deck.directory) / folder, about);
}

void compare(PinnJob& job, Summary& summary) {
  const auto beside = inversion_beside(job);
  PinnResult result = kept(job);
  if (result.solution) {
    core::log::info("{} has this deck's solution: it is not trained again", job.model().string());
    open_output(job);
  } else {
    result = train(job);
  }
  PinnComparison comparison;
  job.comm.on_root<core::UserError>(
      [&] { comparison = run_comparison(result, job.deck.compare.resolutions); });
  comparison.evaluation_s = pinn::evaluation_time(
      *result.solution, pinn::grid_points(result.about.inputs, evaluation_counts(result.about)));
  comparison.beside = beside;
  judge(comparison, result);
  write_outputs(job, result, &comparison);
  summarise(job, result, summary);
  summarise(comparison, summary);
  if (job.comm.is_root()) core::log::info("{}: {}", job.deck.name, comparison_words(comparison));
}

}  // namespace understudy::apps::pinn_verbs
