// The verb compare: the ways to a model side by side on test models, and their report.
#include <algorithm>
#include <cmath>

#include "apps/seismic/seismic_comparison.hpp"
#include "apps/seismic/seismic_learned.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/csv_series.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

bool wants(const SeismicJob& job, std::initializer_list<const char*> any) {
  const auto& ways = job.deck.compare.ways;
  return std::any_of(any.begin(), any.end(), [&](const char* way) {
    return std::find(ways.begin(), ways.end(), way) != ways.end();
  });
}

LearnedMaps read_maps(const SeismicJob& job, const surrogates::PairInfo& info) {
  LearnedMaps maps;
  if (wants(job, {"learned", "hybrid"})) {
    maps.inversion =
        std::make_shared<surrogates::ArrayMap>(read_operator(learned_folder(job, false)));
    maps.inversion->require(info.input, info.output);
  }
  if (wants(job, {"learned_forward"})) {
    maps.forward = std::make_shared<surrogates::ArrayMap>(read_operator(learned_folder(job, true)));
    maps.forward->require(info.output, info.input);
  }
  return maps;
}

// A sample of the split `test` as a problem: its gathers are the data, its model the truth.
InversionProblem problem_of(const SeismicJob& job, const surrogates::PairDataset& data,
                            long long place) {
  ss::EarthModel truth;
  for (int a = 0; a < job.deck.grid.dimension(); ++a) truth.cells[a] = int(job.deck.grid.cells[a]);
  truth.p_speed_m_s = image_to_speed(job.deck.grid, data.output(place));
  const ss::EarthModel start = start_model(job, truth);
  InversionProblem problem;
  problem.plan = inversion_plan(job, std::vector<const ss::EarthModel*>{&truth, &start});
  problem.truth = truth.p_speed_m_s;
  problem.start = start.p_speed_m_s;
  problem.density = start.density_kg_m3;
  problem.observed = array_to_traces(data.input(place), problem.plan);
  add_noise(job, problem.observed, std::uint64_t(data.index[std::size_t(place)]) + 1);
  return problem;
}

void write_courses(const SeismicJob& job, const SeismicComparison& comparison) {
  CsvSeries table(job.out / "comparison.csv", -1);
  for (const auto& model : comparison.models)
    for (std::size_t w = 0; w < model.ways.size(); ++w)
      for (const auto& point : model.ways[w].course)
        table.write({"model", "way", "wall_s", "misfit", "rel_l2", "mae", "ssim"},
                    {double(model.number), double(w), point.wall_s, point.misfit,
                     point.error.rel_l2, point.error.mae, point.error.ssim});
}

void report_on(Summary& summary, const SeismicComparison& comparison) {
  for (const auto& s : comparison.ways) {
    const std::string prefix = "seismic.ways." + s.way + ".";
    summary.metric(prefix + "model_error.rel_l2", s.error.rel_l2);
    summary.metric(prefix + "model_error.mae", s.error.mae);
    summary.metric(prefix + "model_error.ssim", s.error.ssim);
    summary.metric(prefix + "misfit_ratio", s.misfit_ratio);
    summary.metric(prefix + "time_to_solution_s", s.wall_s);
    summary.metric(prefix + "time_to_fwi_error_s", s.time_to_fwi_error_s);
    summary.metric(prefix + "reached_fwi_error", s.reached);
    summary.metric(prefix + "speedup", s.speedup);
    summary.metric(prefix + "speedup_equal_error", s.speedup_equal_error);
    summary.metric(prefix + "fwi_never_reaches", s.fwi_never);
    summary.metric(prefix + "break_even_models", s.break_even_models);
    summary.metric(prefix + "investment_core_s", s.investment_core_s);
    if (s.way == "learned_forward") summary.metric("swap.accepted_fraction", s.learned_share);
    if (s.way != "fwi")
      summary.metric(prefix + "verdict", accuracy_verdict(s, comparison.ways.front()));
    if (s.way != "learned") continue;
    summary.metric("seismic.model_error.rel_l2", s.error.rel_l2);
    summary.metric("seismic.model_error.mae", s.error.mae);
    summary.metric("seismic.model_error.ssim", s.error.ssim);
    summary.metric("speedup.same_grid", s.speedup);
    summary.metric("speedup.equal_error", s.speedup_equal_error);
    summary.metric("speedup.break_even_runs", s.break_even_models);
  }
}

template <class Real>
void compare_as(SeismicJob& job, Summary& summary) {
  const auto data = learned_data(job);
  const auto places = data.of(surrogates::Split::test);
  if (places.empty())
    throw core::UserError("compare needs test models: set dataset.test above 0 and generate them");
  const LearnedMaps maps = read_maps(job, data.info);
  open_output(job);
  SeismicComparison comparison;
  comparison.ranks = job.comm.size();
  comparison.threads = core::Runtime::threads();
  comparison.data_core_s = data.cost_core_s;
  if (maps.inversion) comparison.inversion = maps.inversion->card();
  if (maps.forward) comparison.forward = maps.forward->card();
  const std::size_t count = std::min(std::size_t(job.deck.compare.models), places.size());
  for (std::size_t n = 0; n < count; ++n) {
    const InversionProblem problem = problem_of(job, data, places[n]);
    ComparedModel model{data.index[std::size_t(places[n])], problem.truth, problem.start, {}};
    for (const auto& way : job.deck.compare.ways) {
      model.ways.push_back(run_way<Real>(way, job, problem, maps, model.ways));
      const WayResult& w = model.ways.back();
      core::log::info(
          "model {} by {}: model error {:.4g} (MAE {:.4g}, SSIM {:.4f}), misfit {:.3g} of "
          "the start's, {:.4g} s",
          model.number, way, w.course.back().error.rel_l2, w.course.back().error.mae,
          w.course.back().error.ssim, w.misfit_ratio, w.wall_s);
      if (const int signal = core::stop_signal(job.comm); signal != 0)
        throw core::Interrupted("stopped in the comparison; nothing of it is kept", signal);
    }
    comparison.models.push_back(std::move(model));
  }
  comparison.ways = summarise_ways(comparison);
  job.comm.on_root<core::UserError>([&] {
    write_courses(job, comparison);
    write_seismic_report(job, comparison);
  });
  report_on(summary, comparison);
  core::log::info("report in {}", (job.out / "report.html").string());
}

}  // namespace

void compare(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { compare_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
