// Models trained elsewhere: a TorchScript file made here, imported and used by a SubModel.
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <fstream>

#include "core/error.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

namespace {

namespace fs = std::filesystem;

/// The case's own formula as TorchScript: an imported model without error.
fs::path write_script(const fs::path& path, const std::string& body) {
  torch::jit::Module module("case");
  module.define("def forward(self, x):\n" + body);
  module.save(path.string());
  return path;
}

const std::string exact =
    "  return torch.stack([x[:, 0] * x[:, 1], x[:, 0] + x[:, 1] * x[:, 1]], 1)\n";

surrogates::PointImport import_of(const fs::path& file) {
  surrogates::PointImport from;
  from.file = file;
  from.card.name = "case";
  from.card.engine = "torchscript";
  for (const Column& c : case_inputs) from.card.inputs.push_back({c.name, c.unit, 0, 1, -1, 1});
  for (const Column& c : case_outputs) from.card.outputs.push_back({c.name, c.unit});
  return from;
}

SubModelOptions imported_options(const fs::path& folder) {
  SubModelOptions o = case_options(SubModelPolicy::gate);
  o.model = folder;
  o.comm = core::Comm::self();
  o.gate.disagreement = false;
  return o;
}

TEST(PointImport, TorchScriptServesASubModel) {
  const Scratch work(core::Comm::self());
  for (const std::string precision : {"float32", "float64"}) {
    auto from = import_of(write_script(work / "model.pt", exact));
    from.card.precision = precision;
    collect_case(work / precision, 400, 3, core::Comm::self());
    from.reference = work / precision;
    const auto card = surrogates::import_point_model(from, work / ("imported_" + precision));
    EXPECT_TRUE(card.gate.calibrated);
    EXPECT_EQ(card.gate.reference_points, 200);
    ASSERT_EQ(card.validation.size(), 2u);
    EXPECT_LT(card.validation[0].rel_l2, 1e-6);
    SubModel model(imported_options(work / ("imported_" + precision)));
    const HostBatch in = case_states(100, -0.9, 0.9, 4), out("out", 100, 2);
    for (int n = 0; n < 100; n += 5) in(n, 0) = 3;
    long long asked = 0;
    model(in, out, [&](const auto& x, const auto& y) {
      asked += static_cast<long long>(x.extent(0));
      case_physics(x, y);
    });
    EXPECT_EQ(model.counters().out_of_range, 20);
    EXPECT_GT(model.counters().to_network, 60);
    EXPECT_EQ(asked, model.counters().to_physics);
    for (int n = 0; n < 100; ++n)
      EXPECT_NEAR(out(n, 0), in(n, 0) * in(n, 1), precision == "float64" ? 1e-14 : 1e-6);
  }
}

TEST(PointImport, NormalisationIsTheCards) {
  const Scratch work(core::Comm::self());
  auto from = import_of(write_script(work / "model.pt", exact));
  from.card.inputs[0].mean = 2;
  from.card.inputs[0].std = 0.5;
  from.card.outputs[0].mean = 7;
  from.card.outputs[0].std = 3;
  surrogates::import_point_model(from, work / "imported");
  SubModelOptions o = imported_options(work / "imported");
  o.policy = SubModelPolicy::always;
  SubModel model(o);
  const HostBatch in = case_states(10, -1, 1, 4), out("out", 10, 2);
  model(in, out, nullptr);
  for (int n = 0; n < 10; ++n)
    EXPECT_NEAR(out(n, 0), 7 + 3 * ((in(n, 0) - 2) / 0.5) * in(n, 1), 2e-5);
}

TEST(PointImport, OutputsThatAreNotFiniteGoToThePhysics) {
  const Scratch work(core::Comm::self());
  const auto file = write_script(work / "model.pt", "  return torch.log(x + 0.85)\n");
  surrogates::import_point_model(import_of(file), work / "imported");
  SubModelOptions o = imported_options(work / "imported");
  o.gate.distance = false;
  SubModel gated(o);
  const HostBatch in = case_states(100, -0.4, 0.9, 4), out("out", 100, 2);
  in(7, 0) = -0.9;  // log of a negative number
  gated(in, out, case_physics);
  EXPECT_EQ(gated.counters().network_not_finite, 1);
  EXPECT_EQ(out(7, 0), in(7, 0) * in(7, 1));
  o.policy = SubModelPolicy::always;
  SubModel always(o);
  EXPECT_THROW(always(in, out, nullptr), core::RunError);
  EXPECT_NE(message_of([&] { always(in, out, nullptr); }).find("output at point 7 is not finite"),
            std::string::npos);
}

TEST(PointImport, RefusesWhatDoesNotServe) {
  const Scratch work(core::Comm::self());
  const auto why = [&](const surrogates::PointImport& from) {
    return message_of([&] { surrogates::import_point_model(from, work / "imported"); });
  };
  std::ofstream(work / "text.pt") << "not a model";
  EXPECT_NE(why(import_of(work / "text.pt")).find("is no TorchScript file"), std::string::npos);
  auto package = import_of(work / "text.pt");
  package.card.engine = "aoti";
  EXPECT_NE(why(package).find("is no AOTInductor package"), std::string::npos);
  // Files that are known to be something else, by the names in their archives: nothing is loaded.
  const auto told = [&](const std::string& bytes, const std::string& engine) {
    std::ofstream(work / "other.pt", std::ios::binary) << bytes;
    auto from = import_of(work / "other.pt");
    from.card.engine = engine;
    return why(from);
  };
  const std::string zip = "PK\x03\x04 ";
  const auto says = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  says(told(zip + "m/data.pkl m/version", "torchscript"), "torch.jit.trace(model.eval(), example)");
  says(told(zip + "m/data.pkl m/version", "torchscript"), "a state dict");
  says(told("\x80\x02}q", "torchscript"), "torch.save() wrote");
  says(told(zip + "m/data.pkl m/version", "aoti"), "aoti_compile_and_package(");
  says(told(zip + "m/data.pkl m/constants.pkl", "aoti"), "set engine: torchscript");
  says(told(zip + "m/data/aotinductor/model.so", "torchscript"), "set engine: aoti");
  says(told(zip + "m/serialized_exported_program.json", "torchscript"),
       "torch.export.save() wrote");
  says(told(std::string("\x02\0\0\0\0\0\0\0{}", 10), "torchscript"), "safetensors");
  says(told("version https://git-lfs.github.com/spec/v1\n", "torchscript"), "git lfs pull");
  EXPECT_NE(why(import_of(work / "none.pt")).find("none.pt"), std::string::npos);
  const auto one = why(import_of(write_script(work / "one.pt", "  return x[:, :1]\n")));
  EXPECT_NE(one.find("maps [1, 2] to [1, 1]; the card says [1, 2]"), std::string::npos) << one;
  const auto nan = why(import_of(write_script(work / "nan.pt", "  return x / 0.0 * 0.0\n")));
  EXPECT_NE(nan.find("not finite"), std::string::npos) << nan;
  const auto wrong = why(import_of(write_script(work / "wrong.pt", "  return torch.mm(x, x)\n")));
  EXPECT_NE(wrong.find("wrong.pt fails on"), std::string::npos) << wrong;
  // A gate by distance without reference points, and a folder whose file was exchanged.
  surrogates::import_point_model(import_of(write_script(work / "good.pt", exact)), work / "good");
  const auto gate = message_of([&] { SubModel model(imported_options(work / "good")); });
  EXPECT_NE(gate.find("gate.distance needs a calibration"), std::string::npos) << gate;
  write_script(work / "good" / "model.pt", "  return x\n");
  auto o = imported_options(work / "good");
  o.gate.distance = false;
  const auto exchanged = message_of([&] { SubModel model(o); });
  EXPECT_NE(exchanged.find("is not the file that was imported"), std::string::npos) << exchanged;
}

TEST(PointImport, NoticesThatTheImportedFileChangesDuringARun) {
  const Scratch work(core::Comm::self());
  surrogates::import_point_model(import_of(write_script(work / "a.pt", exact)), work / "imported");
  SubModelOptions o = imported_options(work / "imported");
  o.gate.distance = false;
  SubModel model(o);
  const HostBatch in = case_states(10, -0.9, 0.9, 4), out("out", 10, 2);
  model(in, out, case_physics);
  const fs::path file = work / "imported" / "model.pt";
  fs::copy_file(work / "a.pt", file, fs::copy_options::overwrite_existing);
  model(in, out, case_physics);  // the same bytes
  write_script(file, "  return x\n");
  EXPECT_TRUE(says(message_of([&] { model(in, out, case_physics); }), "changed during the run"));
  EXPECT_TRUE(says(message_of([&] { model.reload(); }), "is not the file that was imported"));
  fs::remove(file);
  EXPECT_TRUE(says(message_of([&] { model(in, out, case_physics); }), "changed during the run"));
  fs::copy_file(work / "a.pt", file);
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().to_network, 30);
}

