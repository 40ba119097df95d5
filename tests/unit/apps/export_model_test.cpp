// `understudy export`: from a model folder to a file, and what is said of what cannot be one.
#include <gtest/gtest.h>

#include <filesystem>

#include "apps/export_model.hpp"
#include "apps/study/model_folder.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {
namespace {

namespace fs = std::filesystem;

surrogates::FieldModel model() {
  surrogates::FieldModel m;
  auto& card = m.card;
  card.card_version = surrogates::ModelCard::newest;
  card.name = "wake";
  card.network.width = 4;
  card.network.levels = 1;
  card.fields = {{"u", "m/s", "face_x", 0, 1, 0.5, 0.1, -1, 2}};
  card.parameters = {{"flow.reynolds", "1", 110, 30, 80, 140}};
  card.window_s = 0.5;
  card.grid.cells = {8, 6};
  card.boundaries = {"inflow", "open", "wall", "wall"};
  m.network = std::make_shared<surrogates::Network>(card.network, card.shape(), 1);
  return m;
}

struct Folder {
  tests::Scratch work{core::Comm::self()};
  fs::path folder = work / "model", file = work / "file";

  Folder() {
    auto made = model();
    write_model(folder, made);
  }
  std::string error(const ExportOptions& options) const {
    try {
      export_model(options);
    } catch (const core::UserError& e) {
      return e.what();
    }
    return "no error";
  }
  void expect_refused(const ExportOptions& options, const std::string& words) const {
    const std::string text = error(options);
    EXPECT_NE(text.find(words), std::string::npos) << "wanted: " << words << "\ngot: " << text;
  }
};

TEST(ExportModel, WritesEveryFormat) {
  const Folder f;
  for (const char* format : {"torchscript", "onnx", "safetensors"}) {
    const fs::path file = f.work / format;
    export_model(
        {.model = f.folder, .format = format, .out = file, .samples = "", .overwrite = false});
    EXPECT_GT(fs::file_size(file), 1000u) << format;
  }
  const std::string all = core::read_file(f.work / "safetensors");
  EXPECT_NE(all.find("flow.reynolds"), std::string::npos) << "the card is in it";
}

TEST(ExportModel, DoesNotReplaceFilesUnasked) {
  const Folder f;
  ExportOptions options{
      .model = f.folder, .format = "onnx", .out = f.file, .samples = "", .overwrite = false};
  core::write_file(f.file, "mine");
  f.expect_refused(options, "is there already; --overwrite replaces it");
  EXPECT_EQ(core::read_file(f.file), "mine");
  options.overwrite = true;
  EXPECT_EQ(f.error(options), "no error");
  EXPECT_NE(core::read_file(f.file), "mine");
  options.samples = f.folder / "README.md";
  options.overwrite = false;
  options.out = f.work / "other";
  f.expect_refused(options, "README.md is there already");
  options.samples = options.out;
  f.expect_refused(options, "--out and --samples both name");
  options.samples = f.folder / "card.yaml";
  options.overwrite = true;
  f.expect_refused(options, "belongs to the model itself; give another file");
  options.samples.clear();
  options.out = f.folder;
  f.expect_refused(options, "is a folder; give the file to be written");
}

TEST(ExportModel, SaysWhatIsNoModel) {
  const Folder f;
  ExportOptions options{.model = f.work / "nothing",
                        .format = "onnx",
                        .out = f.file,
                        .samples = "",
                        .overwrite = false};
  f.expect_refused(options, "there is no such folder; give a model folder");
  options.model = f.work.path();
  f.expect_refused(options, "(card.yaml is missing); `understudy train` makes one");
  options.model = f.folder;
  const fs::path weights = f.folder / "weights.safetensors";
  std::string bytes = core::read_file(weights);
  bytes[bytes.size() - 3] ^= 0x20;
  core::write_file(weights, bytes);
  f.expect_refused(options, "is damaged or no such file");
  auto other = model();
  other.network = std::make_shared<surrogates::Network>(other.card.network, other.card.shape(), 2);
  other.network->save_weights(weights);
  f.expect_refused(options, "the card beside it was written for weights of hash");
  fs::remove(weights);
  f.expect_refused(options, "(weights.safetensors is missing)");
  EXPECT_FALSE(fs::exists(f.file));
}

}  // namespace
}  // namespace understudy::apps
