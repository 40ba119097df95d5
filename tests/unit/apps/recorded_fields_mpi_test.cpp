// Recorded trajectories as a Stepper, and the errors of a rollout against numbers by hand, on any number of ranks.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/fields/recorded.hpp"
#include "apps/fields/rollout.hpp"
#include "support/apps_recorded_waves.hpp"
#include "support/surrogates_synthetic.hpp"

namespace understudy::apps {
namespace {

using tests::error_text;

std::filesystem::path waves(const std::string& name) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder(name, comm);
  if (comm.is_root()) tests::write_waves(folder);
  comm.barrier();
  return folder;
}

TEST(Recorded, AdvancesToTheFrameOfTheNewTime) {
  const surrogates::DatasetReader data(waves("recorded_frames"));
  const auto grid = grid_of(data, core::Comm::world());
  const int sample = data.samples_of("test").front();
  Recorded recorded(data, grid, sample);
  mesh::State<float> state(grid, data.info().fields), frame = state.clone();
  recorded.read(2, state);
  EXPECT_NEAR(state.time_s, 2 * tests::waves_dt_s, 1e-6);
  const auto report = recorded.advance(state, 3 * data.info().window_s);
  EXPECT_EQ(report.steps, 3);
  recorded.read(5, frame);
  EXPECT_DOUBLE_EQ(state.time_s, frame.time_s);
  for (const char* field : {"density", "velocity"})
    EXPECT_EQ(tests::largest_difference(state, frame, field), 0) << field;
  recorded.read(0, frame);
  EXPECT_GT(tests::largest_difference(state, frame, "density"), 0.1);
  const std::string text = error_text([&] { recorded.advance(state, 7 * data.info().window_s); });
  EXPECT_NE(text.find("has the frames 0 to 11, and 12 is asked for"), std::string::npos) << text;
}

TEST(Recorded, RefusesModelsThatCorrectWhatASolverMade) {
  surrogates::ModelCard card;
  card.network.kind = "unet";
  require_no_correction(card, "here/model");
  card.network.kind = "correction";
  const std::string text = error_text([&] { require_no_correction(card, "here/model"); });
  for (const char* part : {"fields.model", "here/model", "kind correction", "any other kind"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
}

TEST(Recorded, NamesComponentsByTheirAxes) {
  EXPECT_EQ(component_name({.name = "density", .unit = ""}, 0), "density");
  EXPECT_EQ(component_name({.name = "velocity", .unit = "", .components = 3}, 2), "velocity_z");
  EXPECT_EQ(component_name({.name = "species", .unit = "", .components = 5}, 4), "species_4");
  const surrogates::DatasetReader data(waves("recorded_names"));
  EXPECT_EQ(channel_names(data.info().fields, mesh::Role::prognostic),
            (std::vector<std::string>{"density", "velocity_x", "velocity_y"}));
  const mesh::State<float> state(grid_of(data, core::Comm::world()), data.info().fields);
  EXPECT_EQ(shown_fields(state).at(2).name, "velocity_y");
}

TEST(Recorded, TakesBoxesAlone) {
  const auto comm = core::Comm::world();
  const auto folder = waves("recorded_measures");
  if (comm.is_root()) {
    mesh::Hdf5File file(folder / "data" / "train" / "a.hdf5", mesh::H5Mode::update,
                        core::Comm::self());
    file.put("cell_measures/cells", std::vector<double>(16 * 16, 1.0), {16, 16});
    file.close();
  }
  comm.barrier();
  const surrogates::DatasetReader data(folder);
  const std::string text = error_text([&] { grid_of(data, comm); });
  EXPECT_NE(text.find("its cells do not measure alike (cell_measures); app: fields takes uniform "
                      "boxes of two or three axes"),
            std::string::npos)
      << text;
}

// v = 1, 3 in halves of the box and u = v + 1/2: <v^2> = 5, <(v - 2)^2> = 1, <(u - v)^2> = 1/4.
TEST(RolloutErrors, AreThoseByHand) {
  const auto comm = core::Comm::world();
  const auto grid = tests::carrier_grid(true, comm);
  const mesh::Array3<float> v("v", grid->extent(2), grid->extent(1), grid->extent(0)),
      u("u", grid->extent(2), grid->extent(1), grid->extent(0));
  const auto host_v = Kokkos::create_mirror_view(v), host_u = Kokkos::create_mirror_view(u);
  const auto r = grid->everything();
  for (int k = 0; k < r.end[2]; ++k)
    for (int j = 0; j < r.end[1]; ++j)
      for (int i = 0; i < r.end[0]; ++i) {
        const double x = grid->coordinate(mesh::Location::cell, 0, i);
        host_v(k, j, i) = x > 0 && x < 0.75 ? 1 : 3;
        host_u(k, j, i) = host_v(k, j, i) + 0.5f;
      }
  Kokkos::deep_copy(v, host_v);
  Kokkos::deep_copy(u, host_u);
  const auto squares = squares_of(*grid, v);
  EXPECT_NEAR(squares.size, 5, 1e-12);
  EXPECT_NEAR(squares.spread, 1, 1e-12);
  const double miss = mean_square_difference(*grid, u, v);
  EXPECT_NEAR(miss, 0.25, 1e-12);
  EXPECT_NEAR(relative_l2(miss, squares), std::sqrt(0.05), 1e-12);
  EXPECT_NEAR(vrmse(miss, squares), 0.5 / std::sqrt(1 + 1e-7), 1e-12);
  EXPECT_TRUE(std::isnan(relative_l2(miss, {0, 0})));
  EXPECT_EQ(relative_l2(0, {0, 0}), 0);
  EXPECT_NEAR(vrmse(miss, {0, 0}), 0.5 / std::sqrt(1e-7), 1e-9);
}

TEST(RolloutErrors, MeansAreOverWindowsAfterTheStartAndOverTrajectories) {
  EXPECT_DOUBLE_EQ(mean_of({0, 1, 3}), 2);
  EXPECT_TRUE(std::isnan(mean_of({0})));
  TrajectoryErrors one{.sample = "a"}, other{.sample = "b"};
  one.channels = {{"q", "K"}};
  one.channels[0].prediction = {{0, 1}, {0, 4}};
  other.channels = {{"q", "K"}};
  other.channels[0].prediction = {{0, 3}, {0, std::nan("")}};
  const auto mean = mean_over({one, other});
  ASSERT_EQ(mean.size(), 1u);
  EXPECT_DOUBLE_EQ(mean[0].prediction.rel_l2[1], 2);
  EXPECT_TRUE(std::isnan(mean[0].prediction.vrmse[1])) << "one failed";
  EXPECT_TRUE(mean_over({}).empty());
}

// The mean of the training frames is of all of them, wherever the test's trajectory is.
TEST(RolloutErrors, TheMeanFieldIsOfAllTrainingFrames) {
  const surrogates::DatasetReader data(waves("recorded_mean"));
  const auto grid = grid_of(data, core::Comm::world());
  const mesh::State<float> like(grid, data.info().fields);
  auto mean = mean_of_training(data, like);
  EXPECT_EQ(mean.text(), "the mean of all 60 frames of 5 training samples");
  mesh::State<float> first(grid, data.info().fields);
  first.copy_from(mean.at(0));
  EXPECT_EQ(tests::largest_difference(first, mean.at(9), "density"), 0);
  double sum = 0;
  for (const int sample : data.samples_of("train"))
    for (const float value : data.prognostic_channel(sample, 0, 0, 12, {{3, 2, 0}, {4, 3, 1}}))
      sum += static_cast<double>(value) / 60;
  const int i = 3 - static_cast<int>(grid->offset(0)), j = 2 - static_cast<int>(grid->offset(1));
  if (i < 0 || j < 0 || i >= grid->local_cells(0) || j >= grid->local_cells(1)) return;
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), first["density"].component());
  const auto r = grid->interior();
  EXPECT_NEAR(host(r.begin[2], r.begin[1] + j, r.begin[0] + i), sum, 1e-6);
}

}  // namespace
}  // namespace understudy::apps
