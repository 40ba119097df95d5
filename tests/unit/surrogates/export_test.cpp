// Exported models: every kind of network as a file, against the program's own prediction, and what is refused.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/import.h>

#include <functional>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/points/torch_point_model.hpp"
#include "surrogates/portable/export.hpp"
#include "surrogates/portable/protobuf.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

struct Case {
  std::string kind;
  std::vector<std::string> sides{"inflow", "open", "wall", "wall"};
  std::vector<long long> cells{20, 12};
  std::function<void(ModelCard&)> more = [](ModelCard&) {};
};

// Weights at random, but such as a training leaves: orthonormal modes, scales above zero.
void draw(Network& network) {
  auto& impl = network.impl();
  auto random = generator(3);
  const auto tensors = slices(impl.flat, impl.specs);
  for (std::size_t n = 0; n < tensors.size(); ++n) {
    const WeightSpec& spec = impl.specs[n];
    at::Tensor w = tensors[n];
    if (spec.name == "pod.modes")
      w.copy_(std::get<0>(at::linalg_qr(at::randn({spec.shape[1], spec.shape[0]}, random,
                                                  at::TensorOptions(at::kFloat))))
                  .t());
    else if (spec.name == "latent.scale" || spec.name == "spread")
      w.uniform_(0.01, 1, random);
    else if (spec.name == "pod.unit")
      w.fill_(3);
    else
      w.uniform_(-0.3, 0.3, random);
  }
}

FieldModel model_of(const Case& wanted) {
  FieldModel model;
  ModelCard& card = model.card;
  card.name = "made \"up\"";
  card.network.kind = wanted.kind;
  card.network.width = 8;
  card.network.levels = 2;
  card.network.layers = 2;
  card.network.modes = {3};
  card.network.latent_size = 3;
  card.network.latent_width = 6;
  card.fields = {{"u", "m/s", "face_x", 0, 0.7, 0.4, 0.05, -1, 2},
                 {"v", "m/s", "face_y", 0, 0.1, 0.3, 0.04, -1, 1},
                 {"p", "Pa", "cell", 0, 101325.1, 20, 2, 1e5, 1.02e5},
                 {"c", "K", "cell", 0, 3, 1, 1, 3, 3}};
  card.fields[3].constant = true;
  // The program's projection on modes rounds values before it takes the mean from them.
  if (is_latent(card.network)) card.fields[2].mean = 313;
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.parameters = {{"flow.reynolds", "1", 110, 25, 80, 140},
                     {"flow.speed", "m/s", 1, 0.1, 0.9, 1.1}};
  card.window_s = 0.5;
  card.grid.cells = wanted.cells;
  card.grid.lower_m.assign(wanted.cells.size(), 0);
  card.grid.upper_m.assign(wanted.cells.size(), 2);
  card.boundaries = wanted.sides;
  wanted.more(card);
  model.network = std::make_shared<Network>(card.network, card.shape(), 1);
  draw(*model.network);
  return model;
}

const std::vector<std::string> all_periodic(4, "periodic");

std::vector<Case> cases() {
  return {{"unet"},
          {"unet", all_periodic, {16, 24}, [](ModelCard& c) { c.network.patch = 1; }},
          {"unet",
           {"open", "open", "periodic", "periodic"},
           {18, 16},
           [](ModelCard& c) {
             c.network.norm = "group";
             c.network.activation = "gelu";
             c.network.prediction = "state";
             c.network.conserve = {"p"};
             c.fixed.clear();
           }},
          {"unet",
           {"inflow", "open", "wall", "open", "periodic", "periodic"},
           {9, 7, 8},
           [](ModelCard& c) {
             c.network.norm = "group";
             c.fields[1].location = "face_z";
           }},
          {"unet",
           std::vector<std::string>(6, "periodic"),
           {8, 4, 4},
           [](ModelCard& c) { c.network.patch = 1; }},
          {"fno"},
          {"fno", all_periodic, {16, 12}, [](ModelCard& c) { c.parameters.clear(); }},
          {"fno",
           {"periodic", "periodic", "wall", "wall", "open", "open"},
           {8, 7, 9},
           [](ModelCard& c) {
             c.network.modes = {3, 2, 2};
             c.fields[1].location = "face_z";
           }},
          {"conv_autoencoder"},
          {"conv_autoencoder",
           all_periodic,
           {16, 16},
           [](ModelCard& c) {
             c.network.latent_map = "linear";
             c.network.activation = "relu";
           }},
          {"conv_autoencoder",
           {"wall", "open", "inflow", "wall", "periodic", "periodic"},
           {9, 7, 8},
           [](ModelCard& c) { c.fields[1].location = "face_z"; }},
          {"pod"},
          {"pod",
           all_periodic,
           {16, 10},
           [](ModelCard& c) {
             c.network.latent_map = "linear";
             c.network.conserve = {"p"};
           }},
          {"pod",
           {"periodic", "periodic", "wall", "wall", "open", "open"},
           {6, 5, 4},
           [](ModelCard& c) { c.fields[1].location = "face_z"; }},
          {"pod",
           std::vector<std::string>(4, "joint"),
           {6, 6},
           [](ModelCard& c) {
             c.grid.radius_m = 6e6;
             for (auto& field : c.fields) field.location = "cell";
             c.network.conserve = {"p"};
           }},
          {"dmd", {"inflow", "open", "periodic", "periodic"}, {12, 9}}};
}

