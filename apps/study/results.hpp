// What lies in an output folder, and what a verb may replace of it. The rule, for every verb of every app:
//   - a verb writes its own files and its own section of summary.json; those of other verbs stay
//   - made anew, it replaces what it made of the same deck before
//   - a result of the same name that another deck or another verb made is renamed <name>.before_1.<ext>
//     first, and that is said; those of a deck's contenders with the deck's own
// With --resume it goes on with what this deck left (restart.hpp), and keeps the values that it has no work
// to do for (Summary::keep_earlier).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/study/job.hpp"

namespace understudy::apps {

/// The sections of <folder>/summary.json by their verbs; empty where there is none. A file of an earlier
/// version is the section of its one verb. One that cannot be read is renamed, and that is said. Rank 0 only.
nlohmann::json read_sections(const std::filesystem::path& folder);

/// Renames the results that the job's verb would write over and that are not its own. Rank 0 only.
void make_room(const Job& job);

}  // namespace understudy::apps
