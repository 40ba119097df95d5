// Fields that another program recorded, through the program: trained, rolled out and compared with the data, on one rank
// and on two; and what is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/apps_cli.hpp"
#include "support/apps_recorded_waves.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> channels{"density", "velocity_x", "velocity_y"};

std::string deck_of(const std::string& network, const std::string& more = "") {
  return "app: fields\nfields: {dataset: waves}\nnetwork: {" + network +
         "}\ntraining: {unroll: [1], unroll_fractions: [], rollout_windows: 8, validate_every: 1, "
         "epochs: 4}\n" +
         more;
}

const std::string two_modes = "kind: pod, latent_size: 2, latent_map: linear";

class RecordedFields : public testing::Test {
 protected:
  void SetUp() override { write_waves(scratch / "waves"); }
  Outcome call(const std::string& verb, const std::string& text,
               const std::vector<std::string>& settings = {}, int ranks = 1) {
    spit(scratch / "deck.yaml", text);
    return understudy(with_settings({verb, scratch / "deck.yaml", "--out", out()}, settings, {}),
                      ranks);
  }
  fs::path out() const { return scratch / "out"; }
  Scratch scratch;
};

double mean_vrmse(const nlohmann::json& metrics, const std::string& side) {
  double sum = 0;
  for (const auto& channel : channels)
    sum += metrics.at(side).at(channel).at("vrmse_mean").get<double>();
  return sum / static_cast<double>(channels.size());
}

