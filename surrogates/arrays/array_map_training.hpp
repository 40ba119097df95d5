// Training of maps from arrays to arrays on pairs, by the training loop of the other models
// (surrogates/fields/training.hpp: AdamW, warm-up and cosine decay, clipping, moving average, checkpoints, exact resume, signals; on
// several ranks data-parallel: N ranks follow one to round-off).
//
// Scaling: linear maps the side's range to [-1, 1]; rms divides by the root mean square of the training
// samples, so that zero stays zero (for waves); signed_log maps x to sign(x) log1p(|x| / r) /
// log1p(largest / r), so that weak late arrivals weigh beside strong early ones. Ranges are those that the
// dataset's maker states, else those of the training samples.
//
// Loss over a batch, of scaled outputs: mean |e| (l1), mean e^2 (l2), their sum, or the mean over samples
// of |e|_2 / |y|_2 (relative_l2; with linear and rms scaling that of the values in their unit). Validation
// and patience go by mean |e| on the split `validation` (by relative_l2 with the loss of that name); the
// card's errors are those of the split `test`, or of `validation` where there is none.
//
// Mirror: a training sample is reversed along the mirrored axes of input and output, or not, as (seed,
// step, place in the batch) say; for problems whose mirror image is one of the same kind.
//
// Samples lie in memory in the training's precision: 5 x 250 x 70 inputs in bfloat16 take 0.18 MB a sample,
// on every rank.
#pragma once

#include <vector>

#include "core/comm.hpp"
#include "surrogates/arrays/array_map.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

struct ArrayMapTrainingSetup {
  ArrayMapNetworkParams network;
  ArrayMapTrainingParams training;
  TrainingFiles files{};
  core::Provenance provenance{};  ///< goes into the card
};

struct ArrayMapTrainingReport : TrainingRecord {
  ArrayMap model;  ///< with the best weights; its card is complete but for weights_hash
};

/// Collective; every rank gives the same data. The report is the same on all ranks. UserError when the data
/// do not serve (no training or validation samples, shapes that the network does not take); Interrupted on
/// a signal, after a checkpoint (without the best model until then: resume). `data` is taken: its memory
/// is given back once scaled.
ArrayMapTrainingReport train_operator(PairDataset data, const ArrayMapTrainingSetup& setup,
                                      const core::Comm& comm);

}  // namespace understudy::surrogates
