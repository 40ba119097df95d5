// The seam between a simulation's verbs and its physics (flow, weather): everything that generate, train,
// run and compare need to know of it. A physics is one file that implements it; `simulation_app`
// (simulation_study.hpp) makes an app of it. Most derive from PhysicsOf, which needs six members.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/simulation/unknown_kind.hpp"
#include "apps/study/study.hpp"
#include "apps/study/time_series.hpp"
#include "core/params.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/field.hpp"
#include "solvers/assimilation/objective.hpp"
#include "solvers/run_loop.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/network/side_kind.hpp"
#include "surrogates/swap/gate_entry.hpp"

namespace understudy::apps {

/// Two diagnostics drawn against each other.
struct Portrait {
  std::string x, y, title;
};

struct SimulationSetup {
  std::shared_ptr<const mesh::Grid> grid;
  std::string directory = ".";  ///< where the deck's relative paths start
  long long seed = 1;
};

class Physics;

struct SamplerSetup {
  std::shared_ptr<const mesh::Grid> grid;
  std::filesystem::path out;
  double resumed_at_s = -1;     ///< < 0: a new run
  std::string directory = ".";  ///< where the deck's relative paths start
  /// With the deck of the run that is gone on with; none: a new run, or it is not known.
  std::shared_ptr<const Physics> before = {};
};

/// What a simulation will have, by its names.
struct SimulationPlan {
  std::vector<std::string> quantities;  ///< fields and derived quantities, as outputs may name them
  std::vector<std::string> processes;   ///< that sub_models may replace
};

/// What advances a state, and the state at time 0.
template <class Real>
struct Simulation {
  std::shared_ptr<solvers::Stepper<Real>> stepper;
  std::shared_ptr<mesh::State<Real>> state;
};

class Physics {
 public:
  virtual ~Physics() = default;
  virtual std::string name() const = 0;     ///< the deck's `app:`, and its section of that name
  virtual std::string summary() const = 0;  ///< one line for `list`
  virtual std::string document() const { return ""; }  ///< "docs/numerics_flow.md"
  /// More for `list`: what else there is to choose from.
  virtual std::vector<CatalogSection> parts() const { return {}; }

  /// The section named like the physics.
  virtual void describe(core::ParamVisitor& v) = 0;
  /// The section `grid`.
  virtual void describe_grid(core::ParamVisitor& v) = 0;
  virtual const mesh::GridParams& grid() const = 0;
  /// Collective. UserError where the ranks are too many, or the sides do not fit.
  virtual std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const = 0;
  virtual surrogates::SideKinds boundary_kinds(int dimension) const = 0;

  /// Full keys of the numbers that a network must know to stand in ("flow.reynolds").
  virtual std::vector<std::string> parameter_keys() const { return {}; }
  /// Settings ("key=value") that make ensemble member `n` start differently from the others.
  virtual std::vector<std::string> member_settings(long long n) const = 0;
  /// What tells one random start from another where the start decides the whole course (turbulence);
  /// empty where it does not, and cases are told apart by their parameters alone.
  virtual std::string realisation() const { return ""; }
  /// Settings ("key=value") that make a simulation cheaper and less accurate where this one allows it
  /// (a larger time step, a looser tolerance of an iterative solver); empty: none.
  virtual std::vector<std::string> looser_settings() const { return {}; }
  /// Settings ("key=value") of which each makes the same simulation by another scheme of about the same cost (upwind
  /// for central differences), which may be the better one on coarser grids; empty: there is none.
  virtual std::vector<std::string> other_schemes() const { return {}; }
  /// Settings ("key=value") that make the same simulation by a spectral method, the hardest classical rival where
  /// flows are smooth and boxes periodic; empty: the app has none that serves this deck, or it is the deck's own.
  virtual std::vector<std::string> spectral_settings() const { return {}; }
  /// On how many ranks at most.
  virtual int spectral_ranks() const { return 1; }
  /// Full keys of the section that a resumed run may change, whole sections included: what is sampled, and
  /// how it is computed where that does not make it another problem (a time step's bound, a linear solver).
  virtual std::vector<std::string> restart_keys() const { return {}; }
  /// Names of the solver's point processes, whether or not this deck turns them on: the keys of the
  /// deck's sub_models section.
  virtual std::vector<std::string> process_names() const { return {}; }
  /// Gates beside ours that its decks may name in swap.gate.use. They know a run's numbers by their
  /// GateContext and not by this object, which holds one deck's: calibration makes them for every sample.
  virtual std::vector<surrogates::GateEntry> own_gates() const { return {}; }
  /// What to picture where the deck names nothing.
  virtual std::vector<std::string> default_pictures() const { return {}; }
  /// Numbers of a run from its diagnostics from `from_s` on; NaN where the run does not show them.
  virtual std::vector<Quantity> quantities(const std::vector<TimeSeries>&, double) const {
    return {};
  }
  virtual std::vector<Portrait> portraits() const { return {}; }
  /// The period (s) in which the horizon of a comparison is counted, named in the plural ("shedding
  /// periods"); none where the run shows none.
  virtual std::optional<Quantity> period(const std::vector<TimeSeries>&, double /*from_s*/) const {
    return {};
  }

