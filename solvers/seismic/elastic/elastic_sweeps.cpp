#include "solvers/seismic/elastic/elastic_sweeps.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/seismic/elastic/contact_rows.hpp"
#include "solvers/seismic/elastic/surface_closure.hpp"
#include "solvers/seismic/numerics/differences.hpp"

namespace understudy::solvers::seismic {

std::string velocity_name(int a) { return std::string("velocity_") + "xyz"[a]; }

std::string stress_name(int dimension, int component) {
  for (int a = 0; a < dimension; ++a)
    for (int b = a + 1; b < dimension; ++b)
      if (component == shear_index(dimension, a, b))
        return std::string("stress_") + "xyz"[a] + "xyz"[b];
  return std::string("stress_") + "xyz"[component] + "xyz"[component];
}

std::string memory_name(bool of_velocity, int axis, int component) {
  return core::format("layer_{}_{}_{}", "xyz"[axis], of_velocity ? "velocity" : "stress",
                      "xyz"[component]);
}

namespace {

template <class T>
Kokkos::View<T*, mesh::Memory> on_device(const char* name, const std::vector<double>& values,
                                         double factor = 1) {
  Kokkos::View<T*, mesh::Memory> view(name, values.size());
  auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < values.size(); ++n) host(n) = static_cast<T>(factor * values[n]);
  Kokkos::deep_copy(view, host);
  return view;
}

template <class Real, int D, int R>
class Sweeps final : public ElasticSweeps<Real> {
 public:
  Sweeps(const WaveGrid& wave_grid, const CpmlSetup& setup, const ElasticMedium<Real>& medium)
      : grid_(*wave_grid.padded), medium_(medium) {
    constexpr int vertical = D - 1;
    const SurfaceDifferences surface = surface_differences(2 * R);
    surface_here_ = wave_grid.free_surface() && grid_.at_boundary(2 * vertical + 1);
    zone_ = surface_here_ ? surface.rows : 0;
    require_height(wave_grid, setup, surface.columns);
    d_.stride[1] = grid_.extent(0);
    d_.stride[2] = Offset(grid_.extent(0)) * grid_.extent(1);
    for (int a = 0; a < D; ++a) {
      for (int m = 1; m <= R; ++m)
        d_.c[a][m - 1] = static_cast<Real>(Differences<R>::staggered[m] / grid_.spacing(a));
      for (const bool upper : {false, true}) {
        layer_[a][upper] = wave_grid.layer[2 * a + upper] && grid_.at_boundary(2 * a + upper);
      }
      profile_[a] =
          cpml_axis<Real>(setup, grid_, a, wave_grid.layer[2 * a], wave_grid.layer[2 * a + 1]);
      loss_[a] = losses(profile_[a].damping, setup, grid_.spacing(a));
      loss_half_[a] = losses(profile_[a].damping_half, setup, grid_.spacing(a));
    }
    width_ = setup.layer.width_cells;
    const double per_metre = -1 / grid_.spacing(vertical);  // depth grows downwards
    velocity_to_cells_ = on_device<Real>("surface", surface.velocity_to_centres, per_metre);
    velocity_to_faces_ = on_device<Real>("surface", surface.velocity_to_nodes, per_metre);
    stress_to_cells_ = on_device<Real>("surface", surface.stress_to_centres, per_metre);
    stress_to_faces_ = on_device<Real>("surface", surface.stress_to_nodes, per_metre);
    contacts_ = make_contacts<Real>(wave_grid, *medium.solid, set_weights(surface));
  }

