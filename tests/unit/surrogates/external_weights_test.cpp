// ONNX files whose weights lie in other files are told by their bytes.
#include "surrogates/network/external_weights.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "support/scratch.hpp"
#include "surrogates/network/torch_program.hpp"
#include "surrogates/portable/protobuf.hpp"

namespace understudy::surrogates {

namespace {

namespace fs = std::filesystem;

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

ProtobufMessage of_any_length(const std::string& name) {
  ProtobufMessage shape, tensor, type, info;
  shape.message(1, ProtobufMessage().bytes(2, "n"));
  tensor.number(1, 1).message(2, shape);
  type.message(1, tensor);
  info.bytes(1, name).message(2, type);
  return info;
}

/// y = 2 x; the 2 lies in the file itself, or in `beside`.
ProtobufMessage weight(const std::string& beside) {
  ProtobufMessage w;
  w.number(1, 1).number(2, 1).bytes(8, "w");
  if (beside.empty()) return w.bytes(9, std::string("\0\0\0\x40", 4));
  w.message(13, ProtobufMessage().bytes(1, "location").bytes(2, beside));
  return w.number(14, 1);
}

std::string model(const ProtobufMessage& w) {
  ProtobufMessage node, graph, whole;
  node.bytes(1, "x").bytes(1, "w").bytes(2, "y").bytes(4, "Mul");
  graph.message(1, node).bytes(2, "g").message(5, w);
  graph.message(11, of_any_length("x")).message(12, of_any_length("y"));
  whole.number(1, 8).message(7, graph);
  whole.message(8, ProtobufMessage().bytes(1, "").number(2, 13));
  return whole.bytes();
}

TEST(ExternalWeights, InOneFileAreTaken) {
  const std::string bytes = model(weight(""));
  EXPECT_EQ(refusal([&] { require_own_weights("a.onnx", bytes); }), "");
  for (std::size_t n = 0; n < bytes.size(); ++n)  // cut off anywhere
    EXPECT_EQ(refusal([&] { require_own_weights("a.onnx", bytes.substr(0, n)); }), "");
  if (onnx_version().empty()) return;
  EXPECT_EQ(refusal([&] { load_program("onnx", "a.onnx", bytes); }), "");
}

TEST(ExternalWeights, InAnotherFileAreRefused) {
  const std::string wanted = "a.onnx has weights in another file";
  for (const std::string place : {"w.data", "/tmp/w.data"})
    EXPECT_EQ(refusal([&] { require_own_weights("a.onnx", model(weight(place))); }).substr(0, 34),
              wanted)
        << place;
  // A constant of a graph within an attribute of a node.
  ProtobufMessage constant, inner, branch, node, graph, whole;
  constant.message(5, ProtobufMessage().message(5, weight("w.data")));
  inner.message(1, constant);
  branch.message(6, inner);
  node.message(5, branch);
  graph.message(1, node);
  whole.number(1, 8).message(7, graph);
  EXPECT_EQ(refusal([&] { require_own_weights("a.onnx", whole.bytes()); }).substr(0, 34), wanted);
}

TEST(ExternalWeights, ThatLieInTheCurrentFolderAreNotRead) {
  if (onnx_version().empty()) GTEST_SKIP() << "built without ONNX Runtime";
  const tests::Scratch folder(core::Comm::self());
  const fs::path before = fs::current_path();
  std::ofstream(folder / "w.data", std::ios::binary) << std::string("\0\0\0\x40", 4);
  fs::current_path(folder.path());
  const std::string why = refusal([] { load_program("onnx", "a.onnx", model(weight("w.data"))); });
  fs::current_path(before);
  EXPECT_NE(why.find("one file with its weights in it"), std::string::npos) << why;
}

}  // namespace

}  // namespace understudy::surrogates
