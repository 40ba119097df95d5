#include "apps/export_model.hpp"

#include <filesystem>

#include "apps/study/model_folder.hpp"
#include "core/atomic_file.hpp"
#include "core/comm.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/portable/export.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;

void require_free(const fs::path& file, bool overwrite) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    throw core::UserError(
        core::format("{} is a folder; give the file to be written", file.string()));
  if (!overwrite && fs::exists(file, ignored))
    throw core::UserError(
        core::format("{} is there already; --overwrite replaces it", file.string()));
}

// What is written must be neither each other nor a part of the model.
void require_apart(const fs::path& folder, const ExportOptions& options) {
  const auto plain = [](const std::string& file) { return fs::absolute(file).lexically_normal(); };
  if (!options.samples.empty() && plain(options.samples) == plain(options.out))
    throw core::UserError(core::format("--out and --samples both name {}", options.out));
  std::error_code none;
  for (const std::string& file : {options.out, options.samples})
    for (const char* own : {"card.yaml", "weights.safetensors", "trust.safetensors"})
      if (!file.empty() && fs::equivalent(file, folder / own, none))
        throw core::UserError(
            core::format("{} belongs to the model itself; give another file", file));
}

void require_model(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw core::UserError(core::format(
        "no model in {}: there is no such folder; give a model folder, such as out/cylinder_wake/model",
        folder.string()));
  if (fs::exists(folder / "card.yaml", ignored) &&
      !fs::exists(folder / "weights.safetensors", ignored)) {
    const surrogates::ModelCard card = read_card(folder);
    if (surrogates::is_imported(card.network))
      throw core::UserError(core::format(
          "the model '{}' was imported ({} of engine {}): it is a program already, and lies in the model folder",
          card.name, surrogates::weights_path(folder, card).filename().string(),
          card.imported.engine));
  }
  for (const char* name : {"card.yaml", "weights.safetensors"})
    if (!fs::exists(folder / name, ignored))
      throw core::UserError(core::format(
          "no model in {} ({} is missing); `understudy train` makes one", folder.string(), name));
}

// Fields are read as a run reads them, hashes and all.
surrogates::ExportResult exported(const fs::path& folder,
                                  const surrogates::ExportRequest& request) {
  if (surrogates::is_point_model(folder)) return surrogates::export_points(folder, request);
  const surrogates::FieldModel model = read_model(folder);
  if (const int members = member_count(folder); members > 1)
    core::log::warn("{} holds {} networks; the first is exported", folder.string(), members);
  return surrogates::export_fields(model, request);
}

}  // namespace

void export_model(const ExportOptions& options) {
  core::Comm::world().on_root<core::UserError>([&] {
    const fs::path folder = options.model;
    require_model(folder);
    require_apart(folder, options);
    require_free(options.out, options.overwrite);
    if (!options.samples.empty()) require_free(options.samples, options.overwrite);
    const surrogates::ExportRequest request{.format = options.format,
                                            .file = options.out,
                                            .samples = options.samples,
                                            .card = core::read_file(folder / "card.yaml")};
    const surrogates::ExportResult result = exported(folder, request);
    if (result.difference < 0) {
      core::log::info("weights and card of {} in {}", folder.string(), options.out);
      return;
    }
    core::log::info("{}: {} -> {}", options.out, result.inputs, result.outputs);
    core::log::info(
        "largest difference from the program's prediction of random states: {:.2g} of the largest value{}",
        result.difference,
        options.format == "onnx" ? " (of the same operations as TorchScript)" : "");
  });
}

}  // namespace understudy::apps
