// <out>/backends.csv: one row for each configuration that `compare` was run in - backend, device, ranks,
// threads, precision, version, model, case - with its speed-ups, wall times, error and energy. A run in
// the same configuration replaces its row; the others stay, so that backends stand side by side.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace understudy::apps {

struct ComparisonRecord;

struct BackendRow {
  // What tells configurations apart
  std::string backend, device, network_device;
  int ranks = 1, threads = 1;
  std::string precision, network_precision, policy, compared_case, git, model;
  // When, and what came out; NaN: not known
  std::string date;
  double same_grid = 0, equal_error = 0, simulation_s = 0, replacement_s = 0, error = 0;
  double simulation_j = 0, replacement_j = 0;

  bool same_configuration(const BackendRow& other) const;
};

BackendRow backend_row(const ComparisonRecord& record);

/// First 12 hex digits of SHA-256 of a model folder's weights and card; empty where there is none.
std::string model_hash(const std::filesystem::path& folder);

/// The rows of a file, oldest first; none where there is no file. UserError when it is another table.
std::vector<BackendRow> read_backends(const std::filesystem::path& path);

/// Adds the row or replaces that of the same configuration, atomically, and returns all rows. A file
/// that cannot be understood is kept under another name, with a warning. Call it on one rank.
std::vector<BackendRow> add_backend(const std::filesystem::path& path, const BackendRow& row);

}  // namespace understudy::apps
