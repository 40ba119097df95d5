#include "solvers/flow/spectral_box.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::flow {

namespace {

// Row (j, k) of a field's interior.
template <class Real>
Real* interior_row(const mesh::Array3<Real>& field, const std::array<int, 3>& ghosts, int j,
                   int k) {
  const long row = field.extent(2), plane = row * field.extent(1);
  return field.data() + (k + ghosts[2]) * plane + (j + ghosts[1]) * row + ghosts[0];
}

}  // namespace

template <class Real>
SpectralBox<Real>::SpectralBox(const mesh::BoxGrid& grid, int fields)
    : dimension_(grid.dimension()),
      cells_{grid.global_cells(0), grid.global_cells(1), grid.global_cells(2)},
      ghosts_{grid.ghosts(0), grid.ghosts(1), grid.ghosts(2)},
      transform_(cells_, dimension_) {
  for (int axis = 0; axis < 3; ++axis) {
    most_[axis] = axis < dimension_ ? (cells_[axis] - 1) / 3 : 0;
    const double unit = 2 * std::numbers::pi / (grid.upper(axis) - grid.lower(axis));
    const int negative = axis == 0 ? 0 : most_[axis];
    for (int n = 0; n < most_[axis] + 1 + negative; ++n) {
      const int m = n <= most_[axis] ? n : n - 2 * most_[axis] - 1;
      const double angle = std::numbers::pi * m / cells_[axis];
      wave_[axis].push_back(static_cast<Real>(axis < dimension_ ? unit * m : 0));
      half_cell_[axis].push_back(
          Complex(static_cast<Real>(std::cos(angle)), static_cast<Real>(std::sin(angle))));
    }
  }
  rows_ = static_cast<int>(wave_[1].size() * wave_[2].size());
  for (int n = 0; n < fields; ++n) {
    values_.push_back(transform_.make_values("spectral values"));
    whole_.push_back(transform_.make_modes("spectral modes"));
  }
}

template <class Real>
typename SpectralBox<Real>::Row SpectralBox<Real>::row(int r) const {
  const int along_y = static_cast<int>(wave_[1].size());
  Row row{r, 0, r % along_y, r / along_y, 0, 0};
  row.ky = wave_[1][row.y];
  row.kz = wave_[2][row.z];
  const int y = row.y <= most_[1] ? row.y : row.y - along_y + cells_[1];
  const int z = row.z <= most_[2] ? row.z : row.z - static_cast<int>(wave_[2].size()) + cells_[2];
  row.at = (1L * z * cells_[1] + y) * (cells_[0] / 2 + 1);
  return row;
}

template <class Real>
void SpectralBox<Real>::spread(const Modes& packed, const Modes& whole) const {
  std::fill_n(reinterpret_cast<Real*>(whole.data()), 2 * whole.size(), Real(0));
  const int modes = row_modes();
  for_rows([&](const Row& row) {
    std::copy_n(packed.data() + 1L * row.number * modes, modes, whole.data() + row.at);
  });
}

template <class Real>
void SpectralBox<Real>::gather(const Modes& whole, const Modes& packed) const {
  const int modes = row_modes();
  const Real scale = Real(1) / static_cast<Real>(transform_.points());
  for_rows([&](const Row& row) {
    const Complex* from = whole.data() + row.at;
    Complex* to = packed.data() + 1L * row.number * modes;
    for (int m = 0; m < modes; ++m) to[m] = scale * from[m];
  });
}

template <class Real>
void SpectralBox<Real>::centre(const Modes& packed, mesh::Location at) const {
  const int axis = static_cast<int>(at) - 1;
  if (axis < 0) return;
  const int modes = row_modes();
  for_rows([&](const Row& row) {
    Complex* c = packed.data() + 1L * row.number * modes;
    const Complex along = half_cell_[axis][axis == 1 ? row.y : axis == 2 ? row.z : 0];
    for (int m = 0; m < modes; ++m) c[m] *= axis == 0 ? half_cell_[0][m] : along;
  });
}

template <class Real>
void SpectralBox<Real>::read(const mesh::Array3<Real>& field, mesh::Location at,
                             const Modes& packed) const {
  Real* values = values_[0].data();
  mesh::for_host(cells_[1] * cells_[2], [&](const int n) {
    std::copy_n(interior_row(field, ghosts_, n % cells_[1], n / cells_[1]), cells_[0],
                values + 1L * n * cells_[0]);
  });
  transform_.forward(values_, whole_, 1);
  gather(whole_[0], packed);
  centre(packed, at);
}