std::string said_of(const Case& c) {
  std::string text = c.kind;
  for (const auto& side : c.sides) text += " " + side;
  return text;
}

// How far from the state before the state after is, in units of the fields' usual change.
double change(const NamedTensors& samples, const ModelCard& card) {
  double least = 1e300;
  for (std::size_t c = 0; c < card.fields.size(); ++c) {
    if (card.fields[c].constant) continue;
    const auto at = static_cast<std::int64_t>(c);
    const at::Tensor moved =
        samples.at("state_after").select(1, at) - samples.at("state").select(1, at);
    least = std::min(least, moved.abs().max().item<double>() / card.fields[c].increment_std);
  }
  return least;
}

}  // namespace

TEST(Export, FilesPredictWhatTheProgramDoes) {
  const tests::Scratch folder(core::Comm::self());
  for (const Case& wanted : cases()) {
    SCOPED_TRACE(said_of(wanted));
    const FieldModel model = model_of(wanted);
    const auto file = folder / "model.pt", samples = folder / "samples.safetensors";
    const ExportResult result = export_fields(model, {"torchscript", file, samples, ""});
    EXPECT_GE(result.difference, 0);
    EXPECT_LE(result.difference, most_export_difference);
    const NamedTensors kept = read_archive(samples, "samples");
    EXPECT_GT(change(kept, model.card), 0.01) << "a function that does something";
    // Loaded by itself, on a batch of another length than the samples'.
    torch::jit::Module module = torch::jit::load(file.string());
    std::vector<c10::IValue> one;
    for (const char* name : {"state", "closing_faces", "fixed", "parameters"})
      if (result.inputs.find(name) != std::string::npos)
        one.emplace_back(kept.at(name).narrow(0, 1, 1));
    const auto found = module.forward(one);
    const at::Tensor after =
        found.isTensor() ? found.toTensor() : found.toTupleRef().elements()[0].toTensor();
    const at::Tensor wanted_after = kept.at("state_after").narrow(0, 1, 1);
    EXPECT_LT((after - wanted_after).abs().max().item<double>(),
              most_export_difference * wanted_after.abs().max().item<double>());
    EXPECT_NE(module.attr("card").toStringRef().find("\"name\": \"state\""), std::string::npos);
    export_fields(model, {"onnx", folder / "model.onnx", {}, ""});
    EXPECT_NE(core::read_file(folder / "model.onnx").find("understudy"), std::string::npos);
  }
}

TEST(Export, ReducedModelsTakeTheirClosingFaces) {
  const tests::Scratch folder(core::Comm::self());
  const FieldModel model = model_of({"pod"});
  const ExportResult result = export_fields(model, {"torchscript", folder / "model.pt", {}, ""});
  EXPECT_EQ(result.inputs,
            "state [batch, 4, 12, 20], closing_faces [batch, 32], parameters [batch, 2]");
  EXPECT_EQ(result.outputs, "state_after [batch, 4, 12, 20], closing_faces_after [batch, 32]");
}