  void velocity(const ElasticArrays<Real>& arrays, double dt_s, bool layers) const override {
    VelocityUpdate<Real, D, R, false> inner;
    fill(inner, arrays, dt_s);
    mesh::for_rows("elastic velocity", below_zone(), inner);
    if (surface_here_) {
      VelocityUpdate<Real, D, R, true> outer;
      fill(outer, arrays, dt_s);
      set_rows(outer, stress_to_faces_, stress_to_cells_);
      mesh::for_rows("elastic velocity at the surface", zone(1), outer);
    }
    if (contacts_.velocity.rows > 0) {
      ContactVelocity<Real> contact;
      contact.m = contacts_.velocity;
      fill_contact(contact, arrays, dt_s);
      for (int a = 0; a < D; ++a) contact.buoyancy[a] = medium_.buoyancy[a].data();
      Kokkos::parallel_for("elastic velocity at contacts",
                           Kokkos::RangePolicy<mesh::Exec>(0, contact.m.rows), contact);
    }
    if (!layers) return;
    velocity_layer<0>(arrays, dt_s);
    velocity_layer<1>(arrays, dt_s);
    if constexpr (D == 3) velocity_layer<2>(arrays, dt_s);
  }

  void stress(const ElasticArrays<Real>& arrays, double dt_s, bool layers) const override {
    StressUpdate<Real, D, R, false> inner;
    fill(inner, arrays, dt_s);
    mesh::for_rows("elastic stress", below_zone(), inner);
    if (surface_here_) {
      StressUpdate<Real, D, R, true> outer;
      fill(outer, arrays, dt_s);
      set_rows(outer, velocity_to_faces_, velocity_to_cells_);
      mesh::for_rows("elastic stress at the surface", zone(0), outer);
    }
    if (contacts_.stress.rows > 0) {
      ContactStress<Real> contact;
      contact.m = contacts_.stress;
      fill_contact(contact, arrays, dt_s);
      for (int c = D; c < stress_count(D); ++c) contact.mu_edge[c] = medium_.mu_edge[c].data();
      Kokkos::parallel_for("elastic stress at contacts",
                           Kokkos::RangePolicy<mesh::Exec>(0, contact.m.rows), contact);
    }
    if (!layers) return;
    stress_layer<0>(arrays, dt_s);
    stress_layer<1>(arrays, dt_s);
    if constexpr (D == 3) stress_layer<2>(arrays, dt_s);
  }

  Kokkos::View<const double*, mesh::Memory> cell_weight() const override { return cell_weight_; }
  Kokkos::View<const double*, mesh::Memory> face_weight() const override { return face_weight_; }

 private:
  static void require_height(const WaveGrid& wave_grid, const CpmlSetup& setup, int columns) {
    if (!wave_grid.free_surface()) return;
    constexpr int vertical = D - 1;
    const mesh::BoxGrid& grid = *wave_grid.padded;
    for (int rank = 0; rank < grid.comm().size(); ++rank) {
      const mesh::Range3 block = grid.block(rank);
      if (block.end[vertical] != grid.global_cells(vertical)) continue;
      const bool layer = wave_grid.layer[2 * vertical] && block.begin[vertical] == 0;
      const int needed = columns + (layer ? setup.layer.width_cells : 0);
      if (block.size(vertical) < needed)
        throw core::UserError(core::format(
            "the block of rank {} has {} cells along {}, but the free surface's differences and the "
            "absorbing layer need {}: use a deeper grid, or fewer ranks along {} (grid.ranks)",
            rank, block.size(vertical), "xyz"[vertical], needed, "xyz"[vertical]));
    }
  }

  template <class Kernel>
  static void fill_contact(Kernel& kernel, const ElasticArrays<Real>& arrays, double dt_s) {
    kernel.dt = static_cast<Real>(dt_s);
    for (int a = 0; a < D; ++a) kernel.v[a] = arrays.velocity[a];
    for (int c = 0; c < stress_count(D); ++c) kernel.s[c] = arrays.stress[c];
  }

  ContactSetup set_weights(const SurfaceDifferences& surface) {
    constexpr int vertical = D - 1;
    std::vector<double> cells(grid_.extent(vertical), 1.0), faces = cells;
    const int top = grid_.ghosts(vertical) + grid_.local_cells(vertical);
    for (int n = 0; surface_here_ && n < surface.rows; ++n) {
      cells[top - 1 - n] = surface.centre_weight[n];
      faces[top - n] = surface.node_weight[n];
    }
    cell_weight_ = on_device<double>("weights of cells", cells);
    face_weight_ = on_device<double>("weights of faces", faces);
    return {R, zone_, surface, std::move(cells), std::move(faces)};
  }

