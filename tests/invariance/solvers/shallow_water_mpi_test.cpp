// Ranks and restarts do not change a shallow-water run.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/io/checkpoint.hpp"
#include "support/scratch.hpp"
#include "support/solvers_shallow_water.hpp"

using namespace understudy;
using namespace understudy::tests;

namespace {

template <class Real>
void expect_same_on_all_ranks(double tolerance, const char* scheme = "ssp_rk104") {
  auto params = shallow_water("galewsky", 30);
  params.time_scheme = scheme;
  params.viscosity_m2_s = 1e5;
  params.hyperviscosity_m4_s = 1e15;
  ShallowWaterRun<Real> alone(params, 24, core::Comm::self());
  ShallowWaterRun<Real> together(params, 24);
  alone.solver.advance(alone.state, 0.25 * day_s);
  together.solver.advance(together.state, 0.25 * day_s);
  double worst = 0;
  const auto& grid = *together.grid;
  const mesh::Range3 inner = grid.interior();
  for (const char* name : {"depth", "velocity"}) {
    const auto a = alone.state[name].data, b = together.state[name].data;
    double size = 0;
    for (std::size_t n = 0; n < a.size(); ++n) size = std::max(size, double(std::abs(a.data()[n])));
    for (std::size_t c = 0; c < a.extent(0); ++c)
      for (int k = 0; k < 6; ++k)
        for (int j = inner.begin[1]; j < inner.end[1]; ++j)
          for (int i = inner.begin[0]; i < inner.end[0]; ++i)
            worst = std::max(
                worst,
                double(std::abs(b(c, k, j, i) - a(c, k, j + grid.offset(1), i + grid.offset(0)))) /
                    size);
  }
  EXPECT_LT(worst, tolerance);
}

}  // namespace

TEST(ShallowWaterRanks, OneAndManyAgree) {
  expect_same_on_all_ranks<double>(1e-12);
  expect_same_on_all_ranks<float>(1e-4);
  expect_same_on_all_ranks<double>(1e-12, "fb_rk32");
}

TEST(ShallowWaterRestart, IsBitwiseTheSame) {
  const auto params = shallow_water("williamson_5", 45);
  ShallowWaterRun<double> straight(params, 24), first(params, 24), second(params, 24);
  for (int window = 0; window < 4; ++window) straight.solver.advance(straight.state, 3600);
  for (int window = 0; window < 2; ++window) first.solver.advance(first.state, 3600);
  const Scratch folder;
  mesh::write_checkpoint(folder / "checkpoint.h5", first.state, {});
  mesh::read_checkpoint(folder / "checkpoint.h5", second.state);
  for (int window = 0; window < 2; ++window) second.solver.advance(second.state, 3600);
  EXPECT_EQ(straight.state.step, second.state.step);
  const mesh::Range3 inner = straight.grid->interior();
  for (const char* name : {"depth", "velocity"}) {
    const auto a = straight.state[name].data, b = second.state[name].data;
    for (std::size_t c = 0; c < a.extent(0); ++c)
      for (int k = 0; k < 6; ++k)
        for (int j = inner.begin[1]; j < inner.end[1]; ++j)
          for (int i = inner.begin[0]; i < inner.end[0]; ++i)
            ASSERT_EQ(a(c, k, j, i), b(c, k, j, i)) << name;
  }
}
