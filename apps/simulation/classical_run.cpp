#include "apps/simulation/classical_run.hpp"

#include <limits>

#include "core/error.hpp"
#include "core/memory.hpp"
#include "solvers/finer_start.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// On the same grid a run goes on from the state as it is, the scheme's memory included; a coarser one
// starts anew from its own points, where the sampled velocity has to be projected, or from its own modes, all of which
// the state has.
template <class Real, class Own>
void start(const mesh::State<Real>& from, solvers::Stepper<Own>& stepper, mesh::State<Own>& state) {
  const mesh::Grid &whole = from.grid(), &own = state.grid();
  bool same = true, from_finer = true;
  for (int axis = 0; axis < 3; ++axis) {
    same &= whole.global_cells(axis) == own.global_cells(axis) &&
            whole.ghosts(axis) == own.ghosts(axis);
    from_finer &= whole.global_cells(axis) >= own.global_cells(axis);
  }
  state.time_s = from.time_s;
  if (!same) {
    auto* modes = dynamic_cast<solvers::FinerStart<Own>*>(&stepper);
    if (modes && from_finer) {
      modes->start_from(from, state);
      return;
    }
    surrogates::sample(from, state);
    stepper.constrain(state);
    return;
  }
  // The same history, too, where the scheme keeps the same one: a fresh start costs accuracy.
  bool history = true;
  for (auto& field : state.fields()) {
    const bool known = from.has(field.info.name);
    history &= known;
    if (known) Kokkos::deep_copy(field.data, from[field.info.name].data);
  }
  if (history) {
    state.scalars = from.scalars;
    state.step = from.step;
  } else {
    stepper.constrain(state);
  }
}

template <class Real, class Own>
struct RunIn : ClassicalRun<Real> {
  RunIn(const ClassicalCase& c, const mesh::State<Real>& initial, const ClassicalSetup& setup)
      : simulation(make_simulation<Own>(c.deck, initial.grid().comm())),
        beside(*simulation.state, setup.besides) {
    this->name = c.name;
    this->equal_in = setup.equal_in;
    this->correlation.quantity = setup.correlation;
    this->statistic_names = setup.statistics;
    this->statistics.resize(setup.statistics.size());
    if (!setup.correlation.empty()) this->correlation.values = {1};
    auto& state = *simulation.state;
    this->factor = c.factor;
    this->spectral = c.spectral;
    this->window_s = c.deck.time.window_s;
    if (c.spectral)
      core::require_memory(
          {.bytes = c.deck.physics->spectral_start_bytes(initial.grid(), sizeof(Real)),
           .what = "the start of a spectral run from the simulation's state",
           .remedy = "use compare.spectral: [] or fewer cells",
           .at_least = true},
          initial.grid().comm());
    start(initial, *simulation.stepper, state);
    at_start.push_back(state.clone());
    auto copy = state.clone();
    for (int n = 0; n < setup.warm_up_windows; ++n)
      simulation.stepper->advance(copy, c.deck.time.window_s);
  }

  void advance(std::span<const mesh::State<Real>> truth, solvers::Stepper<Real>& other,
               const solvers::TimeParams& time) override {
    auto& state = *simulation.state;
    const core::Comm& comm = state.grid().comm();
    for (std::size_t n = 0; n < truth.size(); ++n) {
      Kokkos::fence("before a timed window");
      comm.barrier();
      const core::Stopwatch stopwatch;
      simulation.stepper->advance(state, time.window_s);
      Kokkos::fence("end of window");
      comm.barrier();
      this->cost_s += stopwatch.seconds();
      state.time_s = truth[n].time_s;
      if (n < kept.size())
        kept[n].copy_from(state);
      else
        kept.push_back(state.clone());
      solvers::check_contract(state, time.max_abs_value);
    }
    for (std::size_t n = 0; n < truth.size(); ++n) {
      beside.add(++windows_beside, truth[n], kept[n]);
      const auto differences = surrogates::differences_to(truth[n], kept[n]);
      const std::string& name = this->correlation.quantity;
      if (!name.empty())
        this->correlation.values.push_back(surrogates::correlation(
            surrogates::quantity(truth[n], other, name), truth[n].grid(),
            surrogates::quantity<Own>(kept[n], *simulation.stepper, name), kept[n].grid()));
      if (!this->statistics.empty()) {
        const auto values =
            surrogates::values_of(simulation.stepper->diagnostics(kept[n]), this->statistic_names);
        for (std::size_t d = 0; d < values.size(); ++d) this->statistics[d].push_back(values[d]);
      }
      this->errors.resize(differences.size());
      for (std::size_t f = 0; f < differences.size(); ++f)
        this->errors[f].push_back(
            differences[f].size > 0 ? differences[f].difference / differences[f].size : unknown);
    }
  }

  void restart() override {
    simulation.state->copy_from(at_start.front());
    kept.clear();
  }
  void advance(long long windows) override {
    auto& state = *simulation.state;
    for (long long n = 0; n < windows; ++n) {
      const double start_s = state.time_s;
      simulation.stepper->advance(state, this->window_s);
      state.time_s = start_s + this->window_s;
    }
  }

  double profiles_error() const override { return beside.profiles_error(); }
  double spectra_error() const override { return beside.spectra_error(); }

  Simulation<Own> simulation;
  surrogates::StatisticsBeside<Real, Own> beside;  ///< the truth
  long long windows_beside = 0;
  std::vector<mesh::State<Own>> at_start;  ///< one
  std::vector<mesh::State<Own>> kept;      ///< at the ends of a block's windows
};

}  // namespace

template <class Real>
double ClassicalRun<Real>::judged_by(const ClassicalSetup& setup) const {
  surrogates::ComparisonResult r;
  r.equal_in = equal_in;
  r.window_s = window_s;
  if (equal_in == surrogates::EqualIn::statistics) {
    r.statistics = setup.statistics;
    r.diagnostics = setup.diagnostics;
    return r.statistics_error(statistics, setup.counted);
  }
  return r.judged_by(point(setup));
}

template <class Real>
surrogates::ClassicalPoint ClassicalRun<Real>::point(const ClassicalSetup& setup) const {
  surrogates::ClassicalPoint point{name, cost_s, unknown, {}, {}, correlation};
  for (std::size_t f = 0; f < errors.size(); ++f)
    if (setup.judged.empty() || setup.judged.at(f)) point.errors.push_back(errors[f]);
  point.error = point.mean_error(setup.counted);
  point.statistics = statistics;
  point.profiles_error = profiles_error();
  point.spectra_error = spectra_error();
  point.other_method = spectral;
  return point;
}

template <class Real>
std::shared_ptr<ClassicalRun<Real>> make_classical_run(const ClassicalCase& of,
                                                       const mesh::State<Real>& initial,
                                                       const ClassicalSetup& setup) {
  std::shared_ptr<ClassicalRun<Real>> run;
  with_precision(of.deck.precision, [&]<class Own>(Own) {
    run = std::make_shared<RunIn<Real, Own>>(of, initial, setup);
  });
  return run;
}

template struct ClassicalRun<float>;
template struct ClassicalRun<double>;
template std::shared_ptr<ClassicalRun<float>> make_classical_run(const ClassicalCase&,
                                                                 const mesh::State<float>&,
                                                                 const ClassicalSetup&);
template std::shared_ptr<ClassicalRun<double>> make_classical_run(const ClassicalCase&,
                                                                  const mesh::State<double>&,
                                                                  const ClassicalSetup&);

}  // namespace understudy::apps
