#include "apps/seismic/methods.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/seismic/learned_objective.hpp"
#include "apps/seismic/seismic_learned.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

double angle_deg(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    ab += a[n] * b[n];
    aa += a[n] * a[n];
    bb += b[n] * b[n];
  }
  if (aa == 0 || bb == 0) return 90;
  return 180 / std::numbers::pi * std::acos(std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0));
}

template <class Real>
class Ways {
 public:
  Ways(const SeismicJob& job, const InversionProblem& problem, const LearnedMaps& maps)
      : job_(job),
        problem_(problem),
        maps_(maps),
        modelling_(
            std::make_shared<ss::SurveyModelling<Real>>(job.modelling(), problem.plan, job.comm)),
        physics_(modelling_, problem.observed,
                 {job.deck.inversion.misfit, job.deck.inversion.memory_limit_mb * 1e6,
                  problem.density}) {}

  WayResult run(const std::string& way, const std::vector<WayResult>& before) {
    WayResult result;
    result.way = way;
    if (way == "fwi") invert(result, problem_.start);
    if (way == "learned") learned(result);
    if (way == "hybrid") {
      const auto known = std::ranges::find(before, std::string("learned"), &WayResult::way);
      if (known == before.end())
        learned(result);
      else
        note(result, known->wall_s, std::nan(""), known->speed);
      // Networks know no bounds.
      const auto& p = job_.deck.inversion;
      std::vector<double> start = result.speed;
      for (auto& c : start) c = std::clamp(c, p.lower_m_s, p.upper_m_s);
      invert(result, start);
    }
    if (way == "learned_forward") learned_forward(result);
    physics_.set_stage(job_.deck.inversion.all_stages().back().max_frequency_hz);
    const double start = physics_.evaluate(problem_.start).misfit;
    result.misfit_ratio = start > 0 ? physics_.evaluate(result.speed).misfit / start : 0;
    return result;
  }

 private:
  void note(WayResult& result, double wall_s, double misfit, const std::vector<double>& speed) {
    result.course.push_back({wall_s, misfit, model_error(job_.deck, speed, problem_.truth)});
    result.speed = speed;
    result.wall_s = wall_s;
  }

  // Records the course; what the looking costs is taken out of the clock.
  ss::InversionState follow(WayResult& result, ss::InversionObjective& objective,
                            const ss::InversionSetup& setup, core::Stopwatch& clock,
                            double before_s, double& looking_s) {
    return ss::run_inversion(objective, setup, [&](const ss::InversionState& state) {
      const double now_s = clock.seconds() - looking_s;
      note(result, before_s + now_s, state.history.back().misfit, state.speed);
      looking_s = clock.seconds() - now_s;
      return true;
    });
  }

  // Memory that is touched for the first time and plans of transforms are in no way's time, as they are not
  // in the learned inversion's.
  void warm_up(ss::InversionObjective& objective) {
    objective.set_stage(job_.deck.inversion.all_stages().front().max_frequency_hz);
    objective.evaluate(problem_.start);
  }

  void invert(WayResult& result, const std::vector<double>& start) {
    const double before_s = result.wall_s;
    double looking_s = 0;
    warm_up(physics_);
    job_.comm.barrier();
    core::Stopwatch clock;
    const auto state = follow(result, physics_, {job_.deck.inversion, job_.deck.grid, start, {}},
                              clock, before_s, looking_s);
    result.iterations = state.history.empty() ? 0 : state.history.back().iteration;
    result.ended = ss::ends_in_words(state.ends);
    result.wall_s = before_s + job_.comm.max(clock.seconds() - looking_s);
  }

  void learned(WayResult& result) {
    maps_.inversion->predict(traces_to_array(problem_.observed));  // warm-up
    constexpr int repeats = 5;
    std::vector<double> walls_s, speed;
    for (int n = 0; n < repeats; ++n) {
      job_.comm.barrier();
      const core::Stopwatch clock;
      speed = image_to_speed(job_.deck.grid,
                             maps_.inversion->predict(traces_to_array(problem_.observed)));
      walls_s.push_back(job_.comm.max(clock.seconds()));
    }
    std::ranges::sort(walls_s);
    note(result, walls_s[repeats / 2], std::nan(""), speed);
  }

  double look(WayResult& result, LearnedForwardObjective& learned, const std::vector<double>& speed,
              int iteration, double wall_s) {
    const double angle =
        angle_deg(learned.evaluate(speed).gradient, physics_.evaluate(speed).gradient);
    const bool accepted = angle <= job_.deck.forward.largest_angle_deg;
    result.looks.push_back({iteration, angle, wall_s, accepted});
    core::log::info(
        "iteration {}: the learned gradient is {:.1f} degrees off the wave equation's: {}",
        iteration, angle, accepted ? "trusted" : "the wave equation takes over");
    return accepted;
  }

  void learned_forward(WayResult& result) {
    LearnedForwardObjective learned(maps_.forward, problem_.plan, job_.deck, problem_.observed);
    double looking_s = 0;
    warm_up(learned);
    warm_up(physics_);
    job_.comm.barrier();
    core::Stopwatch clock;
    std::vector<double> speed = problem_.start;
    bool trusted = true;
    int number = -1;
    for (const ss::StageParams& stage : job_.deck.inversion.all_stages()) {
      ++number;
      learned.set_stage(stage.max_frequency_hz);
      physics_.set_stage(stage.max_frequency_hz);
      for (int done = 0; done < stage.iterations;) {
        trusted =
            trusted && look(result, learned, speed, result.iterations, clock.seconds() - looking_s);
        const int now = trusted ? std::min(job_.deck.forward.check_every, stage.iterations - done)
                                : stage.iterations - done;
        ss::InversionSetup setup{job_.deck.inversion, job_.deck.grid, speed, {}};
        setup.params.stages = {{stage.max_frequency_hz, now}};
        ss::InversionObjective& objective =
            trusted ? static_cast<ss::InversionObjective&>(learned) : physics_;
        auto state = follow(result, objective, setup, clock, 0, looking_s);
        speed = state.speed;
        // The ends of the calls between two looks say nothing: their iterations are the gate's.
        for (auto& end : state.ends) end.stage = number;
        if (done + now >= stage.iterations)
          result.ended += (result.ended.empty() ? "" : "; ") + ss::ends_in_words(state.ends);
        done += now;
        result.iterations += now;
        if (trusted) result.learned_iterations += now;
      }
    }
    result.wall_s = job_.comm.max(clock.seconds() - looking_s);
  }

  const SeismicJob& job_;
  const InversionProblem& problem_;
  const LearnedMaps& maps_;
  std::shared_ptr<ss::SurveyModelling<Real>> modelling_;
  ss::WaveformObjective<Real> physics_;
};

}  // namespace

template <class Real>
WayResult run_way(const std::string& way, const SeismicJob& job, const InversionProblem& problem,
                  const LearnedMaps& maps, const std::vector<WayResult>& before) {
  return Ways<Real>(job, problem, maps).run(way, before);
}

template WayResult run_way<float>(const std::string&, const SeismicJob&, const InversionProblem&,
                                  const LearnedMaps&, const std::vector<WayResult>&);
template WayResult run_way<double>(const std::string&, const SeismicJob&, const InversionProblem&,
                                   const LearnedMaps&, const std::vector<WayResult>&);

}  // namespace understudy::apps::seismic
