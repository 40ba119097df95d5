#include "solvers/weather/processes/sedimentation.hpp"

#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

constexpr int lanes = 32;  // columns that are computed side by side

template <class Real>
struct Fall {
  Columns<Real> columns;
  mesh::Array3<Real> rho, speed, q, fallen;
  Real dt;

  struct Levels {
    int k, j, axis;
    KOKKOS_FORCEINLINE_FUNCTION int at_k(int level) const { return axis == 2 ? level : k; }
    KOKKOS_FORCEINLINE_FUNCTION int at_j(int level) const { return axis == 1 ? level : j; }
  };

  KOKKOS_FUNCTION void row(const int k, const int j, const int begin, const int end) const {
    const Levels levels{k, j, columns.vertical};
    for (int i = begin; i < end; i += lanes) together(levels, i, i + lanes < end ? lanes : end - i);
  }

  KOKKOS_FORCEINLINE_FUNCTION Real thickness(const Levels& levels, int level, int i) const {
    const Real dz = columns.dz(level);
    return columns.stretch.data() == nullptr
               ? dz
               : dz * columns.stretch(levels.at_k(level), levels.at_j(level), i);
  }

  // Levels upwards: each cell is read by the one below before it is written.
  KOKKOS_FORCEINLINE_FUNCTION void together(const Levels& levels, const int first,
                                            const int count) const {
    const int bottom = columns.cells.begin[columns.vertical];
    const int top = columns.cells.end[columns.vertical];
    int steps[lanes];
    const int most = count_steps(levels, first, count, steps);
    for (int s = 0; s < most; ++s) {
      Real below[lanes], share[lanes];  // flux through the face below, time of this sub-step
      for (int n = 0; n < count; ++n) {
        share[n] = s < steps[n] ? dt / Real(steps[n]) : Real(0);
        below[n] = flux(levels, bottom, first + n);
        fallen(levels.at_k(0), levels.at_j(0), first + n) += share[n] * below[n];
      }
      for (int level = bottom; level < top; ++level) {
        const int lk = levels.at_k(level), lj = levels.at_j(level);
        mesh::independent(0, count, [&](const int n) {
          const int i = first + n;
          const Real above = level + 1 < top ? flux(levels, level + 1, i) : Real(0);
          q(lk, lj, i) +=
              share[n] * (above - below[n]) / (rho(lk, lj, i) * thickness(levels, level, i));
          below[n] = above;
        });
      }
    }
  }

  KOKKOS_FORCEINLINE_FUNCTION Real flux(const Levels& levels, int level, int i) const {
    const int k = levels.at_k(level), j = levels.at_j(level);
    return rho(k, j, i) * speed(k, j, i) * q(k, j, i);
  }

  /// Sub-steps of each column, none where nothing falls; returns the most.
  KOKKOS_FORCEINLINE_FUNCTION int count_steps(const Levels& levels, const int first,
                                              const int count, int* steps) const {
    const int bottom = columns.cells.begin[columns.vertical];
    const int top = columns.cells.end[columns.vertical];
    Real courant[lanes];
    for (int n = 0; n < count; ++n) courant[n] = 0;
    for (int level = bottom; level < top; ++level)
      mesh::independent(0, count, [&](const int n) {
        const int i = first + n;
        const Real here =
            speed(levels.at_k(level), levels.at_j(level), i) * dt / thickness(levels, level, i);
        courant[n] = here > courant[n] ? here : courant[n];
      });
    int most = 0;
    for (int n = 0; n < count; ++n) {
      steps[n] = int(Kokkos::ceil(courant[n] / Real(0.9)));
      most = steps[n] > most ? steps[n] : most;
    }
    return most;
  }
};

}  // namespace

template <class Real>
void sediment(const Columns<Real>& columns, const mesh::Array3<Real>& rho,
              const mesh::Array3<Real>& speed, const mesh::Array3<Real>& q,
              const mesh::Array3<Real>& fallen, Real dt) {
  mesh::for_rows("sedimentation", columns.lowest(), Fall<Real>{columns, rho, speed, q, fallen, dt});
}

template void sediment<float>(const Columns<float>&, const mesh::Array3<float>&,
                              const mesh::Array3<float>&, const mesh::Array3<float>&,
                              const mesh::Array3<float>&, float);
template void sediment<double>(const Columns<double>&, const mesh::Array3<double>&,
                               const mesh::Array3<double>&, const mesh::Array3<double>&,
                               const mesh::Array3<double>&, double);

}  // namespace understudy::solvers
