#include "mesh/linear_solver/multigrid_level.hpp"

#include <algorithm>

namespace understudy::mesh::detail {

namespace {

Block block_on(const LevelShape& shape, const Block& finer) {
  Block block = finer;
  if (!shape.distributed()) block.comm = core::Comm::self();
  const Range3 mine = shape.block(shape.rank);
  for (int a = 0; a < 3; ++a) {
    block.cells[a] = mine.size(a);
    block.ghosts[a] = a < shape.dimension ? 1 : 0;
    if (shape.distributed()) continue;
    const bool periodic = block.boundary[2 * a] == LinearBoundary::periodic && a < shape.dimension;
    block.neighbour[2 * a] = block.neighbour[2 * a + 1] = periodic ? 0 : -1;
  }
  return block;
}

/// Over-relaxation for red-black order (after Yavneh 1996, who gives 1.07 and 1.15 for smoothing
/// alone); measured best for whole cycles here: contraction 0.12 -> 0.08 in 2-D, 0.17 -> 0.065 in
/// 3-D. Where some axis is not coarsened less of it is best, and none where one axis is much narrower
/// than the others: the sweep is nearly exact along it.
double relaxation(int dimension, bool lines, bool partly) {
  return lines ? 1.0 : partly ? 1.1 : dimension == 3 ? 1.2 : 1.15;
}

}  // namespace

template <class Real>
MultigridLevel<Real>::MultigridLevel(const LinearProblem<Real>& problem)
    : shape_(shape_of(*problem.grid)),
      block_(block_of(*problem.grid, problem.boundary)),
      alpha_(problem.alpha),
      ghosts_(block_) {
  set_coefficients();
  set_colours();
  if (problem.constant_coefficient()) return;
  for (int a = 0; a < shape_.dimension; ++a) {
    // A copy whose closing faces are the neighbours' first ones, whatever the caller's ghosts hold.
    beta_[a] = allocate("multigrid beta");
    Kokkos::deep_copy(beta_[a], problem.beta[a]);
    ghosts_.exchange(beta_[a]);
  }
}

template <class Real>
MultigridLevel<Real>::MultigridLevel(const MultigridLevel& finer, const LevelShape& shape)
    : shape_(shape), block_(block_on(shape, finer.block_)), alpha_(finer.alpha_), ghosts_(block_) {
  set_coefficients();
  set_colours();
  x = allocate("multigrid x");
  b = allocate("multigrid b");
  if (!finer.variable()) return;
  for (int a = 0; a < shape_.dimension; ++a) beta_[a] = allocate("multigrid beta");
  if (shape_.distributed() == finer.shape_.distributed())
    coarsen_beta(finer);
  else
    gather_beta(finer);
}

template <class Real>
Array3<Real> MultigridLevel<Real>::allocate(const char* name) const {
  return Array3<Real>(name, block_.extent(2), block_.extent(1), block_.extent(0));
}

template <class Real>
void MultigridLevel<Real>::set_coefficients() {
  for (int a = 0; a < 3; ++a) {
    const int extent = block_.extent(a), g = block_.ghosts[a], n = shape_.global_cells(a);
    const std::vector<double>& width = shape_.widths[a];
    const int offset = shape_.block(shape_.rank).begin[a];
    auto line = [&](const char* name) { return Line(name, extent); };
    lower_[a] = line("lower"), upper_[a] = line("upper"), diagonal_[a] = line("diagonal");
    diagonal_lower_[a] = line("diagonal lower"), diagonal_upper_[a] = line("diagonal upper");
    std::array<HostLine, 5> host;
    const std::array<Line, 5> device{lower_[a], upper_[a], diagonal_lower_[a], diagonal_upper_[a],
                                     diagonal_[a]};
    for (int m = 0; m < 5; ++m) host[m] = Kokkos::create_mirror_view(device[m]);
    for (int i = 0; a < shape_.dimension && i < block_.cells[a]; ++i) {
      const int here = offset + i;
      for (int up = 0; up < 2; ++up) {
        const int next = here + (up ? 1 : -1);
        const LinearBoundary kind = block_.boundary[2 * a + up];
        const bool outside = next < 0 || next >= n;
        double weight = 0, diagonal = 0;
        if (!outside || (kind == LinearBoundary::periodic && n > 1)) {
          const double distance = 0.5 * (width[here] + width[(next + n) % n]);
          weight = diagonal = 1 / (width[here] * distance);
        } else if (kind == LinearBoundary::dirichlet) {
          diagonal = 2 / (width[here] * width[here]);
        }
        host[up](g + i) = static_cast<Real>(weight);
        host[2 + up](g + i) = static_cast<Real>(diagonal);
      }
      host[4](g + i) = host[2](g + i) + host[3](g + i);
    }
    for (int m = 0; m < 5; ++m) Kokkos::deep_copy(device[m], host[m]);
  }
}

template <class Real>
bool MultigridLevel<Real>::has_seam(int axis) const {
  return axis < shape_.dimension && block_.boundary[2 * axis] == LinearBoundary::periodic &&
         shape_.global_cells(axis) % 2 == 1 && shape_.global_cells(axis) > 1;
}

template <class Real>
Range3 MultigridLevel<Real>::seam(int axis) const {
  Range3 r = cells();
  const bool mine = shape_.block(shape_.rank).end[axis] == shape_.global_cells(axis);
  r.begin[axis] = mine ? r.end[axis] - 1 : r.end[axis];
  return r;
}

/// Second narrowest over narrowest spacing among the axes that have more than one cell.
template <class Real>
double MultigridLevel<Real>::strongest_anisotropy() const {
  std::vector<double> spacing;
  for (int a = 0; a < shape_.dimension; ++a)
    if (shape_.global_cells(a) > 1)
      spacing.push_back(*std::max_element(shape_.widths[a].begin(), shape_.widths[a].end()));
  std::sort(spacing.begin(), spacing.end());
  return spacing.size() < 2 ? 1.0 : spacing[1] / spacing[0];
}

template <class Real>
void MultigridLevel<Real>::set_colours() {
  const bool lines = strongest_anisotropy() > 2.5;
  const Range3 mine = shape_.block(shape_.rank);
  parity_ = 0;
  for (int a = 0; a < 3; ++a) parity_ += mine.begin[a] + block_.ghosts[a];
  parity_ &= 1;  // local index (g, g, g) is global cell `begin`; ghosts and begin shift alike mod 2
  for (int c = 0; c < 2; ++c) {
    colour_[c] = Line("colour", block_.extent(0));
    auto host = Kokkos::create_mirror_view(colour_[c]);
    for (int i = 0; i < block_.extent(0); ++i)
      host(i) = static_cast<Real>(
          (i + c) % 2 == 0 ? relaxation(shape_.dimension, lines, coarsened(shape_).partly_joined())
                           : 0.0);
    Kokkos::deep_copy(colour_[c], host);
  }
  for (int s = 0; s < 2 * shape_.dimension; ++s) exchanges_ = exchanges_ || !block_.at_boundary(s);
}

template <class Real>
Stencil<Real> MultigridLevel<Real>::stencil() const {
  Stencil<Real> s;
  s.row = block_.extent(0);
  s.plane = s.row * block_.extent(1);
  s.alpha = static_cast<Real>(alpha_);
  s.parity = parity_;
  for (int a = 0; a < 3; ++a) {
    s.lower[a] = lower_[a].data(), s.upper[a] = upper_[a].data();
    s.diagonal[a] = diagonal_[a].data();
    s.diagonal_lower[a] = diagonal_lower_[a].data(),
    s.diagonal_upper[a] = diagonal_upper_[a].data();
    s.beta[a] = beta_[a].data();
  }
  s.colour[0] = colour_[0].data(), s.colour[1] = colour_[1].data();
  return s;
}

template <class Real>
std::vector<double> MultigridLevel<Real>::volumes() const {
  std::vector<double> result;
  for (const double z : shape_.widths[2])
    for (const double y : shape_.widths[1])
      for (const double x_width : shape_.widths[0]) result.push_back(z * y * x_width);
  return result;
}

template <class Real>
std::vector<double> MultigridLevel<Real>::dense_matrix() const {
  const std::array<int, 3> n = block_.cells;
  const int size = n[0] * n[1] * n[2];
  std::vector<double> matrix(1UL * size * size, 0.0);
  auto flat = [&](const std::array<int, 3>& c) { return (c[2] * n[1] + c[1]) * n[0] + c[0]; };
  for (int a = 0; a < shape_.dimension; ++a) {
    std::array<HostLine, 4> line;
    const std::array<Line, 4> device{lower_[a], upper_[a], diagonal_lower_[a], diagonal_upper_[a]};
    for (int m = 0; m < 4; ++m)
      line[m] = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), device[m]);
    const auto beta = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), beta_[a]);
    const auto& g = block_.ghosts;
    for (int k = 0; k < n[2]; ++k)
      for (int j = 0; j < n[1]; ++j)
        for (int i = 0; i < n[0]; ++i)
          for (int up = 0; up < 2; ++up) {
            const std::array<int, 3> c{i, j, k};
            std::array<int, 3> next = c, face{i + g[0], j + g[1], k + g[2]};
            next[a] = (c[a] + (up ? 1 : n[a] - 1)) % n[a];
            face[a] += up;
            const double factor = variable() ? double(beta(face[2], face[1], face[0])) : 1.0;
            const int at = flat(c), in_line = c[a] + g[a];
            matrix[1UL * at * size + at] += factor * line[2 + up](in_line);
            matrix[1UL * at * size + flat(next)] -= factor * line[up](in_line);
          }
  }
  for (int m = 0; m < size; ++m) matrix[1UL * m * size + m] += alpha_;
  return matrix;
}

template class MultigridLevel<float>;
template class MultigridLevel<double>;

}  // namespace understudy::mesh::detail
