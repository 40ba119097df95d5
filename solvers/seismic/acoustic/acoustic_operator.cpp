#include "solvers/seismic/acoustic/acoustic_operator.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "mesh/loops.hpp"
#include "solvers/seismic/survey_plan.hpp"

namespace understudy::solvers::seismic {

AcousticSetup acoustic_setup(const SeismicParams& params, const SurveyPlan& plan,
                             const mesh::GridParams& box) {
  AcousticSetup setup;
  setup.box = box;
  setup.absorbing = params.absorbing;
  setup.free_surface = params.surface == "free";
  setup.variable_density = plan.variable_density;
  setup.order = params.order;
  setup.dt_s = plan.dt_s;
  setup.layer_speed_m_s = plan.layer_speed_m_s;
  setup.layer_frequency_hz = plan.peak_frequency_hz;
  return setup;
}

template <class Real>
void WaveFields<Real>::zero() const {
  Kokkos::deep_copy(now, Real(0));
  Kokkos::deep_copy(before, Real(0));
  for (int a = 0; a < 3; ++a) {
    Kokkos::deep_copy(psi[a], Real(0));
    Kokkos::deep_copy(zeta[a], Real(0));
  }
}

template <class Real>
void WaveFields<Real>::copy_from(const WaveFields& other) const {
  Kokkos::deep_copy(now, other.now);
  Kokkos::deep_copy(before, other.before);
  for (int a = 0; a < 3; ++a) {
    Kokkos::deep_copy(psi[a], other.psi[a]);
    Kokkos::deep_copy(zeta[a], other.zeta[a]);
  }
}

template <class Real>
std::size_t WaveFields<Real>::bytes() const {
  std::size_t values = now.size() + before.size();
  for (int a = 0; a < 3; ++a) values += psi[a].size() + zeta[a].size();
  return values * sizeof(Real);
}

template <class Real>
AcousticOperator<Real>::AcousticOperator(const AcousticSetup& setup, WaveGrid grid)
    : setup_(setup), grid_(std::move(grid)) {
  const mesh::BoxGrid& g = *grid_.padded;
  cells_ = std::size_t(g.extent(0)) * g.extent(1) * g.extent(2);
}

template <class Real>
mesh::Array4<Real> AcousticOperator<Real>::make_array(const char* name) const {
  const mesh::BoxGrid& g = *grid_.padded;
  return mesh::Array4<Real>(name, setup_.shots, g.extent(2), g.extent(1), g.extent(0));
}

template <class Real>
WaveFields<Real> AcousticOperator<Real>::make_fields() const {
  WaveFields<Real> fields;
  fields.now = make_array("pressure");
  fields.before = make_array("pressure before");
  for (int a = 0; a < grid_.dimension(); ++a) {
    fields.psi[a] = make_array("psi");
    fields.zeta[a] = make_array("zeta");
  }
  return fields;
}

template <class Real>
void AcousticOperator<Real>::add(const WaveFields<Real>& fields, int shot,
                                 const PointStencils& points,
                                 const Kokkos::View<const double*, mesh::Memory>& values,
                                 double scale, Real* kept) const {
  Real* now = fields.now.data() + shot * cells_;
  const Real* k = k_.data();
  const auto first = points.by_cell.first;
  const auto at = points.by_cell.at;
  const auto weight = points.by_cell.weight;
  const auto cell = points.cell;
  Kokkos::parallel_for(
      "wave add", Kokkos::RangePolicy<mesh::Exec>(0, points.by_cell.rows),
      KOKKOS_LAMBDA(const int row) {
        double sum = 0;
        for (int n = first(row); n < first(row + 1); ++n) sum += weight(n) * values(at(n));
        const Real strength = Real(scale * sum);
        const std::ptrdiff_t index = cell(row);
        now[index] += k[index] * strength;
        if (kept != nullptr) kept[index] += strength;
      });
}

template <class Real>
void AcousticOperator<Real>::sample(const WaveFields<Real>& fields, int shot,
                                    const PointStencils& points,
                                    const Kokkos::View<double*, mesh::Memory>& into) const {
  const Real* now = fields.now.data() + shot * cells_;
  const auto first = points.by_point.first;
  const auto at = points.by_point.at;
  const auto weight = points.by_point.weight;
  Kokkos::parallel_for(
      "wave sample", Kokkos::RangePolicy<mesh::Exec>(0, points.points),
      KOKKOS_LAMBDA(const int point) {
        double sum = 0;
        for (int n = first(point); n < first(point + 1); ++n) sum += weight(n) * double(now[at(n)]);
        into(point) = sum;
      });
}

namespace {

template <class Real>
double kinetic_sum(const mesh::BoxGrid& grid, int shot, const mesh::Array3<Real>& k,
                   const WaveFields<Real>& fields) {
  const auto now = fields.now, before = fields.before;
  return mesh::sum_cells(
      "wave energy", grid.interior(), KOKKOS_LAMBDA(const int kk, const int j, const int i) {
        const double change = double(now(shot, kk, j, i)) - double(before(shot, kk, j, i));
        return 0.5 * change * change / double(k(kk, j, i));
      });
}

}  // namespace

template <class Real>
double AcousticOperator<Real>::kinetic_energy(const WaveFields<Real>& fields) const {
  double sum = 0;
  for (int shot = 0; shot < setup_.shots; ++shot)
    sum += kinetic_sum<Real>(*grid_.padded, shot, k_, fields);
  return grid_.padded->comm().sum(sum) * grid_.padded->cell_volume();
}

namespace {

// Calls f(box index, linear index on this rank) for every interior cell, box index by the nearest cell.
template <class F>
void for_nearest(const WaveGrid& grid, const F& f) {
  const mesh::BoxGrid& g = *grid.padded;
  const mesh::Range3 r = g.interior();
  std::array<int, 3> cells{1, 1, 1};
  for (int a = 0; a < grid.dimension(); ++a) cells[a] = int(grid.box.cells[a]);
  const auto nearest = [&](int axis, int local) {
    const int global = local - g.ghosts(axis) + g.offset(axis) - grid.first[axis];
    return std::clamp(global, 0, cells[axis] - 1);
  };
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const bool inside = g.offset(0) + i - g.ghosts(0) - grid.first[0] == nearest(0, i) &&
                            g.offset(1) + j - g.ghosts(1) - grid.first[1] == nearest(1, j) &&
                            g.offset(2) + k - g.ghosts(2) - grid.first[2] == nearest(2, k);
        f((std::size_t(nearest(2, k)) * cells[1] + nearest(1, j)) * cells[0] + nearest(0, i),
          (std::size_t(k) * g.extent(1) + j) * g.extent(0) + i, inside);
      }
}

}  // namespace

