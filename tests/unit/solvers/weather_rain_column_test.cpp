// The rain column: transport that is exact where it must be, water that stays where nothing is lifted, rain that falls
// from what is, and a process that is handed out.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "solvers/weather/rain_column/rain_column.hpp"

namespace {

using namespace understudy;
using solvers::RainColumnParams;

template <class Real>
struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::RainColumn<Real> solver;
  mesh::State<Real> state;

  explicit Case(const RainColumnParams& params, std::vector<long long> cells = {4, 40},
                double foot = 0)
      : grid(std::make_shared<mesh::BoxGrid>(
            mesh::GridParams{{0, foot}, {4, 3000}, std::move(cells), {}},
            std::array{true, false, true}, core::Comm::self())),
        solver(params, grid),
        state(grid, solver.fields()) {
    solver.initialise(state);
    solver.constrain(state);
  }
  void run(double seconds) {
    for (int n = 0; n < seconds / 60; ++n) solver.advance(state, 60);
  }
  double value(const std::string& name) {
    for (const auto& d : solver.diagnostics(state))
      if (d.name == "rain_column." + name) return d.value;
    throw std::out_of_range(name);
  }
};

RainColumnParams params_of(const std::string& microphysics) {
  RainColumnParams p;
  p.microphysics = microphysics;
  p.updraught_spread = 0.5;
  return p;
}

TEST(RainColumn, WaterStaysWhereNothingIsLifted) {
  for (const char* microphysics : {"kessler", "bins"}) {
    RainColumnParams p = params_of(microphysics);
    p.updraught_m_s = 0;
    p.humidity = 1.3;  // drops form and rain
    Case<double> c(p);
    const double before = c.value("water");
    c.run(1800);
    EXPECT_NEAR(c.value("water") / before, 1, 1e-12) << microphysics;
    EXPECT_GT(c.value("rain_fallen"), 1e-5) << microphysics;
  }
}

TEST(RainColumn, LiftedAirMakesCloudThenRain) {
  for (const char* microphysics : {"kessler", "bins"}) {
    Case<double> c(params_of(microphysics));
    EXPECT_EQ(c.value("cloud_path"), 0);
    c.run(600);
    const double cloud = c.value("cloud_path"), early = c.value("rain_fallen");
    c.run(1800);
    std::printf("%s: cloud after 10 min %.4f, rain after 10 min %.4f, after 40 min %.4f kg/m2\n",
                microphysics, cloud, early, c.value("rain_fallen"));
    EXPECT_GT(cloud, 0.1);
    EXPECT_LT(early, 0.2 * c.value("rain_fallen") + 1e-6);
    EXPECT_GT(c.value("rain_fallen"), 0.02);
  }
}

TEST(RainColumn, VapourIsCarriedAtTheUpdraughtsSpeed) {
  RainColumnParams p = params_of("kessler");
  p.humidity = 0.3;  // no cloud
  p.updraught_spread = 0;
  Case<double> c(p, {4, 120});
  c.run(300);
  const double way = 2 * 600 / std::acos(-1.0);  // integral of 2 m/s sin(pi t / 600 s)
  const auto qv = [](double z) {
    return 0.3 * (z < 0     ? 15e-3
                  : z < 740 ? 15e-3 - 1.2e-3 * z / 740
                            : 13.8e-3 - 11.4e-3 * (z - 740) / 2520);
  };
  double largest = 0;
  for (int l = 0; l < 118; ++l) {  // the slope of the uppermost is 0: nothing is above
    const double z = 12.5 + 25 * l - way;
    if (std::abs(z - 740) < 150 || std::abs(z) < 150) continue;  // the kinks
    largest = std::max(largest, std::abs(c.state["qv"].data(0, 0, 2 + l, 2) / qv(z) - 1));
  }
  EXPECT_LT(largest, 1e-3);
  EXPECT_EQ(c.value("cloud_path"), 0);
}

// The updraught goes on where it was: time moves with the state.
TEST(RainColumn, TwoAdvancesAreOneOfTwiceTheLength) {
  Case<double> two(params_of("kessler")), one(params_of("kessler"));
  two.solver.advance(two.state, 60);
  two.solver.advance(two.state, 60);
  one.solver.advance(one.state, 120);
  EXPECT_EQ(one.state.time_s, 120);
  EXPECT_EQ(two.state.time_s, 120);
  EXPECT_EQ(two.state.step, one.state.step);
  for (std::size_t n = 0; n < one.state["qv"].data.span(); ++n)
    ASSERT_NEAR(two.state["qv"].data.data()[n], one.state["qv"].data.data()[n], 1e-14);
}

TEST(RainColumn, TheProcessIsThatOfTheMicrophysics) {
  Case<double> kessler(params_of("kessler")), bins(params_of("bins"));
  EXPECT_EQ(kessler.solver.point_processes().at(0).name, "microphysics");
  const auto process = bins.solver.point_processes().at(0);
  EXPECT_EQ(process.name, "bin_condensation");
  EXPECT_EQ(bins.solver.point_processes().at(1).name, "bin_coalescence");
  Case<double> handed(params_of("bins"));
  long long calls = 0;
  handed.solver.point_processes().at(0).use(
      [&, physics = process.physics](const auto& in, const auto& out) {
        ++calls;
        physics(in, out);
      });
  bins.run(120);
  handed.run(120);
  EXPECT_GT(calls, 0);
  for (std::size_t n = 0; n < bins.state["drops"].data.span(); ++n)
    ASSERT_EQ(bins.state["drops"].data.data()[n], handed.state["drops"].data.data()[n]);
}

TEST(RainColumn, SingleIsDoubleButForRounding) {
  Case<float> single(params_of("bins"));
  Case<double> whole(params_of("bins"));
  single.run(900);
  whole.run(900);
  EXPECT_NEAR(single.value("water") / whole.value("water"), 1, 1e-4);
  EXPECT_NEAR(single.value("cloud_path") / whole.value("cloud_path"), 1, 2e-2);
}

std::string refusal(const RainColumnParams& params, std::vector<long long> cells, double foot) {
  try {
    Case<double> c(params, std::move(cells), foot);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(RainColumn, RefusesWhatDoesNotFit) {
  EXPECT_NE(refusal(params_of("kessler"), {4, 40}, 500).find("grid.lower_m: is 500 along y"),
            std::string::npos);
  RainColumnParams p = params_of("bins");
  p.bins.bins = 12;
  EXPECT_NE(refusal(p, {4, 40}, 0).find("bins: 12 bins from"), std::string::npos);
}

}  // namespace
