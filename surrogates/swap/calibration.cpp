#include "surrogates/swap/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "surrogates/swap/state_error.hpp"

namespace understudy::surrogates {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void widen(std::vector<DiagnosticRange>& ranges, const std::vector<solvers::Diagnostic>& values,
           const std::vector<solvers::Diagnostic>* before) {
  if (ranges.empty())
    for (const auto& d : values) ranges.push_back({d.name, d.value, d.value, 0});
  for (std::size_t n = 0; n < ranges.size() && n < values.size(); ++n) {
    if (!std::isfinite(values[n].value)) continue;
    ranges[n].lowest = std::min(ranges[n].lowest, values[n].value);
    ranges[n].highest = std::max(ranges[n].highest, values[n].value);
    if (before)
      ranges[n].change =
          std::max(ranges[n].change, std::abs(values[n].value - before->at(n).value));
  }
}

std::vector<int> samples_of(const DatasetReader& data, const ModelCard& card,
                            const std::string& split) {
  std::vector<int> found;
  for (std::size_t n = 0; n < data.samples().size(); ++n)
    for (const CaseCard& c : card.cases)
      if (c.split == split && c.sample == data.samples()[n].name)
        found.push_back(static_cast<int>(n));
  return found;
}

template <class Real>
struct Frames {
  const DatasetReader& data;
  int sample;
  /// A frame with the truth's constraints restored; `as_it_is` with its ghosts and no more.
  mesh::State<Real> at(long long frame, solvers::Stepper<Real>& truth, bool as_it_is) const {
    mesh::State<Real> state(truth.grid(), truth.fields());
    data.read_state(sample, frame, state);
    auto constrained = state.clone();
    truth.constrain(constrained);
    if (!as_it_is) return constrained;
    for (std::size_t f = 0; f < state.fields().size(); ++f)
      if (state.fields()[f].info.role != mesh::Role::prognostic)
        Kokkos::deep_copy(state.fields()[f].data, constrained.fields()[f].data);
    state.scalars = constrained.scalars;
    return state;
  }
};

// False where the prediction was none: what constrain() could not mend. All ranks agree (core/error.hpp).
template <class Real>
bool advances(solvers::Stepper<Real>& surrogate, mesh::State<Real>& state, double window_s) {
  try {
    surrogate.advance(state, window_s);
    return true;
  } catch (const core::RunError& error) {
    core::log::info("gates: a prediction failed: {}", error.what());
    return false;
  }
}

template <class Real>
class Rollouts {
 public:
  Rollouts(const CalibrationSetup<Real>& s, std::shared_ptr<const TrustReference> reference)
      : s_(s), reference_(std::move(reference)) {
    table_.gates = s.gates;
    table_.scores.resize(s.gates.size());
  }

  void add(int sample) {
    const SampleInfo& info = s_.data.samples().at(sample);
    const auto which = s_.make_case(info);
    auto guard = guard_for(which);
    const RolloutStarts starts = rollout_starts(s_.params, info.frames, s_.card.skip_windows);
    for (long long n = 0; n < starts.count; ++n)
      roll(which, guard, sample, starts.first(n), starts.length);
  }
  CalibrationTable take() { return std::move(table_); }

 private:
  Guard<Real> guard_for(const CalibrationCase<Real>& which) {
    GateContext<Real> context{s_.card,          reference_,  s_.params,    s_.card.window_s,
                              which.parameters, which.truth, which.members};
    std::vector<std::unique_ptr<Gate<Real>>> gates;
    for (const auto& name : s_.gates) gates.push_back(s_.make_gate(name, context));
    return Guard<Real>(std::move(gates), {}, Measurer<Real>(which.truth->grid(), s_.card.fields),
                       s_.card.network.constrain ? nullptr : which.truth);
  }

