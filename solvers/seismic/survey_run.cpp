#include "solvers/seismic/survey_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "solvers/seismic/numerics/growth_guard.hpp"

namespace understudy::solvers::seismic {

std::size_t SurveyTraces::shot_size() const {
  return std::size_t(plan_.samples) * plan_.survey.receivers.size();
}

void SurveyTraces::add_quantity(const std::string& name, const std::string& unit) {
  quantities_.push_back(
      {name, unit, std::vector<double>(shot_size() * std::size_t(plan_.shots()), 0.0)});
}

void SurveyTraces::put(int shot, const std::vector<Traces>& traces) {
  for (std::size_t q = 0; q < traces.size(); ++q) {
    if (quantities_.size() <= q) add_quantity(traces[q].quantity, traces[q].unit);
    if (groups_.group.is_root())
      std::copy_n(traces[q].gather.values.begin(), shot_size(),
                  quantities_[q].values.begin() + std::ptrdiff_t(std::size_t(shot) * shot_size()));
  }
}

// A group without shots has not met the quantities; rank 0 has.
void SurveyTraces::share_quantities() {
  std::string mine;
  for (const auto& q : quantities_) mine += q.name + "\n" + q.unit + "\n";
  const std::string text = groups_.world.broadcast(mine);
  if (!quantities_.empty()) return;
  std::size_t begin = 0;
  const auto next = [&] {
    const std::size_t end = text.find('\n', begin);
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    return word;
  };
  while (begin < text.size()) {
    const std::string name = next(), unit = next();
    add_quantity(name, unit);
  }
}

std::vector<GatherSet> SurveyTraces::whole() {
  share_quantities();
  std::vector<GatherSet> sets;
  for (auto& q : quantities_) {
    groups_.world.sum(std::span<double>(q.values));
    GatherSet set = plan_.geometry();
    set.quantity = q.name;
    set.unit = q.unit;
    for (int s = 0; s < plan_.shots(); ++s)
      std::copy_n(q.values.begin() + std::ptrdiff_t(std::size_t(s) * shot_size()), shot_size(),
                  set.shots[std::size_t(s)].values.begin());
    sets.push_back(std::move(set));
  }
  return sets;
}

namespace {

// Where the waves are largest, in words: the same on every rank.
template <class Real>
std::string largest_place(const WaveGrid& wave_grid, const mesh::State<Real>& state) {
  const mesh::Grid& grid = state.grid();
  const mesh::Range3 r = grid.interior();
  double most = -1;
  std::string mine;
  for (const auto& field : state.fields()) {
    if (field.info.name != "pressure" && !field.info.name.starts_with("velocity_")) continue;
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const double value = std::abs(double(host(0, k, j, i)));
          if (!(value > most)) continue;
          most = value;
          const auto x = grid.position(field.info.location, k, j, i);
          std::string side;
          for (int a = 0; a < wave_grid.dimension(); ++a) {
            if (x[a] < wave_grid.box.lower_m[a]) side = core::format("lower {}", "xyz"[a]);
            if (x[a] > wave_grid.box.upper_m[a]) side = core::format("upper {}", "xyz"[a]);
          }
          mine = core::format(
              "they are largest ({} {:.4g} {}) at ({:.6g}, {:.6g}, {:.6g}) m, {}", field.info.name,
              value, field.info.unit, x[0], x[1], x[2],
              side.empty() ? "within the grid" : "in the layer beyond the " + side + " side");
        }
  }
  const core::Comm& comm = grid.comm();
  const bool here = most == comm.max(most);
  const auto all = comm.all_gather(std::as_bytes(std::span(mine.data(), here ? mine.size() : 0)));
  for (const auto& text : all)
    if (!text.empty()) return {reinterpret_cast<const char*>(text.data()), text.size()};
  return {};
}

// The waves of a shot, whose energy is looked at on the way.
template <class Real>
class GuardedWaves final : public Stepper<Real> {
 public:
  GuardedWaves(WaveStepper<Real>& waves, const SurveyPlan& plan, int shot)
      : waves_(waves),
        guard_(waves.absorbing(), plan.wavelet, plan.dt_s),
        shot_(shot),
        dt_s_(plan.dt_s),
        last_(plan.steps()),
        interval_(GrowthGuard::interval(plan.steps())) {}