TEST(PointImport, RefusesRangesOfSomeInputsOnly) {
  const Scratch work(core::Comm::self());
  auto from = import_of(write_script(work / "a.pt", exact));
  const auto why = [&] {
    return message_of([&] { surrogates::import_point_model(from, work / "imported"); });
  };
  from.card.inputs[1].lowest = from.card.inputs[1].highest = 0;
  EXPECT_TRUE(says(why(), "for some inputs and none for 'b'"));
  EXPECT_FALSE(fs::exists(work / "imported"));
  from.card.inputs[1].lowest = 2;
  EXPECT_TRUE(says(why(), "input 'b': lowest (2) is above highest (0)"));
  from.card.inputs[1].lowest = 0;
  collect_case(work / "points", 400, 3, core::Comm::self());
  from.reference = work / "points";  // which has the range
  EXPECT_EQ(why(), "no error");
  SubModel model(imported_options(work / "imported"));
  const HostBatch in = case_states(100, -0.9, 0.9, 4), out("out", 100, 2);
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().out_of_range, 0);
}

TEST(PointImport, RefusesAModelThatIsNotFiniteAtReferencePoints) {
  const Scratch work(core::Comm::self());
  auto from = import_of(write_script(work / "a.pt", "  return torch.log(x + 0.85)\n"));
  collect_case(work / "points", 400, 3, core::Comm::self());
  from.reference = work / "points";
  const std::string why =
      message_of([&] { surrogates::import_point_model(from, work / "imported"); });
  EXPECT_TRUE(says(why, "the model's output is not finite at "));
  EXPECT_TRUE(says(why, " of 200 held-out points, first at point "));
  EXPECT_TRUE(says(why, "(a = "));
  EXPECT_FALSE(fs::exists(work / "imported"));
}

}  // namespace

}  // namespace understudy::tests
