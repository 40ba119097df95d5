#include "apps/pinn/pinn_history.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using pinn::HistoryLine;
using pinn::ProblemDescription;

std::string heading(const ProblemDescription& about) {
  std::string text = "step,window,phase,wall_s,learning_rate,loss";
  for (const auto& term : about.terms) text += ",loss:" + term;
  for (const auto& term : about.terms) text += ",weight:" + term;
  for (const auto& field : about.fields) text += ",error:" + field.name;
  for (const auto& parameter : about.parameters) text += ",parameter:" + parameter.name;
  return text;
}

// `count` cells; those without a value stay empty.
std::string cells(const std::vector<double>& values, std::size_t count) {
  std::string text;
  for (std::size_t n = 0; n < count; ++n)
    text += n < values.size() && !std::isnan(values[n]) ? core::format(",{}", values[n]) : ",";
  return text;
}

std::string row(const HistoryLine& line, const ProblemDescription& about) {
  return core::format("{},{},{},{},{},{}", line.step, line.window, line.phase, line.wall_s,
                      line.learning_rate, line.loss) +
         cells(line.losses, about.terms.size()) + cells(line.weights, about.terms.size()) +
         cells(line.errors, about.fields.size()) + cells(line.parameters, about.parameters.size()) +
         "\n";
}

double number(const std::string& cell) {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> all(1);
  for (const char c : text)
    if (c == ',')
      all.emplace_back();
    else
      all.back() += c;
  return all;
}

HistoryLine parse(const std::vector<std::string>& cell, const ProblemDescription& about) {
  HistoryLine line;
  line.step = (long long)(number(cell[0]));
  line.window = int(number(cell[1]));
  line.phase = cell[2];
  line.wall_s = number(cell[3]);
  line.learning_rate = number(cell[4]);
  line.loss = number(cell[5]);
  std::size_t at = 6;
  const auto take = [&](std::size_t count) {
    std::vector<double> values;
    bool any = false;
    for (std::size_t n = 0; n < count; ++n, ++at) {
      values.push_back(number(cell[at]));
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

}  // namespace

PinnHistory::PinnHistory(std::filesystem::path path, ProblemDescription about, bool resumed)
    : path_(std::move(path)), about_(std::move(about)), resumed_(resumed) {}

void PinnHistory::open(long long first_step) {
  opened_ = true;
  std::string text = heading(about_) + "\n";
  if (resumed_)
    for (const auto& line : read_history(path_, about_))
      if (line.step < first_step) text += row(line, about_);
  core::write_file(path_, text);
  file_.open(path_, std::ios::app);
}

void PinnHistory::write(const HistoryLine& line) {
  if (!opened_) open(line.step);
  errno = 0;
  file_ << row(line, about_) << std::flush;
  if (!file_)
    throw core::UserError(core::format("cannot write {}: {}", path_.string(),
                                       errno ? std::strerror(errno) : "the file is not writable"));
}

std::vector<HistoryLine> read_history(const std::filesystem::path& path,
                                      const ProblemDescription& about) {
  std::vector<HistoryLine> lines;
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return lines;
  std::istringstream file(core::read_file(path));
  std::string text;
  const std::string head = heading(about);
  if (!std::getline(file, text) || text != head) return lines;
  const std::size_t columns = split(head).size();
  while (std::getline(file, text) && !file.eof()) {  // a last line without its end was cut off
    const auto cell = split(text);
    if (cell.size() != columns) break;
    lines.push_back(parse(cell, about));
  }
  return lines;
}

}  // namespace understudy::apps
