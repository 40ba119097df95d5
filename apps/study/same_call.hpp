// All ranks of a run must have been started alike: with other decks or settings they would wait for each other
// for ever, or compute parts of different problems.
#pragma once

#include "apps/study/job.hpp"
#include "core/comm.hpp"

namespace understudy::apps {

/// UserError on all ranks, naming those that differ from rank 0 and in what: verb, deck's content, --set,
/// --out, --resume, plugins. A deck that no rank can read is none of its business. Before anything else. Collective.
void require_same_call(const JobOptions& options, const core::Comm& comm);

}  // namespace understudy::apps
