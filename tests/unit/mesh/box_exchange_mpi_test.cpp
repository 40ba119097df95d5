// Values that change ranks: between blocks, columns and the whole on one rank, by their global places; what is sent.
#include "mesh/box_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "mesh/box_grid.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;

constexpr std::array<int, 3> cells{12, 10, 9};
constexpr int components = 3;

std::vector<Range3> blocks(const Comm& comm) {
  GridParams params;
  params.lower_m = {0, 0, 0};
  params.upper_m = {1, 1, 1};
  params.cells = {cells[0], cells[1], cells[2]};
  const BoxGrid grid(params, std::array<bool, 3>{}, comm);
  std::vector<Range3> boxes;
  for (int rank = 0; rank < comm.size(); ++rank) boxes.push_back(grid.block(rank));
  return boxes;
}

std::vector<Range3> all_on(int rank, const Comm& comm) {
  std::vector<Range3> boxes(comm.size(), {{0, 0, 0}, {0, 0, 0}});
  boxes[rank].end = cells;
  return boxes;
}

// Cut across x, the last rank first; all but the first two have nothing.
std::vector<Range3> two_columns(const Comm& comm) {
  std::vector<Range3> boxes(comm.size(), {{3, 2, 1}, {3, 2, 1}});
  boxes.back() = {{0, 0, 0}, cells};
  if (comm.size() == 1) return boxes;
  boxes.back().end[0] = 3;
  boxes.front() = {{3, 0, 0}, cells};
  return boxes;
}

/// Room for a box whose rows, planes and components do not follow each other closely: -1 between them.
template <class Real>
struct Room {
  explicit Room(const Range3& of)
      : box(of),
        row(box.size(0) + 1),
        plane(row * box.size(1) + 2),
        component(plane * box.size(2) + 3),
        values(static_cast<std::size_t>(component) * components, Real(-1)) {}
  Real& at(int c, int k, int j, int i) {  // global
    return values[c * component + (k - box.begin[2]) * plane + (j - box.begin[1]) * row +
                  (i - box.begin[0])];
  }
  template <class F>
  void for_places(const F& f) {
    for (int c = 0; c < components; ++c)
      for (int k = box.begin[2]; k < box.end[2]; ++k)
        for (int j = box.begin[1]; j < box.end[1]; ++j)
          for (int i = box.begin[0]; i < box.end[0]; ++i)
            f(at(c, k, j, i), tests::place_value<Real>(0, c, k, j, i));
  }
  long long other_than(Real value) const {
    return std::ranges::count_if(values, [&](Real v) { return v != value; });
  }
  Range3 box;
  long row, plane, component;
  std::vector<Real> values;
};

template <class Real>
void expect_moved(const Comm& comm, const std::vector<Range3>& from,
                  const std::vector<Range3>& to) {
  BoxExchange<Real> exchange(comm, from, to, components);
  Room<Real> source(from[comm.rank()]), target(to[comm.rank()]);
  source.for_places([](Real& value, Real placed) { value = placed; });
  for (int run = 0; run < 3; ++run) {
    std::ranges::fill(target.values, Real(-1));
    exchange.run({source.values.data(), source.row, source.plane, source.component},
                 {target.values.data(), target.row, target.plane, target.component});
    long long wrong = 0;
    target.for_places([&](Real& value, Real placed) { wrong += value != placed; });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(target.other_than(-1), components * target.box.count()) << "beside the box";
    if (run > 0) exchange.release();  // buffers kept, freed, freed again
  }
}

TEST(BoxExchange, EveryValueComesToItsPlace) {
  const Comm comm = Comm::world();
  const int last = comm.size() - 1;
  const std::vector<std::vector<Range3>> ways{blocks(comm), all_on(0, comm), all_on(last, comm),
                                              two_columns(comm)};
  for (const auto& from : ways)
    for (const auto& to : ways) {
      expect_moved<float>(comm, from, to);
      expect_moved<double>(comm, from, to);
    }
}

TEST(BoxExchange, CountsWhatItSendsToOthers) {
  const Comm comm = Comm::world();
  const auto here = blocks(comm), whole = all_on(0, comm);
  const auto mine = here[comm.rank()].count();
  const BoxExchange<float> there(comm, here, whole, components),
      back(comm, whole, here, components);
  const bool root = comm.is_root();
  EXPECT_EQ(there.messages(), root ? 0 : 1);
  EXPECT_EQ(there.bytes(), root ? 0 : components * mine * static_cast<long long>(sizeof(float)));
  const long long others = 1LL * cells[0] * cells[1] * cells[2] - mine;
  EXPECT_EQ(back.messages(), root ? comm.size() - 1 : 0);
  EXPECT_EQ(back.bytes(), root ? components * others * static_cast<long long>(sizeof(float)) : 0);
  const BoxExchange<double> stay(comm, here, here, components);
  EXPECT_EQ(stay.messages(), 0);
  EXPECT_EQ(stay.bytes(), 0);
}

}  // namespace
}  // namespace understudy::mesh
