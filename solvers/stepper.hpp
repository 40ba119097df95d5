// The Stepper: whatever advances a State in time. Simulations, surrogates and the guarded swap of both
// are Steppers; which one a run uses is one constructor choice, made from the deck at run time.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "mesh/cell_field.hpp"
#include "mesh/field.hpp"
#include "solvers/point_process.hpp"

namespace understudy::solvers {

enum class DiagnosticKind {
  conserved,  ///< constant in the exact solution (mass)
  bounded,    ///< cannot exceed its initial or forced level (kinetic energy, divergence norm)
  free        ///< varies (drag)
};

struct Diagnostic {
  std::string name;  ///< as in metrics: "flow.drag_coefficient"
  std::string unit;
  double value = 0;
  DiagnosticKind kind = DiagnosticKind::free;
};

struct AdvanceReport {
  long long steps = 0;      ///< time steps or network calls taken
  double cell_updates = 0;  ///< cells x steps
  std::string who =
      "simulation";  ///< "simulation", "surrogate": who advanced (swap reports each window)
  std::string why;   ///< the policy's reason
  double trust = 1;  ///< trust score in [0, 1] where there is one
};

template <class Real>
class Stepper {
 public:
  virtual ~Stepper() = default;
  virtual std::string name() const = 0;
  virtual std::shared_ptr<const mesh::Grid> grid() const = 0;
  /// The fields that a State for this stepper has.
  virtual std::vector<mesh::FieldInfo> fields() const = 0;
  /// Largest time step (s) that is stable from this state; a surrogate's window. Collective.
  virtual double stable_dt(const mesh::State<Real>& state) = 0;
  /// Advances by exactly `duration_s`. Ghosts of prognostic fields are valid on return. Collective.
  virtual AdvanceReport advance(mesh::State<Real>& state, double duration_s) = 0;
  /// Named scalars of a state, computed from the state alone. Collective.
  virtual std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) = 0;
  /// Restores what the equations demand of any state (boundary values, divergence-free velocity), and
  /// drops the scheme's history: called after a state was changed from outside. Collective.
  virtual void constrain(mesh::State<Real>& state) = 0;
  /// Derived quantities for output (vorticity...): the names that `derive` knows.
  virtual std::vector<std::string> derived_names() const { return {}; }
  virtual mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name);
  /// The parts that something else may compute in its place; none by default.
  virtual std::vector<PointProcess<Real>> point_processes() { return {}; }
};

template <class Real>
mesh::CellField<Real> Stepper<Real>::derive(const mesh::State<Real>&, const std::string& name) {
  throw std::out_of_range("no derived field '" + name + "'");
}

}  // namespace understudy::solvers
