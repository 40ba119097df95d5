// The seam between the verbs and a domain app (flow, later seismic and weather): everything that a verb
// needs to know of the physics. Each app is one file that implements it; apps/catalog.cpp lists them.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/study/time_series.hpp"
#include "core/params.hpp"
#include "mesh/field.hpp"
#include "solvers/run_loop.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/network/boundary_kind.hpp"

namespace understudy::apps {

/// Two diagnostics drawn against each other.
struct Portrait {
  std::string x, y, title;
};

/// A number about a run, "flow.strouhal"; absent (NaN) where the run does not show it.
struct Quantity {
  std::string name, unit;
  double value = 0;
};

struct SimulationSetup {
  std::shared_ptr<const mesh::Grid> grid;
  std::string directory = ".";  ///< where the deck's relative paths start
  long long seed = 1;
};

struct SamplerSetup {
  std::shared_ptr<const mesh::Grid> grid;
  std::filesystem::path out;
  double resumed_at_s = -1;  ///< < 0: a new run
};

/// What advances a state, and the state at time 0.
template <class Real>
struct Simulation {
  std::shared_ptr<solvers::Stepper<Real>> stepper;
  std::shared_ptr<mesh::State<Real>> state;
};

class Domain {
 public:
  virtual ~Domain() = default;
  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;  ///< one line for `list`
  /// The deck's section of this name.
  virtual void describe(core::ParamVisitor& v) = 0;
  virtual std::array<bool, 3> periodic_axes() const = 0;
  virtual surrogates::BoundaryKinds boundary_kinds(int dimension) const = 0;
  /// Full keys of the numbers that a network must know to stand in ("flow.reynolds").
  virtual std::vector<std::string> parameter_keys() const = 0;
  /// Settings ("key=value") that make ensemble member `n` start differently from the others.
  virtual std::vector<std::string> member_settings(long long n) const = 0;
  /// What tells one random start from another where the start decides the whole course (turbulence);
  /// empty where it does not, and cases are told apart by their parameters alone.
  virtual std::string realisation() const { return ""; }
  /// Settings ("key=value") that make a simulation cheaper and less accurate where this one allows it
  /// (a larger time step, a looser tolerance of an iterative solver); empty: none.
  virtual std::vector<std::string> looser_settings() const { return {}; }
  /// Names of the solver's point processes, whether or not this deck turns them on: the keys of the
  /// deck's sub_models section.
  virtual std::vector<std::string> process_names() const { return {}; }
  /// What to picture where the deck names nothing.
  virtual std::vector<std::string> default_pictures() const = 0;
  /// Numbers of a run from its diagnostics from `from_s` on; NaN where the run does not show them.
  virtual std::vector<Quantity> quantities(const std::vector<TimeSeries>& series,
                                           double from_s) const = 0;
  virtual std::vector<Portrait> portraits() const { return {}; }
  /// Frequency (Hz) by which periods are counted (vortex shedding); NaN if there is none.
  virtual double frequency_hz(const std::vector<TimeSeries>& series, double from_s) const = 0;

  /// Collective; the first argument only names the precision. UserError where deck and grid disagree.
  virtual Simulation<float> simulation(float, const SimulationSetup& setup) const = 0;
  virtual Simulation<double> simulation(double, const SimulationSetup& setup) const = 0;
  /// The app's own observers, which write under `out` (probes, lines).
  virtual std::vector<solvers::Observer<float>> samplers(float, const SamplerSetup&) const {
    return {};
  }
  virtual std::vector<solvers::Observer<double>> samplers(double, const SamplerSetup&) const {
    return {};
  }
};

}  // namespace understudy::apps
