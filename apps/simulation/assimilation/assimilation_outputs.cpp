#include "apps/simulation/assimilation/assimilation_outputs.hpp"

#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/run_report.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "mesh/io/vtk_writer.hpp"

namespace understudy::apps {

namespace sa = solvers::assimilation;

template <class Real>
std::vector<FoundFlow<Real>> found_flows(const DeckAssimilation<Real>& run,
                                         const std::vector<double>& x) {
  auto& objective = *run.objective;
  std::vector<FoundFlow<Real>> flows;
  for (const auto& [name, at] :
       {std::pair{"start", objective.background()}, std::pair{"found", x}}) {
    const auto stepper = objective.problem().make_stepper(objective.numbers(at));
    flows.push_back({name, stepper, objective.initial_state(*stepper, at)});
  }
  if (run.twin) flows.push_back({"true", run.own.stepper, *run.own.state});
  return flows;
}

template <class Real>
AssimilationLog<Real>::AssimilationLog(const SimulationJob& job, const DeckAssimilation<Real>& run,
                                       const sa::AssimilationState* resumed)
    : job_(job),
      run_(run),
      table_(job.out / "assimilation.csv",
             resumed ? CsvSeries::Keep(
                           [last = resumed->history.back().iteration](
                               const std::vector<double>& cells) { return cells[0] <= last; })
                     : CsvSeries::Keep{}) {}

template <class Real>
std::vector<std::string> AssimilationLog<Real>::columns() const {
  std::vector<std::string> names{"iteration",     "misfit",      "background",
                                 "gradient_norm", "evaluations", "wall_s"};
  for (const auto& number : run_.objective->problem().numbers)
    names.push_back(core::format("{} [{}]", number.name, number.unit));
  return names;
}

template <class Real>
std::vector<double> AssimilationLog<Real>::row(const sa::AssimilationRecord& r) const {
  std::vector<double> cells{double(r.iteration),   r.misfit, r.background, r.gradient_norm,
                            double(r.evaluations), r.wall_s};
  cells.insert(cells.end(), r.numbers.begin(), r.numbers.end());
  return cells;
}

template <class Real>
bool AssimilationLog<Real>::operator()(const sa::AssimilationState& state) {
  // Only now: what a deck has wrong has shown by the first evaluation, and nothing is left behind.
  if (!*job_.opened) open_output(job_);
  job_.comm.template on_root<core::UserError>([&] { write(state); });
  write_assimilation(job_, job_.out / "assimilation.h5", run_, state);
  stopped_by_ = core::stop_signal(job_.comm);
  return stopped_by_ == 0;
}

template <class Real>
void AssimilationLog<Real>::write(const sa::AssimilationState& state) {
  const sa::AssimilationRecord& r = state.history.back();
  if (r.iteration == 0 && run_.twin)
    write_samples(job_.out / "samples.csv", run_.wish, run_.objective->course().observations());
  table_.write(columns(), row(r));
  const auto& first = state.history.front();
  std::string numbers;
  for (std::size_t n = 0; n < r.numbers.size(); ++n) {
    const auto& u = run_.objective->problem().numbers[n];
    numbers +=
        core::format("  {} {:.6g}{}", u.name, r.numbers[n], u.unit == "1" ? "" : " " + u.unit);
  }
  core::log::info(
      "iteration {:3d}  misfit {:.4g} ({:.3g} of the start's)  background {:.3g}{}  {:.1f} s",
      r.iteration, r.misfit, first.misfit > 0 ? r.misfit / first.misfit : 1, r.background, numbers,
      r.wall_s);
}

namespace {

template <class Real>
std::vector<mesh::CellField<Real>> shown(const SimulationJob& job, const mesh::State<Real>& state,
                                         solvers::Stepper<Real>& stepper) {
  auto fields = mesh::cell_fields(state);
  for (const auto& name : job.deck.output.derived) fields.push_back(stepper.derive(state, name));
  return fields;
}

template <class Real>
void write_series(const SimulationJob& job, const std::vector<FoundFlow<Real>>& flows,
                  int iterations) {
  mesh::VtkSeries initial(job.out, "initial", job.deck.output.vtk_place());
  for (const auto& flow : flows)
    if (flow.name != "true")
      initial.write(flow.name == "start" ? 0 : std::max(1, iterations), flow.state.grid(),
                    shown(job, flow.state, *flow.stepper));
  const FoundFlow<Real>& found = flows[1];
  mesh::VtkSeries course(job.out, "course", job.deck.output.vtk_place());
  mesh::State<Real> state = found.state.clone();
  const double every_s = job.deck.time.window_s * job.deck.time.output_every;
  const auto outputs = static_cast<int>(std::floor(job.deck.time.end_s / every_s * (1 + 1e-9)));
  for (int n = 0; n <= outputs; ++n) {
    if (n > 0) found.stepper->advance(state, every_s);
    course.write(state.time_s, state.grid(), shown(job, state, *found.stepper));
  }
}

}  // namespace

template <class Real>
std::vector<report::FramedPicture> write_flows(const SimulationJob& job,
                                               std::vector<FoundFlow<Real>>& flows,
                                               int iterations) {
  if (job.deck.output.vtk) write_series(job, flows, iterations);
  const auto names = job.deck.output.pictures.empty() ? job.deck.physics->default_pictures()
                                                      : job.deck.output.pictures;
  std::vector<report::FramedPicture> pictures;
  for (const auto& name : names) {
    std::vector<std::vector<mesh::Slice>> slices;  // [flow][plane]
    std::string unit;
    for (const auto& flow : flows) {
      const auto field = quantity(flow.state, *flow.stepper, name);
      unit = field.unit;
      slices.push_back(picture_slices(flow.state, field));  // collective
    }
    job.comm.on_root<core::UserError>([&] {
      for (std::size_t plane = 0; plane < slices.back().size(); ++plane) {
        mesh::PictureStyle style = picture_style(job.deck.output, name);
        const auto range = mesh::colour_range(slices.back()[plane], style);
        style.lower = range.lower;
        style.upper = range.upper;
        for (std::size_t n = 0; n < flows.size(); ++n) {
          const mesh::Slice& slice = slices[n][plane];
          const auto file =
              core::format("initial_{}_{}.png", flows[n].name, picture_name(name, slice));
          mesh::write_png(job.out / file, slice, style);
          pictures.push_back(framed_slice(
              job.deck.grid(), slice, style,
              core::format("{}, {}", report::name_and_unit(name, unit), flows[n].name),
              core::format("at time 0; colours from {} to {}", report::number(range.lower),
                           report::with_unit(report::number(range.upper), unit))));
        }
      }
    });
  }
  return pictures;
}

template <class Real>
std::vector<HeldOutError> held_out_errors(const DeckAssimilation<Real>& run,
                                          const FoundFlow<Real>& flow) {
  if (!run.held_out) return {};
  sa::ObservedTrajectory<Real> course(*run.held_out, flow.state);
  const auto values = course.predict(*flow.stepper, flow.state);
  const auto& [fields, samples] = course.observations();
  std::vector<HeldOutError> errors;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    HeldOutError error{fields[f]};
    double off = 0, off_squared = 0, value = 0, value_squared = 0;
    for (std::size_t n = 0; n < samples.size(); ++n) {
      if (samples[n].field != static_cast<int>(f)) continue;
      const double measured = samples[n].value, difference = values[n] - measured;
      ++error.samples;
      off += difference;
      off_squared += difference * difference;
      value += measured;
      value_squared += measured * measured;
    }
    const auto count = static_cast<double>(error.samples);
    const auto relative = [](double numerator, double denominator) {
      return denominator > 0 ? std::sqrt(std::max(numerator, 0.0) / denominator) : std::nan("");
    };
    error.rel_l2 = relative(off_squared, value_squared);
    error.rel_l2_mean_free =
        relative(off_squared - off * off / count, value_squared - value * value / count);
    errors.push_back(error);
  }
  return errors;
}