// Two modes hold the waves, and the map of a window is a smooth function of the speed. What is lost: the modes' 16 and
// 8 bits (a hundredth at most) and the cubic remainder of the speed's parabola (below 1e-4 of a turn).
TEST_F(RecordedFields, ModesFollowWavesOfUnseenPhases) {
  const auto outcome = call("study", deck_of(two_modes), {"compare.vtk_every=4"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = summary(out())["metrics"];
  EXPECT_EQ(metrics["fields"]["trajectories"], 2);
  EXPECT_EQ(metrics["fields"]["failed_trajectories"], 0);
  EXPECT_EQ(metrics["fields"]["windows"], waves_frames - 1);
  EXPECT_LT(mean_vrmse(metrics, "error"), 0.05);
  EXPECT_FALSE(metrics.contains("speedup"));
  for (const char* file : {"report.html", "comparison.csv", "trajectories.csv", "data.pvd",
                           "prediction.pvd", "model/card.yaml"})
    EXPECT_TRUE(fs::exists(out() / file)) << file;
  const std::string page = slurp(out() / "report.html");
  for (const char* part :
       {"no speed-up is given", "velocity_x", "unknown", "prediction minus data"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

// VRMSE of persistence is 2 |sin(pi t)| for waves of speed 1, and that of the spatial mean 1: the files' single
// precision and The Well's floor of 1e-7 are off by less than 1e-5 of it.
TEST_F(RecordedFields, BaselinesAreThoseOfTheWaves) {
  const auto outcome = call("study", deck_of(two_modes), {"compare.windows=7"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* file : {"data.pvd", "prediction.pvd"})
    EXPECT_FALSE(fs::exists(out() / file)) << file << " without compare.vtk_every";
  std::istringstream lines(slurp(out() / "comparison.csv"));
  std::string heading, line;
  std::getline(lines, heading);
  EXPECT_NE(heading.find("time_s,density rel_l2,density vrmse,density persistence,"),
            std::string::npos)
      << heading;
  long long rows = 0;
  while (std::getline(lines, line)) ++rows;
  EXPECT_EQ(rows, 8);
  const auto metrics = summary(out())["metrics"];
  const double wanted = 2 * std::sin(std::numbers::pi * 7 * waves_dt_s);
  for (const auto& channel : channels)
    EXPECT_NEAR(metrics["persistence"][channel]["vrmse_final"].get<double>(), wanted, 1e-5 * wanted)
        << channel;
  // Of the density: sqrt(<(change)^2> / <v^2>), amplitudes 0.6 and 0.7 about 2.
  double density = 0;
  for (const double amplitude : {0.6, 0.7})
    density += 0.5 * wanted * amplitude / std::sqrt(2 * (4 + amplitude * amplitude / 2));
  EXPECT_NEAR(metrics["persistence"]["density"]["rel_l2_final"].get<double>(), density,
              1e-5 * density);
}

TEST_F(RecordedFields, TwoRanksGiveTheNumbersOfOne) {
  ASSERT_EQ(call("train", deck_of(two_modes)).exit_code, 0);
  std::vector<nlohmann::json> of;
  for (const int ranks : {1, 2}) {
    const auto outcome = call("compare", deck_of(two_modes), {}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    of.push_back(summary(out())["metrics"]);
  }
  for (const auto& channel : channels)
    for (const char* side : {"error", "persistence", "climatology"}) {
      const double one = of[0][side][channel]["vrmse_mean"],
                   two = of[1][side][channel]["vrmse_mean"];
      // Values of single precision about 2, 2e-7 of them a window in 11 windows, over a spread of 0.2 or more.
      EXPECT_NEAR(one, two, 2e-5 + 1e-4 * one) << side << " " << channel;
    }
}

// Waves of one speed: a window is one rotation, which the least-squares matrix from frame to frame is.
TEST_F(RecordedFields, DynamicModesOfOneSpeedAtAStride) {
  fs::remove_all(scratch / "waves");
  write_waves(scratch / "waves", true);
  const auto outcome = call("study", deck_of("kind: dmd, latent_size: 2"), {"fields.stride=2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = summary(out())["metrics"];
  EXPECT_EQ(metrics["fields"]["windows"], 5);  // frames 0, 2... 10
  EXPECT_NEAR(metrics["fields"]["window_s"].get<double>(), 2 * waves_dt_s, 1e-6);
  EXPECT_LT(mean_vrmse(metrics, "error"), 0.05);
}

// What a network learns in a few steps is no test of accuracy: it must beat a state that does not change, which it is
// before the first step.
TEST_F(RecordedFields, AUNetLearnsMoreThanPersistence) {
  const auto outcome =
      call("study", deck_of("kind: unet, width: 8, levels: 1, patch: 1"),
           {"training.epochs=40", "training.batch=8", "training.validate_every=10"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = summary(out())["metrics"];
  EXPECT_LT(mean_vrmse(metrics, "error"), mean_vrmse(metrics, "persistence"));
}

TEST_F(RecordedFields, CheckSaysWhatIsThere) {
  const auto outcome = call("check", deck_of(two_modes));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"16 x 16 cells", "periodic, periodic, periodic, periodic",
                           "5 train (60 frames), 1 valid (12 frames), 2 test (24 frames)",
                           "density, velocity_x, velocity_y"})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << outcome.out;
}

TEST_F(RecordedFields, SaysWhatIsWrongInTheDeck) {
  const std::string deck = deck_of(two_modes);
  const auto refused = [&](const std::vector<std::string>& settings,
                           const std::vector<std::string>& parts, const char* verb = "check") {
    SCOPED_TRACE(settings.front());
    expect_refused(call(verb, deck, settings), parts);
    EXPECT_FALSE(fs::exists(out()));
  };
  refused({"fields.dataset=nowhere"},
          {"fields.dataset: there is no folder", "nowhere", "data/train"});
  refused({"fields.stride=12"}, {"a.hdf5", "has 12 frames", "a stride of 11 or less"});
  refused({"network.constrain=true"}, {"network.constrain", "no equations", "only false"});
  refused({"network.kind=correction"}, {"network.kind", "correction", "what a solver made"});
  refused({"training.members=2"}, {"training.members", "only 1 is valid"});
  refused({"network.kind=unet", "network.levels=5"}, {"16"});
  refused({"compare.windows=12"}, {"12 windows from frame 0", "12 frames", "compare.windows 11"},
          "study");
  refused({"compare.first_frame=11"}, {"1 windows from frame 11", "12 frames"}, "study");
  refused({"compare.trajectories=3"}, {"compare.trajectories: 3", "the split test has 2"}, "study");
  refused({"compare.pictures=[velocity]"}, {"compare.pictures", "'velocity'", "velocity_x"},
          "study");
  refused({"compare.windows=2"}, {"no model in", "understudy train"}, "compare");
  refused({"compare.windows=2"},
          {"app: fields does not take `run`; it takes train, compare, study"}, "run");
}

TEST_F(RecordedFields, SaysWhatIsWrongInTheFiles) {
  const auto refused = [&](const std::vector<std::string>& parts, const char* verb = "check") {
    expect_refused(call(verb, deck_of(two_modes)), parts);
  };
  write_waves_file(scratch / "waves/data/train/a.hdf5", {{1, 1}, "spherical"});
  refused({"a.hdf5", "grid_type is 'spherical'", "cartesian is wanted"});
  write_waves(scratch / "waves");
  fs::remove_all(scratch / "waves/data/test");
  refused({"no trajectory in compare.split test", "5 train (60 frames)", "0 test"}, "study");
  fs::rename(scratch / "waves/data/train", scratch / "waves/data/test");
  refused({"no sample in the split train"});
}

}  // namespace
}  // namespace understudy::tests
