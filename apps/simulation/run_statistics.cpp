#include "apps/simulation/run_statistics.hpp"

#include <cmath>

#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/step_watch.hpp"

namespace understudy::apps {

namespace {

constexpr const char* file_name = "statistics.h5";

// The results as a checkpoint's fields.
mesh::State<double> as_state(const std::shared_ptr<const mesh::Grid>& grid,
                             const std::vector<mesh::CellField<double>>& fields) {
  std::vector<mesh::FieldInfo> infos;
  for (const auto& field : fields) infos.push_back({.name = field.name, .unit = field.unit});
  mesh::State<double> state(grid, infos);
  for (const auto& field : fields) Kokkos::deep_copy(state[field.name].component(), field.data);
  return state;
}

}  // namespace

template <class Real>
struct RunStatistics<Real>::Impl {
  Impl(const SimulationJob& job_, const RunWatch<Real>& run)
      : job(job_),
        statistics(job.deck.output.statistics, run.state, run.truth),
        run_state(&run.state),
        vtk(job.out, "statistics", job.deck.output.vtk_place()) {
    if (run.resumed_at_s >= 0) resume(run.resumed_at_s);
    if (auto* steps = dynamic_cast<solvers::StepWatch<Real>*>(&run.truth))
      steps->watch_steps(
          [this, &truth = run.truth](const mesh::State<Real>& state) { at_step(state, truth); });
    else
      core::log::warn(
          "output.statistics: this solver is not looked at within windows; the averages have a "
          "sample a window");
  }

  void resume(double time_s) {
    vtk.truncate_after(time_s);
    auto part = statistics.part();
    if (mesh::read_checkpoint_part(job.checkpoint(), part)) return;
    if (time_s > job.deck.output.statistics.from_s)
      core::log::warn(
          "output.statistics: the run so far did not take these averages; they begin at {:.6g} s",
          time_s);
  }

  // The window's end has its own sample, at its exact time.
  void at_step(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper) {
    if (&state != run_state) return;
    const double windows = state.time_s / job.deck.time.window_s;
    if (std::abs(windows - std::round(windows)) < 1e-6) return;
    statistics.look(state, stepper);
  }

  void at_window(const solvers::WindowEvent<Real>& event) {
    statistics.look(event.state, event.stepper);
    if (event.output_due && statistics.samples() > 0) write(event.state);
  }

  void write(const mesh::State<Real>& state) {
    const auto fields = statistics.results();
    const std::map<std::string, double> scalars{{"from_s", statistics.from_s()},
                                                {"duration_s", statistics.duration_s()},
                                                {"samples", double(statistics.samples())}};
    if (job.deck.output.vtk) vtk.write(state.time_s, state.grid(), fields, scalars);
    auto whole = as_state(state.shared_grid(), fields);
    whole.time_s = state.time_s;
    whole.step = state.step;
    whole.scalars = scalars;
    mesh::write_checkpoint(job.out / file_name, whole, {{"deck", job.provenance.deck}});
  }

  const SimulationJob& job;
  solvers::FieldStatistics<Real> statistics;
  const mesh::State<Real>* run_state;
  mesh::VtkSeries vtk;
};

template <class Real>
RunStatistics<Real>::RunStatistics(const SimulationJob& job, const RunWatch<Real>& run) {
  if (job.deck.output.statistics.enabled()) impl_ = std::make_shared<Impl>(job, run);
}

template <class Real>
std::vector<solvers::Observer<Real>> RunStatistics<Real>::observers() const {
  if (!impl_) return {};
  return {[impl = impl_](const solvers::WindowEvent<Real>& event) { impl->at_window(event); }};
}

template <class Real>
std::vector<mesh::CheckpointPart> RunStatistics<Real>::parts() const {
  if (!impl_) return {};
  return {impl_->statistics.part()};
}

template <class Real>
void RunStatistics<Real>::report(Summary& summary) const {
  if (!impl_) return;
  const auto& statistics = impl_->statistics;
  summary.metric("statistics.samples", statistics.samples());
  summary.metric("statistics.from_s", statistics.from_s());
  summary.metric("statistics.duration_s", statistics.duration_s());
  if (statistics.samples() < 2)
    core::log::warn("output.statistics: {} samples from {:.6g} s on; there is no average yet",
                    statistics.samples(), impl_->job.deck.output.statistics.from_s);
}

template class RunStatistics<float>;
template class RunStatistics<double>;

}  // namespace understudy::apps
