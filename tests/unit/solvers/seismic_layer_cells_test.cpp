// The walk over cells of an acoustic block and over its layers' slabs, as a device does it: every cell once,
// with a layer's terms wherever one is near, whatever sides have layers.
#include <gtest/gtest.h>

#include "solvers/seismic/acoustic/layer_rows.hpp"

namespace mesh = understudy::mesh;
namespace seismic = understudy::solvers::seismic;

namespace {

/// Of one axis of `cells` behind two ghosts, layers 3 wide and stencils of radius 2.
seismic::LayerAxis axis_with(const int cells, const bool lower, const bool upper) {
  seismic::LayerAxis x;
  x.begin = 2;
  x.end = 2 + cells;
  x.slab_lower = lower ? 5 : 2;
  x.near_lower = lower ? std::min(7, x.end) : 2;
  x.slab_upper = upper ? x.end - 3 : x.end;
  x.near_upper = upper ? std::max(x.near_lower, x.end - 5) : x.end;
  return x;
}

seismic::LayerBox box_with(const int dimension, const std::array<int, 3>& cells, const int sides) {
  seismic::LayerBox box;
  int extent[3] = {1, 1, 1};
  for (int a = 0; a < dimension; ++a) {
    box.axis[a] = axis_with(cells[a], (sides >> (2 * a) & 1) != 0, (sides >> (2 * a + 1) & 1) != 0);
    extent[a] = cells[a] + 4;
  }
  box.stride[1] = extent[0];
  box.stride[2] = seismic::Index(extent[0]) * extent[1];
  box.shot_stride = box.stride[2] * extent[2];
  box.shots = 2;
  box.tile = 2;
  return box;
}

/// Counts visits [shot, k, j, i] of cells, those with layers' terms apart, and of slabs by axis.
template <int D>
struct Visits {
  static constexpr int dimension = D;
  seismic::LayerBox box;
  double *cells, *near, *slabs[3];
  template <bool X, bool Y, bool Z>
  KOKKOS_FORCEINLINE_FUNCTION void cell(seismic::Index n, int, int, int, int) const {
    cells[n] += 1;
    if (X || Y || Z) near[n] += 1;
  }
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION void slab(seismic::Index n, int) const {
    slabs[axis][n] += 1;
  }
};

template <int D>
void expect_every_cell_once(const std::array<int, 3>& cells, const int sides) {
  SCOPED_TRACE(::testing::Message() << D << "-D, layers at sides " << sides);
  const seismic::LayerBox box = box_with(D, cells, sides);
  const auto size = std::size_t(box.shots * box.shot_stride);
  const Kokkos::View<double**, Kokkos::LayoutRight, mesh::Memory> counts("counts", 5, size);
  auto line = [&](int n) { return &counts(n, 0); };
  const Visits<D> visits{box, line(0), line(1), {line(2), line(3), line(4)}};
  seismic::detail::update_cells_on_device("cells", visits);
  seismic::detail::update_slabs_on_device("slabs", visits);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), counts);
  double visited = 0, slabs = 0;
  for (int shot = 0; shot < box.shots; ++shot)
    for (int k = box.axis[2].begin; k < box.axis[2].end; ++k)
      for (int j = box.axis[1].begin; j < box.axis[1].end; ++j)
        for (int i = box.axis[0].begin; i < box.axis[0].end; ++i) {
          const auto n = std::size_t(box.at(shot, k, j) + i);
          const int at[3] = {i, j, k};
          bool near = false;
          for (int a = 0; a < D; ++a) {
            near = near || box.axis[a].near(at[a]);
            const bool in_slab = box.axis[a].in_slab(at[a]);
            slabs += in_slab ? 1 : 0;
            EXPECT_EQ(host(2 + a, n), in_slab ? 1 : 0);
          }
          ++visited;
          EXPECT_EQ(host(0, n), 1);
          EXPECT_EQ(host(1, n), near ? 1 : 0);
        }
  double all = 0, all_slabs = 0;
  for (std::size_t n = 0; n < size; ++n) {
    all += host(0, n);
    all_slabs += host(2, n) + host(3, n) + host(4, n);
  }
  EXPECT_EQ(all, visited);  // nothing outside
  EXPECT_EQ(all_slabs, slabs);
}

}  // namespace

TEST(LayerCells, EveryCellOnceWithItsLayers) {
  for (int sides = 0; sides < 64; ++sides) {
    expect_every_cell_once<3>({17, 12, 14}, sides);
    if (sides < 16) expect_every_cell_once<2>({17, 12, 1}, sides);
  }
  expect_every_cell_once<2>({8, 7, 1}, 15);  // so thin that a layer is near to every cell
}
