#include "solvers/seismic/inversion/inversion.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/optimisation/bounded_minimiser.hpp"
#include "solvers/seismic/inversion/regularisation.hpp"

namespace understudy::solvers::seismic {

namespace {

// Scaled variables of one stage.
struct Variables {
  std::vector<double> centre, scale, lower, upper;  ///< c = centre + scale x

  std::vector<double> speed(std::span<const double> x) const {
    std::vector<double> c(x.size());
    for (std::size_t n = 0; n < c.size(); ++n) c[n] = centre[n] + scale[n] * x[n];
    return c;
  }
};

Variables make_variables(const InversionSetup& setup, const std::vector<double>& centre,
                         const std::vector<double>& illumination, double mean_speed) {
  const auto& p = setup.params;
  const std::size_t count = centre.size();
  std::vector<double> weight(count, 1);
  if (p.precondition == "illumination" && !illumination.empty()) {
    const double largest = *std::max_element(illumination.begin(), illumination.end());
    double sum = 0;
    for (std::size_t n = 0; n < count; ++n) {
      const double part = largest > 0 ? illumination[n] / largest : 1;
      weight[n] = 1 / std::sqrt(part + p.illumination_floor);
      sum += weight[n];
    }
    for (auto& w : weight) w *= double(count) / sum;
  }
  Variables v;
  v.centre = centre;
  v.scale.resize(count);
  v.lower.resize(count);
  v.upper.resize(count);
  for (std::size_t n = 0; n < count; ++n) {
    v.scale[n] = mean_speed * weight[n];
    const bool kept = is_kept(setup, n);
    // A stage may start on a bound, to round-off.
    v.lower[n] = kept ? 0 : std::min(0.0, (p.lower_m_s - centre[n]) / v.scale[n]);
    v.upper[n] = kept ? 0 : std::max(0.0, (p.upper_m_s - centre[n]) / v.scale[n]);
  }
  return v;
}

double relative_change(const std::vector<double>& now, const std::vector<double>& before) {
  double change = 0, size = 0;
  for (std::size_t n = 0; n < now.size(); ++n) {
    change += (now[n] - before[n]) * (now[n] - before[n]);
    size += before[n] * before[n];
  }
  return std::sqrt(change / size);
}

class Stages {
 public:
  Stages(InversionObjective& objective, const InversionSetup& setup, const InversionWatch& watch)
      : objective_(objective), setup_(setup), watch_(watch), stages_(setup.params.all_stages()) {
    state_.speed = setup.start;
    if (setup.resumed) {
      state_ = *setup.resumed;
      state_.ends.clear();  // of this call alone
    }
    if (!state_.history.empty()) {
      const InversionRecord& last = state_.history.back();
      before_s_ = last.wall_s;
      before_simulations_ = std::max(last.simulations, state_.simulations);  // NaN stays
      evaluations_ = std::max(last.evaluations, state_.evaluations);
      iteration_ = last.iteration;
    }
    before_simulations_ -= objective.work().simulations;
    for (const double c : setup.start) mean_speed_ += c / double(setup.start.size());
  }

  InversionState run() {
    for (; state_.stage < int(stages_.size()) && !stopped_; ++state_.stage) {
      run_stage(stages_[state_.stage]);
      if (stopped_) break;
      state_.iterations_in_stage = 0;
      state_.stage_start_misfit = 0;
    }
    count();
    return state_;
  }

 private:
  Evaluation evaluate(std::span<const double> speed) {
    ++evaluations_;
    Evaluation e = objective_.evaluate(speed);
    require_finite(e.misfit);
    bool any = false;
    for (const double slope : e.gradient) {
      if (!std::isfinite(slope))
        throw core::RunError("inversion: the misfit's gradient is not finite");
      any = any || slope != 0;
    }
    if (!any && e.misfit > 0)
      throw core::RunError(core::format(
          "inversion: the gradient is 0 in every cell while the misfit is {:.4g}: the data do not "
          "depend on the model (does a wave get from seismic.sources to seismic.receivers within "
          "time.end_s?), or its numbers are too small for the "
          "deck's precision (precision: double)",
          e.misfit));
    return e;
  }

  double whole_misfit(std::span<const double> speed) {
    ++evaluations_;
    const double misfit = objective_.whole_misfit(speed);
    require_finite(misfit);
    return misfit;
  }

  double simulations() const { return before_simulations_ + objective_.work().simulations; }

  void count() {
    state_.evaluations = evaluations_;
    state_.simulations = simulations();
  }

  static void require_finite(double misfit) {
    if (!std::isfinite(misfit))
      throw core::RunError("inversion: the misfit is not finite; the waves grew without bound");
  }

