// Inversion of waveforms for the P speed (Tarantola 1984): stages of rising frequency, each a bounded
// quasi-Newton minimisation (mesh/optimisation) of
//   J(c) / J(start of the stage) + regularisation,
// in variables (c - c_start) / (c0 w): c0 the start's mean speed, w from the illumination (Shin, Jang and
// Min 2001), w ~ (illumination / largest + floor)^(-1/2), of mean 1, computed at the stage's start.
//
// What computes J and its gradient is an InversionObjective: the wave equation, a network in its place, or an
// estimate of J by random numbers (encoded_objective.hpp). Curvature learnt from one draw says nothing of the
// next: an estimate is renewed every encoding.renew_every iterations, and each time the minimiser starts anew, with
// the illumination of that draw at the present speed. A renewal that finds no smaller value spends its iterations.
//
// run_inversion is part of builds with PETSc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "mesh/grid.hpp"
#include "solvers/seismic/acoustic/survey_modelling.hpp"
#include "solvers/seismic/inversion/inversion_params.hpp"
#include "solvers/seismic/inversion/misfit.hpp"

namespace understudy::solvers::seismic {

struct Evaluation {
  double misfit = 0;
  std::vector<double> gradient;      ///< dJ/dc [k, j, i]
  std::vector<double> illumination;  ///< empty: none
};

class InversionObjective {
 public:
  virtual ~InversionObjective() = default;
  /// Low-passed to this frequency from now on; 0: everything. Collective.
  virtual void set_stage(double max_frequency_hz) = 0;
  /// speed [k, j, i] on the box, the same on every rank. Collective.
  virtual Evaluation evaluate(std::span<const double> speed_m_s) = 0;
  virtual std::string name() const = 0;

  /// Is J a random estimate of another misfit? It is drawn anew by each renew(), which follows every
  /// set_stage().
  virtual bool is_estimate() const { return false; }
  /// `renewal`: number within the stage, from 0.
  virtual void renew(int /*stage*/, int /*renewal*/) {}
  /// What is estimated. Collective.
  virtual double whole_misfit(std::span<const double> speed_m_s) {
    return evaluate(speed_m_s).misfit;
  }

  /// So far, of all ranks.
  struct Work {
    double simulations = 0;  ///< shots' waves computed, forward or adjoint
    double cell_updates = 0;
  };
  virtual Work work() const { return {}; }
};

/// J by the acoustic wave equation.
template <class Real>
class WaveformObjective : public InversionObjective {
 public:
  struct Setup {
    std::string misfit = "least_squares";
    double memory_bytes = 2e9;
    std::vector<double> density;  ///< empty: constant
  };
  /// `observed` has the plan's geometry.
  WaveformObjective(std::shared_ptr<SurveyModelling<Real>> modelling, std::vector<Gather> observed,
                    const Setup& setup);
  void set_stage(double max_frequency_hz) override;
  Evaluation evaluate(std::span<const double> speed_m_s) override;
  std::string name() const override { return "wave equation"; }
  /// Without the gradient, forward waves alone.
  double whole_misfit(std::span<const double> speed_m_s) override;
  Work work() const override { return {simulations_, modelling_->cell_updates()}; }

  const Setup& setup() const { return setup_; }
  /// With the stage's wavelet.
  const SurveyPlan& plan() const { return modelling_->plan(); }
  /// As the stage sees it.
  const std::vector<Gather>& data() const { return filtered_; }

 private:
  std::shared_ptr<SurveyModelling<Real>> modelling_;
  std::vector<Gather> observed_, filtered_;
  Setup setup_;
  Misfit misfit_;
  std::vector<double> wavelet_;
  double simulations_ = 0;
};

struct InversionRecord {
  int stage = 0,
      iteration = 0;  ///< iteration: over all stages; a stage's start has the one before's
  double max_frequency_hz = 0;
  double misfit = 0;                   ///< J, without regularisation
  bool whole = true;                   ///< false: an estimate of it
  double misfit_ratio = 0;             ///< to the stage's start
  double gradient_norm = 0, step = 0;  ///< step: relative L2 change of the speed
  long long evaluations = 0;
  double simulations = 0;  ///< InversionObjective::Work; like wall_s since the inversion began
  double wall_s = 0;       ///< earlier parts included
  int spent = 0;           ///< of the stage's iterations
};

/// Why a stage ended.
struct StageEnd {
  int stage = 0;
  double max_frequency_hz = 0;
  std::string reason;   ///< in words
  bool failed = false;  ///< the minimiser went no further although it was to
};

/// Where an interrupted inversion stood.
struct InversionState {
  int stage = 0, iterations_in_stage = 0;  ///< iterations: those spent
  double stage_start_misfit = 0;
  std::vector<double> speed;
  std::vector<InversionRecord> history;
  std::vector<StageEnd> ends;  ///< of the stages that ended since the inversion began or went on
  /// False within a renewal: what went on from here would not have the minimiser's memory of the draw.
  bool resumable = true;
  /// False where a renewal of an estimate ended without a record of its own: the last one was there before; it may
  /// have become that of the misfit itself since.
  bool new_record = true;
  /// Since the inversion began, with what came after the last record.
  long long evaluations = 0;
  double simulations = 0;
};

/// "stage 1 (8 Hz): the iterations are spent; stage 2: ...", for log and report.
std::string ends_in_words(const std::vector<StageEnd>& ends);

struct InversionSetup {
  InversionParams params;
  mesh::GridParams box;
  std::vector<double> start;  ///< speed [k, j, i]
  std::optional<InversionState> resumed;
};

/// After every iteration (and the start), and after renewals that end early (InversionState::new_record), with the
/// present state; false stops.
using InversionWatch = std::function<bool(const InversionState&)>;

/// Does the cell, of [k, j, i], keep its start's speed? (It lies above params.keep_above_depth_m.)
bool is_kept(const InversionSetup& setup, std::size_t cell);

/// UserError where the bounds exclude the start. run_inversion asks, too.
void require_start(const InversionSetup& setup);

/// Collective; the result is the same on all ranks. RunError where misfit or gradient are not finite, and
/// where every component of the gradient is 0 although the misfit is not.
InversionState run_inversion(InversionObjective& objective, const InversionSetup& setup,
                             const InversionWatch& watch);

}  // namespace understudy::solvers::seismic