TEST(Export, WritesAllNumbersInOneFile) {
  const tests::Scratch folder(core::Comm::self());
  const FieldModel model = model_of({"unet"});
  const auto file = folder / "all.safetensors";
  EXPECT_LT(export_fields(model, {"safetensors", file, {}, "card: yes\n"}).difference, 0);
  const NamedTensors content = read_archive(file, "weights");
  EXPECT_EQ(content.texts.at("card"), "card: yes\n");
  EXPECT_EQ(content.texts.at("kind"), "unet");
  model.network->load_weights(file);  // the same names and shapes as a model folder's
  EXPECT_NE(error_text([&] {
              export_fields(model, {"safetensors", file, folder / "samples", ""});
            }).find("weights alone predict nothing"),
            std::string::npos);
}

TEST(Export, RefusesWhatIsNoFunctionByItself) {
  const tests::Scratch folder(core::Comm::self());
  const auto file = folder / "model.onnx";
  const auto refusal = [&](const FieldModel& model) {
    return error_text([&] { export_fields(model, {"onnx", file, {}, ""}); });
  };
  const FieldModel correction = model_of({"correction", all_periodic, {32, 32}});
  EXPECT_NE(refusal(correction).find("a correction is one half of a method"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_NO_THROW(export_fields(correction, {"safetensors", folder / "weights", {}, ""}));
  const FieldModel panels =
      model_of({"unet", std::vector<std::string>(4, "joint"), {8, 8}, [](ModelCard& c) {
                  c.grid.radius_m = 6e6;
                  for (auto& field : c.fields) field.location = "cell";
                }});
  EXPECT_NE(refusal(panels).find("a U-Net on a cubed sphere"), std::string::npos);
  FieldModel added = model_of({"unet"});
  added.card.network.kind = "of_a_program";
  EXPECT_NE(refusal(added).find("'of_a_program' is added by a program"), std::string::npos);
}

TEST(Export, WritesNothingThatDiffersFromTheProgram) {
  const tests::Scratch folder(core::Comm::self());
  FieldModel model = model_of({"unet"});
  model.network->impl().flat.mul_(1e8);  // float32 overflows
  const auto file = folder / "model.pt";
  EXPECT_NE(error_text([&] {
              export_fields(model, {"torchscript", file, {}, ""});
            }).find("nothing was written"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(Export, PointsAreTheMeanOfTheirEnsemble) {
  const tests::Scratch folder(core::Comm::self());
  PointCard card;
  card.name = "points";
  card.network.width = 8;
  card.network.depth = 2;
  card.network.activation = "tanh";
  card.members = 2;
  card.inputs = {{"rho", "kg/m3", 1.2, 0.01, 1, 1.4}, {"e", "J/kg", 3e5, 10, 2e5, 4e5}};
  card.outputs = {{"p", "Pa", 1e5, 300, 9e4, 1.1e5}};
  const auto specs = make_architecture(card.network.network(), card.shape())->weights();
  std::int64_t count = 0;
  for (const WeightSpec& spec : specs) count += spec.count();
  auto random = generator(4);
  const auto flat = [&] { return at::randn({count}, random, at::TensorOptions(at::kFloat)); };
  save_point_weights(folder.path(), card, {flat(), flat()}, at::zeros({1, 2}));
  ASSERT_TRUE(is_point_model(folder.path()));
  for (const char* format : {"torchscript", "onnx"}) {
    const ExportResult result = export_points(folder.path(), {format, folder / format, {}, ""});
    EXPECT_LE(result.difference, most_export_difference);
    EXPECT_EQ(result.inputs, "inputs [batch, 2]");
  }
  export_points(folder.path(), {"safetensors", folder / "all", {}, "the card"});
  EXPECT_EQ(read_archive(folder / "all", "weights").texts.at("card"), "the card");

  card.engine = "torchscript";
  card.imported = "model.pt";
  save_point_weights(folder.path(), card, {}, at::zeros({1, 2}));
  EXPECT_NE(error_text([&] {
              export_points(folder.path(), {"onnx", folder / "other", {}, ""});
            }).find("it is a program already"),
            std::string::npos);
}

// The examples of protobuf.dev/programming-guides/encoding.
TEST(Protobuf, WritesItsWireFormat) {
  EXPECT_EQ(ProtobufMessage().number(1, 150).bytes(), "\x08\x96\x01");
  EXPECT_EQ(ProtobufMessage().bytes(2, "testing").bytes(), "\x12\x07testing");
  EXPECT_EQ(ProtobufMessage().message(3, ProtobufMessage().number(1, 150)).bytes(),
            "\x1a\x03\x08\x96\x01");
  EXPECT_EQ(ProtobufMessage().number(1, -2).bytes(),
            "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

}  // namespace understudy