  // `reason` as the minimiser puts it.
  void end_stage(std::string reason, bool failed) {
    if (reason == "asked to stop") {
      if (stopped_) return;
      reason = core::format("misfit_goal is reached ({:.3g} of the stage's start)",
                            state_.history.back().misfit_ratio);
    }
    state_.ends.push_back(
        {state_.stage, stages_[state_.stage].max_frequency_hz, std::move(reason), failed});
  }

  // A resumed stage has its start there already.
  bool on_record() const {
    return !state_.history.empty() && state_.history.back().stage == state_.stage;
  }

  // Has the last stage come as far as it was to?
  bool at_goal() const {
    return on_record() && state_.history.back().whole &&
           within_goal(state_.history.back().misfit_ratio);
  }

  bool within_goal(double ratio) const {
    const double goal = setup_.params.misfit_goal;
    return goal > 0 && state_.stage + 1 == int(stages_.size()) && ratio <= goal;
  }

  void run_stage(const StageParams& stage) {
    // Killed at the iteration that came there, it makes no further one.
    if (at_goal()) return end_stage("asked to stop", false);
    objective_.set_stage(stage.max_frequency_hz);
    if (objective_.is_estimate()) return run_renewals(stage);
    const bool resumed = on_record();
    Evaluation start = evaluate(state_.speed);
    if (state_.stage_start_misfit == 0) state_.stage_start_misfit = start.misfit;
    if (start.misfit == 0) {  // nothing is left to fit
      if (!resumed) note_start();
      return end_stage("the misfit is 0", false);
    }
    const int left = stage.iterations - state_.iterations_in_stage;
    if (left <= 0) return end_stage("iterations are spent", false);
    const auto result = descend(std::move(start), left, resumed);
    end_stage(result.reason, result.failed);
  }

  // The stage of an estimate. Renewal n spends the iterations from n renew_every on, so that where a stage
  // stands says what is drawn next.
  void run_renewals(const StageParams& stage) {
    if (state_.stage_start_misfit == 0) state_.stage_start_misfit = whole_misfit(state_.speed);
    if (state_.stage_start_misfit == 0) {
      if (!on_record()) note_start();
      return end_stage("the misfit is 0", false);
    }
    const int every = setup_.params.encoding.renew_every;
    int renewals = 0, stuck = 0;
    for (; state_.iterations_in_stage < stage.iterations; ++renewals) {
      const int number = state_.iterations_in_stage / every;
      const int end = std::min(number * every + every, stage.iterations);
      objective_.renew(state_.stage, number);
      const int made = descend_estimate(end - state_.iterations_in_stage);
      if (stopped_ || at_goal()) return end_stage("asked to stop", false);
      if (made == 0) ++stuck;
      if (std::exchange(state_.iterations_in_stage, end) < end) show_again();
      if (stopped_) return;
    }
    if (on_record() && !state_.history.back().whole) settle_last();
    if (stopped_ || at_goal()) return end_stage("asked to stop", false);
    std::string reason = "iterations are spent";
    if (stuck > 0)
      reason += core::format("; {} of {} draws of signs found no smaller misfit", stuck, renewals);
    end_stage(reason, renewals > 0 && stuck == renewals);
  }

  // Iterations made of at most so many.
  int descend_estimate(int iterations) {
    Evaluation start = evaluate(state_.speed);
    if (start.misfit > 0) return descend(std::move(start), iterations, on_record()).iterations;
    if (!on_record()) note_start();
    return 0;
  }

  // The start of a stage from which no step is made.
  void note_start() {
    last_misfit_ = 0;
    misfit_of_.clear();
    const Variables here = make_variables(setup_, state_.speed, {}, mean_speed_);
    const std::vector<double> x(state_.speed.size(), 0);
    note(here, {.x = x}, 0);
  }

