// Room for an imported model: a folder that may hold another one, which stays whole until the new one has been tried.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace understudy::apps {

/// What `folder` holds of a model, whatever wrote it; without `own`, the file to import, which may lie there itself.
std::vector<std::string> model_files(const std::filesystem::path& folder,
                                     const std::filesystem::path& own);

/// UserError naming the files, where there are some.
void require_free(const std::filesystem::path& folder, const std::vector<std::string>& files);

/// Removes those of the model before that are not among `kept`. UserError where one cannot be removed.
void remove_others(const std::filesystem::path& folder, const std::vector<std::string>& files,
                   const std::vector<std::string>& kept);

}  // namespace understudy::apps
