#include "solvers/seismic/elastic/elastic_points.hpp"

#include <span>
#include <stdexcept>

namespace understudy::solvers::seismic {
namespace {

mesh::Location face_of(int axis) { return static_cast<mesh::Location>(axis + 1); }

// Shear stresses lie on edges, for which the grid has no name: half a cell below the faces of axis b
// along a. Asking for the faces of b at a point half a cell further along a gives the edges' weights.
// The vertical axis, which may have a surface, is never a (a < b).
Position edge_position(Position p, int a, const WaveGrid& grid) {
  p[a] += 0.5 * grid.padded->spacing(a);
  return p;
}

// Vertical rows of an array: their weights, and one that takes nothing (the surface has no shear stress).
struct SourceRows {
  Kokkos::View<const double*, mesh::Memory> weight;
  std::ptrdiff_t stride = 1;
  int count = 1, without = -1;
};

template <class Real>
void spread_rows(const PointStencils& points, Real* target, double amount, const Real* buoyancy,
                 const SourceRows& rows) {
  const auto first = points.by_cell.first;
  const auto weight = points.by_cell.weight;
  const auto cell = points.cell;
  Kokkos::parallel_for(
      "elastic source", Kokkos::RangePolicy<mesh::Exec>(0, points.by_cell.rows),
      KOKKOS_LAMBDA(const int r) {
        double sum = 0;
        for (int n = first(r); n < first(r + 1); ++n) sum += weight(n);
        const std::ptrdiff_t at = cell(r);
        const int row = static_cast<int>(at / rows.stride % rows.count);
        if (row == rows.without) return;
        sum *= amount / rows.weight(row);
        if (buoyancy != nullptr) sum *= static_cast<double>(buoyancy[at]);
        target[at] += static_cast<Real>(sum);
      });
}

template <class Real>
void sample_rows(const SparseRows& rows, const Real* from, double factor,
                 const Kokkos::View<double***, Kokkos::LayoutRight, mesh::Memory>& into,
                 int quantity, int sample) {
  const auto first = rows.first;
  const auto at = rows.at;
  const auto weight = rows.weight;
  Kokkos::parallel_for(
      "elastic receivers", Kokkos::RangePolicy<mesh::Exec>(0, rows.rows),
      KOKKOS_LAMBDA(const int r) {
        double sum = 0;
        for (int n = first(r); n < first(r + 1); ++n)
          sum += weight(n) * static_cast<double>(from[at(n)]);
        into(quantity, sample, r) += factor * sum;
      });
}

}  // namespace

template <class Real>
ElasticPoints<Real>::ElasticPoints(const Shot& shot, const WaveGrid& grid,
                                   const ElasticMedium<Real>& medium,
                                   const ElasticSweeps<Real>& sweeps)
    : dimension_(grid.dimension()),
      record_every_(shot.record_every),
      samples_(shot.samples),
      volume_(grid.padded->cell_volume()),
      wavelet_(shot.wavelet),
      buoyancy_(medium.buoyancy),
      cell_weight_(sweeps.cell_weight()),
      face_weight_(sweeps.face_weight()) {
  if (record_every_ < 1 || samples_ < 1)
    throw std::invalid_argument("a shot records at least one sample");
  if (!shot.parts.empty()) throw std::invalid_argument("an elastic shot has one source");
  for (int a = 0; a < 3; ++a) extent_[a] = grid.padded->extent(a);
  const int up = grid.vertical();
  if (grid.free_surface() && grid.padded->at_boundary(2 * up + 1))
    surface_row_ = grid.padded->ghosts(up) + grid.padded->local_cells(up);
  const auto points = [&](const Position& p, mesh::Location location) {
    return make_point_stencils({p}, grid, location, Parity::none);
  };
  const SourceParams& emitted = shot.emitted;
  const int terms = stress_count(dimension_);
  if (emitted.kind == "force") {
    for (int a = 0; a < dimension_; ++a)
      if (emitted.direction.at(a) != 0)
        forces_.push_back({points(shot.source, face_of(a)), emitted.direction[a], a});
  } else {
    std::vector<double> moment(terms, 0.0);
    if (emitted.kind == "moment")
      moment = emitted.moment;
    else
      for (int a = 0; a < dimension_; ++a) moment[a] = 1;
    for (int a = 0; a < dimension_; ++a) {
      if (moment.at(a) != 0)
        moments_.push_back({points(shot.source, mesh::Location::cell), moment[a], a});
      for (int b = a + 1; b < dimension_; ++b) {
        const int c = shear_index(dimension_, a, b);
        if (moment.at(c) == 0) continue;
        moments_.push_back({points(edge_position(shot.source, a, grid), face_of(b)), moment[c], c});
      }
    }
  }
  for (int a = 0; a < dimension_; ++a)
    at_velocity_[a] = make_point_stencils(shot.receivers, grid, face_of(a), Parity::none);
  at_cells_ = make_point_stencils(shot.receivers, grid, mesh::Location::cell, Parity::none);
  traces_ = decltype(traces_)("traces", dimension_ + 1, samples_, shot.receivers.size());
}

template <class Real>
double ElasticPoints<Real>::wavelet(long long n) const {
  return n >= 0 && n < static_cast<long long>(wavelet_.size()) ? wavelet_[n] : 0;
}

template <class Real>
void ElasticPoints<Real>::spread(const Emission& emission, Real* target, double amount,
                                 const mesh::Array3<Real>* buoyancy) const {
  const int vertical = dimension_ - 1;
  const bool of_velocity = buoyancy != nullptr;
  const bool on_faces = of_velocity ? emission.component == vertical
                                    : emission.component >= shear_index(dimension_, 0, vertical);
  SourceRows rows;
  rows.weight = on_faces ? face_weight_ : cell_weight_;
  rows.stride = vertical == 2 ? std::ptrdiff_t(extent_[0]) * extent_[1] : extent_[0];
  rows.count = extent_[vertical];
  rows.without = !of_velocity && on_faces ? surface_row_ : -1;
  spread_rows(emission.points, target, amount * emission.strength / volume_,
              of_velocity ? buoyancy->data() : nullptr, rows);
}

template <class Real>
void ElasticPoints<Real>::add_force(const ElasticArrays<Real>& arrays, long long step,
                                    double dt_s) const {
  const double amount = 0.5 * dt_s * (wavelet(step - 1) + wavelet(step));
  if (amount == 0) return;
  for (const Emission& e : forces_)
    spread(e, arrays.velocity[e.component], amount, &buoyancy_[e.component]);
}

template <class Real>
void ElasticPoints<Real>::add_moment(const ElasticArrays<Real>& arrays, long long step) const {
  const double amount =
      step == 0 ? 0.5 * (wavelet(0) + wavelet(1)) : 0.5 * (wavelet(step + 1) - wavelet(step - 1));
  if (amount == 0) return;
  for (const Emission& e : moments_) spread(e, arrays.stress[e.component], -amount, nullptr);
}

template <class Real>
bool ElasticPoints<Real>::records(long long step) const {
  return step % record_every_ == 0 && step / record_every_ < samples_;
}

template <class Real>
void ElasticPoints<Real>::sample(const PointStencils& points, const Real* from, double factor,
                                 int quantity, long long step) const {
  sample_rows(points.by_point, from, factor, traces_, quantity,
              static_cast<int>(step / record_every_));
}

template <class Real>
void ElasticPoints<Real>::record_velocity(const ElasticArrays<Real>& arrays, long long step) const {
  for (int a = 0; a < dimension_; ++a) sample(at_velocity_[a], arrays.velocity[a], 1, a, step);
}

template <class Real>
void ElasticPoints<Real>::record_pressure(const ElasticArrays<Real>& arrays, long long step) const {
  for (int a = 0; a < dimension_; ++a)
    sample(at_cells_, arrays.stress[a], -0.5 / dimension_, dimension_, step);
}

template <class Real>
std::vector<Traces> ElasticPoints<Real>::traces(const core::Comm& comm) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), traces_);
  std::vector<Traces> all;
  const int receivers = static_cast<int>(traces_.extent(2));
  for (int quantity = 0; quantity <= dimension_; ++quantity) {
    Traces& t = all.emplace_back();
    t.quantity = quantity < dimension_ ? velocity_name(quantity) : "pressure";
    t.unit = quantity < dimension_ ? "m/s" : "Pa";
    t.gather = Gather(samples_, receivers);
    for (int m = 0; m < samples_; ++m)
      for (int r = 0; r < receivers; ++r) t.gather.at(m, r) = host(quantity, m, r);
    comm.sum(std::span<double>(t.gather.values));
  }
  return all;
}

template class ElasticPoints<float>;
template class ElasticPoints<double>;

}  // namespace understudy::solvers::seismic
