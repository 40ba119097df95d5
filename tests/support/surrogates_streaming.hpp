// What the tests of streamed trainings share: a dataset, and a limit that makes a training stream it.
#pragma once

#include <string>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::tests {

/// The smallest training.memory_gb that the message of one that is too small names.
inline double least_memory_gb(const surrogates::DatasetReader& data,
                              surrogates::TrainingSetup setup, const core::Comm& comm,
                              const surrogates::MakeCoarseSolver& coarse = {}) {
  setup.training.memory_gb = 1e-9;
  const std::string text = error_text([&] { surrogates::train(data, setup, comm, coarse); });
  const std::string after = "; ";
  const auto end = text.find(" would do");
  const auto begin = text.rfind(after, end);
  if (end == std::string::npos || begin == std::string::npos)
    throw core::UserError("no limit is named: " + text);
  return std::stod(text.substr(begin + after.size(), end));
}

}  // namespace understudy::tests
