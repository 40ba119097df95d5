#include "surrogates/training.hpp"

#include <ATen/core/Tensor.h>

#include "core/error.hpp"
#include "core/timers.hpp"
#include "surrogates/model_text.hpp"
#include "surrogates/torch_training_loop.hpp"

namespace understudy::surrogates {

namespace {

// What rank 0 tells the others: its error, or the card.
struct Outcome {
  std::string error, card;
  int kind = 0, signal = 0;  // kind 0: none, 1: UserError, 2: RunError, 3: Interrupted, 4: other
};

void share(Outcome& outcome, const core::Comm& comm) {
  outcome.error = comm.broadcast(outcome.error);
  outcome.card = comm.broadcast(outcome.card);
  comm.broadcast(&outcome.kind, sizeof outcome.kind);
  comm.broadcast(&outcome.signal, sizeof outcome.signal);
  if (outcome.kind == 1) throw core::UserError(outcome.error);
  if (outcome.kind == 2) throw core::RunError(outcome.error);
  if (outcome.kind == 3) throw core::Interrupted(outcome.error, outcome.signal);
  if (outcome.kind == 4) throw std::runtime_error(outcome.error);
}

}  // namespace

TrainingReport train(const DatasetReader& data, const TrainingSetup& setup,
                     const core::Comm& comm) {
  const core::Region region("train");
  set_up_torch();
  TrainingReport report;
  Outcome outcome;
  if (comm.is_root()) {
    try {
      const TrainingThreads threads(setup.training.threads);
      report = run_training(make_trainer(data, setup.network, setup.training), setup, comm.size());
      ModelCard& card = report.model.card;
      card.version = setup.provenance.version;
      card.created = setup.provenance.started;
      card.host = setup.provenance.host;
      outcome.card = params_text(card);
    } catch (const core::Interrupted& error) {
      outcome = {error.what(), "", 3, error.exit_code() - 128};
    } catch (const core::UserError& error) {
      outcome = {error.what(), "", 1, 0};
    } catch (const core::RunError& error) {
      outcome = {error.what(), "", 2, 0};
    } catch (const std::exception& error) {
      outcome = {error.what(), "", 4, 0};
    }
  }
  share(outcome, comm);
  if (!comm.is_root()) {
    read_params_text(outcome.card, report.model.card);
    const ModelCard& card = report.model.card;
    report.model.network = std::make_shared<Network>(card.network, card.shape(), card.seed);
  }
  at::Tensor& flat = report.model.network->impl().flat;
  comm.broadcast(flat.data_ptr(), flat.nbytes());
  return report;
}

}  // namespace understudy::surrogates
