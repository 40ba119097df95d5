#include "apps/pinn/pinn_history.hpp"

#include <algorithm>
#include <cmath>

#include "apps/study/csv_series.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using pinn::HistoryLine;
using pinn::ProblemDescription;
using Cells = std::vector<std::string>;

Cells heading(const ProblemDescription& about) {
  Cells names{"step", "window", "phase", "wall_s", "learning_rate", "loss"};
  for (const auto& term : about.terms) names.push_back("loss:" + term);
  for (const auto& term : about.terms) names.push_back("weight:" + term);
  for (const auto& field : about.fields) names.push_back("error:" + field.name);
  for (const auto& parameter : about.parameters) names.push_back("parameter:" + parameter.name);
  return names;
}

// `count` cells; those without a value stay empty.
void append(Cells& cells, const std::vector<double>& values, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n)
    cells.push_back(n < values.size() && !std::isnan(values[n]) ? core::format("{}", values[n])
                                                                : "");
}

Cells row(const HistoryLine& line, const ProblemDescription& about) {
  Cells cells{core::format("{}", line.step),
              core::format("{}", line.window),
              line.phase,
              core::format("{}", line.wall_s),
              core::format("{}", line.learning_rate),
              core::format("{}", line.loss)};
  append(cells, line.losses, about.terms.size());
  append(cells, line.weights, about.terms.size());
  append(cells, line.errors, about.fields.size());
  append(cells, line.parameters, about.parameters.size());
  return cells;
}

// Cells by heading().
HistoryLine parse(const Cells& cell, const ProblemDescription& about) {
  HistoryLine line;
  line.step = (long long)(csv_number(cell[0]));
  line.window = int(csv_number(cell[1]));
  line.phase = cell[2];
  line.wall_s = csv_number(cell[3]);
  line.learning_rate = csv_number(cell[4]);
  line.loss = csv_number(cell[5]);
  std::size_t at = 6;
  const auto take = [&](std::size_t count) {
    std::vector<double> values;
    bool any = false;
    for (std::size_t n = 0; n < count; ++n, ++at) {
      values.push_back(csv_number(cell[at]));
      any |= !cell[at].empty();
    }
    return any ? values : std::vector<double>{};
  };
  line.losses = take(about.terms.size());
  line.weights = take(about.terms.size());
  line.errors = take(about.fields.size());
  line.parameters = take(about.parameters.size());
  return line;
}

// Of another problem are columns that are missing, and those of terms, fields or parameters beside ours.
bool is_of(const Cells& columns, const Cells& wanted) {
  for (const auto& name : wanted)
    if (std::ranges::find(columns, name) == columns.end()) return false;
  for (const auto& name : columns)
    if (name.find(':') != std::string::npos && std::ranges::find(wanted, name) == wanted.end())
      return false;
  return true;
}

}  // namespace

PinnHistory::PinnHistory(std::filesystem::path path, ProblemDescription about, bool resumed)
    : path_(std::move(path)), about_(std::move(about)), resumed_(resumed) {}

void PinnHistory::write(const HistoryLine& line) {
  if (!file_) {
    CsvSeries::Keep keep;
    if (resumed_)
      keep = [first = line.step](const std::vector<double>& cells) {
        return cells.front() < double(first);
      };
    file_.emplace(path_, keep, Cells{"phase"});
  }
  file_->write(heading(about_), row(line, about_));
}

void complete_history(const std::filesystem::path& path, const ProblemDescription& about,
                      const std::vector<HistoryLine>& lines) {
  if (lines.empty() || read_history(path, about).size() >= lines.size()) return;
  // Columns that are not ours and damaged rows are kept as in every resumed series.
  CsvSeries file(path, [](const std::vector<double>&) { return false; }, Cells{"phase"});
  for (const auto& line : lines) file.write(heading(about), row(line, about));
}

std::vector<HistoryLine> read_history(const std::filesystem::path& path,
                                      const ProblemDescription& about) {
  std::vector<HistoryLine> lines;
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return lines;
  const CsvText text = read_csv_text(path, {"phase"});
  const Cells wanted = heading(about);
  if (!is_of(text.columns, wanted)) return lines;
  for (const auto& cells : text.rows) {
    Cells ours;
    for (const auto& name : wanted)
      ours.push_back(
          cells[std::size_t(std::ranges::find(text.columns, name) - text.columns.begin())]);
    lines.push_back(parse(ours, about));
  }
  return lines;
}

}  // namespace understudy::apps
