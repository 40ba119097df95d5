// Cost of going between a grid and a coarser one (mesh/nested_grids.hpp), in nanoseconds a fine cell, beside a copy of
// the same fine fields in the same run: what a correction's window pays beside its solver and its network.
//
//   bench_mesh_nested_grids [cells along an axis of the plane] [of the box]     default: 256 and 64
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "best_time.hpp"
#include "core/runtime.hpp"
#include "mesh/nested_grids.hpp"

namespace {

using namespace understudy;
using bench::best_time;

std::shared_ptr<const mesh::BoxGrid> box(int cells, int dimension) {
  mesh::GridParams params;
  params.lower_m.assign(dimension, 0.0);
  params.upper_m.assign(dimension, 1.0);
  params.cells.assign(dimension, cells);
  return std::make_shared<const mesh::BoxGrid>(params, std::array<bool, 3>{true, true, true},
                                               core::Comm::world());
}

std::vector<mesh::FieldInfo> velocity(int dimension) {
  std::vector<mesh::FieldInfo> fields;
  const char* names[] = {"u", "v", "w"};
  for (int axis = 0; axis < dimension; ++axis)
    fields.push_back({.name = names[axis],
                      .unit = "m/s",
                      .location = static_cast<mesh::Location>(1 + axis),
                      .description = "velocity"});
  return fields;
}

template <class Real>
void measure(const char* name, int cells, int dimension, int factor) {
  const auto fine = box(cells, dimension), coarse = box(cells / factor, dimension);
  mesh::State<Real> whole(fine, velocity(dimension)), copy(fine, velocity(dimension)),
      part(coarse, velocity(dimension));
  const mesh::NestedGrids<Real> nested(fine, coarse);
  constexpr int repeats = 20;
  const double count = std::pow(cells, dimension);
  const double copying = best_time([&] { copy.copy_from(whole); }, repeats);
  const double down = best_time([&] { nested.restrict(whole, part); }, repeats);
  const double up = best_time([&] { nested.prolong(part, whole); }, repeats);
  std::printf("%d^%d by %d, %-6s  restrict %6.3f ns a fine cell  prolong %6.3f  copy %6.3f\n",
              cells, dimension, factor, name, 1e9 * down / count, 1e9 * up / count,
              1e9 * copying / count);
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  const int plane = argc > 1 ? std::atoi(argv[1]) : 256,
            volume = argc > 2 ? std::atoi(argv[2]) : 64;
  for (const int factor : {2, 4, 8}) {
    measure<double>("double", plane, 2, factor);
    measure<float>("single", plane, 2, factor);
  }
  for (const int factor : {2, 4}) {
    measure<double>("double", volume, 3, factor);
    measure<float>("single", volume, 3, factor);
  }
}
