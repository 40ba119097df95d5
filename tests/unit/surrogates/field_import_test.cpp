// Networks of fields that were trained elsewhere: programs made here, imported and called as a stepper's surrogate;
// what the export verb writes comes back; what is refused.
#include <stdlib.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <fstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/params_text.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_random_model.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/field_import.hpp"
#include "surrogates/fields/torch_imported_network.hpp"
#include "surrogates/network/trusted_programs.hpp"
#include "surrogates/portable/export.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

namespace fs = std::filesystem;

/// A dataset of the Carrier: q [K] at cells, f [m/s] at face_x, a mask, one parameter.
struct Work {
  tests::Scratch folder{core::Comm::self()};
  explicit Work(bool periodic = false, int frames = 4) : periodic_(periodic) {
    for (const int n : {0, 1, 2})
      tests::write_sample<double>(folder / "dataset", periodic, n, n == 2 ? "valid" : "train",
                                  frames, core::Comm::self());
  }

  FieldImport from(const std::string& body, const std::string& arguments = "state: Tensor") const {
    torch::jit::Module module("case");
    module.define("def forward(self, " + arguments + "):\n" + body);
    module.save((folder / "program.pt").string());
    return from_file(folder / "program.pt");
  }
  FieldImport from_file(const fs::path& file) const {
    FieldImport f;
    f.file = file;
    f.dataset = folder / "dataset";
    return f;
  }
  std::string why(const FieldImport& f) const {
    const std::string text = error_text([&] { import_field_model(f, folder / "refused"); });
    EXPECT_FALSE(fs::exists(folder / "refused")) << text;
    return text;
  }
  FieldModel imported(const FieldImport& f, const std::string& name = "model") const {
    const ModelCard card = import_field_model(f, folder / name).card;
    return load_model(card, weights_path(folder / name, card));
  }
  /// One window later, from one state.
  mesh::State<double> advanced(const FieldModel& model) const {
    const auto grid = tests::carrier_grid(periodic_, core::Comm::self());
    auto truth = std::make_shared<tests::Carrier<double>>(grid, 1.05);
    auto run = tests::random_run(*truth, periodic_, tests::carrier_grid_params());
    run.parameters = {{"carrier.speed", "m/s", 1.05}};
    SurrogateStepper<double> stepper(truth, model, run);
    mesh::State<double> state(grid, truth->fields());
    truth->initialise(state, 0.2);
    stepper.advance(state, tests::window_s);
    return state;
  }

 private:
  bool periodic_;
};

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "wanted: " << part << "\ngot: " << text;
}

// Largest |a - (factor b + shift)| over the interior of a field.
double miss(const mesh::State<double>& a, const mesh::State<double>& b, const std::string& field,
            double factor, double shift) {
  const auto x = a[field].component(), y = b[field].component();
  return mesh::max_cells(
      "miss", a.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(x(k, j, i) - (factor * y(k, j, i) + shift));
      });
}

mesh::State<double> start(bool periodic) {
  const auto grid = tests::carrier_grid(periodic, core::Comm::self());
  tests::Carrier<double> truth(grid, 1.05);
  mesh::State<double> state(grid, truth.fields());
  truth.initialise(state, 0.2);
  return state;
}

// A list of trusted programs for a while.
class Trusted {
 public:
  explicit Trusted(const fs::path& list) { setenv(name, list.c_str(), 1); }
  ~Trusted() { setenv(name, before_.c_str(), 1); }
  Trusted(const Trusted&) = delete;
  Trusted& operator=(const Trusted&) = delete;

 private:
  static constexpr const char* name = "UNDERSTUDY_TRUSTED_PROGRAMS";
  std::string before_ = getenv(name);  // test_main.cpp sets it
};

// float32, and values of about 3.
constexpr double single = 2e-6;

FunctionChannel channel(const std::string& name, double mean, double std, double change_std = 0) {
  FunctionChannel c;
  c.name = name;
  c.mean = mean;
  c.std = std;
  c.change_std = change_std;
  return c;
}

}  // namespace

TEST(FieldImport, PhysicalValuesComeAndGoByDefault) {
  const Work work(true);
  const auto after = work.advanced(work.imported(work.from("  return 0.5 * state + 1\n")));
  const auto before = start(true);
  for (const char* field : {"q", "f"}) EXPECT_LT(miss(after, before, field, 0.5, 1), single);
}