  void roll(const CalibrationCase<Real>& which, Guard<Real>& guard, int sample, long long first,
            long long length) {
    const Frames<Real> frames{s_.data, sample};
    // As a gated run hands over: the truth's own state, not what constrain() makes of it.
    mesh::State<Real> state = frames.at(first, *which.truth, !s_.card.network.constrain);
    mesh::State<Real> truth(which.truth->grid(), which.truth->fields());
    const double start_s = state.time_s;
    for (long long n = 1; n <= length; ++n) {
      const mesh::State<Real> before = state.clone();
      const bool failed = !advances(*which.surrogate, state, s_.card.window_s);
      state.time_s = start_s + static_cast<double>(n) * s_.card.window_s;
      s_.data.read_state(sample, first + n, truth);
      const double error = failed ? infinity : error_of(state, truth);
      const auto scores = std::isfinite(error) ? guard.scores(state, &before)
                                               : std::vector<double>(s_.gates.size(), infinity);
      for (std::size_t g = 0; g < scores.size(); ++g) table_.scores[g].push_back(scores[g]);
      table_.errors.push_back(error);
      table_.rollouts.push_back(rollout_);
      if (!std::isfinite(error)) break;
    }
    ++rollout_;
  }

  const CalibrationSetup<Real>& s_;
  std::shared_ptr<const TrustReference> reference_;
  CalibrationTable table_;
  int rollout_ = 0;
};

}  // namespace

long long state_stride(const GateParams& params, long long frames) {
  const long long wanted = params.calibration.reference_frames;
  return std::max(1LL, (frames + wanted - 1) / wanted);
}

long long states_taken(long long frames_of_sample, long long skipped, long long stride) {
  return std::max(0LL, (frames_of_sample - skipped + stride - 1) / stride);
}

RolloutStarts rollout_starts(const GateParams& params, long long frames_of_sample,
                             long long skipped) {
  RolloutStarts starts{.skipped = skipped};
  const long long last = frames_of_sample - 1 - skipped;
  starts.length = std::min<long long>(params.calibration.windows, last);
  if (starts.length < 1) return {};
  starts.room = last - starts.length;
  starts.count = std::min<long long>(params.calibration.starts, starts.room + 1);
  return starts;
}

HeldOut held_out(const DatasetReader& data, const ModelCard& card) {
  auto test = data.samples_of("test");
  if (!test.empty()) return {"test", std::move(test)};
  return {"valid", samples_of(data, card, "valid")};
}

template <class Real>
TrustReference make_reference(const CalibrationSetup<Real>& setup) {
  const bool imported = is_imported(setup.card.network);
  if (setup.card.dataset_hash != setup.data.hash())
    throw core::UserError(core::format(
        "calibration: the model was {} a dataset of hash {}, and {} has {}; {}",
        imported ? "imported for" : "trained on", setup.card.dataset_hash,
        setup.data.directory().string(), setup.data.hash(),
        imported ? "import it anew for this dataset (`understudy import`), or calibrate on that one"
                 : "calibrate on the dataset of the training, or train anew"));
  TrustReference reference;
  reference.neighbours = setup.params.neighbours;
  reference.residual_fraction = setup.params.residual_fraction;
  reference.members = setup.members;
  const auto train = samples_of(setup.data, setup.card, "train");
  long long frames = 0;
  for (const int n : train) frames += setup.data.samples()[n].frames;
  const long long every = state_stride(setup.params, frames);
  core::Progress progress("gates: training states", static_cast<double>(frames), "frames");
  std::vector<std::vector<double>> features;
  long long done = 0;
  for (const int n : train) {
    const auto which = setup.make_case(setup.data.samples()[n]);
    const Measurer<Real> measure(which.truth->grid(), setup.card.fields);
    const Frames<Real> of{setup.data, n};
    // Transients that the training left out are no training states.
    for (long long frame = setup.card.skip_windows; frame < setup.data.samples()[n].frames;
         frame += every) {
      mesh::State<Real> state = of.at(frame, *which.truth, false);
      features.push_back(features_of(measure(state), setup.card, which.parameters));
      const auto before = which.truth->diagnostics(state);
      widen(reference.diagnostics, before, nullptr);
      if (advances(*which.surrogate, state, setup.card.window_s)) {
        if (!setup.card.network.constrain) which.truth->constrain(state);
        const auto after = which.truth->diagnostics(state);
        widen(reference.diagnostics, after, &before);
      }
      progress.update(static_cast<double>(done + frame));
    }
    done += setup.data.samples()[n].frames;
  }
  reference.space = fit_trust_space(features);
  return reference;
}

