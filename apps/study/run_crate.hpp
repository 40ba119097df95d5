// ro-crate-metadata.json: what lies in an output folder and how it came to be, as an RO-Crate (1.1, Sefton et al.
// 2023) of the profile Process Run Crate (0.5, Leo et al. 2024): a Dataset of files and folders, a CreateAction a verb
// with the program as its instrument, the resolved deck and what earlier verbs had left as its objects, and the files
// that it wrote as its results. It is made from summary.json and the folder alone.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "apps/study/folder_listing.hpp"
#include "apps/study/job.hpp"
#include "apps/study/publication.hpp"

namespace understudy::apps {

/// What a crate is made from. Files go by their references: path_reference() of their path below the folder.
struct CrateInput {
  std::string name;  ///< of the deck, for a folder without a title
  PublicationParams publication;
  nlohmann::json sections;                  ///< of summary.json, by their verbs (read_sections)
  FolderListing files;                      ///< of the folder, now
  std::map<std::string, std::string> sums;  ///< reference: SHA-256 of some of the files
  std::map<std::string, std::string>
      writers;  ///< reference: the verb that wrote it, where that is known
};

inline constexpr const char* crate_name = "ro-crate-metadata.json";
/// A folder that has more files is one entity of a crate, and its files are none.
inline constexpr std::size_t most_files_of_a_folder = 1000;
/// Larger files have no SHA-256 there, unless a dataset's card has it.
inline constexpr std::uintmax_t largest_summed_file = 1 << 20;

/// The crate's JSON. Reads no file.
nlohmann::json run_crate(const CrateInput& input);

/// Which verb wrote a file, or a folder of too many, as a crate has it: reference: verb. Empty of what is no crate.
std::map<std::string, std::string> writers_of(const nlohmann::json& crate);

/// JSON of a file; null where it is not there or cannot be read, discarded where it is no JSON. Throws nothing.
nlohmann::json json_of_file(const std::filesystem::path& path);

/// Is it a crate that this program wrote?
bool is_own_crate(const nlohmann::json& crate);

/// The folders of more than most_files_of_a_folder files, as "fields/".
std::set<std::string> folders_told_as_one(const FolderListing& files);

/// Writes <out>/ro-crate-metadata.json from rank 0, unless publication.ro_crate is false: then one of this program that
/// is there is removed. After summary.json. A file that changed since open_output() is this verb's; with --resume all
/// that no other verb of the folder wrote. A crate that is not this program's is renamed ro-crate-metadata.before_1.json
/// first, and that is said. The verb is done by then: where the crate cannot be written, that is a warning. Collective.
void write_run_crate(const Job& job, const PublicationParams& publication);

}  // namespace understudy::apps
