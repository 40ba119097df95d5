// Log and progress. Rank 0 speaks; other ranks are silent below `error`. A terminal gets a progress
// line that rewrites itself; a file gets plain lines at a slower pace.
#pragma once

#include <chrono>
#include <format>
#include <string>

namespace understudy::core::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);
void set_rank(int rank);
void write(Level level, const std::string& message);

template <class... Args>
void debug(std::format_string<Args...> text, Args&&... args) {
  write(Level::debug, std::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::format_string<Args...> text, Args&&... args) {
  write(Level::info, std::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(std::format_string<Args...> text, Args&&... args) {
  write(Level::warn, std::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::format_string<Args...> text, Args&&... args) {
  write(Level::error, std::format(text, std::forward<Args>(args)...));
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