template <class Real>
CalibrationTable score_rollouts(const CalibrationSetup<Real>& setup,
                                std::shared_ptr<const TrustReference> reference,
                                const std::vector<int>& samples) {
  Rollouts<Real> rollouts(setup, std::move(reference));
  core::Progress progress("gates: rollouts", static_cast<double>(samples.size()), "samples");
  for (std::size_t n = 0; n < samples.size(); ++n) {
    rollouts.add(samples[n]);
    progress.update(static_cast<double>(n + 1));
  }
  return rollouts.take();
}

template <class Real>
TrustReference calibrate(const CalibrationSetup<Real>& setup) {
  const core::ScopedTimer region("calibrate");
  auto reference = make_reference(setup);
  reference.table = score_rollouts(setup, std::make_shared<const TrustReference>(reference),
                                   held_out(setup.data, setup.card).samples);
  return reference;
}

void note_calibration(const TrustReference& reference, const GateParams& params,
                      const HeldOut& held, ModelCard& card) {
  const CalibrationTable& table = reference.table;
  const Thresholds t = thresholds_of(reference, params);
  CalibrationCard& c = card.calibration;
  c = {};
  c.windows = static_cast<long long>(table.windows());
  c.rollouts = table.rollout_count();
  c.members = static_cast<long long>(held.samples.size());
  c.split = held.split;
  c.quantile = params.quantile;
  c.error_limit = params.error_limit;
  c.risk = params.risk;
  c.combined = t.combined;
  card.gates.clear();
  std::vector<double> largest(table.windows(), 0.0);
  const auto count = static_cast<double>(table.windows());
  for (std::size_t g = 0; g < params.use.size(); ++g) {
    const auto at = std::find(table.gates.begin(), table.gates.end(), params.use[g]);
    const auto& scores = table.scores[at - table.gates.begin()];
    GateCard gate{params.use[g], t.gates[g], t.gates[g] * t.combined, 0};
    for (std::size_t n = 0; n < scores.size(); ++n) {
      gate.accepts += scores[n] <= t.gates[g] ? 1 : 0;
      largest[n] = std::max(largest[n], scores[n] / t.gates[g]);
    }
    gate.accepts /= count;
    card.gates.push_back(gate);
  }
  double finite = 0;
  for (std::size_t n = 0; n < largest.size(); ++n) {
    const bool accepted = largest[n] <= t.combined, wrong = table.errors[n] > params.error_limit;
    c.accepts += accepted ? 1 : 0;
    c.wrong += wrong ? 1 : 0;
    c.accepts_wrong += accepted && wrong ? 1 : 0;
    if (!std::isfinite(table.errors[n])) continue;
    c.mean_error += table.errors[n];
    finite += 1;
  }
  for (double* share : {&c.accepts, &c.wrong, &c.accepts_wrong}) *share /= count;
  if (finite > 0) c.mean_error /= finite;
}

template TrustReference make_reference(const CalibrationSetup<float>&);
template TrustReference make_reference(const CalibrationSetup<double>&);
template CalibrationTable score_rollouts(const CalibrationSetup<float>&,
                                         std::shared_ptr<const TrustReference>,
                                         const std::vector<int>&);
template CalibrationTable score_rollouts(const CalibrationSetup<double>&,
                                         std::shared_ptr<const TrustReference>,
                                         const std::vector<int>&);
template TrustReference calibrate(const CalibrationSetup<float>&);
template TrustReference calibrate(const CalibrationSetup<double>&);

}  // namespace understudy::surrogates
