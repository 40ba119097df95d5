// Files of earlier versions are programs: nothing loads them but the converter, and a model that was imported
// elsewhere runs only once its user has accepted it.
#include "surrogates/network/old_archive.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/serialize/archive.h>

#include <filesystem>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "support/scratch.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/trusted_programs.hpp"
#include "surrogates/points/torch_point_model.hpp"

namespace understudy::surrogates {

namespace {

namespace fs = std::filesystem;

template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

// As earlier versions wrote it; the checksum is that version's, of these two entries.
void write_as_earlier(const fs::path& path, const std::string& checksum) {
  torch::serialize::OutputArchive archive;
  archive.write("tensor:w", at::tensor({1.0f, 2.5f}));
  archive.write("text:kind", c10::IValue("mlp"));
  archive.write("tensors", c10::IValue("w\n"));
  archive.write("texts", c10::IValue("kind\n"));
  archive.write("checksum", c10::IValue(checksum));
  archive.save_to(path.string());
}

}  // namespace

TEST(OldArchive, IsNotLoadedAndSaysHowItIsConverted) {
  const tests::Scratch work(core::Comm::self());
  core::write_file(work / "weights.pt", "whatever it is");
  const auto text = message_of([&] { read_archive(work / "weights.safetensors", "weights"); });
  for (const char* words :
       {"no such file", "weights.pt", "a program", "understudy import --convert"})
    EXPECT_NE(text.find(words), std::string::npos) << text;
  EXPECT_NE(text.find("--convert " + work.path().string() + "`"), std::string::npos) << text;
  // A checkpoint is converted by its own name.
  EXPECT_EQ(said_of_old_archive(work / "checkpoint.safetensors"), "");
  core::write_file(work / "checkpoint.pt", "x");
  EXPECT_NE(said_of_old_archive(work / "checkpoint.safetensors")
                .find("--convert " + (work / "checkpoint.pt").string()),
            std::string::npos);
  // Nor under the new name.
  write_as_earlier(work / "weights.safetensors", "");
  EXPECT_NE(message_of([&] { read_archive(work / "weights.safetensors", "weights"); }).find("ZIP"),
            std::string::npos);
}

TEST(OldArchive, IsConverted) {
  const tests::Scratch work(core::Comm::self());
  write_as_earlier(work / "weights.pt", "9c4a005c6c95fd1e");
  convert_old_archive(work / "weights.pt", work / "weights.safetensors");
  const auto content = read_archive(work / "weights.safetensors", "weights");
  EXPECT_EQ(content.texts.at("kind"), "mlp");
  EXPECT_TRUE(at::equal(content.at("w"), at::tensor({1.0f, 2.5f})));

  write_as_earlier(work / "other.pt", "0123456789abcdef");
  EXPECT_NE(message_of([&] {
              convert_old_archive(work / "other.pt", work / "o.safetensors");
            }).find("checksum does not fit"),
            std::string::npos);
  core::write_file(work / "other.pt", "text");
  EXPECT_NE(message_of([&] {
              convert_old_archive(work / "other.pt", work / "o.safetensors");
            }).find("is damaged, or no file of numbers"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(work / "o.safetensors"));
}

TEST(TrustedPrograms, AnothersImportIsRefusedUntilItIsAccepted) {
  const tests::Scratch work(core::Comm::self());
  const std::string before = getenv("UNDERSTUDY_TRUSTED_PROGRAMS");
  torch::jit::Module module("case");
  module.define("def forward(self, x):\n  return x * 2.0\n");
  module.save((work / "script.pt").string());
  PointImport from;
  from.file = work / "script.pt";
  from.card.name = "case";
  from.card.engine = "torchscript";
  from.card.inputs.push_back({"a", "1", 0, 1, -1, 1});
  from.card.outputs.push_back({"b", "1"});

  setenv("UNDERSTUDY_TRUSTED_PROGRAMS", (work / "mine").c_str(), 1);
  import_point_model(from, work / "model");
  EXPECT_NO_THROW(load_point_model(work / "model"));
  setenv("UNDERSTUDY_TRUSTED_PROGRAMS", (work / "theirs").c_str(), 1);
  const auto text = message_of([&] { load_point_model(work / "model"); });
  for (const char* words : {"model.pt is a program", "understudy import --trust", "theirs"})
    EXPECT_NE(text.find(words), std::string::npos) << text;
  trust_point_model(work / "model");
  EXPECT_NO_THROW(load_point_model(work / "model"));
  // Other bytes are another program.
  EXPECT_NE(message_of([&] { require_trusted("other", work / "model" / "model.pt"); }), "");
  // A program of another kind has words of its own, and the same list.
  const ProgramWords words{
      .kind = "a kettle", .deed = "filled", .accept = "fill it", .otherwise = ", or not"};
  const auto refused = message_of([&] { require_trusted("kettle", work / "file", words); });
  for (const char* part :
       {"file is a kettle", "have not filled it", "theirs", "`fill it`", ", or not"})
    EXPECT_NE(refused.find(part), std::string::npos) << refused;
  trust_program("kettle", work / "file");
  EXPECT_NO_THROW(require_trusted("kettle", work / "file", words));
  setenv("UNDERSTUDY_TRUSTED_PROGRAMS", before.c_str(), 1);
}

}  // namespace understudy::surrogates
