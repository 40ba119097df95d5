// An imported program on 1, 2 and 4 ranks: rank 0 calls it on the gathered field, and what fails there fails everywhere.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "core/params_text.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_random_model.hpp"
#include "surrogates/fields/field_import.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

struct Imported {
  core::Comm comm = core::Comm::world();
  tests::Scratch folder{comm};
  std::shared_ptr<tests::Carrier<double>> truth;
  FieldModel model;

  Imported() {
    for (const int n : {0, 1, 2})
      tests::write_sample<double>(folder / "dataset", true, n, n == 2 ? "valid" : "train", 4, comm);
    comm.on_root<core::UserError>([&] {
      torch::jit::Module module("case");
      module.define("def forward(self, state: Tensor):\n  return torch.roll(state, 1, 3) + 0.5\n");
      module.save((folder / "program.pt").string());
      FieldImport from;
      from.file = folder / "program.pt";
      from.dataset = folder / "dataset";
      model.card = import_field_model(from, folder / "model").card;
    });
    // All ranks read the same folder; the card here is rank 0's, as text.
    std::string text = params_text(model.card);
    text = comm.broadcast(text);
    if (!comm.is_root()) read_params_text(text, model.card);
    model = load_model(model.card, file());
    truth = std::make_shared<tests::Carrier<double>>(tests::carrier_grid(true, comm), 1.0);
  }

  std::filesystem::path file() const { return weights_path(folder / "model", model.card); }
  std::unique_ptr<SurrogateStepper<double>> stepper(const std::string& inference = "auto") {
    auto run = tests::random_run(*truth, true, tests::carrier_grid_params());
    run.inference = inference;
    return std::make_unique<SurrogateStepper<double>>(truth, model, run);
  }
};

}  // namespace

TEST(FieldImportOnRanks, IsCalledOnTheGatheredField) {
  Imported made;
  const auto stepper = made.stepper();
  EXPECT_EQ(stepper->inference().on, made.comm.size() > 1 ? "gathered" : "one rank");
  mesh::State<double> state(made.truth->grid(), made.truth->fields());
  made.truth->initialise(state, 0.2);
  const auto before = state.clone();
  stepper->advance(state, tests::window_s);
  const auto was = before["q"].component(), is = state["q"].component();
  // Ghosts have the neighbour's cells, on this rank or another.
  const double miss = mesh::max_cells(
      "miss", state.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(is(k, j, i) - (was(k, j, i - 1) + 0.5));
      });
  EXPECT_LT(made.comm.max(miss), 2e-6);  // float32, and values of about 3
}

TEST(FieldImportOnRanks, BlocksAreRefused) {
  Imported made;
  if (made.comm.size() == 1) return;
  EXPECT_NE(error_text([&] {
              made.stepper("blocks");
            }).find("the network 'imported' is called on whole fields"),
            std::string::npos);
}

TEST(FieldImportOnRanks, WhatFailsOnRankZeroFailsEverywhere) {
  Imported made;
  made.comm.barrier();
  if (made.comm.is_root()) std::ofstream(made.file(), std::ios::app) << "x";
  made.comm.barrier();
  const std::string text = error_text([&] { made.stepper(); });
  EXPECT_NE(text.find("changed while the model was loaded"), std::string::npos) << text;
}

}  // namespace understudy
