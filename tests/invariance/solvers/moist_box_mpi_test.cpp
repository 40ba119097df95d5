// The moist box on one rank and on all: every rank also does the whole problem alone and compares its own
// block. And a run continued from a checkpoint file is bitwise the uninterrupted one.
#include <cstring>
#include <filesystem>

#include "mesh/io/checkpoint.hpp"
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

MoistBoxParams slice() {
  MoistBoxParams params = bryan_fritsch(true);
  params.initial.bubbles[0].center_m = {700, 2000};
  params.initial.noise_k = 0.1;
  params.sides[0] = "wall";
  params.diffusion.model = "smagorinsky";
  return params;
}

MoistBoxParams rainy_box() {
  MoistBoxParams params;
  params.base.profile = "weisman_klemp";
  params.base.wind_m_s = {"10 * z / 6000", "0"};
  params.moisture = "rain";
  params.microphysics = "kessler";
  params.sides[1] = "wall";
  params.coriolis_1_s = 1e-4;
  params.diffusion.model = "constant";
  params.diffusion.viscosity_m2_s = 100;
  params.rayleigh.depth_m = 4000;
  params.initial.bubbles = {bubble("theta", 3, {9000, 7000, 1500}, {6000, 6000, 1500})};
  return params;
}

// Over a mountain, with uneven levels and layers at the sides.
MoistBoxParams mountain() {
  MoistBoxParams params = slice();
  params.sides[0] = "periodic";
  params.base.wind_m_s = {"8"};
  params.terrain = {"700 * exp(-((x - 3000) / 900)^2)", 4000};
  params.levels.lowest_m = 120;
  params.rayleigh.depth_m = 2000;
  params.rayleigh.x_sides_m = 1000;
  return params;
}

MoistBoxParams rainy_mountain() {
  MoistBoxParams params = rainy_box();
  params.terrain.height_m = "900 * exp(-((x - 8000) / 3000)^2 - ((y - 6000) / 2500)^2)";
  params.rayleigh.y_sides_m = 3000;
  params.surface = {0.002, 0.002, 0.002, "302 + x / 16000", 1};
  return params;
}

const mesh::GridParams slice_box{{0, 0}, {6400, 6400}, {32, 32}, {}};
const mesh::GridParams rainy_grid{{0, 0, 0}, {16000, 14000, 12000}, {16, 14, 12}, {}};

// Cloud that is not long in coming.
MoistBoxParams shower_by_bins() {
  MoistBoxParams params;
  params.base.profile = "weisman_klemp";
  params.moisture = params.microphysics = "bins";
  params.bins.bins = 24;
  params.initial.bubbles = {bubble("theta", 6, {3000, 1500}, {2000, 1500})};
  return params;
}

const mesh::GridParams shower_box{{0, 0}, {8000, 10000}, {16, 20}, {}};

template <class Real>
std::vector<std::pair<mesh::FieldInfo, int>> components(const mesh::State<Real>& state) {
  std::vector<std::pair<mesh::FieldInfo, int>> all;
  for (const auto& field : state.fields())
    for (int c = 0; c < field.info.components; ++c) all.emplace_back(field.info, c);
  return all;
}

void compare_ranks(const MoistBoxParams& params, const mesh::GridParams& box, double duration) {
  Case<double> all(params, box), alone(params, box, core::Comm::self());
  all.solver.advance(all.state, duration);
  alone.solver.advance(alone.state, duration);
  EXPECT_EQ(all.state.step, alone.state.step);
  EXPECT_GT(alone.diagnostic("w_max_m_s"), 0.5);
  if (params.moisture == "bins") {
    EXPECT_GT(alone.diagnostic("cloud_water"), 1);
  }
  for (const auto& [field, component] : components(all.state)) {
    const auto mine = all.values(field.name, component),
               whole = alone.values(field.name, component);
    const mesh::Range3 r = all.grid->points(field.location);
    double worst = 0, largest = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const double other =
              whole(k + all.grid->offset(2), j + all.grid->offset(1), i + all.grid->offset(0));
          worst = std::max(worst, std::abs(mine(k, j, i) - other));
          largest = std::max(largest, std::abs(other));
        }
    largest = all.grid->comm().max(largest);
    EXPECT_LE(worst, 1e-10 * largest) << field.name << " " << component;
  }
}

TEST(MoistBoxRanks, Slice) { compare_ranks(slice(), slice_box, 200); }
TEST(MoistBoxRanks, RainyBox) { compare_ranks(rainy_box(), rainy_grid, 200); }
TEST(MoistBoxRanks, ShowerByBins) { compare_ranks(shower_by_bins(), shower_box, 180); }
TEST(MoistBoxRanks, Mountain) { compare_ranks(mountain(), slice_box, 100); }
TEST(MoistBoxRanks, RainyMountain) { compare_ranks(rainy_mountain(), rainy_grid, 100); }

template <class Real>
void compare_restart(const MoistBoxParams& params, const mesh::GridParams& box,
                     const std::string& name) {
  const double window = 60;
  Case<Real> straight(params, box);
  straight.solver.advance(straight.state, window);
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("moist_box_" + name + std::to_string(straight.grid->comm().size()) + ".h5");
  mesh::write_checkpoint(path, straight.state, {});
  straight.solver.advance(straight.state, window);

  Case<Real> restarted(params, box);
  mesh::read_checkpoint(path, restarted.state);
  restarted.solver.advance(restarted.state, window);
  straight.grid->comm().barrier();
  if (straight.grid->comm().is_root()) std::filesystem::remove(path);

  EXPECT_EQ(straight.state.time_s, restarted.state.time_s);
  EXPECT_EQ(straight.state.step, restarted.state.step);
  for (const auto& [field, component] : components(straight.state)) {
    const auto a = straight.values(field.name, component);
    const auto b = restarted.values(field.name, component);
    const mesh::Range3 r = straight.grid->points(field.location);
    long long differing = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          differing += std::memcmp(&a(k, j, i), &b(k, j, i), sizeof(Real)) != 0;
    EXPECT_EQ(differing, 0) << field.name << " " << component;
  }
}

TEST(MoistBoxRestart, SliceDouble) { compare_restart<double>(slice(), slice_box, "slice"); }
TEST(MoistBoxRestart, SliceSingle) { compare_restart<float>(slice(), slice_box, "slice_f"); }
TEST(MoistBoxRestart, Mountain) { compare_restart<double>(mountain(), slice_box, "mountain"); }
TEST(MoistBoxRestart, RainyMountainSingle) {
  compare_restart<float>(rainy_mountain(), rainy_grid, "rainy_mountain_f");
}
TEST(MoistBoxRestart, RainyBox) { compare_restart<double>(rainy_box(), rainy_grid, "rainy"); }
TEST(MoistBoxRestart, ShowerByBins) {
  compare_restart<double>(shower_by_bins(), shower_box, "bins");
}
TEST(MoistBoxRestart, RainyBoxSingle) {
  compare_restart<float>(rainy_box(), rainy_grid, "rainy_f");
}

}  // namespace
