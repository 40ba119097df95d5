// What of the log is said, for a while.
#pragma once

#include "core/log.hpp"

namespace understudy::core::log {

/// The least level that is said.
Level level();

/// Nothing below `least` is said while one lives, nor any progress where `least` is above `info`.
class AtLeast {
 public:
  explicit AtLeast(Level least) : before_(level()) {
    if (least > before_) set_level(least);
  }
  ~AtLeast() { set_level(before_); }
  AtLeast(const AtLeast&) = delete;
  AtLeast& operator=(const AtLeast&) = delete;

 private:
  Level before_;
};

}  // namespace understudy::core::log
