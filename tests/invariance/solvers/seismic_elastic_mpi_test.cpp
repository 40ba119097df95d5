// Elastic waves do not depend on the number of ranks, and a run that was written and read back goes on
// bit by bit as if nothing had happened.
#include "mesh/io/checkpoint.hpp"
#include "support/scratch.hpp"
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

ElasticCase sample(bool space, bool surface) {
  ElasticCase c;
  if (space)
    c.box = {{0, 0, -280}, {220, 230, 0}, {22, 23, 28}, {}};
  else
    c.box = {{0, -800}, {400, 0}, {40, 80}, {}};
  // So that the vertical axis is split, too, and its blocks hold the surface's rows and the layer.
  const int ranks = core::Comm::world().size();
  if (space && ranks > 1) c.box.ranks = {ranks / 2, 1, 2};
  c.model.kind = "layered";
  c.model.layers = {{0, 1800, 800, 1800}, {100, 3500, 2000, 2500}};
  c.free_surface = surface;
  c.layer_cells = 8;
  c.frequency_hz = 20;
  c.at = {113, 114, 7};  // touches several blocks
  c.source.kind = "moment";
  c.source.moment =
      space ? std::vector<double>{1, 0.5, 1, 0.3, 0.2, -0.4} : std::vector<double>{1, 0.5, 0.3};
  c.receivers = {{120, 120, 0}, {81, 80, 110}, {151, 20, 33}};
  c.end_s = space ? 0.12 : 0.3;
  return c;
}

TEST(ElasticRanks, SameTraces) {
  for (const bool space : {false, true})
    for (const bool surface : {false, true}) {
      const ElasticCase c = sample(space, surface);
      ElasticCase one = c;
      one.box.ranks.clear();
      const auto alone = traces_of<double>(one, core::Comm::self());
      const auto together = traces_of<double>(c);
      ASSERT_EQ(alone.size(), together.size());
      for (std::size_t q = 0; q < alone.size(); ++q)
        for (int r = 0; r < 3; ++r) {
          const auto a = trace_of(alone, q, r), b = trace_of(together, q, r);
          ASSERT_GT(largest(a), 0);
          EXPECT_LT(rel_l2(b, a), 1e-12) << alone[q].quantity << " of receiver " << r;
        }
    }
}

template <class Real>
void expect_same_restart(const ElasticCase& c) {
  const Scratch scratch;
  const int half = c.steps() / 2, rest = c.steps() - half;
  ElasticRun<Real> whole(c);
  whole.solver.advance(whole.state, half * c.step());
  mesh::write_checkpoint(scratch / "half.h5", whole.state, {});
  whole.solver.advance(whole.state, rest * c.step());

  ElasticRun<Real> resumed(c);
  mesh::read_checkpoint(scratch / "half.h5", resumed.state);
  resumed.solver.resume_shot(c.shot());
  resumed.solver.advance(resumed.state, rest * c.step());
  EXPECT_EQ(resumed.state.step, whole.state.step);
  const mesh::Grid& g = whole.state.grid();
  for (const auto& field : whole.state.fields()) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                       resumed.state[field.info.name].data);
    const auto range = g.points(field.info.location);
    for (int k = range.begin[2]; k < range.end[2]; ++k)
      for (int j = range.begin[1]; j < range.end[1]; ++j)
        for (int i = range.begin[0]; i < range.end[0]; ++i)
          ASSERT_EQ(a(0, k, j, i), b(0, k, j, i)) << field.info.name;
  }
  const auto all = whole.solver.traces(), late = resumed.solver.traces();
  for (std::size_t q = 0; q < all.size(); ++q)
    for (int m = half + 1; m < all[q].gather.samples; ++m)
      ASSERT_EQ(all[q].gather.at(m, 1), late[q].gather.at(m, 1));
}

TEST(ElasticRestart, BitwiseTheSame) {
  for (const bool surface : {false, true}) {
    expect_same_restart<double>(sample(false, surface));
    expect_same_restart<float>(sample(true, surface));
  }
}

}  // namespace
}  // namespace understudy::tests
