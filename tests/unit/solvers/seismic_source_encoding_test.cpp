// Shots superposed with random signs: the draws, the superposed records, the joint stencil of their sources,
// and what cannot be superposed.
#include "solvers/seismic/survey/source_encoding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "core/error.hpp"
#include "solvers/seismic/inversion/inversion_params.hpp"
#include "solvers/seismic/survey/point_stencil.hpp"
#include "support/solvers_seismic_elastic.hpp"
#include "support/solvers_seismic_params.hpp"

namespace understudy::solvers::seismic {
namespace {

// (shot + 1) * factor of each member.
std::vector<std::vector<int>> signed_shots(const SourceEncoding& encoding) {
  std::vector<std::vector<int>> all;
  for (const auto& members : encoding) {
    auto& one = all.emplace_back();
    for (const auto& m : members) {
      EXPECT_EQ(std::abs(m.factor), 1);
      one.push_back(int(m.factor) * (m.shot + 1));
    }
  }
  return all;
}

// Worked out by another implementation of splitmix64: no platform may have signs of its own.
TEST(SeismicSourceEncoding, DrawsAreTheSameEverywhere) {
  using Expected = std::vector<std::vector<int>>;
  EXPECT_EQ(signed_shots(draw_encoding({.shots = 8, .supershots = 2, .seed = 1})),
            (Expected{{1, 2, -4, -7}, {-3, 5, 6, 8}}));
  EXPECT_EQ(signed_shots(draw_encoding({.shots = 8, .supershots = 2, .seed = 1, .renewal = 1})),
            (Expected{{1, -4, 6, -7}, {-2, 3, 5, 8}}));
  EXPECT_EQ(signed_shots(
                draw_encoding({.shots = 5, .supershots = 2, .seed = 7, .stage = 1, .renewal = 3})),
            (Expected{{1, -2, 4}, {-3, -5}}));
}

TEST(SeismicSourceEncoding, EveryShotIsInOneSupershotAndDrawsDiffer) {
  std::set<std::vector<std::vector<int>>> met;
  for (const std::uint64_t seed : {1, 2})
    for (int stage = 0; stage < 3; ++stage)
      for (int renewal = 0; renewal < 20; ++renewal) {
        const auto encoding = draw_encoding({23, 5, seed, stage, renewal});
        ASSERT_EQ(encoding.size(), 5u);
        std::vector<int> shots;
        for (const auto& members : encoding) {
          EXPECT_GE(members.size(), 4u);
          EXPECT_LE(members.size(), 5u);
          for (const auto& m : members) shots.push_back(m.shot);
        }
        std::ranges::sort(shots);
        for (int s = 0; s < 23; ++s) ASSERT_EQ(shots[std::size_t(s)], s);
        met.insert(signed_shots(encoding));
      }
  EXPECT_EQ(met.size(), 2u * 3 * 20);
}

// Draws are fixed numbers: five standard deviations of 4096 independent signs.
TEST(SeismicSourceEncoding, SignsOfTwoShotsHaveNothingToDoWithEachOther) {
  constexpr int draws = 4096, shots = 5;
  std::map<std::pair<int, int>, std::pair<int, double>> pairs;
  for (int renewal = 0; renewal < draws; ++renewal)
    for (const auto& members : draw_encoding({shots, 2, 1, 0, renewal}))
      for (std::size_t a = 0; a < members.size(); ++a)
        for (std::size_t b = a + 1; b < members.size(); ++b) {
          auto& [count, sum] = pairs[{members[a].shot, members[b].shot}];
          ++count;
          sum += members[a].factor * members[b].factor;
        }
  ASSERT_EQ(pairs.size(), std::size_t(shots * (shots - 1) / 2));
  for (const auto& [pair, met] : pairs) {
    EXPECT_LT(std::abs(met.second) / draws, 5 / std::sqrt(double(draws)));
    // Of three and two: 4 of 10 pairs share a supershot.
    EXPECT_NEAR(double(met.first) / draws, 0.4, 5 * std::sqrt(0.4 * 0.6 / draws));
  }
}

TEST(SeismicSourceEncoding, RecordsAreAddedWithTheirSigns) {
  std::vector<Gather> gathers(3, Gather(2, 2));
  for (int s = 0; s < 3; ++s)
    for (int n = 0; n < 4; ++n) gathers[std::size_t(s)].values[std::size_t(n)] = 10 * s + n;
  const auto sums = superpose(gathers, {{{0, 1}, {2, -1}}, {{1, -1}}});
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].samples, 2);
  EXPECT_EQ(sums[0].receivers, 2);
  EXPECT_EQ(sums[0].values, (std::vector<double>{-20, -20, -20, -20}));
  EXPECT_EQ(sums[1].values, (std::vector<double>{-10, -11, -12, -13}));
}