  std::string name() const override { return waves_.name(); }
  std::shared_ptr<const mesh::Grid> grid() const override { return waves_.grid(); }
  std::vector<mesh::FieldInfo> fields() const override { return waves_.fields(); }
  double stable_dt(const mesh::State<Real>& state) override { return waves_.stable_dt(state); }
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override {
    return waves_.diagnostics(state);
  }
  void constrain(mesh::State<Real>& state) override { waves_.constrain(state); }
  std::vector<std::string> derived_names() const override { return waves_.derived_names(); }
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override {
    return waves_.derive(state, name);
  }

  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override {
    AdvanceReport report;
    for (long long left = std::llround(duration_s / dt_s_); left > 0;) {
      // Looks at whole multiples of the interval, whatever the windows.
      const long long steps = std::min(left, interval_ - state.step % interval_);
      const AdvanceReport part = waves_.advance(state, double(steps) * dt_s_);
      report.steps += part.steps;
      report.cell_updates += part.cell_updates;
      left -= steps;
      if (state.step % interval_ == 0 || state.step == last_) look(state);
    }
    return report;
  }

 private:
  void look(const mesh::State<Real>& state) {
    const std::string wrong = guard_.look(state.step, waves_.kinetic_energy(state));
    if (wrong.empty()) return;
    const std::string where = core::format("shot {} (from 0)", shot_);
    check_contract(state, std::numeric_limits<double>::max(), where + ": " + wrong + ".");
    throw core::RunError(
        core::format("{}: {}; {}", where, wrong, largest_place(waves_.wave_grid(), state)));
  }

  WaveStepper<Real>& waves_;
  GrowthGuard guard_;
  int shot_;
  double dt_s_;
  long long last_, interval_;
};

}  // namespace

template <class Real>
SurveyRun<Real>::SurveyRun(std::shared_ptr<WaveStepper<Real>> stepper, const SurveyPlan& plan,
                           const ShotGroups& groups)
    : stepper_(std::move(stepper)),
      plan_(plan),
      groups_(groups),
      state_(stepper_->grid(), stepper_->fields()) {}

template <class Real>
std::vector<GatherSet> SurveyRun<Real>::run(const Watch& watch) {
  SurveyTraces traces(plan_, groups_);
  double cell_updates = 0;
  for (const int shot : groups_.shots) {
    cell_updates += shoot(shot, watch ? watch(shot) : ShotWatch<Real>{});
    traces.put(shot, stepper_->traces());
  }
  auto sets = traces.whole();
  cell_updates_ = groups_.world.sum(groups_.group.is_root() ? cell_updates : 0.0);
  wall_s_ = groups_.world.max(wall_s_);
  return sets;
}

// Whole windows in the loop, which shows them to the observers; what is left of the shot after them.
template <class Real>
double SurveyRun<Real>::shoot(int shot, const ShotWatch<Real>& watch) {
  stepper_->begin_shot(plan_.shot(shot), state_);
  int steps = plan_.steps();
  if (watch.every_s > 0)
    steps = int(std::clamp(std::round(watch.every_s / plan_.dt_s), 1.0, double(plan_.steps())));
  GuardedWaves<Real> waves(*stepper_, plan_, shot);
  RunLoop<Real> loop{
      .stepper = waves, .time = {}, .observers = watch.observers, .progress_title = ""};
  loop.time.window_s = steps * plan_.dt_s;
  loop.time.end_s = loop.time.window_s * (plan_.steps() / steps);
  loop.time.max_abs_value = std::numeric_limits<double>::max();
  const auto result = loop.run(state_);
  wall_s_ += result.advance_wall_s;
  const int rest = plan_.steps() % steps;
  if (rest > 0) waves.advance(state_, rest * plan_.dt_s);
  if (groups_.group.is_root()) core::log::info("shot {} of {} done", shot + 1, plan_.shots());
  return result.cell_updates;
}

template class SurveyRun<float>;
template class SurveyRun<double>;

}  // namespace understudy::solvers::seismic
