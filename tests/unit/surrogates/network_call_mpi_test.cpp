// Where a surrogate's network is called on several ranks: on blocks as gathered in the plane and in a box, which blocks,
// what is held, what is chosen together, and what is refused.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "core/format.hpp"
#include "support/surrogates_box_case.hpp"
#include "support/surrogates_random_model.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

struct Case {
  std::string kind = "unet";
  bool periodic = false;
  std::vector<long long> cells{48, 96}, ranks{};
  std::string precision = "float32";
  std::string norm = "none";
  std::string inference = "auto";
  bool in_box() const { return cells.size() == 3; }
};

// Along z the box is periodic.
SideKinds sides_of(const Case& c) {
  SideKinds sides = tests::carrier_boundaries(c.periodic);
  if (c.in_box()) sides.insert(sides.end(), 2, SideKind::periodic);
  return sides;
}

ModelCard card_of(const Case& c, const mesh::GridParams& grid) {
  ModelCard card = tests::random_card(c.periodic, grid);
  card.boundaries.clear();
  for (const SideKind kind : sides_of(c)) card.boundaries.push_back(to_string(kind));
  card.network.kind = c.kind;
  card.network.latent_size = 2;
  card.network.norm = c.norm;
  card.network.modes = {4};
  card.network.layers = 2;
  card.network.conserve = {"q"};
  card.network.precision = c.precision;
  card.precisions = {{"float32", 0.1}, {"bfloat16", 0.1}};
  return card;
}

mesh::GridParams grid_of(const Case& c) {
  auto params = c.in_box() ? tests::box_params() : tests::carrier_grid_params();
  params.cells = c.cells;
  params.ranks = c.ranks;
  return params;
}

struct Made {
  std::shared_ptr<tests::Carrier<double>> truth;
  std::unique_ptr<SurrogateStepper<double>> surrogate;
};

// `model`: of weights drawn at random unless it is given.
Made make(const Case& c, FieldModel model = {}) {
  const auto params = grid_of(c);
  const auto grid = std::make_shared<const mesh::BoxGrid>(
      params, std::array<bool, 3>{c.periodic, true, true}, core::Comm::world());
  Made made{std::make_shared<tests::Carrier<double>>(grid), nullptr};
  auto run = tests::random_run(*made.truth, c.periodic, params);
  run.boundaries = sides_of(c);
  run.inference = c.inference;
  if (!model.network) model = tests::random_model(card_of(c, params));
  made.surrogate = std::make_unique<SurrogateStepper<double>>(made.truth, model, run);
  return made;
}

mesh::State<double> after_two_windows(const Made& made) {
  mesh::State<double> state(made.truth->grid(), made.truth->fields());
  made.truth->initialise(state, 0.3);
  const auto grid = mesh::as_box(made.truth->grid(), "the test");
  if (grid->dimension() == 3) tests::vary_along_z(state, *grid);
  made.surrogate->advance(state, 2 * tests::window_s);
  return state;
}

void expect_as_gathered(Case c, const std::string& words) {
  SCOPED_TRACE(core::format("{} {} x {} x {} periodic {} norm {} {}", c.kind, c.cells[0],
                            c.cells[1], c.in_box() ? c.cells[2] : 1, c.periodic, c.norm,
                            c.precision));
  const bool alone = core::Comm::world().size() == 1;
  c.inference = "blocks";
  const Made blocks = make(c);
  EXPECT_EQ(blocks.surrogate->inference().on, alone ? "one rank" : "blocks");
  if (!alone) {
    EXPECT_EQ(blocks.surrogate->inference().on_reason, words);
  }
  c.inference = "gathered";
  const Made gathered = make(c);
  EXPECT_EQ(gathered.surrogate->inference().on, alone ? "one rank" : "gathered");
  const auto a = after_two_windows(blocks), b = after_two_windows(gathered);
  const double tolerance = c.precision == "float32" ? 1e-5 : 1e-2;  // bfloat16: a unit is 2^-8
  for (const char* field : {"q", "f"})
    EXPECT_LT(tests::largest_difference(a, b, field), tolerance) << field;
  const auto sent = blocks.surrogate->traffic();
  EXPECT_EQ(sent.bytes > 0, !alone);
  EXPECT_EQ(gathered.surrogate->traffic().bytes, 0);
}

std::string unfit_axis(int ranks) {
  return core::format(
      "swap.inference: blocks: its blocks begin at multiples of 8 cells (patch x "
      "2^levels), and 16 cells along y are too few for {} of them; ",
      ranks);
}

}  // namespace

TEST(NetworkCall, OnBlocksIsAsGathered) {
  for (const bool periodic : {true, false}) {
    expect_as_gathered({.kind = "fno", .periodic = periodic}, "of the simulation");
    for (const std::string kind : {"unet", "conv_autoencoder"})
      expect_as_gathered({.kind = kind, .periodic = periodic, .norm = "group"},
                         "of the simulation");
  }
}

// The grid's blocks begin at multiples of 2 cells, the network's at multiples of 8: along y, then along both axes.
TEST(NetworkCall, CellsChangeHandsWhereTheNetworksBlocksBeginElsewhere) {
  const int ranks = core::Comm::world().size();
  if (ranks == 1) return;
  const std::string words = "of the network's own, at multiples of 8 cells";
  for (const bool periodic : {true, false}) {
    expect_as_gathered({.periodic = periodic, .cells = {24, 8LL * ranks + 8}, .ranks = {1, ranks}},
                       words);
    if (ranks % 2 == 0)
      expect_as_gathered(
          {.periodic = periodic, .cells = {24, 4LL * ranks + 8}, .ranks = {2, ranks / 2}}, words);
  }
}

