#include "apps/simulation/calibration.hpp"

#include <algorithm>
#include <optional>

#include "apps/simulation/gate_catalog.hpp"
#include "apps/simulation/stand_in.hpp"
#include "apps/study/model_folder.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "core/runtime.hpp"

namespace understudy::apps {

namespace {

std::vector<double> in_order(const surrogates::ModelCard& card,
                             const std::vector<surrogates::NamedValue>& values) {
  std::vector<double> parameters;
  for (const auto& p : card.parameters)
    parameters.push_back(surrogates::value_of(values, p.name, "the run"));
  return parameters;
}

std::vector<std::string> gates_to_calibrate(const SimulationDeck& deck) {
  std::vector<std::string> gates;
  for (const auto& gate : gates_of(*deck.physics))
    if (gate.always_calibrated) gates.push_back(gate.name);
  for (const auto& name : deck.swap.gate.use)
    if (std::ranges::find(gates, name) == gates.end()) gates.push_back(name);
  return gates;
}

template <class Real>
std::vector<std::shared_ptr<solvers::Stepper<Real>>> other_networks(
    const std::vector<surrogates::FieldModel>& models,
    std::shared_ptr<solvers::Stepper<Real>> truth, SimulationDeck& deck) {
  std::vector<std::shared_ptr<solvers::Stepper<Real>>> others;
  for (std::size_t n = 1; n < models.size(); ++n)
    others.push_back(make_stand_in<Real>(deck, truth, constrained(models[n])).stepper);
  return others;
}

template <class Real>
void calibrate_as(SimulationJob& job, const surrogates::DatasetReader& data,
                  std::vector<surrogates::FieldModel>& models,
                  surrogates::TrustReference& reference) {
  const auto setup = calibration_setup<Real>(job, data, models);
  reference = surrogates::calibrate(setup);
}

void report(const surrogates::ModelCard& card, Summary& summary) {
  const auto& c = card.calibration;
  summary.metric("calibration.windows", c.windows);
  summary.metric("calibration.rollouts", c.rollouts);
  summary.metric("calibration.split", c.split);
  summary.metric("calibration.core_s", c.core_s);
  summary.metric("calibration.accepts", c.accepts);
  summary.metric("calibration.wrong", c.wrong);
  summary.metric("calibration.accepts_wrong", c.accepts_wrong);
  summary.metric("calibration.mean_error", c.mean_error);
  for (const auto& gate : card.gates) {
    summary.metric("calibration.gates." + gate.kind + ".threshold", gate.threshold);
    summary.metric("calibration.gates." + gate.kind + ".accepts", gate.accepts);
  }
}

void warn_of(const surrogates::Thresholds& t, const surrogates::ModelCard& card) {
  const auto& c = card.calibration;
  if (!t.enough)
    core::log::warn(
        "gates: {} calibration windows are too few for the quantile {}; the largest scores bound",
        c.windows, c.quantile);
  if (t.combined <= 0)
    core::log::warn(
        "gates: {:.0f}% of the calibration windows have errors above {}, and no threshold keeps the "
        "risk of accepting one at {}: every window will be the simulation's. A better model, a "
        "larger swap.gate.error_limit or shorter swap.gate.calibration.windows changes that.",
        100 * c.wrong, c.error_limit, c.risk);
  else if (t.by_risk < t.by_quantile)
    core::log::info("gates: the risk of {} lowers the bounds to {:.3g} of the quantile's", c.risk,
                    t.combined / t.by_quantile);
}

}  // namespace

std::vector<surrogates::FieldModel> read_models(const std::filesystem::path& folder, bool all) {
  std::vector<surrogates::FieldModel> models{read_model(folder)};
  if (!all) return models;
  // Cards of earlier versions do not say which others there are.
  const std::vector<std::string> hashes = models.front().card.member_hashes;
  const int count = hashes.empty() ? member_count(folder) : 1 + static_cast<int>(hashes.size());
  for (int n = 2; n <= count; ++n) {
    const auto member = member_folder(folder, n);
    models.push_back(read_model(member));
    if (hashes.empty()) continue;
    const std::string hash = hash_of_file(surrogates::weights_path(member, models.back().card));
    if (hash != hashes[static_cast<std::size_t>(n) - 2])
      throw core::UserError(core::format(
          "{} is not the network that {} was written with (weights of hash {}, the card has {}), but "
          "another training's; `understudy train` (with --resume from its checkpoints) makes all networks "
          "of the model anew",
          member.string(), (folder / "card.yaml").string(), hash,
          hashes[static_cast<std::size_t>(n) - 2]));
  }
  return models;
}

template <class Real>
surrogates::CalibrationSetup<Real> calibration_setup(
    const SimulationJob& job, const surrogates::DatasetReader& data,
    const std::vector<surrogates::FieldModel>& models) {
  surrogates::CalibrationSetup<Real> setup{data, models.front().card, job.deck.swap.gate};
  setup.members = static_cast<int>(models.size());
  setup.gates = gates_to_calibrate(job.deck);
  setup.make_gate = [physics = job.deck.physics](const std::string& name,
                                                 const surrogates::GateContext<Real>& context) {
    return make_gate<Real>(*physics, name, context);
  };
  setup.make_case = [&job, &models](const surrogates::SampleInfo& sample) {
    std::vector<std::string> settings;
    for (const auto& p : sample.parameters) settings.push_back(setting(p.name, p.value));
    SimulationDeck deck = with_settings(job, settings);
    surrogates::CalibrationCase<Real> which;
    which.truth = make_simulation<Real>(deck, job.comm).stepper;
    which.surrogate = make_stand_in<Real>(deck, which.truth, models.front()).stepper;
    which.members = other_networks(models, which.truth, deck);
    which.parameters = in_order(models.front().card, network_parameters(deck));
    return which;
  };
  return setup;
}

void calibrate_model(SimulationJob& job, Summary& summary) {
  const core::Stopwatch clock;
  const auto folder = job.model();
  const bool all =
      std::ranges::find(job.deck.swap.gate.use, "disagreement") != job.deck.swap.gate.use.end();
  std::optional<surrogates::DatasetReader> opened;
  std::vector<surrogates::FieldModel> models;
  // Every rank reads for itself: what goes wrong on one is told by all.
  std::string wrong;
  try {
    opened.emplace(job.dataset());
    models = read_models(folder, all);
  } catch (const core::UserError& error) {
    wrong = error.what();
  }
  job.comm.throw_on_all_ranks<core::UserError>(wrong);
  for (const auto& model : models) require_same_model(folder, model.card, job.comm);
  const surrogates::DatasetReader& data = *opened;
  surrogates::ModelCard& card = models.front().card;
  const auto held = surrogates::held_out(data, card);
  if (held.samples.empty()) {
    core::log::warn(
        "gates: {} has no held-out sample (ensemble.validation), so they are not calibrated, and "
        "swap.policy: gate will refuse the model",
        job.dataset().string());
    return;
  }
  surrogates::TrustReference reference;
  with_precision(job.deck.precision,
                 [&]<class Real>(Real) { calibrate_as<Real>(job, data, models, reference); });
  surrogates::note_calibration(reference, job.deck.swap.gate, held, card);
  card.calibration.core_s = clock.seconds() * job.comm.size() * core::Runtime::threads();
  card.card_version = surrogates::ModelCard::newest;
  job.comm.on_root<core::UserError>([&] {
    surrogates::save_trust(trust_path(folder), reference);
    card.calibration.file_hash = hash_of_file(trust_path(folder));
    if (all) card.member_hashes.clear();
    for (std::size_t n = 2; n <= models.size(); ++n)
      card.member_hashes.push_back(hash_of_file(surrogates::weights_path(
          member_folder(folder, static_cast<int>(n)), models[n - 1].card)));
    write_card(folder, card);
  });
  warn_of(surrogates::thresholds_of(reference, job.deck.swap.gate), card);
  report(card, summary);
  summary.timing("calibration_s", clock.seconds());
  const auto& c = card.calibration;
  core::log::info(
      "gates calibrated on {} windows of {} rollouts: {:.0f}% accepted, {:.1f}% accepted with an "
      "error above {} ({:.0f} s)",
      c.windows, c.rollouts, 100 * c.accepts, 100 * c.accepts_wrong, c.error_limit,
      clock.seconds());
}

template <class Real>
std::shared_ptr<surrogates::Guard<Real>> make_guard(const SimulationJob& job, SimulationDeck& deck,
                                                    std::shared_ptr<solvers::Stepper<Real>> truth) {
  const auto folder = job.model();
  const surrogates::GateParams& params = deck.swap.gate;
  const bool all = std::ranges::find(params.use, "disagreement") != params.use.end();
  const auto models = read_models(folder, all);
  const surrogates::ModelCard& card = models.front().card;
  if (card.calibration.windows == 0)
    throw core::UserError(core::format(
        "swap.policy: gate wants calibrated gates, and the card in {} has no calibration; "
        "`understudy calibrate {}` makes one from the dataset{}",
        folder.string(), job.tree.name,
        surrogates::is_imported(card.network)
            ? ", that of its import; for another one import it anew"
            : ", `understudy train` makes model and calibration anew"));
  if (!std::filesystem::exists(trust_path(folder)))
    throw core::UserError(core::format(
        "{} is missing, which the card's calibration rests on; `understudy calibrate {}` makes it",
        trust_path(folder).string(), job.tree.name));
  if (hash_of_file(trust_path(folder)) != card.calibration.file_hash)
    throw core::UserError(core::format(
        "{} is not the calibration that {} was written with (it was changed, or is another "
        "model's); `understudy calibrate {}` makes it anew",
        trust_path(folder).string(), (folder / "card.yaml").string(), job.tree.name));
  auto reference = std::make_shared<const surrogates::TrustReference>(
      surrogates::load_trust(trust_path(folder)));
  const auto thresholds = surrogates::thresholds_of(*reference, params);
  surrogates::GateContext<Real> context{card,
                                        reference,
                                        params,
                                        card.window_s,
                                        in_order(card, network_parameters(deck)),
                                        truth,
                                        other_networks(models, truth, deck)};
  std::vector<std::unique_ptr<surrogates::Gate<Real>>> gates;
  std::vector<double> bounds;
  for (std::size_t n = 0; n < params.use.size(); ++n) {
    gates.push_back(make_gate<Real>(*deck.physics, params.use[n], context));
    bounds.push_back(thresholds.gates[n] * thresholds.combined);
    core::log::info("gate {}: bound {:.4g}", params.use[n], bounds.back());
  }
  if (thresholds.combined <= 0)
    core::log::warn("gates: the calibration leaves no window to the surrogate");
  return std::make_shared<surrogates::Guard<Real>>(
      std::move(gates), bounds, surrogates::Measurer<Real>(truth->grid(), card.fields),
      card.network.constrain ? nullptr : truth);
}

template surrogates::CalibrationSetup<float> calibration_setup(
    const SimulationJob&, const surrogates::DatasetReader&,
    const std::vector<surrogates::FieldModel>&);
template surrogates::CalibrationSetup<double> calibration_setup(
    const SimulationJob&, const surrogates::DatasetReader&,
    const std::vector<surrogates::FieldModel>&);
template std::shared_ptr<surrogates::Guard<float>> make_guard(
    const SimulationJob&, SimulationDeck&, std::shared_ptr<solvers::Stepper<float>>);
template std::shared_ptr<surrogates::Guard<double>> make_guard(
    const SimulationJob&, SimulationDeck&, std::shared_ptr<solvers::Stepper<double>>);

}  // namespace understudy::apps
