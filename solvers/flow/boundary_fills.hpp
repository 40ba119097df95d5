// What is written into boundary faces and the ghost layers beyond a side, as tasks of one array and one side.
// Tasks that do not touch each other go together: on a device in one launch.
#pragma once

#include <string>

#include "mesh/device_boxes.hpp"
#include "solvers/flow/boundary_kernels.hpp"

namespace understudy::solvers::flow {

/// Boundary faces = the side's values; the layers beyond by linear extrapolation.
template <class Real>
struct NormalFill {
  mesh::Array3<Real> u;
  mesh::Array4<Real> data;
  int axis, face, out, beyond;  ///< ghost layers past the face

  NormalFill() = default;
  NormalFill(const SidePlane& plane, const mesh::Array3<Real>& normal,
             const mesh::Array4<Real>& given)
      : u(normal),
        data(given),
        axis(plane.axis),
        face(plane.face),
        out(plane.outward),
        beyond(plane.upper ? 1 : 2) {}
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Real value = data(axis, k, j, i);
    u.data()[at_layer(u, axis, face, k, j, i)] = value;
    for (int m = 1; m <= beyond; ++m)
      u.data()[at_layer(u, axis, face + m * out, k, j, i)] =
          Real(2) * value - u.data()[at_layer(u, axis, face - m * out, k, j, i)];
  }
};

/// Two ghost layers of values that are not staggered along the side's axis: 2 given - mirror where
/// `given`, mirror otherwise. `row` of `data` holds what is given.
template <class Real>
struct MirrorFill {
  mesh::Array3<Real> a;
  mesh::Array4<Real> data;
  int row, axis, inside, out;
  Real twice, sign;

  MirrorFill() = default;
  MirrorFill(const SidePlane& plane, const mesh::Array3<Real>& values, bool given, int c,
             const mesh::Array4<Real>& given_values)
      : a(values),
        data(given_values),
        row(c),
        axis(plane.axis),
        inside(plane.inside),
        out(plane.outward),
        twice(given ? Real(2) : Real(0)),
        sign(given ? Real(-1) : Real(1)) {}
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Real value = twice * data(row, k, j, i);
    for (int m = 0; m < 2; ++m)
      a.data()[at_layer(a, axis, inside + (m + 1) * out, k, j, i)] =
          value + sign * a.data()[at_layer(a, axis, inside - m * out, k, j, i)];
  }
};

/// Fills of several planes that do not touch each other.
template <class Fill>
class PlaneFills {
 public:
  explicit PlaneFills(const char* name) : name_(name) {}
  ~PlaneFills() { flush(); }
  PlaneFills(const PlaneFills&) = delete;
  PlaneFills& operator=(const PlaneFills&) = delete;

  void add(const SidePlane& plane, const Fill& fill) {
    if constexpr (mesh::on_host) {
      mesh::for_cells(name_, plane.all, fill);
    } else {
      if (planes_.count == Tasks::most) flush();
      tasks_.fill[planes_.count] = fill;
      planes_.add(planes_.count, plane.all);
    }
  }

  /// What was added is done before what comes.
  void flush() {
    if (planes_.count > 0) mesh::detail::device_for_boxes(name_, planes_, 1, tasks_);
    planes_ = {};
  }

 private:
  struct Tasks {
    static constexpr int most = 8;
    Fill fill[most];
    KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i, int task, int) const {
      fill[task](k, j, i);
    }
  };
  const char* name_;
  mesh::detail::BoxList planes_;
  Tasks tasks_;
};

}  // namespace understudy::solvers::flow