template <class Real>
mesh::Array3<Real> AcousticOperator<Real>::extended(
    std::span<const double> box_values, const std::function<double(double)>& map) const {
  const mesh::BoxGrid& g = *grid_.padded;
  mesh::Array3<Real> values("extended", g.extent(2), g.extent(1), g.extent(0));
  auto host = Kokkos::create_mirror_view(values);
  for_nearest(grid_, [&](std::size_t box, std::size_t n, bool) {
    host.data()[n] = Real(map(box_values[box]));
  });
  Kokkos::deep_copy(values, host);
  return values;
}

template <class Real>
std::vector<double> AcousticOperator<Real>::to_box(const mesh::Array4<Real>& sums,
                                                   bool fold) const {
  std::size_t cells = 1;
  for (const auto n : grid_.box.cells) cells *= std::size_t(n);
  std::vector<double> result(cells, 0);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, sums);
  for_nearest(grid_, [&](std::size_t box, std::size_t n, bool inside) {
    if (!inside && !fold) return;
    for (int shot = 0; shot < setup_.shots; ++shot)
      result[box] += double(host.data()[shot * cells_ + n]);
  });
  grid_.padded->comm().sum(std::span<double>(result));
  return result;
}

template <class Real>
std::vector<double> AcousticOperator<Real>::speed_gradient(const WaveSums<Real>& sums) const {
  // dJ/dc = dJ/dk dk/dc = (gradient / k) (2 k / c).
  std::vector<double> gradient = to_box(sums.gradient, true);
  for (std::size_t n = 0; n < gradient.size(); ++n) gradient[n] *= 2 / speed_[n];
  return gradient;
}

template <class Real>
std::vector<double> AcousticOperator<Real>::illumination(const WaveSums<Real>& sums) const {
  return to_box(sums.illumination, false);
}

template <class Real>
mesh::Array3<Real> AcousticOperator<Real>::perturbation(std::span<const double> dc_m_s) const {
  std::vector<double> relative(dc_m_s.size());
  for (std::size_t n = 0; n < relative.size(); ++n) relative[n] = 2 * dc_m_s[n] / speed_[n];
  auto dk = extended(relative, [](double value) { return value; });
  const Real* k = k_.data();
  Real* values = dk.data();
  Kokkos::parallel_for(
      "perturbation", Kokkos::RangePolicy<mesh::Exec>(0, int(cells_)),
      KOKKOS_LAMBDA(const int n) { values[n] *= k[n]; });
  return dk;
}

template struct WaveFields<float>;
template struct WaveFields<double>;
template class AcousticOperator<float>;
template class AcousticOperator<double>;

}  // namespace understudy::solvers::seismic
