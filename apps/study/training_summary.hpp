// What is said of a training of networks of fields, whichever app made it: in the log and in summary.json.
#pragma once

#include <string>

#include "apps/study/summary.hpp"
#include "core/comm.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::apps {

/// The validation's errors in the log, and the verdict as a warning: that a model is bad is not left to its card.
void say_verdict(const surrogates::ModelCard& card);

/// Its numbers as metrics.<prefix>..., "training.", and its time. Collective.
void summarise_training(Summary& summary, const std::string& prefix,
                        const surrogates::TrainingReport& report, const core::Comm& comm);

}  // namespace understudy::apps