  /// What can be found from measurements of a run (invert); empty: nothing, and there is no such verb. The
  /// solver is one that can be differentiated (solvers/differentiable_stepper.hpp).
  virtual std::vector<UnknownKind> unknown_kinds() const { return {}; }
  /// The deck's own numbers of that kind, with the control that each is; the values are `background`. UserError
  /// naming assimilation.unknowns where the deck has none.
  virtual std::vector<solvers::assimilation::UnknownNumber> numbers_of(
      const std::string& /*kind*/) const {
    return {};
  }
  /// The physics with other numbers of that kind, in the order of numbers_of().
  virtual std::shared_ptr<Physics> with_numbers(const std::string& /*kind*/,
                                                std::span<const double>) const {
    return nullptr;
  }
  /// The fields of the initial state that may be unknown, and the physics that starts from formulas of them.
  virtual std::vector<std::string> initial_fields() const { return {}; }
  virtual std::shared_ptr<Physics> starting_from(
      const std::vector<std::string>& /*formulas*/) const {
    return nullptr;
  }

  /// Bytes that a simulation takes on this rank, in numbers of so many bytes; 0: not known.
  virtual double memory_bytes(const mesh::Grid&, std::size_t /*real_bytes*/) const { return 0; }
  /// Bytes that a run by the spectral method takes beside itself to start from a state on the grid `finer`.
  virtual double spectral_start_bytes(const mesh::Grid& /*finer*/,
                                      std::size_t /*real_bytes*/) const {
    return 0;
  }
  /// Looks at what the deck says of the time from the start to end_s and can be evaluated beforehand
  /// (formulas), cheaply. UserError. Collective.
  virtual void check_course(const mesh::Grid&, double /*end_s*/) const {}
  /// What `check` looks at without making the simulation: all that making it would refuse. Nothing: it
  /// has to be made for that. UserError. Collective.
  virtual std::optional<SimulationPlan> plan(const SimulationSetup&, double /*end_s*/) const {
    return {};
  }

  /// Collective; the first argument only names the precision. UserError where deck and grid disagree.
  virtual Simulation<float> simulation(float, const SimulationSetup& setup) const = 0;
  virtual Simulation<double> simulation(double, const SimulationSetup& setup) const = 0;
  /// The physics' own observers, which write under `out` (probes, lines).
  virtual std::vector<solvers::Observer<float>> samplers(float, const SamplerSetup&) const {
    return {};
  }
  virtual std::vector<solvers::Observer<double>> samplers(double, const SamplerSetup&) const {
    return {};
  }
};

/// How a physics with its deck's defaults is made. Cheap: called for lists and help, too.
using MakePhysics = std::function<std::shared_ptr<Physics>()>;

/// A physics in a uniform box, whose deck has `grid: {lower_m, upper_m, cells, ranks}`.
class BoxPhysics : public Physics {
 public:
  void describe_grid(core::ParamVisitor& v) override;
  const mesh::GridParams& grid() const override { return grid_; }
  std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const override;
  /// Of the sides' kinds; on an axis that is not there, false.
  virtual std::array<bool, 3> periodic_axes() const;

 protected:
  mesh::GridParams grid_;
};

/// A physics on a cubed sphere, whose deck has `grid: {cells, radius_m, ranks}`.
class SpherePhysics : public Physics {
 public:
  void describe_grid(core::ParamVisitor& v) override;
  const mesh::GridParams& grid() const override { return grid_; }
  std::shared_ptr<const mesh::Grid> make_grid(const core::Comm& comm) const override;
  surrogates::SideKinds boundary_kinds(int dimension) const override;

 protected:
  virtual int ghosts() const { return 2; }  ///< ghost layers of the grid
  mesh::GridParams grid_ = mesh::CubedSphereParams{}.grid_params();
};

/// A physics in a box (or on another grid, with that Base) that is a template on its precision: Own has
/// the public member
///   template <class Real> Simulation<Real> make(const SimulationSetup& setup) const;
/// and describes name, summary, its section, the sides and how members differ.
template <class Own, class Base = BoxPhysics>
class PhysicsOf : public Base {
 public:
  Simulation<float> simulation(float, const SimulationSetup& setup) const final {
    return static_cast<const Own&>(*this).template make<float>(setup);
  }
  Simulation<double> simulation(double, const SimulationSetup& setup) const final {
    return static_cast<const Own&>(*this).template make<double>(setup);
  }
};

}  // namespace understudy::apps