  mesh::Range3 below_zone() const {
    mesh::Range3 range = grid_.interior();
    range.end[D - 1] -= zone_;
    return range;
  }
  // The rows next to the surface, and `faces` row of faces on it.
  mesh::Range3 zone(int faces) const {
    mesh::Range3 range = grid_.interior();
    range.begin[D - 1] = range.end[D - 1] - zone_;
    range.end[D - 1] += faces;
    return range;
  }

  template <bool surface>
  void fill(ElasticKernel<Real, D, R, surface>& kernel, const ElasticArrays<Real>& arrays,
            double dt_s) const {
    kernel.d = d_;
    kernel.dt = static_cast<Real>(dt_s);
    for (int a = 0; a < D; ++a) kernel.v[a] = arrays.velocity[a];
    for (int c = 0; c < stress_count(D); ++c) kernel.s[c] = arrays.stress[c];
  }
  template <bool surface>
  void fill(VelocityUpdate<Real, D, R, surface>& kernel, const ElasticArrays<Real>& arrays,
            double dt_s) const {
    fill<surface>(static_cast<ElasticKernel<Real, D, R, surface>&>(kernel), arrays, dt_s);
    for (int a = 0; a < D; ++a) kernel.buoyancy[a] = medium_.buoyancy[a].data();
  }
  template <bool surface>
  void fill(StressUpdate<Real, D, R, surface>& kernel, const ElasticArrays<Real>& arrays,
            double dt_s) const {
    fill<surface>(static_cast<ElasticKernel<Real, D, R, surface>&>(kernel), arrays, dt_s);
    kernel.lambda = medium_.lambda.data();
    kernel.mu = medium_.mu.data();
    for (int c = D; c < stress_count(D); ++c) kernel.mu_edge[c] = medium_.mu_edge[c].data();
  }
  template <class Kernel>
  void set_rows(Kernel& kernel, const Kokkos::View<Real*, mesh::Memory>& to_faces,
                const Kokkos::View<Real*, mesh::Memory>& to_cells) const {
    kernel.rows = {to_faces.data(), to_cells.data(),
                   grid_.ghosts(D - 1) + grid_.local_cells(D - 1)};
  }

  template <int A, class Kernel>
  void over_slabs(const char* name, const Kernel& kernel) const {
    for (const bool upper : {false, true}) {
      if (!layer_[A][upper]) continue;
      mesh::Range3 slab = grid_.interior();
      if (upper)
        slab.begin[A] = slab.end[A] - width_;
      else
        slab.end[A] = slab.begin[A] + width_;
      mesh::for_rows(name, slab, kernel);
    }
  }
  // What a step leaves of the field, exp(-g dt). Where slow beds guide waves some of them run one way and
  // carry their energy the other; a layer that damps along one axis only makes them grow (a fraction of a
  // percent a step; Meza-Fajardo and Papageorgiou 2008). The loss g of the whole field outruns that:
  //   g = loss max(d0, d1) (d / d0)^4,
  // d0 the layer's largest damping, d1 that of 20 cells at R = 1e-4: in wider or weaker layers waves grow
  // more slowly, but for longer. The power keeps it away from where the layer begins, and reflection small.
  static Kokkos::View<Real*, mesh::Memory> losses(const std::vector<double>& damping,
                                                  const CpmlSetup& setup, double spacing_m) {
    std::vector<double> kept(damping.size(), 1.0);
    if (setup.layer.width_cells > 0) {
      const auto largest = [&](double reflection, int cells) {  // times dt
        return -1.5 * setup.speed_m_s * setup.dt_s * std::log(reflection) / (cells * spacing_m);
      };
      const double d0 = largest(setup.layer.reflection, setup.layer.width_cells);
      const double most = setup.layer.loss * std::max(d0, largest(1e-4, 20));
      for (std::size_t n = 0; n < kept.size(); ++n)
        kept[n] = std::exp(-most * std::pow(damping[n] / d0, 4));
    }
    return on_device<Real>("losses in the layer", kept);
  }

