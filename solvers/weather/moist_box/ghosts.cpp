#include "solvers/weather/moist_box/ghosts.hpp"

#include "mesh/loops.hpp"

namespace understudy::solvers::moist {

namespace {

// One side's ghost layers of a plane of indices [k, j, i], whose own axis has extent 1.
template <class Real, bool normal>
struct Mirror {
  Real* a;
  Index ex, exy, step;  // step: along the mirrored axis
  int edge;             // the first interior index, or the one behind the last
  int width;
  bool upper;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index face = exy * k + ex * j + i + step * edge;
    if constexpr (normal) {
      a[face] = 0;
      const int layers = upper ? width - 1 : width;
      const Index out = upper ? step : -step;
      for (int m = 1; m <= layers; ++m) a[face + m * out] = -a[face - m * out];
    } else {
      for (int m = 1; m <= width; ++m) {
        if (upper)
          a[face + (m - 1) * step] = a[face - m * step];
        else
          a[face - m * step] = a[face + (m - 1) * step];
      }
    }
  }
};

template <class Real, bool normal>
void run_mirror(const mesh::BoxGrid& grid, const mesh::Array3<Real>& array, int side, int width) {
  const int axis = mesh::side_axis(side);
  mesh::Range3 plane = grid.everything();
  plane.begin[axis] = 0;
  plane.end[axis] = 1;
  Mirror<Real, normal> f;
  f.a = array.data();
  f.ex = grid.extent(0);
  f.exy = Index(grid.extent(0)) * grid.extent(1);
  f.step = axis == 0 ? 1 : axis == 1 ? f.ex : f.exy;
  f.upper = mesh::is_upper(side);
  f.edge = grid.ghosts(axis) + (f.upper ? grid.local_cells(axis) : 0);
  f.width = width;
  mesh::for_rows("mirror", plane, f);
}

// w of the ground's face, and ghosts below that continue it: u and v have theirs.
template <class F>
struct Slip {
  using Real = typename F::Real;
  F f;
  const Real *u, *v;
  Real* w;
  int ghosts;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = f.at(k, j, i), up = f.template step<F::up>();
    const Real ground = f.climb(u, v, n);
    w[n] = ground;
    for (int m = 1; m <= ghosts; ++m) w[n - m * up] = 2 * ground - w[n + m * up];
  }
};

}  // namespace

template <class Real>
Ghosts<Real>::Ghosts(std::shared_ptr<const mesh::BoxGrid> grid, const MetricPointers<Real>& metric)
    : grid_(std::move(grid)), metric_(metric), halo_(grid_) {}

template <class Real>
void Ghosts<Real>::slip(const std::vector<Array>& components) const {
  const int up = grid_->dimension() - 1;
  // Not the outermost columns: they lack a neighbour, and nothing reads theirs.
  mesh::Range3 plane = grid_->everything();
  for (int axis = 0; axis < up; ++axis) {
    ++plane.begin[axis];
    --plane.end[axis];
  }
  plane.begin[up] = grid_->ghosts(up);
  plane.end[up] = plane.begin[up] + 1;
  with_frame(*grid_, metric_, [&](auto f) {
    mesh::for_rows("slip", plane,
                   Slip<decltype(f)>{f, components[0].data(), components[up - 1].data(),
                                     components[up].data(), grid_->ghosts(up)});
  });
}

template <class Real>
void Ghosts<Real>::mirror(const Array& array, int axis, int width, bool normal) const {
  for (int upper = 0; upper < 2; ++upper) {
    const int side = 2 * axis + upper;
    if (!grid_->at_boundary(side)) continue;
    if (normal)
      run_mirror<Real, true>(*grid_, array, side, width);
    else
      run_mirror<Real, false>(*grid_, array, side, width);
  }
}

template <class Real>
void Ghosts<Real>::fill_cells(const std::vector<Array>& arrays, int width) {
  if (width < 0) width = grid_->ghosts(0);
  halo_.exchange(arrays, width);
  for (int axis = 0; axis < grid_->dimension(); ++axis)
    for (const Array& array : arrays) mirror(array, axis, width, false);
}

template <class Real>
void Ghosts<Real>::fill_velocity(const std::vector<Array>& components) {
  halo_.exchange(components);
  for (int axis = 0; axis < grid_->dimension(); ++axis)
    for (int c = 0; c < int(components.size()); ++c)
      mirror(components[c], axis, grid_->ghosts(axis), c == axis);
  if (metric_.thickness) slip(components);
}

template <class Real>
void Ghosts<Real>::close_faces(const std::vector<Array>& components) {
  halo_.exchange(components, 1);
  for (int axis = 0; axis < int(components.size()); ++axis) mirror(components[axis], axis, 1, true);
}

template class Ghosts<float>;
template class Ghosts<double>;

}  // namespace understudy::solvers::moist
