// The Fourier modes that a pseudo-spectral method carries in a periodic box, and the way between them and the
// fields of a State.
//
// Carried are the wave vectors k = 2 pi m / L with 3 |m_a| < n_a along every axis of n_a cells: of a product
// of two such fields, evaluated at the n_a points, the modes that alias fall outside of them (the 2/3 rule,
// Orszag 1971). They are kept in rows of m_x = 0 ... K_x (the others are complex conjugates), one row for
// every (m_y, m_z), packed: mode m_x of row r is number r (K_x + 1) + m_x. Coefficients are those of the values
// at the cells' centres, divided by the number of points:
//
//     f(x) = sum over k of c_k exp(i k . (x - x_c)),    x_c the centre of the first cell.
//
// What lies on faces is shifted by half a cell, exactly: by exp(+- i k_a h_a / 2). One rank has the whole box.
// Memory of the host. Private to solvers/flow.
#pragma once

#include <array>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "mesh/fourier_transform.hpp"

namespace understudy::solvers::flow {

template <class Real>
class SpectralBox {
 public:
  using Transform = mesh::FourierTransform<Real>;
  using Complex = typename Transform::Complex;
  using Modes = typename Transform::Modes;    ///< packed [count()], or whole [transform().modes()]
  using Values = typename Transform::Values;  ///< [z][y][x] at the cells' centres

  /// One row of carried modes.
  struct Row {
    int number;  ///< r
    long at;     ///< of its first mode among the transform's
    int y, z;    ///< places in wave(1), wave(2)
    Real ky, kz;
  };

  /// `fields`: how many are transformed at once.
  SpectralBox(const mesh::BoxGrid& grid, int fields);

  int dimension() const { return dimension_; }
  int most(int axis) const { return most_[axis]; }  ///< K: the largest |m| carried
  int rows() const { return rows_; }
  int row_modes() const { return most_[0] + 1; }
  int count() const { return rows_ * row_modes(); }
  /// Wave numbers (1/m): along x [K + 1], along y and z [2 K + 1] in the order 0 ... K, -K ... -1.
  const std::vector<Real>& wave(int axis) const { return wave_[axis]; }
  const Transform& transform() const { return transform_; }
  Modes make(const char* name) const { return Modes(name, count()); }
  /// Of `fields` each, for whoever transforms; all functions below write the first ones.
  const std::vector<Values>& values() const { return values_; }
  const std::vector<Modes>& whole() const { return whole_; }

  Row row(int r) const;
  /// f(row) for all rows, over the host's threads.
  template <class F>
  void for_rows(const F& f) const {
    mesh::for_host(rows_, [&](const int r) { f(row(r)); });
  }

  /// Carried modes into the transform's array, zero elsewhere.
  void spread(const Modes& packed, const Modes& whole) const;
  /// The other way, divided by the number of points.
  void gather(const Modes& whole, const Modes& packed) const;
  /// The carried modes of a field at its location, and such a field of given modes (interior).
  void read(const mesh::Array3<Real>& field, mesh::Location at, const Modes& packed) const;
  void write(const Modes& packed, mesh::Location at, const mesh::Array3<Real>& field) const;
  /// Values of the transforms into a field's interior.
  void copy_out(const Values& values, const mesh::Array3<Real>& field) const;

  /// The modes of a finer box's field that this box carries, too: the field, truncated. The finer one has as
  /// many cells along each axis, or more, of the same sides: UserError where it does not.
  template <class Other>
  void take(const SpectralBox<Other>& finer, const typename SpectralBox<Other>::Modes& from,
            const Modes& to) const;

 private:
  template <class>
  friend class SpectralBox;
  template <class Other>
  void require_finer(const SpectralBox<Other>& box) const;
  /// Coefficients of values at `at` into those of values at the centres, in place.
  void centre(const Modes& packed, mesh::Location at) const;
  int place(int axis, int m) const { return m >= 0 ? m : m + 2 * most_[axis] + 1; }

  int dimension_;
  std::array<int, 3> cells_, ghosts_, most_{0, 0, 0};
  int rows_;
  std::array<std::vector<Real>, 3> wave_;
  std::array<std::vector<Complex>, 3> half_cell_;  ///< exp(i k h / 2), as wave_
  Transform transform_;
  std::vector<Values> values_;
  std::vector<Modes> whole_;
};

extern template class SpectralBox<float>;
extern template class SpectralBox<double>;

}  // namespace understudy::solvers::flow
