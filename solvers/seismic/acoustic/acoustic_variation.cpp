// What derivatives of single values need of the acoustic operator beside its steps: to begin and end the adjoint
// with them, and changes of the speed cell by cell.
#include "mesh/loops.hpp"
#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace understudy::solvers::seismic {

namespace {

struct Inside {
  int begin[3], end[3];
  explicit Inside(const mesh::Range3& r)
      : begin{r.begin[0], r.begin[1], r.begin[2]}, end{r.end[0], r.end[1], r.end[2]} {}
  KOKKOS_INLINE_FUNCTION bool operator()(const int k, const int j, const int i) const {
    return i >= begin[0] && i < end[0] && j >= begin[1] && j < end[1] && k >= begin[2] &&
           k < end[2];
  }
};

// value -> weight(value, k, j, i) inside, 0 in ghosts.
template <class Real, class Weight>
struct Weigh {
  mesh::Array4<Real> values;
  int shot;
  Inside inside;
  Weight weight;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Real value = values(shot, k, j, i);
    values(shot, k, j, i) = inside(k, j, i) ? weight(value, k, j, i) : Real(0);
  }
};

template <class Real, class Weight>
void weigh(const mesh::BoxGrid& grid, const mesh::Array4<Real>& values, const Weight& weight) {
  for (int shot = 0; shot < values.extent_int(0); ++shot)
    mesh::for_cells("wave weigh", grid.everything(),
                    Weigh<Real, Weight>{values, shot, Inside(grid.interior()), weight});
}

template <class Real>
struct AsItIs {
  KOKKOS_INLINE_FUNCTION Real operator()(const Real value, int, int, int) const { return value; }
};

template <class Real>
struct TimesK {
  mesh::Array3<Real> k;
  Real sign;
  KOKKOS_INLINE_FUNCTION Real operator()(const Real value, int kk, int j, int i) const {
    return sign * value * k(kk, j, i);
  }
};

template <class Real>
struct OverK {
  mesh::Array3<Real> k;
  Real sign;
  KOKKOS_INLINE_FUNCTION Real operator()(const Real value, int kk, int j, int i) const {
    return sign * value / k(kk, j, i);
  }
};

enum class Decayed { times, over, where };

// Times or over the decay b, or as it is, 0 where b is 0.
template <class Real, Decayed how>
struct ByDecay {
  Kokkos::View<const Real*, mesh::Memory> b;
  int axis;
  KOKKOS_INLINE_FUNCTION Real operator()(const Real value, int k, int j, int i) const {
    const Real decay = b(axis == 0 ? i : axis == 1 ? j : k);
    if (decay == Real(0)) return Real(0);
    if constexpr (how == Decayed::times) return value * decay;
    if constexpr (how == Decayed::over) return value / decay;
    return value;
  }
};

template <Decayed how, class Real, class Decays>
void weigh_layers(const WaveGrid& grid, const WaveFields<Real>& fields, const Decays& decays) {
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const auto [of_psi, of_zeta] = decays(axis);
    weigh(*grid.padded, fields.psi[axis], ByDecay<Real, how>{of_psi, axis});
    weigh(*grid.padded, fields.zeta[axis], ByDecay<Real, how>{of_zeta, axis});
  }
}

template <class Real>
void change_of_k(const mesh::BoxGrid& grid, const mesh::Array3<const Real>& dc,
                 const mesh::Array3<Real>& k, const mesh::Array3<Real>& speed,
                 const mesh::Array3<Real>& dk) {
  mesh::for_cells(
      "change of k", grid.interior(), KOKKOS_LAMBDA(const int kk, const int j, const int i) {
        dk(kk, j, i) = 2 * k(kk, j, i) * dc(kk, j, i) / speed(kk, j, i);
      });
}

// dJ/dc = dJ/dk dk/dc = (gradient / k) (2 k / c).
template <class Real>
void add_slopes(const mesh::BoxGrid& grid, int shot, const mesh::Array4<Real>& gradient,
                const mesh::Array3<Real>& speed, const mesh::Array3<Real>& into) {
  mesh::for_cells(
      "speed slopes", grid.interior(), KOKKOS_LAMBDA(const int k, const int j, const int i) {
        into(k, j, i) += 2 * gradient(shot, k, j, i) / speed(k, j, i);
      });
}

}  // namespace

template <class Real>
void AcousticOperator<Real>::enter_adjoint(const WaveFields<Real>& fields) const {
  weigh(*grid_.padded, fields.now, TimesK<Real>{k_, 1});
  weigh(*grid_.padded, fields.before, TimesK<Real>{k_, -1});
  weigh_layers<Decayed::over>(grid_, fields, [&](int axis) { return decay(axis); });
}

template <class Real>
void AcousticOperator<Real>::leave_adjoint(const WaveFields<Real>& fields) const {
  weigh(*grid_.padded, fields.now, OverK<Real>{k_, 1});
  weigh(*grid_.padded, fields.before, OverK<Real>{k_, -1});
  weigh_layers<Decayed::times>(grid_, fields, [&](int axis) { return decay(axis); });
}

template <class Real>
void AcousticOperator<Real>::clear_unread(const WaveFields<Real>& fields) const {
  weigh(*grid_.padded, fields.now, AsItIs<Real>{});
  weigh(*grid_.padded, fields.before, AsItIs<Real>{});
  weigh_layers<Decayed::where>(grid_, fields, [&](int axis) { return decay(axis); });
}

template <class Real>
mesh::Array3<Real> AcousticOperator<Real>::perturbation(
    const mesh::Array3<const Real>& dc_m_s) const {
  const mesh::BoxGrid& g = *grid_.padded;
  const auto speed = extended(speed_, [](double value) { return value; });
  const mesh::Array3<Real> dk("change of k", g.extent(2), g.extent(1), g.extent(0));
  change_of_k<Real>(g, dc_m_s, k_, speed, dk);
  return dk;
}

template <class Real>
void AcousticOperator<Real>::vary(const WaveFields<Real>& fields, const mesh::Array3<Real>& change,
                                  const Real* kept) const {
  Real* now = fields.now.data();
  const Real* dk = change.data();
  const int each = int(cells_), count = int(size());
  Kokkos::parallel_for(
      "wave vary", Kokkos::RangePolicy<mesh::Exec>(0, count),
      KOKKOS_LAMBDA(const int n) { now[n] += dk[n % each] * kept[n]; });
}

template <class Real>
void AcousticOperator<Real>::add_speed_slopes(const WaveSums<Real>& sums,
                                              const mesh::Array3<Real>& into) const {
  const auto speed = extended(speed_, [](double value) { return value; });
  for (int shot = 0; shot < setup_.shots; ++shot)
    add_slopes<Real>(*grid_.padded, shot, sums.gradient, speed, into);
}

template class AcousticOperator<float>;
template class AcousticOperator<double>;

}  // namespace understudy::solvers::seismic
