// The acoustic operator of constant density.
#include <algorithm>
#include <array>
#include <utility>

#include "solvers/seismic/acoustic/acoustic_kernels.hpp"
#include "solvers/seismic/acoustic/acoustic_model.hpp"
#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace understudy::solvers::seismic {

namespace {

// Rows of a tile: the stencil's planes should stay in a cache of 1 MiB a thread.
int tile_rows(const mesh::BoxGrid& grid, int radius, std::size_t value_bytes) {
  constexpr double cache_bytes = 1 << 20;
  const double row = double(grid.extent(0)) * double(value_bytes) * (2 * radius + 1);
  return std::clamp(int(cache_bytes / row), 8, grid.local_cells(1));
}

template <class Real, int D, int R>
class Constant : public AcousticOperator<Real> {
 public:
  Constant(const AcousticSetup& setup, WaveGrid wave_grid)
      : AcousticOperator<Real>(setup, std::move(wave_grid)),
        box_(this->grid_, setup.absorbing.width_cells, R, setup.shots),
        stencil_(*this->grid_.padded, box_),
        profiles_(layer_profiles<Real>(setup, this->grid_)),
        ghosts_(this->grid_) {
    if (D == 3) box_.tile = tile_rows(*this->grid_.padded, R, sizeof(Real));
  }

  void set_model(std::span<const double> speed_m_s, std::span<const double> density) override {
    require_model(speed_m_s, density, this->grid_);
    this->speed_.assign(speed_m_s.begin(), speed_m_s.end());
    const double dt_s = this->setup_.dt_s;
    this->k_ = this->extended(speed_m_s, [=](double c) { return dt_s * dt_s * c * c; });
  }

  void forward(WaveFields<Real>& f, Real* kept) override {
    ghosts_.fill(f.now);
    AcousticForward<Real, D, R> step;
    step.box = box_;
    step.stencil = stencil_;
    step.u = f.now.data();
    step.k = this->k_.data();
    step.next = f.before.data();
    step.kept = kept;
    for (int a = 0; a < D; ++a) {
      step.psi[a] = f.psi[a].data();
      step.zeta[a] = f.zeta[a].data();
      step.a[a] = profiles_[a].a.data();
      step.b[a] = profiles_[a].b.data();
    }
    update_slabs("acoustic psi", step);
    update_cells("acoustic forward", step);
    std::swap(f.now, f.before);
  }

  void backward(WaveFields<Real>& f, const Real* kept, const WaveSums<Real>& sums) override {
    ghosts_.fill(f.now);
    AcousticAdjoint<Real, D, R> step;
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
    for (int a = 0; a < D; ++a) {
      step.mu[a] = f.psi[a].data();
      step.nu[a] = f.zeta[a].data();
      step.a[a] = profiles_[a].a.data();
      step.b[a] = profiles_[a].b.data();
    }
    update_slabs("acoustic nu", AdjointNu<AcousticAdjoint<Real, D, R>>{step});
    update_slabs("acoustic mu", AdjointMu<AcousticAdjoint<Real, D, R>>{step});
    update_cells("acoustic backward", step);
    std::swap(f.now, f.before);
  }

 protected:
  std::array<typename AcousticOperator<Real>::Decay, 2> decay(int axis) const override {
    return {profiles_[axis].b, profiles_[axis].b};
  }

 private:
  LayerBox box_;
  Stencil<Real, D, R> stencil_;
  std::array<CpmlAxis<Real>, 3> profiles_;
  WaveGhosts<Real> ghosts_;
};

}  // namespace

template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_constant_density(const AcousticSetup& setup,
                                                              const core::Comm& comm) {
  return with_radius(setup.order, [&](auto radius) -> std::unique_ptr<AcousticOperator<Real>> {
    constexpr int R = decltype(radius)::value;
    auto grid = make_wave_grid(setup.box, setup.absorbing, setup.free_surface, R, comm);
    if (setup.box.dimension() == 2)
      return std::make_unique<Constant<Real, 2, R>>(setup, std::move(grid));
    return std::make_unique<Constant<Real, 3, R>>(setup, std::move(grid));
  });
}

template std::unique_ptr<AcousticOperator<float>> make_constant_density(const AcousticSetup&,
                                                                        const core::Comm&);
template std::unique_ptr<AcousticOperator<double>> make_constant_density(const AcousticSetup&,
                                                                         const core::Comm&);

}  // namespace understudy::solvers::seismic
