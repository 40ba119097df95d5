// The acoustic operator of variable density.
#include <algorithm>
#include <array>
#include <utility>

#include "solvers/seismic/acoustic/acoustic_density_kernels.hpp"
#include "solvers/seismic/acoustic/acoustic_model.hpp"
#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace understudy::solvers::seismic {

namespace {

template <class Real, int D, int R>
class Variable : public AcousticOperator<Real> {
 public:
  Variable(const AcousticSetup& setup, WaveGrid wave_grid)
      : AcousticOperator<Real>(setup, std::move(wave_grid)),
        box_(this->grid_, setup.absorbing.width_cells, R, setup.shots),
        stencil_(*this->grid_.padded, box_),
        profiles_(layer_profiles<Real>(setup, this->grid_)),
        ghosts_(this->grid_) {
    for (int a = 0; a < D; ++a) flux_[a] = this->make_array("flux");
  }

  void set_model(std::span<const double> speed_m_s, std::span<const double> density) override {
    require_model(speed_m_s, density, this->grid_);
    this->speed_.assign(speed_m_s.begin(), speed_m_s.end());
    std::vector<double> k(speed_m_s.size()), lightness(speed_m_s.size());
    const double dt_s = this->setup_.dt_s;
    for (std::size_t n = 0; n < k.size(); ++n) {
      const double rho = density.empty() ? 1 : density[n];
      k[n] = dt_s * dt_s * rho * speed_m_s[n] * speed_m_s[n];
      lightness[n] = 1 / rho;
    }
    this->k_ = this->extended(k, [](double value) { return value; });
    for (int a = 0; a < D; ++a) r_[a] = face_lightness(lightness, a);
  }

  void forward(WaveFields<Real>& f, Real* kept) override {
    ghosts_.fill(f.now);
    faces<0, false>(f), faces<1, false>(f);
    if constexpr (D == 3) faces<2, false>(f);
    DensityForward<Real, D, R> step;
    step.box = box_;
    step.stencil = stencil_;
    step.u = f.now.data();
    step.k = this->k_.data();
    step.next = f.before.data();
    step.kept = kept;
    for (int a = 0; a < D; ++a) {
      step.flux[a] = flux_[a].data();
      step.zeta[a] = f.zeta[a].data();
      step.a[a] = profiles_[a].a.data();
      step.b[a] = profiles_[a].b.data();
      step.s[a] = profiles_[a].k.data();
    }
    update_cells("density forward", step);
    std::swap(f.now, f.before);
  }

  void backward(WaveFields<Real>& f, const Real* kept, const WaveSums<Real>& sums) override {
    ghosts_.fill(f.now);
    DensityNu<Real, D> nu;
    nu.box = box_;
    nu.v = f.now.data();
    for (int a = 0; a < D; ++a) {
      nu.nu[a] = f.zeta[a].data();
      nu.b[a] = profiles_[a].b.data();
    }
    update_slabs("density nu", nu);
    faces<0, true>(f), faces<1, true>(f);
    if constexpr (D == 3) faces<2, true>(f);
    DensityAdjoint<Real, D, R> step;
    step.box = box_;
    step.stencil = stencil_;
    step.v = f.now.data();
    step.k = this->k_.data();
    step.next = f.before.data();
    step.kept = kept;
    if (kept != nullptr) {
      step.gradient = sums.gradient.data();
      step.illumination = sums.illumination.data();
    }
    for (int a = 0; a < D; ++a) step.flux[a] = flux_[a].data();
    update_cells("density backward", step);
    std::swap(f.now, f.before);
  }

 protected:
  std::array<typename AcousticOperator<Real>::Decay, 2> decay(int axis) const override {
    return {profiles_[axis].b_half, profiles_[axis].b};
  }

