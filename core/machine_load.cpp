#include "core/machine_load.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <string>

#include "core/format.hpp"

namespace understudy::core {

namespace {

// Of the processors that say it, in kHz; 0 where none does.
double cpufreq_mhz(int processors) {
  double sum = 0;
  int count = 0;
  for (int n = 0; n < processors; ++n) {
    std::ifstream file(format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_cur_freq", n));
    double khz = 0;
    if (!(file >> khz) || khz <= 0) continue;
    sum += 1e-3 * khz;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

double cpuinfo_mhz() {
  std::ifstream file("/proc/cpuinfo");
  double sum = 0;
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("cpu MHz")) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const double mhz = std::strtod(line.c_str() + colon + 1, nullptr);
    if (mhz <= 0) continue;
    sum += mhz;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

MachineLoad machine_load() {
  MachineLoad now;
  now.processors = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  double average = 0;
  now.load = getloadavg(&average, 1) == 1 ? Maybe<double>::of(average)
                                          : Maybe<double>::none("the system does not say it");
  double mhz = cpufreq_mhz(now.processors);
  if (mhz <= 0) mhz = cpuinfo_mhz();
  now.clock_mhz =
      mhz > 0 ? Maybe<double>::of(mhz) : Maybe<double>::none("the system does not say it");
  return now;
}

std::string load_text(const MachineLoad& before, const MachineLoad& after) {
  std::string text =
      before.load.known && after.load.known
          ? format("load {:.1f} before and {:.1f} after", before.load.value, after.load.value)
          : std::string("load not known");
  text += format(" on {} processors", before.processors);
  if (!before.clock_mhz.known || !after.clock_mhz.known) return text + ", clock not known";
  return text + (std::abs(after.clock_mhz.value / before.clock_mhz.value - 1) < 0.02
                     ? format(", clock {:.0f} MHz", before.clock_mhz.value)
                     : format(", clock {:.0f} and {:.0f} MHz", before.clock_mhz.value,
                              after.clock_mhz.value));
}

}  // namespace understudy::core