// Along z, then along y and z, with channels last of a volume and in both precisions.
TEST(NetworkCall, CellsChangeHandsInABox) {
  const int ranks = core::Comm::world().size();
  if (ranks == 1) return;
  const std::string words = "of the network's own, at multiples of 8 cells";
  for (const std::string kind : {"unet", "conv_autoencoder"})
    for (const bool periodic : {true, false})
      for (const std::string precision : {"float32", "bfloat16"}) {
        Case c{.kind = kind, .periodic = periodic, .precision = precision};
        c.cells = {periodic ? 16 : 11, 8, 8LL * ranks + 8};
        c.ranks = {1, 1, ranks};
        expect_as_gathered(c, words);
        if (ranks % 2 != 0) continue;
        c.cells = {periodic ? 8 : 11, 24, 4LL * ranks + 8};
        c.ranks = {1, 2, ranks / 2};
        expect_as_gathered(c, words);
      }
}

TEST(NetworkCall, InABoxOnBlocksOfTheSimulationIsAsGathered) {
  const int ranks = core::Comm::world().size();
  for (const std::string kind : {"fno", "unet"})
    expect_as_gathered({.kind = kind, .cells = {13, 16, 8LL * ranks}, .ranks = {1, 1, ranks}},
                       "of the simulation");
}

namespace {

// One number times the prognostic channels.
class WholeFieldsOnly : public Architecture {
 public:
  std::vector<WeightSpec> weights() const override {
    return {{.name = "factor", .shape = {1}, .bound = 0.1}};
  }
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override {
    return input.narrow(1, 0, 2) * w.at(0);
  }
  double operations(const std::vector<long long>&) const override { return 1; }
};

}  // namespace

TEST(NetworkCall, FieldsOfNetworksThatServeNoBlocksAreGathered) {
  const int ranks = core::Comm::world().size();
  if (ranks == 1) return;
  Case c{.cells = {48, 48}};
  FieldModel model = tests::random_model(card_of(c, grid_of(c)));
  NetworkParams params = model.card.network;
  params.kind = "own";
  model.network = std::make_shared<Network>(params, std::make_unique<WholeFieldsOnly>(), 1);
  model.network->impl().shape = model.card.shape();
  const Made gathered = make(c, model);
  EXPECT_EQ(gathered.surrogate->inference().on, "gathered");
  EXPECT_EQ(gathered.surrogate->inference().on_reason,
            "the network 'own' is called on whole fields");
  after_two_windows(gathered);
  c.inference = "blocks";
  EXPECT_EQ(error_text([&] { make(c, model); }),
            "swap.inference: blocks: the network 'own' is called on whole fields. With "
            "swap.inference: auto the field is gathered on rank 0 for the network.");
}

TEST(NetworkCall, TooManyBlocksAreGatheredOrRefused) {
  const int ranks = core::Comm::world().size();
  if (ranks < 3) return;
  Case c{.cells = {48, 16}, .ranks = {1, ranks}};
  EXPECT_EQ(make(c).surrogate->inference().on, "gathered");
  c.inference = "blocks";
  const std::string text = error_text([&] { make(c); });
  EXPECT_TRUE(text.starts_with(unfit_axis(ranks))) << text;
  EXPECT_NE(text.find(core::format("[{}, 1]", ranks)), std::string::npos) << text;
}

// Timings differ from rank to rank; the choice that they lead to must not.
TEST(NetworkCall, AllRanksChooseOnePrecision) {
  const auto comm = core::Comm::world();
  for (const std::string inference : {"auto", "gathered"}) {
    const Made made = make({.precision = "auto", .inference = inference});
    const auto& choice = made.surrogate->inference();
    EXPECT_EQ(choice.precision, comm.broadcast(choice.precision));
    EXPECT_EQ(choice.layout, comm.broadcast(choice.layout));
    EXPECT_NE(choice.reason.find("the fastest measured"), std::string::npos) << choice.reason;
    after_two_windows(made);
  }
}

namespace {

std::size_t largest_channels = 0;

void note(Kokkos::Profiling::SpaceHandle, const char* label, const void*, std::uint64_t bytes) {
  if (std::strstr(label, "surrogate") != nullptr)
    largest_channels = std::max<std::size_t>(largest_channels, bytes);
}

std::size_t largest_of(const std::string& inference) {
  largest_channels = 0;
  Kokkos::Tools::Experimental::set_allocate_data_callback(note);
  const Made made = make({.cells = {96, 96}, .inference = inference});
  after_two_windows(made);
  Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  return largest_channels;
}

}  // namespace

TEST(NetworkCall, OnBlocksNoRankHoldsTheWholeField) {
  const auto comm = core::Comm::world();
  constexpr double whole = 4 * 96 * 96 * sizeof(float);
  EXPECT_GT(static_cast<double>(largest_of("auto")), 0);
  EXPECT_LT(static_cast<double>(largest_of("auto")), 1.4 * whole / comm.size());
  if (comm.is_root()) {
    EXPECT_GE(static_cast<double>(largest_of("gathered")), whole) << "what is measured here";
  } else {
    largest_of("gathered");
  }
}

}  // namespace understudy
