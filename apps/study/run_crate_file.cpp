// The crate of an output folder: what lies there now, who wrote it, and the file itself.
#include "apps/study/card_text.hpp"
#include "apps/study/croissant.hpp"
#include "apps/study/earlier_crate.hpp"
#include "apps/study/results.hpp"
#include "apps/study/run_crate.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

using ByReference = std::map<std::string, std::string>;

// Who wrote what is there: this verb what changed, earlier ones what their crate says.
ByReference writers_now(const Job& job, const FolderListing& files) {
  const ByReference& before = job.earlier->writers;
  ByReference writers;
  for (const auto& [path, stamp] : files) {
    const std::string id = path_reference(path);
    const auto was = job.found->find(path);
    if (was == job.found->end() || was->second != stamp) {
      writers[id] = job.verb;
      continue;
    }
    auto earlier = before.find(id);
    if (earlier == before.end()) earlier = before.find(path_reference(folder_of(path)));
    if (earlier != before.end())
      writers[id] = earlier->second;
    else if (job.resume)
      writers[id] = job.verb;
  }
  return writers;
}

// Of what the datasets' cards have, and is not newer than they.
void add_sums_of_card(const fs::path& folder, const std::string& card, const FolderListing& files,
                      ByReference& sums) {
  for (const auto& file : files_of_card(json_of_file(folder / card))) {
    const auto found = files.find(folder_of(card) + file.path);
    if (found != files.end() && found->second.bytes == file.bytes &&
        found->second.written < files.at(card).written)
      sums[path_reference(found->first)] = file.sha256;
  }
}

// Of small files, and of larger ones where a card or the earlier crate has it; none of files that the crate does not
// tell one by one.
ByReference sums_of(const Job& job, const FolderListing& files) {
  ByReference sums;
  const auto as_one = folders_told_as_one(files);
  for (const auto& [path, stamp] : files)
    if (fs::path(path).filename() == "croissant.json") add_sums_of_card(job.out, path, files, sums);
  for (const auto& [path, stamp] : files) {
    const std::string id = path_reference(path);
    if (path == crate_name || as_one.contains(folder_of(path)) || sums.contains(id)) continue;
    const auto was = job.found->find(path);
    const auto known = job.earlier->sums.find(id);
    if (known != job.earlier->sums.end() && was != job.found->end() && was->second == stamp) {
      sums[id] = known->second;
      continue;
    }
    if (stamp.bytes > largest_summed_file) continue;
    try {
      sums[id] = core::sha256_of_file(job.out / path);
    } catch (const core::UserError&) {
      // A file that cannot be read has no sum, and is no reason to end a verb that is done.
    }
  }
  return sums;
}

// What another program, or a person, wrote under the name is kept.
void make_room_for_crate(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none) || is_own_crate(json_of_file(path))) return;
  core::log::warn("{} is not a crate of this program: it is kept as {}", path.string(),
                  core::set_aside(path).filename().string());
}

void write_crate_file(const Job& job, const PublicationParams& publication) {
  const fs::path path = job.out / crate_name;
  make_room_for_crate(path);
  CrateInput input{.name = job.name(),
                   .publication = publication,
                   .sections = read_sections(job.out),
                   .files = list_folder(job.out),
                   .sums = {},
                   .writers = {}};
  input.sums = sums_of(job, input.files);
  input.writers = writers_now(job, input.files);
  core::write_file(path, file_text(run_crate(input)));
  std::error_code none;
  fs::remove(job.out / earlier_crate_name, none);
}

// Of this program's.
void remove_crates(const fs::path& folder) {
  std::error_code none;
  fs::remove(folder / earlier_crate_name, none);
  if (is_own_crate(json_of_file(folder / crate_name))) fs::remove(folder / crate_name, none);
}

}  // namespace

void write_run_crate(const Job& job, const PublicationParams& publication) {
  job.comm.on_root<core::UserError>([&] {
    if (!publication.ro_crate) return remove_crates(job.out);
    try {
      write_crate_file(job, publication);
    } catch (const core::UserError& error) {
      core::log::warn("the results are complete, but have no {}: {}", crate_name, error.what());
    }
  });
}

}  // namespace understudy::apps