TEST(FieldImport, OrderNormalisationAndIncrementAreTheCards) {
  const Work work(true);
  // Channel 0 is f, channel 1 is q; each has a change of its own.
  auto from = work.from("  return torch.stack([0 * state[:, 0] + 1, state[:, 1]], 1)\n");
  from.function.prediction = "increment";
  from.function.channels = {channel("f", 0.25, 2, 0.125), channel("q", 0.5, 4)};
  const FieldModel model = work.imported(from);
  EXPECT_EQ(model.card.imported.channels[1].change_std, 4);
  EXPECT_EQ(model.card.imported.channels[1].unit, "K");
  const auto after = work.advanced(model);
  const auto before = start(true);
  EXPECT_LT(miss(after, before, "f", 1, 0.125), single);
  EXPECT_LT(miss(after, before, "q", 2, -0.5), 2 * single);  // q + 4 (q - 0.5) / 4
}

TEST(FieldImport, AxesAreTurnedOnTheWayInAndOut) {
  const Work work(true);
  auto from = work.from("  return torch.roll(state, 1, 2)\n");  // along the first axis of space
  const auto upwards = work.advanced(work.imported(from, "zyx"));
  from.function.axes = "xyz";
  const auto rightwards = work.advanced(work.imported(from, "xyz"));
  const auto before = start(true);
  const auto g = before.grid().interior();
  const auto host = [](const mesh::State<double>& s) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), s["q"].component());
  };
  const auto x = host(before), up = host(upwards), right = host(rightwards);
  const int k = g.begin[2], j = g.begin[1] + 3, i = g.begin[0] + 5;
  EXPECT_NEAR(up(k, j, i), x(k, j - 1, i), single);
  EXPECT_NEAR(right(k, j, i), x(k, j, i - 1), single);
  EXPECT_GT(std::abs(x(k, j - 1, i) - x(k, j, i - 1)), 1e-3) << "states that tell them apart";
}

TEST(FieldImport, MasksAndParametersComeAsChannelsOrArguments) {
  const Work work(true);
  const auto before = start(true);
  auto from = work.from("  return state[:, :2] + 0.5 * state[:, 2:3] + state[:, 3:4]\n");
  from.function.fixed = "channels";
  from.function.parameters = {{"carrier.speed", 1, 0.1}};  // (1.05 - 1) / 0.1
  EXPECT_LT(miss(work.advanced(work.imported(from, "a")), before, "q", 1, 1), single);
  from = work.from("  return state + 0.5 * mask + told.view(1, 1, 1, 1)\n",
                   "state: Tensor, mask: Tensor, told: Tensor");
  from.function.fixed = from.function.parameters_as = "array";
  from.function.parameters = {{"carrier.speed", 1, 0.1}};
  EXPECT_LT(miss(work.advanced(work.imported(from, "b")), before, "q", 1, 1), single);
}

TEST(FieldImport, PaddingIsBySide) {
  const auto x = at::arange(1, 7, at::kFloat).view({1, 1, 2, 3});  // rows 1 2 3; 4 5 6
  using enum SideKind;
  const auto row = [](const at::Tensor& t, int n) {
    const auto values = t[0][0][n].contiguous();
    return std::vector<float>(values.const_data_ptr<float>(),
                              values.const_data_ptr<float>() + values.numel());
  };
  const auto y = pad_by_sides(x, {periodic, periodic, wall, open}, 1);
  ASSERT_EQ(y.sizes(), at::IntArrayRef({1, 1, 4, 5}));
  EXPECT_EQ(row(y, 0), (std::vector<float>{6, 4, 5, 6, 4}));  // mirrored about the first row
  EXPECT_EQ(row(y, 1), (std::vector<float>{3, 1, 2, 3, 1}));
  EXPECT_EQ(row(y, 3), (std::vector<float>{6, 4, 5, 6, 4}));  // the nearest
  const auto z = pad_by_sides(x, {wall, inflow, open, open}, 2);
  EXPECT_EQ(row(z, 2), (std::vector<float>{3, 2, 1, 2, 3, 3, 3}));
  EXPECT_TRUE(at::equal(pad_by_sides(x, {wall, wall, wall, wall}, 0), x));
  expect_says(error_text([&] { pad_by_sides(x, {open, open, wall, open}, 2); }),
              "2 cells cannot be added to the 2 along y, whose sides are wall; at most 1");
  expect_says(error_text([&] { pad_by_sides(x, {periodic, periodic, open, open}, 4); }),
              "at most 3");
}