  // From the present speed, whose evaluation is `start`; the start is noted where it is not on record.
  mesh::MinimiserResult descend(Evaluation start, int iterations, bool start_on_record) {
    const double scale = 1 / state_.stage_start_misfit;
    const Variables variables =
        make_variables(setup_, state_.speed, start.illumination, mean_speed_);
    const Regularisation smooth{setup_.params.tikhonov, setup_.params.total_variation};
    std::vector<double> x(state_.speed.size(), 0);
    // The start was evaluated already, for the illumination; TAO asks for it first.
    std::optional<Evaluation> known = std::move(start);
    const auto function = [&](std::span<const double> at, std::span<double> gradient) {
      const auto speed = variables.speed(at);
      const Evaluation e = known ? std::move(*known) : evaluate(speed);
      known.reset();
      last_misfit_ = e.misfit;
      std::vector<double> relative(speed.size()), slope(speed.size(), 0);
      for (std::size_t n = 0; n < speed.size(); ++n) relative[n] = speed[n] / mean_speed_;
      const double penalty = smooth.add(relative, setup_.box, slope);
      for (std::size_t n = 0; n < speed.size(); ++n)
        gradient[n] = variables.scale[n] * (scale * e.gradient[n] + slope[n] / mean_speed_);
      misfit_of_[scale * e.misfit + penalty] = e.misfit;
      return scale * e.misfit + penalty;
    };
    const int done = state_.iterations_in_stage;
    const auto monitor = [&](const mesh::MinimiserProgress& p) {
      if (start_on_record && p.iteration == 0) return true;
      return note(variables, p, done);
    };
    mesh::MinimiserSettings settings;
    settings.iterations = iterations;
    settings.evaluations =
        20 * (objective_.is_estimate() ? iterations : stages_[state_.stage].iterations);
    misfit_of_.clear();
    return mesh::minimise(x, variables.lower, variables.upper, function, settings, monitor);
  }

  bool note(const Variables& variables, const mesh::MinimiserProgress& p, int done) {
    const auto speed = variables.speed(p.x);
    InversionRecord record;
    record.stage = state_.stage;
    if (p.iteration > 0) ++iteration_;
    record.iteration = iteration_;
    record.spent = done + p.iteration;
    record.max_frequency_hz = stages_[state_.stage].max_frequency_hz;
    const auto known = misfit_of_.find(p.value);
    record.misfit = known != misfit_of_.end() ? known->second : last_misfit_;
    if (objective_.is_estimate()) settle(record, speed);
    record.misfit_ratio =
        state_.stage_start_misfit > 0 ? record.misfit / state_.stage_start_misfit : 0;
    record.gradient_norm = p.gradient_norm;
    record.step = relative_change(speed, state_.speed);
    record.evaluations = evaluations_;
    record.simulations = simulations();
    record.wall_s = before_s_ + clock_.seconds();
    state_.speed = speed;
    state_.iterations_in_stage = record.spent;
    state_.resumable = !objective_.is_estimate() ||
                       record.spent % setup_.params.encoding.renew_every == 0 ||
                       record.spent >= stages_[state_.stage].iterations;
    state_.history.push_back(record);
    state_.new_record = true;
    show();
    return !stopped_ && !at_goal();
  }

  void show() {
    count();
    if (watch_ && !watch_(state_)) stopped_ = true;
  }

  // At a renewal's end, from which an inversion goes on as it would have.
  void show_again() {
    state_.resumable = true;
    state_.new_record = false;
    show();
  }

  // The last record of a stage whose last draws made no iteration, or not all of theirs.
  void settle_last() {
    InversionRecord& last = state_.history.back();
    last.misfit = whole_misfit(state_.speed);
    last.whole = true;
    last.misfit_ratio = last.misfit / state_.stage_start_misfit;
    last.evaluations = evaluations_;
    last.simulations = simulations();
    last.wall_s = before_s_ + clock_.seconds();
    show_again();
  }

  // What a stage starts and ends with is the misfit itself, and what ends it is, too: the goal is held to the
  // misfit where the estimate, which costs nothing more, has come there.
  void settle(InversionRecord& record, std::span<const double> speed) {
    record.whole = record.spent == 0 || record.spent >= stages_[state_.stage].iterations ||
                   within_goal(record.misfit / state_.stage_start_misfit);
    if (record.whole)
      record.misfit = record.spent == 0 ? state_.stage_start_misfit : whole_misfit(speed);
  }

  InversionObjective& objective_;
  const InversionSetup& setup_;
  const InversionWatch& watch_;
  std::vector<StageParams> stages_;
  InversionState state_;
  core::Stopwatch clock_;
  std::map<double, double> misfit_of_;  ///< of the minimised values met in this stage
  double mean_speed_ = 0, last_misfit_ = 0, before_s_ = 0, before_simulations_ = 0;
  long long evaluations_ = 0;
  int iteration_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::string ends_in_words(const std::vector<StageEnd>& ends) {
  std::string all;
  for (const StageEnd& end : ends) {
    const std::string band =
        end.max_frequency_hz > 0 ? core::format(" ({:.4g} Hz)", end.max_frequency_hz) : "";
    all += core::format("{}stage {}{}: {}", all.empty() ? "" : "; ", end.stage, band, end.reason);
  }
  return all;
}

InversionState run_inversion(InversionObjective& objective, const InversionSetup& setup,
                             const InversionWatch& watch) {
  require_start(setup);
  return Stages(objective, setup, watch).run();
}

}  // namespace understudy::solvers::seismic
