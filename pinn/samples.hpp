// Scattered samples for inverse problems: a table of named columns of which some are the problem's inputs.
//
//   CSV      a table (core/table.hpp) whose header names the columns, then one sample a line; the order of the
//            columns and further columns do not matter; units in the header ("x [km]") are converted
//   dataset  the folder that `understudy generate` wrote (surrogates/fields/dataset/dataset.hpp): cell centres and frames
//            in the problem's box, each drawn at random; units that it says are converted; see gridded_frames.hpp
//
// Noise: independent normal numbers, a fraction of each measured column's standard deviation. Draws and
// noise depend on the seed alone. Errors: core::UserError naming file, line and column.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct SampleRequest {
  std::filesystem::path file;         ///< CSV, or a dataset's folder
  std::vector<InputInfo> inputs;      ///< columns that must lie within their bounds
  std::vector<std::string> measured;  ///< the other columns
  int points = 0;  ///< drawn at random without repetition; 0: all of a CSV's lines
  int least = 1;   ///< fewer are an error
  double noise = 0;
  unsigned long long seed = 1;
  std::vector<std::string> units{};  ///< of the measured columns; missing: 1
};

/// [column][row]: the inputs, then the measured columns.
struct Samples {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;
  std::size_t count() const { return columns.empty() ? 0 : columns.front().size(); }
};

Samples read_samples(const SampleRequest& request);

/// The file or folder that a deck names, from the deck's own folder on. UserError for an empty name, saying
/// what the problem reads from it.
std::filesystem::path data_path(const ProblemChoice& choice, const std::string& what);

/// `count` rows drawn without repetition, or all, in a random order that depends on the seed.
/// UserError when there are fewer than wanted.
Samples draw(const Samples& all, int count, unsigned long long seed, const std::string& source);
/// Adds `fraction` x standard deviation x a normal number to the columns from `first` on.
void add_noise(Samples& samples, std::size_t first, double fraction, unsigned long long seed);

}  // namespace understudy::pinn
