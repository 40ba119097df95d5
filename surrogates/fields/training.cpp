#include "surrogates/fields/training.hpp"

#include <ATen/core/Tensor.h>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/params_text.hpp"
#include "core/timers.hpp"
#include "surrogates/training/torch_trainer.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy::surrogates {

namespace {

// Every rank reads the data for itself: what goes wrong on one is told by all.
std::unique_ptr<Trainer> trainer_of(const DatasetReader& data, const TrainingSetup& setup,
                                    const core::Comm& comm) {
  std::unique_ptr<Trainer> trainer;
  std::string error;
  try {
    trainer = make_trainer(data, setup.network, setup.training, comm);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  comm.throw_together<core::UserError>(error);
  return trainer;
}

void complete(ModelCard& card, const TrainingSetup& setup, const core::Comm& comm) {
  card.version = setup.provenance.version;
  card.created = setup.provenance.started;
  card.host = setup.provenance.host;
  // Host and time are rank 0's.
  const std::string text = comm.broadcast(params_text(card));
  if (!comm.is_root()) {
    card = {};
    read_params_text(text, card);
  }
}

}  // namespace

std::string training_precision(const std::string& precision, const core::Comm& comm) {
  if (precision != "auto") return precision;
  const bool everywhere = comm.min(has_bfloat16() ? 1.0 : 0.0) > 0;
  core::log::info("training.precision: auto takes {}, as {}", everywhere ? "bfloat16" : "float32",
                  everywhere ? "all ranks have instructions for bfloat16 (AMX, AVX512-BF16, a GPU)"
                             : "a rank's processor has no instructions for bfloat16");
  return everywhere ? "bfloat16" : "float32";
}

TrainingReport train(const DatasetReader& data, const TrainingSetup& asked,
                     const core::Comm& comm) {
  const core::Region region("train");
  set_up_torch();
  TrainingSetup setup = asked;
  setup.training.precision = training_precision(setup.training.precision, comm);
  const TrainingThreads threads(setup.training.threads);
  const core::Stopwatch stopwatch;
  auto trainer = trainer_of(data, setup, comm);
  double prepared_s = stopwatch.seconds();
  comm.broadcast(&prepared_s, sizeof prepared_s);
  try {
    TrainingReport report = run_training(std::move(trainer), setup, prepared_s);
    complete(report.model.card, setup, comm);
    return report;
  } catch (TrainingInterrupted& stop) {
    complete(stop.report.model.card, setup, comm);
    throw;
  }
}

}  // namespace understudy::surrogates
