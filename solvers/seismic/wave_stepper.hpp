// What every wave solver adds to a Stepper: it shoots. begin_shot puts the earth at rest at time 0 and
// loads source and receivers; advance() then emits the wavelet and records; traces() hands out what was
// recorded so far. Checkpoints hold the wave field, not the traces: a resumed run records from where it
// went on (earlier samples are 0).
#pragma once

#include <string>
#include <vector>

#include "solvers/seismic/numerics/wave_grid.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "solvers/seismic/survey/shot.hpp"
#include "solvers/stepper.hpp"

namespace understudy::solvers::seismic {

struct Traces {
  std::string quantity, unit;  ///< "pressure", "Pa"; "velocity_x", "m/s"...
  Gather gather;               ///< [sample, receiver]; the same on all ranks
};

template <class Real>
class WaveStepper : public Stepper<Real> {
 public:
  /// Collective.
  virtual void begin_shot(const Shot& shot, mesh::State<Real>& state) = 0;
  /// Loads source and receivers without touching the state: for a state that was read back.
  virtual void resume_shot(const Shot& shot) = 0;
  /// Collective.
  virtual std::vector<Traces> traces() = 0;

  /// Of all waves, layers included, in one pass over the fields: enough to notice growth (growth_guard.hpp),
  /// in a unit of the solver's. Collective.
  virtual double kinetic_energy(const mesh::State<Real>& state) const = 0;
  virtual const WaveGrid& wave_grid() const = 0;
  virtual const AbsorbingParams& absorbing() const = 0;
};

}  // namespace understudy::solvers::seismic