template <class Real>
double relative_difference(const std::vector<std::string>& fields, const mesh::State<Real>& a,
                           const mesh::State<Real>& b) {
  double sums[2] = {0, 0};
  for (const auto& name : fields) {
    const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a[name].data);
    const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), b[name].data);
    const mesh::Range3 r = a.grid().points(a[name].info.location);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const double off = double(x(0, k, j, i)) - double(y(0, k, j, i));
          sums[0] += off * off;
          sums[1] += double(y(0, k, j, i)) * double(y(0, k, j, i));
        }
  }
  a.grid().comm().sum(std::span<double>(sums));
  return sums[1] > 0 ? std::sqrt(sums[0] / sums[1]) : std::nan("");
}

template std::vector<FoundFlow<float>> found_flows(const DeckAssimilation<float>&,
                                                   const std::vector<double>&);
template std::vector<FoundFlow<double>> found_flows(const DeckAssimilation<double>&,
                                                    const std::vector<double>&);
template class AssimilationLog<float>;
template class AssimilationLog<double>;
template std::vector<report::FramedPicture> write_flows(const SimulationJob&,
                                                        std::vector<FoundFlow<float>>&, int);
template std::vector<report::FramedPicture> write_flows(const SimulationJob&,
                                                        std::vector<FoundFlow<double>>&, int);
template std::vector<HeldOutError> held_out_errors(const DeckAssimilation<float>&,
                                                   const FoundFlow<float>&);
template std::vector<HeldOutError> held_out_errors(const DeckAssimilation<double>&,
                                                   const FoundFlow<double>&);
template double relative_difference(const std::vector<std::string>&, const mesh::State<float>&,
                                    const mesh::State<float>&);
template double relative_difference(const std::vector<std::string>&, const mesh::State<double>&,
                                    const mesh::State<double>&);

}  // namespace understudy::apps
