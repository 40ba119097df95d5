#include "apps/study/job.hpp"

#include <cmath>

#include "apps/study/results.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"
#include "surrogates/network/old_archive.hpp"

namespace understudy::apps {

std::string setting(const std::string& key, double value) {
  // Whole numbers without an exponent, which keys that count do not take.
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return core::format("{}={}", key, static_cast<long long>(value));
  return core::format("{}={}", key, value);
}

void open_output(const Job& job) {
  const bool first = !*job.opened;
  *job.opened = true;
  job.comm.on_root<core::UserError>([&] {
    core::make_folder(job.out, "output folder");
    if (const int swept = core::sweep_parts(job.out); swept > 0)
      core::log::info("{}: {} unfinished file{} of a run that was killed removed", job.out.string(),
                      swept, swept == 1 ? "" : "s");
    make_room(job);
    if (!first) return;
    *job.found = list_folder(job.out);
    *job.earlier = take_earlier_crate(job.out, *job.found);
  });
}

bool resumes_from(const Job& job, const std::filesystem::path& checkpoint) {
  if (!job.resume) return false;
  std::error_code ignored;
  job.comm.on_root<core::UserError>([&] {
    if (std::filesystem::exists(checkpoint, ignored)) return;
    const std::string old = surrogates::said_of_old_archive(checkpoint);
    if (!old.empty())
      throw core::UserError(core::format("no checkpoint {}{}", checkpoint.string(), old));
  });
  int there = job.comm.is_root() && std::filesystem::exists(checkpoint, ignored) ? 1 : 0;
  job.comm.broadcast(&there, sizeof there);
  if (there == 0 && job.comm.is_root())
    core::log::info("no checkpoint {}: starting from the beginning", checkpoint.string());
  return there != 0;
}

}  // namespace understudy::apps
