// Where a surrogate's network is called on several ranks: on blocks as gathered, which blocks, what is held, what
// is chosen together, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "core/format.hpp"
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
};

ModelCard card_of(const Case& c, const mesh::GridParams& grid) {
  ModelCard card = tests::random_card(c.periodic, grid);
  card.network.kind = c.kind;
  card.network.norm = c.norm;
  card.network.modes = {4};
  card.network.layers = 2;
  card.network.conserve = {"q"};
  card.network.precision = c.precision;
  card.precisions = {{"float32", 0.1}, {"bfloat16", 0.1}};
  return card;
}

mesh::GridParams grid_of(const Case& c) {
  auto params =
      tests::carrier_grid_params(static_cast<int>(c.cells[0]), static_cast<int>(c.cells[1]));
  params.ranks = c.ranks;
  return params;
}

struct Made {
  std::shared_ptr<tests::Carrier<double>> truth;
  std::unique_ptr<SurrogateStepper<double>> surrogate;
};

Made make(const Case& c) {
  const auto params = grid_of(c);
  const auto grid = std::make_shared<const mesh::BoxGrid>(
      params, std::array<bool, 3>{c.periodic, true, true}, core::Comm::world());
  Made made{std::make_shared<tests::Carrier<double>>(grid), nullptr};
  auto run = tests::random_run(*made.truth, c.periodic, params);
  run.inference = c.inference;
  made.surrogate = std::make_unique<SurrogateStepper<double>>(
      made.truth, tests::random_model(card_of(c, params)), run);
  return made;
}

mesh::State<double> after_two_windows(const Made& made) {
  mesh::State<double> state(made.truth->grid(), made.truth->fields());
  made.truth->initialise(state, 0.3);
  made.surrogate->advance(state, 2 * tests::window_s);
  return state;
}

void expect_as_gathered(Case c, const std::string& words) {
  SCOPED_TRACE(core::format("{} {} x {} periodic {} norm {}", c.kind, c.cells[0], c.cells[1],
                            c.periodic, c.norm));
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
  for (const char* field : {"q", "f"})
    EXPECT_LT(tests::largest_difference(a, b, field), 1e-5) << field;
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
    expect_as_gathered({.kind = "unet", .periodic = periodic, .norm = "group"},
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

TEST(NetworkCall, FieldsOfNetworksThatServeNoBlocksAreGathered) {
  const int ranks = core::Comm::world().size();
  if (ranks == 1) return;
  Case c{.kind = "conv_autoencoder", .cells = {48, 48}};
  EXPECT_EQ(make(c).surrogate->inference().on, "gathered");
  EXPECT_EQ(make(c).surrogate->inference().on_reason,
            "the network 'conv_autoencoder' is called on whole fields");
  c.inference = "blocks";
  EXPECT_EQ(
      error_text([&] { make(c); }),
      "swap.inference: blocks: the network 'conv_autoencoder' is called on whole fields. With "
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