TEST(FieldImport, PaddingIsCutOffWhetherTheFunctionDoesOrNot) {
  const Work work;
  const auto before = start(false);
  for (const std::string body :
       {"  return state + 0.25\n", "  return state[:, :, 2:-2, 2:-2] + 0.25\n"}) {
    auto from = work.from(body);
    from.function.pad_cells = 2;
    const std::string name = body.size() > 25 ? "cut" : "whole";
    EXPECT_LT(miss(work.advanced(work.imported(from, name)), before, "q", 1, 0.25), single) << body;
  }
}

TEST(FieldImport, WhatWasExportedComesBack) {
  const Work work;
  ModelCard card = import_field_model(work.from("  return state\n"), work.folder / "any").card;
  card.network = {};
  card.network.width = 8;
  card.network.levels = 2;
  for (const std::string kind : {"unet", "fno"}) {
    card.network.kind = kind;
    card.network.modes = {3};
    const FieldModel own = tests::random_model(card);
    const auto wanted = work.advanced(own);
    EXPECT_GT(tests::largest_difference(wanted, start(false), "q"), 1e-4) << "it does something";
    for (const std::string engine : {"torchscript", "onnx"}) {
      if (engine == "onnx" && onnx_version().empty()) continue;
      SCOPED_TRACE(kind + " " + engine);
      const auto file = work.folder / (kind + "." + engine);
      export_fields(own, {engine, file, {}, ""});
      FieldImport from = work.from_file(file);
      from.function.engine = engine;
      from.function.fixed = from.function.parameters_as = "array";
      from.function.parameters = {{"carrier.speed", 0, 1}};
      const auto found = work.advanced(work.imported(from, kind + "_" + engine));
      for (const char* field : {"q", "f"})  // of values of about 3
        EXPECT_LT(tests::largest_difference(found, wanted, field), 1e-5) << field;
      from.function.fixed = "none";
      from.function.parameters.clear();
      const std::string forgot = work.why(from);
      expect_says(forgot, engine == "onnx"
                              ? "would be given 1 array, [1, 2, 16, 24]; it takes state [any"
                              : "is missing value for argument");
    }
  }
}

TEST(FieldImport, TheCardSaysWhatTheDatasetDoes) {
  const Work work;
  FieldImport from = work.from("  return state\n");
  from.name = "mine";
  from.conserve = {"q"};
  const ImportedModel made = import_field_model(from, work.folder / "model");
  const ModelCard& card = made.card;
  EXPECT_EQ(card.name, "mine");
  EXPECT_EQ(card.network.kind, "imported");
  EXPECT_EQ(card.network.conserve, std::vector<std::string>{"q"});
  EXPECT_TRUE(predicts_state(card.network));
  EXPECT_TRUE(has_one_grid(card.network));
  EXPECT_EQ(card.dataset_hash, DatasetReader(work.folder / "dataset").hash());
  EXPECT_EQ(card.cases.size(), 3u);
  EXPECT_EQ(card.window_s, tests::window_s);
  EXPECT_EQ(made.windows, 3);
  ASSERT_EQ(made.trial.size(), 2u);
  // Persistence is what this function is.
  EXPECT_NEAR(made.trial[0].model, made.trial[0].persistence, 1e-6);
  EXPECT_GT(made.trial[0].persistence, 1e-4);
  EXPECT_TRUE(fs::exists(work.folder / "model" / "model.pt"));
  expect_says(core::read_file(work.folder / "model" / "README.md"), "is a program");
  // And reads what it wrote.
  ModelCard again, written = card;
  read_params_text(params_text(written), again);
  EXPECT_EQ(again.imported.file_hash, card.imported.file_hash);
  EXPECT_EQ(again.imported.channels.size(), 2u);
}

TEST(FieldImport, FramesAreLeftOutAsInTraining) {
  const Work work(false, 7);
  FieldImport from = work.from("  return state\n");
  const ImportedModel whole = import_field_model(from, work.folder / "whole");
  from.skip_windows = 4;
  const ImportedModel late = import_field_model(from, work.folder / "late");
  EXPECT_EQ(late.card.skip_windows, 4);
  EXPECT_EQ(late.windows, 2);
  EXPECT_NE(late.card.fields[0].mean, whole.card.fields[0].mean) << "scales are the other frames'";
  from.skip_windows = 5;
  expect_says(work.why(from), "skip_windows 5");
  from.skip_windows = 0;
  from.stride = 3;
  const ImportedModel coarse = import_field_model(from, work.folder / "coarse");
  EXPECT_DOUBLE_EQ(coarse.card.window_s, 3 * tests::window_s);
  EXPECT_EQ(coarse.windows, 2);
  from.stride = 7;
  expect_says(work.why(from), "a stride of 7 leaves 1");
}

