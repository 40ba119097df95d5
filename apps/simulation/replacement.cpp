#include "apps/simulation/replacement.hpp"

#include "apps/simulation/calibration.hpp"
#include "apps/study/model_folder.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::apps {

template <class Real>
Replacement<Real> make_replacement(const SimulationJob& job, SimulationDeck& deck,
                                   std::shared_ptr<solvers::Stepper<Real>> truth) {
  Replacement<Real> result;
  if (deck.swap.policy != "never") {
    surrogates::FieldModel model = read_model(job.model());
    require_same_model(job.model(), model.card, job.comm);
    // The run may leave the choice to the machine; a precision by name is the model's own, and so is
    // the one that its gates were calibrated in.
    if (deck.network.precision == "auto" && deck.swap.policy != "gate" &&
        !surrogates::is_imported(model.card.network)) {  // those compute in float32
      model.card.network.precision = deck.network.precision;
      model.card.network.precision_slack = deck.network.precision_slack;
    }
    result.card = model.card;
    result.warnings =
        surrogates::check_card(model.card, describe_run(deck, *truth, model.card.network));
    // Cards of earlier versions have no verdict of their own.
    if (const std::string verdict = surrogates::model_verdict(model.card); !verdict.empty()) {
      core::log::warn("{}: {}", job.model().string(), verdict);
      result.warnings.push_back(verdict);
    }
    result.stand_in = make_stand_in<Real>(deck, truth, model);
    result.surrogate = result.stand_in.network;
    result.card.network.precision = result.surrogate->inference().precision;
  }
  const auto guard = deck.swap.policy == "gate" ? make_guard(job, deck, truth) : nullptr;
  result.swap = std::make_shared<surrogates::Swap<Real>>(deck.swap, truth, result.stand_in.stepper,
                                                         deck.time.window_s, guard);
  return result;
}

namespace {

// A twentieth of an envelope's half-width beyond it is what an unseen case may take.
constexpr double slack = 0.05;

std::string beyond_text(const surrogates::FieldCard& field, double lowest, double highest,
                        double scale) {
  const double low = surrogates::beyond(lowest, field.lowest, field.highest, scale),
               high = surrogates::beyond(highest, field.lowest, field.highest, scale);
  if (low <= slack && high <= slack) return "";
  return core::format("{} reaches {:.4g} to {:.4g} {}, and training saw {:.4g} to {:.4g}",
                      field.name, lowest, highest, field.unit, field.lowest, field.highest);
}

}  // namespace

std::vector<std::string> outside_envelope(const surrogates::ModelCard& card,
                                          const std::vector<surrogates::FieldRange>& ranges) {
  std::vector<std::string> outside;
  const auto scales = surrogates::channel_scales(card.fields);
  for (std::size_t c = 0; c < card.fields.size(); ++c)
    for (const auto& r : ranges) {
      if (r.field != card.fields[c].name || r.component != card.fields[c].component) continue;
      const std::string text =
          beyond_text(card.fields[c], r.lowest, r.highest, card.fields[c].constant ? scales[c] : 0);
      if (!text.empty()) outside.push_back("over the run " + text);
    }
  return outside;
}

template <class Real>
std::vector<std::string> outside_envelope(const surrogates::ModelCard& card,
                                          solvers::Stepper<Real>& truth,
                                          const mesh::State<Real>& state, double from_s,
                                          double to_s) {
  if (card.fields.empty()) return {};
  constexpr int moments = 16;
  const surrogates::Measurer<Real> measure(state.shared_grid(), card.fields);
  const auto scales = surrogates::channel_scales(card.fields);
  std::vector<std::string> outside;
  std::vector<bool> said(card.fields.size(), false);
  auto copy = state.clone();
  for (int n = 0; n <= moments; ++n) {
    copy.copy_from(state);
    copy.time_s = from_s + (to_s - from_s) * n / moments;
    truth.constrain(copy);
    const auto m = measure(copy);
    for (std::size_t c = 0; c < card.fields.size(); ++c) {
      // The pressure is no part of the constraint: only what sides give is looked at.
      if (said[c] || card.fields[c].location == "cell") continue;
      const std::string text = beyond_text(card.fields[c], m.lowest[c], m.highest[c],
                                           card.fields[c].constant ? scales[c] : 0);
      if (text.empty()) continue;
      said[c] = true;
      outside.push_back(core::format("at {:.6g} s {}", copy.time_s, text));
    }
  }
  return outside;
}

template std::vector<std::string> outside_envelope(const surrogates::ModelCard&,
                                                   solvers::Stepper<float>&,
                                                   const mesh::State<float>&, double, double);
template std::vector<std::string> outside_envelope(const surrogates::ModelCard&,
                                                   solvers::Stepper<double>&,
                                                   const mesh::State<double>&, double, double);

void summarise(const surrogates::InferenceChoice& choice, const surrogates::BlockTraffic& traffic,
               Summary& summary) {
  summary.metric("inference.precision", choice.precision);
  summary.metric("inference.layout", choice.layout);
  summary.metric("inference.reason", choice.reason);
  summary.metric("inference.on", choice.on);
  if (!choice.on_reason.empty()) summary.metric("inference.on_reason", choice.on_reason);
  if (traffic.bytes == 0) return;
  summary.metric("inference.sent_per_call.messages", traffic.messages);
  summary.metric("inference.sent_per_call.sums", traffic.sums);
  summary.metric("inference.sent_per_call.bytes", traffic.bytes);
}

template Replacement<float> make_replacement(const SimulationJob&, SimulationDeck&,
                                             std::shared_ptr<solvers::Stepper<float>>);
template Replacement<double> make_replacement(const SimulationJob&, SimulationDeck&,
                                              std::shared_ptr<solvers::Stepper<double>>);

}  // namespace understudy::apps
