#include "apps/pinn/classical_inversion.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/report/report_format.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw core::UserError(core::format(
      "compare.inversion: {}: {}; wanted is the folder of a finished `understudy invert` of the same samples",
      file.string(), what));
}

json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) refuse(file, "cannot be read");
  json root = json::parse(in, nullptr, false);
  if (root.is_discarded()) refuse(file, "is no JSON");
  return root;
}

// Null where there is none.
json child(const json& object, const std::string& key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

// NaN where there is no number.
double number_at(const json& object, const char* key) {
  const json found = child(object, key);
  return found.is_number() ? found.get<double>() : std::nan("");
}

std::vector<std::string> parameter_names(const pinn::ProblemDescription& about) {
  std::vector<std::string> names;
  for (const auto& parameter : about.parameters) names.push_back(parameter.name);
  return names;
}

std::string percent(double error) { return core::format("{}%", report::number(100 * error)); }

std::string pair_words(const InversionRow& row) {
  return core::format("{} ({} against {})", row.name, percent(row.classical), percent(row.network));
}

}  // namespace

ClassicalInversion read_inversion(const std::filesystem::path& folder,
                                  const pinn::ProblemDescription& about) {
  const auto file = folder / "summary.json";
  const json section = child(child(read_json(file), "verbs"), "invert");
  const json found = child(child(section, "metrics"), "assimilation");
  if (!found.is_object()) refuse(file, "has no verbs.invert.metrics.assimilation");
  ClassicalInversion c;
  c.folder = folder;
  for (const auto& name : parameter_names(about))
    if (const double value = number_at(child(found, name), "value"); std::isfinite(value))
      c.numbers[name] = value;
  if (c.numbers.empty())
    refuse(file, core::format("found none of the problem's unknown numbers ({})",
                              core::joined(parameter_names(about))));
  const json held_out = child(found, "held_out");
  for (const auto& field : about.fields) {
    const json at = child(held_out, field.name);
    c.errors[field.name] = number_at(at, "rel_l2");
    c.mean_free_errors[field.name] = number_at(at, "rel_l2_mean_free");
  }
  c.wall_s = number_at(found, "time_to_solution_s");
  const json backend = child(section, "backend");
  c.core_s = c.wall_s * number_at(backend, "ranks") * number_at(backend, "threads");
  if (const json end = child(found, "end"); end.is_string()) c.end = end.get<std::string>();
  return c;
}

std::vector<InversionRow> inversion_rows(const ClassicalInversion& classical,
                                         const PinnResult& result) {
  std::vector<InversionRow> rows;
  for (auto parameter : result.parameters) {
    InversionRow row{parameter.info.name, relative_error(parameter), std::nan("")};
    if (std::isnan(row.network)) continue;
    if (const auto found = classical.numbers.find(row.name); found != classical.numbers.end()) {
      parameter.value = found->second;
      row.classical = relative_error(parameter);
    }
    rows.push_back(row);
  }
  const auto& about = result.about;
  for (std::size_t f = 0; f < about.fields.size() && f < result.errors.size(); ++f) {
    const std::string& name = about.fields[f].name;
    const bool mean_free = std::ranges::count(about.mean_free, name) > 0;
    const auto& errors = mean_free ? classical.mean_free_errors : classical.errors;
    const auto found = errors.find(name);
    rows.push_back({name, result.errors[f], found == errors.end() ? std::nan("") : found->second});
  }
  return rows;
}

std::string inversion_words(const ClassicalInversion& classical,
                            const std::vector<InversionRow>& rows, double train_s,
                            double train_core_s) {
  std::vector<std::string> closer, farther, missing;
  for (const auto& row : rows) {
    if (std::isnan(row.classical) || std::isnan(row.network))
      missing.push_back(row.name);
    else
      (row.classical < row.network ? closer : farther).push_back(pair_words(row));
  }
  std::string text = core::format(
      "Beside the network stands the classical inversion in {} (four-dimensional variational assimilation).",
      classical.folder.string());
  if (!closer.empty()) text += " The inversion is closer in " + core::joined(closer) + ".";
  if (!farther.empty()) text += " The network is closer in " + core::joined(farther) + ".";
  if (!missing.empty()) text += " Not compared: " + core::joined(missing) + ".";
  text += core::format(" The inversion took {}", report::duration(classical.wall_s));
  if (std::isfinite(classical.core_s))
    text += core::format(" ({})", report::core_time(classical.core_s));
  return text + core::format(", training {} ({}).", report::duration(train_s),
                             report::core_time(train_core_s));
}

}  // namespace understudy::apps