TEST(FieldImport, TheTrialIsJudgedAsTrainingIs) {
  const Work work;
  const ImportedModel made =
      import_field_model(work.from("  return 3 * state + 1\n"), work.folder / "model");
  EXPECT_EQ(made.card.rollout_windows, 1);
  ASSERT_EQ(made.card.validation.size(), made.trial.size());
  for (std::size_t n = 0; n < made.trial.size(); ++n) {
    const ValidationCard& v = made.card.validation[n];
    EXPECT_EQ(v.field, made.trial[n].field);
    EXPECT_EQ(v.rel_l2_one_window, made.trial[n].model);
    EXPECT_EQ(v.rel_l2_rollout, made.trial[n].model);
    EXPECT_EQ(v.persistence_rollout, made.trial[n].persistence);
  }
  EXPECT_GT(made.trial[0].model, 1) << "3 q + 1 of a q that hardly changes";
  expect_says(made.card.verdict, "this model is bad: on held-out samples, over 1 window");
  EXPECT_EQ(made.card.verdict, model_verdict(made.card));
  const std::string readme = core::read_file(work.folder / "model" / "README.md");
  expect_says(readme, "**Beware: this model is bad");
  expect_says(readme, "| field | unit | in the dataset's training samples |");
  expect_says(readme, "the cost of its training is not known");
  EXPECT_EQ(readme.find("trained within"), std::string::npos);
}

TEST(FieldImport, RefusesCardsThatDoNotFitTheDataset) {
  const Work work;
  const auto refused = [&](const std::string& words, const auto& change) {
    FieldImport from = work.from("  return state\n");
    change(from.function);
    expect_says(work.why(from), words);
  };
  refused("'w' is no field of the dataset; there are q, f",
          [](auto& f) { f.channels = {channel("w", 0, 1)}; });
  refused("'f' is missing", [](auto& f) { f.channels = {channel("q", 0, 1)}; });
  refused("'q' stands there twice",
          [](auto& f) { f.channels = {channel("q", 0, 1), channel("q", 0, 1)}; });
  refused("'q' is in degC in the card and in K in the dataset", [](auto& f) {
    f.channels = {channel("q", 0, 1), channel("f", 0, 1)};
    f.channels[0].unit = "degC";
  });
  refused("parameters: 'flow.reynolds' is none of the dataset's; there are carrier.speed",
          [](auto& f) { f.parameters = {{"flow.reynolds", 0, 1}}; });
  refused("engine 'keras' is unknown; there are torchscript, aoti, onnx",
          [](auto& f) { f.engine = "keras"; });
  if (onnx_version().empty())
    refused("wants ONNX Runtime", [](auto& f) { f.engine = "onnx"; });
  else
    refused("is no ONNX file, but a TorchScript file", [](auto& f) { f.engine = "onnx"; });
  refused("is no AOTInductor package, but a TorchScript file", [](auto& f) { f.engine = "aoti"; });
  ModelCard no_mask = tests::random_card(false, tests::carrier_grid_params());
  no_mask.fixed.clear();
  ImportedFunction masked;
  masked.fixed = "array";
  expect_says(error_text([&] { complete(masked, no_mask); }), "the dataset has no fixed field");
  FieldImport keeps = work.from("  return state\n");
  keeps.conserve = {"f"};  // at faces
  expect_says(work.why(keeps), "conserve: 'f' is no field at cells of the dataset; there are q");
  FieldImport nowhere = work.from("  return state\n");
  nowhere.dataset = work.folder / "none";
  expect_says(work.why(nowhere), "none");
}

TEST(FieldImport, RefusesProgramsThatDoNotServe) {
  const Work work;
  expect_says(
      work.why(work.from("  return state[:, :1]\n")),
      "maps [1, 2, 16, 24] to [1, 1, 16, 24]; the card's channels and the grid want [1, 2, 16, 24]");
  expect_says(work.why(work.from("  return state / 0.0 * 0.0\n")),
              "the model gives q that is not finite one window after frame 0 of sample sample_2");
  expect_says(work.why(work.from("  return torch.mm(state, state)\n")),
              "program.pt fails on [1, 2, 16, 24] of Float");
  const auto more = work.why(work.from("  return state\n", "state: Tensor, mask: Tensor"));
  expect_says(more, "fails on [1, 2, 16, 24]");
  expect_says(more, "It is forward(");  // which says what it wants
  expect_says(work.why(work.from("  return [state, state]\n")), "one tensor is expected");
  auto padded = work.from("  return state[:, :, 1:-1, 1:-1]\n");
  padded.function.pad_cells = 2;
  expect_says(work.why(padded), "or, with the padding, [1, 2, 20, 28]");
  std::ofstream(work.folder / "text.pt") << "not a model";
  expect_says(work.why(work.from_file(work.folder / "text.pt")), "is no TorchScript file");
  if (onnx_version().empty()) return;
  auto onnx = work.from_file(work.folder / "text.pt");
  onnx.function.engine = "onnx";
  expect_says(work.why(onnx), "is no ONNX file that ONNX Runtime");
}