std::string refusal(int supershots, int shots) {
  try {
    require_encoding(supershots, shots);
  } catch (const core::UserError& e) {
    return e.what();
  }
  return {};
}

TEST(SeismicSourceEncoding, AsManySupershotsAsShotsAreRefused) {
  EXPECT_EQ(refusal(7, 8), "");
  EXPECT_EQ(
      refusal(8, 8),
      "inversion.encoding.supershots is 8, and the survey has 8 shots: there is nothing to gain; "
      "give 1 to 7, or 0 for every shot by itself");
  EXPECT_EQ(
      refusal(1, 1),
      "inversion.encoding.supershots is 1, and the survey has 1 shot: there is nothing to gain; "
      "set it to 0");
}

TEST(SeismicSourceEncoding, OnlyLeastSquaresIsSuperposed) {
  InversionParams p;
  EXPECT_FALSE(p.encoding.on());
  const auto usual = tests::problems_of(p);
  for (const char* misfit : {"correlation", "envelope"}) {
    p.misfit = misfit;
    p.encoding.supershots = 0;
    EXPECT_EQ(tests::problems_of(p), usual);
    p.encoding.supershots = 2;
    const auto problems = tests::problems_of(p);
    EXPECT_EQ(problems.size(), usual.size() + 1);
    const auto found = std::ranges::find_if(problems, [&](const std::string& text) {
      return text.starts_with("misfit: is " + std::string(misfit) +
                              "; inversion.encoding needs least_squares");
    });
    EXPECT_NE(found, problems.end());
  }
  p.misfit = "least_squares";
  EXPECT_EQ(tests::problems_of(p), usual);
  for (const EncodingParams wrong : {EncodingParams{2, 0}, EncodingParams{-1, 1}})
    EXPECT_EQ(tests::problems_of(wrong).size(), 1u);
}

TEST(SeismicSourceEncoding, AnElasticShotHasOneSource) {
  tests::ElasticCase c;
  c.receivers = {{600, 0, 250}};
  tests::ElasticRun<double> run(c);
  Shot shot = c.shot();
  shot.parts = {{shot.source, 1}, {{400, 0, 250}, -1}};
  EXPECT_THROW(run.solver.begin_shot(shot, run.state), std::invalid_argument);
}

using Weights = std::map<std::ptrdiff_t, double>;  // by linear index

// The only row of `set`, both ways.
std::pair<Weights, Weights> only_row(const PointStencils& set) {
  const auto copy = [](const auto& view) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, view);
  };
  std::pair<Weights, Weights> weights;
  const auto at = copy(set.by_point.at);
  const auto weight = copy(set.by_point.weight);
  for (std::size_t n = 0; n < at.extent(0); ++n) weights.first[at(n)] += weight(n);
  const auto cell = copy(set.cell);
  const auto first = copy(set.by_cell.first);
  const auto point = copy(set.by_cell.at);
  const auto by_cell = copy(set.by_cell.weight);
  for (int r = 0; r < set.by_cell.rows; ++r)
    for (int n = first(r); n < first(r + 1); ++n) {
      EXPECT_EQ(point(n), 0);
      weights.second[cell(r)] += by_cell(n);
    }
  return weights;
}

// Also where the sources lie so close that their cells overlap.
TEST(SeismicSourceEncoding, AJointStencilIsTheSumOfItsParts) {
  mesh::GridParams box;
  box.lower_m = {0, -300};
  box.upper_m = {400, 0};
  box.cells = {40, 30};
  AbsorbingParams layer;
  layer.width_cells = 8;
  const WaveGrid grid = make_wave_grid(box, layer, true, 4, core::Comm::self());
  const std::vector<PartSource> parts{{{123, 0, 17}, 1}, {{131, 0, 22}, -1}, {{310, 0, 200}, 0.5}};
  const auto set = make_joint_stencil(parts, grid, mesh::Location::cell, Parity::odd);
  EXPECT_EQ(set.points, 1);
  Weights expected;
  for (const auto& part : parts)
    for (const auto& [index, weight] :
         only_row(make_point_stencils({part.at}, grid, mesh::Location::cell, Parity::odd)).first)
      expected[index] += part.factor * weight;
  const auto [sampled, spread] = only_row(set);
  for (const auto* found : {&sampled, &spread}) {
    ASSERT_EQ(found->size(), expected.size());
    for (const auto& [index, weight] : expected) EXPECT_NEAR(found->at(index), weight, 1e-15);
  }
}

}  // namespace
}  // namespace understudy::solvers::seismic
