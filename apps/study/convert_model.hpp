// `understudy import --convert`: model folders and checkpoints of earlier versions, whose files of weights
// were programs (TorchScript), into files of numbers.
#pragma once

#include <filesystem>

namespace understudy::apps {

/// RUNS each old file: who calls this was told so. `path`: a model folder (weights.pt, trust.pt, those of its
/// members member_N/) or one such file. New files lie beside the old ones, which stay; hashes and names in
/// card.yaml and README.md follow. UserError where there is nothing to convert. Rank 0 only.
void convert_model(const std::filesystem::path& path);

}  // namespace understudy::apps
