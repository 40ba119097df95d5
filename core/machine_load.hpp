// How busy the machine is and how fast its processors run at the moment, for reports of wall times.
#pragma once

#include <string>

#include "core/maybe.hpp"

namespace understudy::core {

struct MachineLoad {
  Maybe<double> load;  ///< runnable processes and threads, mean over the last minute (getloadavg)
  int processors = 0;  ///< that this machine has on line
  Maybe<double> clock_mhz;  ///< mean over the processors; Linux: cpufreq, else /proc/cpuinfo
};

/// Of the machine that this rank is on.
MachineLoad machine_load();

/// "load 1.8 before and 2.1 after on 16 processors, clock 2600 MHz".
std::string load_text(const MachineLoad& before, const MachineLoad& after);

}  // namespace understudy::core