TEST(FieldImport, RunsOnlyTheFileThatIsTrusted) {
  const Work work;
  const Trusted list(work.folder / "trusted");  // that of all tests may know these programs
  const FieldModel model = work.imported(work.from("  return state\n"));
  const auto file = work.folder / "model" / "model.pt";
  // Another file in its place: whoever changed it did not change the card.
  work.from("  return state + 1\n");
  fs::copy_file(work.folder / "program.pt", file, fs::copy_options::overwrite_existing);
  expect_says(error_text([&] { load_model(model.card, file); }),
              "is not the file that was imported");
  // Loaded before and called after: the program is read when it is first called.
  expect_says(error_text([&] { work.advanced(model); }), "changed while the model was loaded");
  // A folder from elsewhere, card and all.
  ModelCard theirs = model.card;
  const std::string bytes = core::read_file(file);
  theirs.imported.file_hash = core::sha256(bytes).substr(0, 16);
  expect_says(error_text([&] { load_model(theirs, file); }), "you have not imported it");
  trust_program(bytes, file);
  EXPECT_NO_THROW(load_model(theirs, file));
}

TEST(FieldImport, RefusesCardsThatWereEdited) {
  const Work work;
  const FieldModel model = work.imported(work.from("  return state\n"));
  const auto file = work.folder / "model" / "model.pt";
  const auto edited = [&](const auto& change) {
    ModelCard card = model.card;
    change(card);
    return error_text([&] { load_model(card, file); });
  };
  EXPECT_EQ(edited([](ModelCard&) {}), "no error");
  expect_says(edited([](ModelCard& c) { c.imported.channels[1].name = "w"; }),
              "model.pt: imported.channels: 'w' is no field of the dataset; there are q, f");
  expect_says(edited([](ModelCard& c) { c.imported.channels.pop_back(); }),
              "imported.channels: 'f' is missing");
  expect_says(edited([](ModelCard& c) { c.imported.parameters = {{"flow.reynolds", 0, 1}}; }),
              "imported.parameters: 'flow.reynolds' is none of the dataset's");
  expect_says(edited([](ModelCard& c) { c.imported.prediction = "increment"; }),
              "imported.prediction is increment and network.prediction state; run `understudy "
              "import` again");
  ModelCard shorter = model.card;
  shorter.imported.channels[0].change_std = 0;
  EXPECT_EQ(load_model(shorter, file).card.imported.channels[0].change_std, 1);
}

TEST(FieldImport, SendsItsOwnersToImport) {
  const Work work(true);
  const FieldModel model = work.imported(work.from("  return state\n"));
  const tests::Carrier<double> truth(tests::carrier_grid(true, core::Comm::self()), 1.05);
  auto run = tests::random_run(truth, true, tests::carrier_grid_params());
  run.window_s *= 2;
  expect_says(error_text([&] { check_card(model.card, run); }), "Import one for this deck");
}

TEST(FieldImport, IsCalledOnItsGridAndTrainedNowhere) {
  const Work work(true);
  const FieldModel model = work.imported(work.from("  return state\n"));
  EXPECT_EQ(model.network->weight_count(), 0);
  EXPECT_EQ(model.network->block_multiple(), 0);
  auto grid = tests::carrier_grid_params(48, 16);
  grid.upper_m[0] = 3;  // the same spacing
  auto truth = std::make_shared<tests::Carrier<double>>(
      tests::carrier_grid(true, core::Comm::self(), 48, 16), 1.0);
  expect_says(error_text([&] {
                SurrogateStepper<double> stepper(truth, model,
                                                 tests::random_run(*truth, true, grid));
              }),
              "is a program on 24 cells along x; this run has 48");
  NetworkParams params;
  params.kind = "imported";
  expect_says(error_text([&] { Network(params, model.card.shape(), 1); }),
              "is not trained here; `understudy import` makes its model folder");
  EXPECT_NO_THROW(require_size(params, tests::carrier_boundaries(true), {7, 9}));
}

}  // namespace understudy