template <class Real>
void SpectralBox<Real>::copy_out(const Values& values, const mesh::Array3<Real>& field) const {
  mesh::for_host(cells_[1] * cells_[2], [&](const int n) {
    std::copy_n(values.data() + 1L * n * cells_[0], cells_[0],
                interior_row(field, ghosts_, n % cells_[1], n / cells_[1]));
  });
}

template <class Real>
void SpectralBox<Real>::write(const Modes& packed, mesh::Location at,
                              const mesh::Array3<Real>& field) const {
  const int axis = static_cast<int>(at) - 1, modes = row_modes();
  spread(packed, whole_[0]);
  if (axis >= 0)
    for_rows([&](const Row& row) {
      Complex* c = whole_[0].data() + row.at;
      const Complex along = half_cell_[axis][axis == 1 ? row.y : axis == 2 ? row.z : 0];
      for (int m = 0; m < modes; ++m) c[m] *= Kokkos::conj(axis == 0 ? half_cell_[0][m] : along);
    });
  transform_.inverse(whole_, values_, 1);
  copy_out(values_[0], field);
}

template <class Real>
template <class Other>
void SpectralBox<Real>::require_finer(const SpectralBox<Other>& box) const {
  if (box.dimension_ != dimension_)
    throw core::UserError(
        core::format("grid.cells: a state in {}-D cannot be the start of a spectral method in {}-D",
                     box.dimension_, dimension_));
  for (int axis = 0; axis < dimension_; ++axis) {
    if (box.cells_[axis] < cells_[axis])
      throw core::UserError(core::format(
          "grid.cells: a spectral method on {} cells along {} cannot take its modes from a state on {}; it "
          "needs one on at least as many",
          cells_[axis], "xyz"[axis], box.cells_[axis]));
    // In their own precisions; K is 1 at least.
    const double own = wave_[axis].at(1), other = box.wave_[axis].at(1);
    if (!(std::abs(own - other) <= 1e-5 * own))
      throw core::UserError(core::format(
          "grid.lower_m, grid.upper_m: a spectral method in a box of {:.6g} m along {} cannot take its modes "
          "from a state in one of {:.6g} m",
          2 * std::numbers::pi / own, "xyz"[axis], 2 * std::numbers::pi / other));
  }
}

// Coefficients belong to the first cell's centre, which lies elsewhere in a finer box.
template <class Real>
template <class Other>
void SpectralBox<Real>::take(const SpectralBox<Other>& finer,
                             const typename SpectralBox<Other>::Modes& from,
                             const Modes& to) const {
  require_finer(finer);
  const auto phase = [&](int axis, int m) {
    const double angle = std::numbers::pi * m * (1.0 / cells_[axis] - 1.0 / finer.cells_[axis]);
    return Kokkos::complex<double>(std::cos(angle), std::sin(angle));
  };
  const auto number = [](int n, int most) { return n <= most ? n : n - 2 * most - 1; };
  const int finer_along_y = static_cast<int>(finer.wave_[1].size());
  for_rows([&](const Row& row) {
    const int y = number(row.y, most_[1]), z = number(row.z, most_[2]);
    const long finer_row = finer.place(2, z) * finer_along_y + finer.place(1, y);
    const auto* c = from.data() + finer_row * finer.row_modes();
    Complex* own = to.data() + 1L * row.number * row_modes();
    const auto of_row = phase(1, y) * phase(2, z);
    for (int m = 0; m < row_modes(); ++m) {
      const auto value = Kokkos::complex<double>(c[m].real(), c[m].imag()) * of_row * phase(0, m);
      own[m] = Complex(static_cast<Real>(value.real()), static_cast<Real>(value.imag()));
    }
  });
}

template class SpectralBox<float>;
template class SpectralBox<double>;
template void SpectralBox<float>::take(const SpectralBox<float>&, const SpectralBox<float>::Modes&,
                                       const SpectralBox<float>::Modes&) const;
template void SpectralBox<float>::take(const SpectralBox<double>&,
                                       const SpectralBox<double>::Modes&,
                                       const SpectralBox<float>::Modes&) const;
template void SpectralBox<double>::take(const SpectralBox<float>&, const SpectralBox<float>::Modes&,
                                        const SpectralBox<double>::Modes&) const;
template void SpectralBox<double>::take(const SpectralBox<double>&,
                                        const SpectralBox<double>::Modes&,
                                        const SpectralBox<double>::Modes&) const;

}  // namespace understudy::solvers::flow
