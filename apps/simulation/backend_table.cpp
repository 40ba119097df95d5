#include "apps/simulation/backend_table.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>

#include "apps/simulation/comparison_report.hpp"
#include "core/atomic_file.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

namespace {

using Cells = std::vector<std::string>;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string number_text(double value) {
  return std::isfinite(value) ? core::format("{}", value) : "";
}

// The columns, once for writing and for reading: visit(name, member).
template <class Row, class Visit>
void columns(Row& r, const Visit& visit) {
  visit("kokkos_backend", r.backend);
  visit("device", r.device);
  visit("network_device", r.network_device);
  visit("ranks", r.ranks);
  visit("threads", r.threads);
  visit("precision", r.precision);
  visit("network_precision", r.network_precision);
  visit("policy", r.policy);
  visit("case", r.compared_case);
  visit("git", r.git);
  visit("model", r.model);
  visit("date", r.date);
  visit("speedup_same_grid", r.same_grid);
  visit("speedup_equal_error", r.equal_error);
  visit("simulation_s", r.simulation_s);
  visit("replacement_s", r.replacement_s);
  visit("error_mean", r.error);
  visit("simulation_j", r.simulation_j);
  visit("replacement_j", r.replacement_j);
}

std::string text_of(const std::string& value) { return value; }
std::string text_of(int value) { return std::to_string(value); }
std::string text_of(double value) { return number_text(value); }

bool from_text(const std::string& text, std::string& value) {
  value = text;
  return true;
}
template <class Number>
bool from_text(const std::string& text, Number& value) {
  if constexpr (std::is_floating_point_v<Number>)
    if (text.empty()) {
      value = unknown;
      return true;
    }
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end;
}

Cells head() {
  BackendRow any;
  Cells names;
  columns(any, [&](const char* name, auto&) { names.push_back(name); });
  return names;
}

Cells cells_of(const BackendRow& row) {
  Cells cells;
  columns(row, [&](const char*, const auto& value) { cells.push_back(text_of(value)); });
  return cells;
}

}  // namespace

bool BackendRow::same_configuration(const BackendRow& o) const {
  const auto key = [](const BackendRow& r) {
    return std::tie(r.backend, r.device, r.network_device, r.ranks, r.threads, r.precision,
                    r.network_precision, r.policy, r.compared_case, r.git, r.model);
  };
  return key(*this) == key(o);
}

std::string model_hash(const std::filesystem::path& folder) {
  std::error_code none;
  // The card of an imported program, which has no weights of ours, has the program's hash.
  const auto weights = folder / "weights.safetensors", card = folder / "card.yaml";
  if (!std::filesystem::exists(card, none)) return "";
  const bool has_weights = std::filesystem::exists(weights, none);
  return core::sha256((has_weights ? core::read_file(weights) : "") + core::read_file(card))
      .substr(0, 12);
}

BackendRow backend_row(const ComparisonRecord& record) {
  const SimulationJob& job = record.job;
  const auto& r = record.result;
  const bool network = !record.card.name.empty();
  const auto torch = surrogates::torch_info();
  BackendRow row;
  row.backend = core::Runtime::backend();
  row.device = core::Runtime::gpu().empty() ? job.provenance.cpu : core::Runtime::gpu();
  row.network_device = network ? torch.device : "";
  row.ranks = job.comm.size();
  row.threads = core::Runtime::threads();
  row.precision = record.deck.precision;
  row.network_precision = network ? record.card.network.precision : "";
  row.policy = record.deck.swap.policy;
  row.compared_case = mesh::shape_text(record.deck.grid());
  for (const auto& setting : case_settings(job)) row.compared_case += ", " + setting;
  row.compared_case += core::format(", {} windows", record.deck.compare.windows);
  row.git = job.provenance.git;
  row.model = network ? model_hash(job.model()) : "";
  row.date = job.provenance.started;
  row.same_grid = r.speedups.same_grid.value_or(unknown);
  row.equal_error = r.speedups.equal_error.value_or(unknown);
  row.simulation_s = r.truth_wall_s;
  row.replacement_s = r.replacement_wall_s;
  row.error = r.replacement_failed ? unknown : r.mean_error();
  row.simulation_j = r.truth_energy_j.value_or(unknown);
  row.replacement_j = r.replacement_energy_j.value_or(unknown);
  return row;
}

std::vector<BackendRow> read_backends(const std::filesystem::path& path) {
  std::error_code none;
  if (!std::filesystem::exists(path, none)) return {};
  const auto lines = core::csv_lines(core::read_file(path));
  std::vector<BackendRow> rows;
  const Cells names = head();
  std::string first_line = core::csv_line(names);
  first_line.pop_back();
  if (lines.empty() || core::csv_cells(lines.front().text) != names)
    throw core::UserError(
        core::format("{}: is not the table of backends of this version; its first line is to be {}",
                     path.string(), first_line));
  for (std::size_t n = 1; n < lines.size(); ++n) {
    const Cells cells = core::csv_cells(lines[n].text);
    BackendRow row;
    std::size_t at = 0;
    bool fits = cells.size() == names.size();
    columns(row, [&](const char*, auto& value) {
      fits = fits && from_text(cells[at], value);
      ++at;
    });
    if (!fits)
      throw core::UserError(core::format("{}: line {} is no row of the table of backends",
                                         path.string(), lines[n].number));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<BackendRow> add_backend(const std::filesystem::path& path, const BackendRow& row) {
  std::vector<BackendRow> rows;
  try {
    rows = read_backends(path);
  } catch (const core::UserError& error) {
    // The run that just ended is worth more than a table that cannot be read; neither is lost.
    const auto aside = path.string() + ".old";
    std::error_code code;
    std::filesystem::rename(path, aside, code);
    core::log::warn("{}; kept as {}, a new table is begun", error.what(), aside);
  }
  std::erase_if(rows, [&](const BackendRow& other) { return row.same_configuration(other); });
  rows.push_back(row);
  std::string text = core::csv_line(head());
  for (const auto& one : rows) text += core::csv_line(cells_of(one));
  core::write_file(path, text);
  return rows;
}

}  // namespace understudy::apps
