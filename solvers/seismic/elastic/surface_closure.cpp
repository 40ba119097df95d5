#include "solvers/seismic/elastic/surface_closure.hpp"

namespace understudy::solvers::seismic {
namespace {

// Q or S far enough down: closure above, interior below. [row][column], size x size.
template <int R>
std::vector<double> whole(
    const std::array<double, SurfaceClosure<R>::rows * SurfaceClosure<R>::rows>& closure,
    bool to_centres, int size) {
  constexpr int rows = SurfaceClosure<R>::rows;
  std::vector<double> q(static_cast<std::size_t>(size) * size, 0.0);
  for (int r = 0; r < size; ++r)
    for (int m = 1; m <= R; ++m) {
      const int plus = to_centres ? r + m : r + m - 1, minus = to_centres ? r - m + 1 : r - m;
      if (plus < size) q[r * size + plus] += Differences<R>::staggered[m];
      if (minus >= 0) q[r * size + minus] -= Differences<R>::staggered[m];
    }
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < rows; ++c) q[r * size + c] = closure[r * rows + c];
  if (!to_centres)  // no shear stress at the surface, and no equation for it
    for (int c = 0; c < size; ++c) q[c] = 0;
  return q;
}

template <int R>
SurfaceDifferences make() {
  using Closure = SurfaceClosure<R>;
  SurfaceDifferences d;
  d.rows = Closure::rows;
  d.columns = Closure::columns;
  const int size = d.columns + R;  // so that the kept part does not see the lower end
  const auto q = whole<R>(Closure::to_centres, true, size);
  const auto s = whole<R>(Closure::to_nodes, false, size);
  d.node_weight.assign(d.rows + 1, 1.0);
  d.centre_weight.assign(d.rows + 1, 1.0);
  for (int r = 0; r < d.rows; ++r) {
    d.node_weight[r] = Closure::node_weight[r];
    d.centre_weight[r] = Closure::centre_weight[r];
  }
  for (int r = 0; r <= d.rows; ++r)
    for (int c = 0; c < d.columns; ++c) {
      d.velocity_to_centres.push_back(q[r * size + c] / d.centre_weight[r]);
      d.velocity_to_nodes.push_back(s[r * size + c] / d.node_weight[r]);
      d.stress_to_nodes.push_back(-q[c * size + r] / d.node_weight[r]);
      d.stress_to_centres.push_back(-s[c * size + r] / d.centre_weight[r]);
    }
  return d;
}

}  // namespace

SurfaceDifferences surface_differences(int order) { return order == 4 ? make<2>() : make<4>(); }

}  // namespace understudy::solvers::seismic
