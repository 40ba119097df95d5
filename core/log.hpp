// Log and progress. Rank 0 speaks; other ranks are silent below `error`. A terminal gets a progress
// line that rewrites itself; a file gets plain lines at a slower pace.
#pragma once

#include <chrono>
#include <string>

#include "core/format.hpp"

namespace understudy::core::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);
void set_rank(int rank);
void write(Level level, const std::string& message);

template <class... Args>
void debug(Format<Args...> text, const Args&... args) {
  write(Level::debug, core::format(text, args...));
}
template <class... Args>
void info(Format<Args...> text, const Args&... args) {
  write(Level::info, core::format(text, args...));
}
template <class... Args>
void warn(Format<Args...> text, const Args&... args) {
  write(Level::warn, core::format(text, args...));
}
template <class... Args>
void error(Format<Args...> text, const Args&... args) {
  write(Level::error, core::format(text, args...));
}

}  // namespace understudy::core::log

namespace understudy::core {

/// Progress of a piece of work of known size: fraction, rate, time left.
///   Progress progress("simulate", windows, "windows");
///   progress.update(done, "t = 3.2 s  11.3 Mcells/s");
class Progress {
 public:
  Progress(std::string title, double total, std::string unit);
  ~Progress();
  void update(double done, const std::string& note = "");

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_, unit_;
  double total_ = 1, done_ = 0;
  Clock::time_point start_, last_;
  bool terminal_ = false, silent_ = false, open_ = false;
};

}  // namespace understudy::core
