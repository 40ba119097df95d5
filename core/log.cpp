#include "core/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/format.hpp"
#include "core/log_level.hpp"

namespace understudy::core::log {

namespace {

int this_rank = 0;
Level least = Level::info;
bool line_open = false;  // a progress line stands unfinished on the terminal

spdlog::logger& logger() {
  static const auto instance = [] {
    auto log = spdlog::stderr_color_mt("understudy");
    log->set_pattern("%^%L%$ %v");
    return log;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void set_level(Level level) {
  least = level;
  logger().set_level(to_spdlog(level));
}
Level level() { return least; }
void set_rank(int rank) { this_rank = rank; }

void write(Level level, const std::string& message) {
  if (this_rank != 0 && level != Level::error) return;
  if (line_open) {
    std::fputc('\n', stderr);
    line_open = false;
  }
  logger().log(to_spdlog(level), message);
}

}  // namespace understudy::core::log

namespace understudy::core {

namespace {

std::string clock_text(double seconds) {
  const long long s = static_cast<long long>(seconds + 0.5);
  if (s >= 3600) return core::format("{}h{:02}m", s / 3600, s / 60 % 60);
  if (s >= 60) return core::format("{}m{:02}s", s / 60, s % 60);
  return core::format("{}s", s);
}

constexpr double terminal_period_s = 0.2, file_period_s = 15;

}  // namespace

Progress::Progress(std::string title, double total, std::string unit)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(std::max(total, 1e-300)),
      start_(Clock::now()),
      last_(start_),
      terminal_(isatty(STDERR_FILENO)),
      silent_(title_.empty() || log::this_rank != 0 ||
              !log::logger().should_log(spdlog::level::info)) {}

Progress::~Progress() {
  if (open_ && log::line_open) {
    std::fputc('\n', stderr);
    log::line_open = false;
  }
}

void Progress::update(double done, const std::string& note) {
  done_ = done;
  if (silent_) return;
  const auto now = Clock::now();
  const double since = std::chrono::duration<double>(now - last_).count();
  const bool last = done >= total_;
  if (!last && since < (terminal_ ? terminal_period_s : file_period_s)) return;
  last_ = now;

  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0 ? done / elapsed : 0;
  const std::string left = rate > 0 && !last ? clock_text((total_ - done) / rate) + " left"
                                             : clock_text(elapsed) + " in all";
  // A share of the whole is said once.
  const std::string count = unit_ == "%" ? ""
                                         : core::format("{:.6g}/{:.6g} {}  {:.3g} {}/s  ", done,
                                                        total_, unit_, rate, unit_);
  const std::string line =
      core::format("{} {:3.0f}%  {}{}{}{}", title_, 100 * std::min(done / total_, 1.0), count, left,
                   note.empty() ? "" : "  ", note);
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    log::line_open = open_ = true;
  } else {
    log::write(log::Level::info, line);
  }
}

}  // namespace understudy::core