  template <int A, class Kernel>
  void set_profile(Kernel& kernel, Real* const (&memory)[3]) const {
    kernel.a = profile_[A].a.data();
    kernel.b = profile_[A].b.data();
    kernel.a_half = profile_[A].a_half.data();
    kernel.b_half = profile_[A].b_half.data();
    kernel.squeeze = profile_[A].k.data();
    kernel.squeeze_half = profile_[A].k_half.data();
    kernel.loss = loss_[A].data();
    kernel.loss_half = loss_half_[A].data();
    for (int c = 0; c < D; ++c) kernel.memory[c] = memory[c];
  }
  template <int A>
  void velocity_layer(const ElasticArrays<Real>& arrays, double dt_s) const {
    VelocityLayer<Real, D, R, A> kernel;
    fill<false>(static_cast<ElasticKernel<Real, D, R, false>&>(kernel), arrays, dt_s);
    for (int a = 0; a < D; ++a) kernel.buoyancy[a] = medium_.buoyancy[a].data();
    set_profile<A>(kernel, arrays.velocity_memory[A]);
    over_slabs<A>("elastic velocity in the layer", kernel);
  }
  template <int A>
  void stress_layer(const ElasticArrays<Real>& arrays, double dt_s) const {
    StressLayer<Real, D, R, A> kernel;
    fill<false>(static_cast<ElasticKernel<Real, D, R, false>&>(kernel), arrays, dt_s);
    kernel.lambda = medium_.lambda.data();
    kernel.mu = medium_.mu.data();
    for (int c = D; c < stress_count(D); ++c) kernel.mu_edge[c] = medium_.mu_edge[c].data();
    set_profile<A>(kernel, arrays.stress_memory[A]);
    over_slabs<A>("elastic stress in the layer", kernel);
  }

  const mesh::BoxGrid& grid_;
  ElasticMedium<Real> medium_;
  StaggeredDifferences<Real, D, R> d_;
  bool surface_here_ = false;
  int zone_ = 0, width_ = 0;
  Contacts<Real> contacts_;
  std::array<std::array<bool, 2>, 3> layer_{};
  std::array<CpmlAxis<Real>, 3> profile_;
  std::array<Kokkos::View<Real*, mesh::Memory>, 3> loss_, loss_half_;
  Kokkos::View<Real*, mesh::Memory> velocity_to_cells_, velocity_to_faces_, stress_to_cells_,
      stress_to_faces_;
  Kokkos::View<double*, mesh::Memory> cell_weight_, face_weight_;
};

}  // namespace

template <class Real>
std::unique_ptr<ElasticSweeps<Real>> make_elastic_sweeps(const WaveGrid& grid, int order,
                                                         const CpmlSetup& layer,
                                                         const ElasticMedium<Real>& medium) {
  if (order != 4 && order != 8)
    throw core::UserError(
        core::format("seismic.order: is {}; the elastic solver has orders 4 and 8", order));
  if (grid.dimension() == 2 && order == 4)
    return std::make_unique<Sweeps<Real, 2, 2>>(grid, layer, medium);
  if (grid.dimension() == 2) return std::make_unique<Sweeps<Real, 2, 4>>(grid, layer, medium);
  if (order == 4) return std::make_unique<Sweeps<Real, 3, 2>>(grid, layer, medium);
  return std::make_unique<Sweeps<Real, 3, 4>>(grid, layer, medium);
}

template std::unique_ptr<ElasticSweeps<float>> make_elastic_sweeps(const WaveGrid&, int,
                                                                   const CpmlSetup&,
                                                                   const ElasticMedium<float>&);
template std::unique_ptr<ElasticSweeps<double>> make_elastic_sweeps(const WaveGrid&, int,
                                                                    const CpmlSetup&,
                                                                    const ElasticMedium<double>&);

}  // namespace understudy::solvers::seismic