 private:
  template <int axis, bool adjoint>
  void faces(const WaveFields<Real>& f) {
    mesh::Range3 range = this->grid_.padded->interior();
    range.begin[axis] -= R - 1;
    range.end[axis] += R;
    for (int shot = 0; shot < this->setup_.shots; ++shot) {
      const Index start = shot * box_.shot_stride;
      DensityFaces<Real, D, R, axis, adjoint> kernel;
      kernel.stencil = stencil_;
      kernel.u = f.now.data() + start;
      kernel.r = r_[axis].data();
      kernel.nu = f.zeta[axis].data() + start;
      kernel.memory = f.psi[axis].data() + start;
      kernel.flux = flux_[axis].data() + start;
      kernel.a = profiles_[axis].a.data();
      kernel.a_half = profiles_[axis].a_half.data();
      kernel.b_half = profiles_[axis].b_half.data();
      kernel.s = profiles_[axis].k.data();
      kernel.s_half = profiles_[axis].k_half.data();
      kernel.stride_j = box_.stride[1];
      kernel.stride_k = box_.stride[2];
      mesh::for_cells("density faces", range, kernel);
    }
  }

  // Mean of 1 / rho of the two cells at every face that the stencils reach, even about a free surface.
  mesh::Array3<Real> face_lightness(const std::vector<double>& lightness, int axis) const {
    const WaveGrid& w = this->grid_;
    const mesh::BoxGrid& g = *w.padded;
    mesh::Array3<Real> r("lightness", g.extent(2), g.extent(1), g.extent(0));
    auto host = Kokkos::create_mirror_view(r);
    const auto cell = [&](std::array<int, 3> global) {
      std::array<int, 3> at{0, 0, 0};
      for (int a = 0; a < D; ++a) {
        if (a == w.vertical() && w.free_surface() && global[a] >= g.global_cells(a))
          global[a] = 2 * g.global_cells(a) - 1 - global[a];
        at[a] = std::clamp(global[a] - w.first[a], 0, int(w.box.cells[a]) - 1);
      }
      const std::size_t row = std::size_t(w.box.cells[0]);
      const std::size_t plane = row * std::size_t(w.box.cells[1]);
      return lightness[at[2] * plane + at[1] * row + at[0]];
    };
    const mesh::Range3 all = g.everything();
    for (int k = all.begin[2]; k < all.end[2]; ++k)
      for (int j = all.begin[1]; j < all.end[1]; ++j)
        for (int i = all.begin[0]; i < all.end[0]; ++i) {
          std::array<int, 3> here{i - g.ghosts(0) + g.offset(0), j - g.ghosts(1) + g.offset(1),
                                  k - g.ghosts(2) + g.offset(2)};
          std::array<int, 3> lower = here;
          --lower[axis];
          host(k, j, i) = Real(0.5 * (cell(here) + cell(lower)));
        }
    Kokkos::deep_copy(r, host);
    return r;
  }

  LayerBox box_;
  StaggeredStencil<Real, D, R> stencil_;
  std::array<CpmlAxis<Real>, 3> profiles_;
  WaveGhosts<Real> ghosts_;
  std::array<mesh::Array4<Real>, 3> flux_;
  std::array<mesh::Array3<Real>, 3> r_;
};

}  // namespace

template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_variable_density(const AcousticSetup& setup,
                                                              const core::Comm& comm) {
  return with_radius(setup.order, [&](auto radius) -> std::unique_ptr<AcousticOperator<Real>> {
    constexpr int R = decltype(radius)::value;
    auto grid = make_wave_grid(setup.box, setup.absorbing, setup.free_surface, 2 * R, comm);
    if (setup.box.dimension() == 2)
      return std::make_unique<Variable<Real, 2, R>>(setup, std::move(grid));
    return std::make_unique<Variable<Real, 3, R>>(setup, std::move(grid));
  });
}

template std::unique_ptr<AcousticOperator<float>> make_variable_density(const AcousticSetup&,
                                                                        const core::Comm&);
template std::unique_ptr<AcousticOperator<double>> make_variable_density(const AcousticSetup&,
                                                                         const core::Comm&);

}  // namespace understudy::solvers::seismic
