#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "solvers/run_loop.hpp"
#include "solvers/seismic/earth/model_file.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

// Waves of one shot for ParaView, at every window.
template <class Real>
solvers::Observer<Real> wave_writer(const SeismicJob& job, int shot, bool only) {
  const auto series = std::make_shared<mesh::VtkSeries>(
      job.out, only ? std::string("fields") : core::format("fields_shot_{}", shot));
  return [series](const solvers::WindowEvent<Real>& event) {
    auto fields = mesh::cell_fields(event.state);
    for (const auto& name : event.stepper.derived_names())
      fields.push_back(event.stepper.derive(event.state, name));
    series->write(event.state.time_s, event.state.grid(), fields);
  };
}

// Steps between two looks at a shot's waves: the deck's interval, or one window for the whole shot.
int window_steps(const SeismicJob& job, const ss::SurveyPlan& plan, bool watched) {
  if (!watched) return plan.steps();
  const int steps = int(std::lround(job.deck.output.wavefield_every_s / plan.dt_s));
  return std::clamp(steps, 1, plan.steps());
}

template <class Real>
class SurveyRun {
 public:
  SurveyRun(const SeismicJob& job, const ss::EarthModel& model, const ss::SurveyPlan& plan)
      : job_(job),
        plan_(plan),
        groups_(job.comm, plan.shots(), job.deck.seismic.ranks_per_shot),
        stepper_(make_wave_stepper<Real>(job, plan, model, groups_.group)),
        state_(stepper_->grid(), stepper_->fields()) {}

  /// One set a quantity, whole on every rank.
  std::vector<ss::GatherSet> run() {
    for (const int shot : groups_.shots) record(shot, shoot(shot));
    share_names();
    for (auto& values : values_) groups_.world.sum(std::span<double>(values));
    cell_updates_ = groups_.world.sum(groups_.group.is_root() ? cell_updates_ : 0.0);
    std::vector<ss::GatherSet> sets;
    for (std::size_t q = 0; q < names_.size(); ++q) {
      ss::GatherSet set = plan_.geometry();
      set.quantity = names_[q].first, set.unit = names_[q].second;
      const std::size_t each = values_[q].size() / std::size_t(plan_.shots());
      for (int s = 0; s < plan_.shots(); ++s)
        std::copy_n(values_[q].begin() + std::ptrdiff_t(s * each), each,
                    set.shots[s].values.begin());
      sets.push_back(std::move(set));
    }
    return sets;
  }
  double cell_updates() const { return cell_updates_; }
  double wall_s() const { return groups_.world.max(wall_s_); }

 private:
  std::vector<ss::Traces> shoot(int shot) {
    const auto& wanted = job_.deck.output.wavefields;
    const bool watched = std::find(wanted.begin(), wanted.end(), shot) != wanted.end();
    stepper_->begin_shot(plan_.shot(shot), state_);
    const int steps = window_steps(job_, plan_, watched);
    solvers::RunLoop<Real> loop{*stepper_, {}, {}, {}, {}, ""};
    loop.time.window_s = steps * plan_.dt_s;
    loop.time.end_s = loop.time.window_s * (plan_.steps() / steps);
    loop.time.max_abs_value = std::numeric_limits<double>::max();
    if (watched && job_.deck.output.vtk)
      loop.observers.push_back(wave_writer<Real>(job_, shot, wanted.size() == 1));
    const auto result = loop.run(state_);
    cell_updates_ += result.cell_updates;
    wall_s_ += result.advance_wall_s;
    const int rest = plan_.steps() % steps;
    if (rest > 0) stepper_->advance(state_, rest * plan_.dt_s);
    solvers::check_contract(state_, std::numeric_limits<double>::max());
    if (groups_.group.is_root()) core::log::info("shot {} of {} done", shot + 1, plan_.shots());
    return stepper_->traces();
  }
  void record(int shot, const std::vector<ss::Traces>& traces) {
    for (std::size_t q = 0; q < traces.size(); ++q) {
      const std::size_t each = traces[q].gather.values.size();
      if (names_.size() <= q) {
        names_.push_back({traces[q].quantity, traces[q].unit});
        values_.emplace_back(each * std::size_t(plan_.shots()), 0.0);
      }
      if (groups_.group.is_root())
        std::copy_n(traces[q].gather.values.begin(), each,
                    values_[q].begin() + std::ptrdiff_t(shot * each));
    }
  }
  // A group without shots has not met the quantities.
  void share_names() {
    std::string mine;
    for (const auto& [name, unit] : names_) mine += name + "\n" + unit + "\n";
    const std::string text = groups_.world.broadcast(mine);
    if (!names_.empty()) return;
    std::size_t begin = 0;
    std::vector<std::string> words;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      words.push_back(text.substr(begin, end - begin));
    const std::size_t each = std::size_t(plan_.samples) * plan_.survey.receivers.size();
    for (std::size_t w = 0; w + 1 < words.size(); w += 2) {
      names_.push_back({words[w], words[w + 1]});
      values_.emplace_back(each * std::size_t(plan_.shots()), 0.0);
    }
  }

  const SeismicJob& job_;
  const ss::SurveyPlan& plan_;
  ss::ShotGroups groups_;
  std::shared_ptr<ss::WaveStepper<Real>> stepper_;
  mesh::State<Real> state_;
  std::vector<std::pair<std::string, std::string>> names_;
  std::vector<std::vector<double>> values_;  ///< [quantity][shot, sample, receiver]
  double cell_updates_ = 0, wall_s_ = 0;
};

void write_results(const SeismicJob& job, const ss::EarthModel& model,
                   std::vector<ss::GatherSet> sets) {
  job.comm.on_root<core::UserError>([&] {
    for (auto& set : sets) set.attributes = job.provenance.as_map();
    ss::write_gathers(job.out / "gathers.h5", sets);
    ss::write_earth_model(job.out / "model.h5", model, job.deck.grid);
    if (job.deck.output.vtk) ModelSeries(job, "model").write(0, model.p_speed_m_s);
    if (!job.deck.output.pictures) return;
    const auto range = std::minmax_element(model.p_speed_m_s.begin(), model.p_speed_m_s.end());
    write_model_picture(job, "model", model.p_speed_m_s, *range.first, *range.second);
    for (const auto& set : sets)
      write_gather_picture(job, core::format("gather_{}_shot_0", set.quantity), set.shots.front());
  });
}

template <class Real>
void run_as(SeismicJob& job, Summary& summary) {
  const ss::EarthModel model = job.model();
  const ss::SurveyPlan plan = plan_of(job, model);
  if (job.resume) core::log::info("a survey is computed anew: --resume has nothing to go on from");
  SurveyRun<Real> survey(job, model, plan);
  open_output(job);
  if (job.comm.is_root())
    core::log::info("{}: {} shots of {} steps of {:.4g} s, {} receivers", job.deck.name,
                    plan.shots(), plan.steps(), plan.dt_s, plan.survey.receivers.size());
  const auto sets = survey.run();
  write_results(job, model, sets);
  const double wall_s = survey.wall_s();
  summary.timing("advance_s", wall_s);
  summary.metric("rate_cells_per_s", wall_s > 0 ? survey.cell_updates() / wall_s : 0);
  summary.metric("seismic.shots", plan.shots());
  summary.metric("seismic.steps", plan.steps());
  summary.metric("seismic.dt_s", plan.dt_s);
  if (job.comm.is_root())
    core::log::info("{}: {:.4g} cell updates/s; results in {}", job.deck.name,
                    wall_s > 0 ? survey.cell_updates() / wall_s : 0, job.out.string());
}

}  // namespace

void run(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { run_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
