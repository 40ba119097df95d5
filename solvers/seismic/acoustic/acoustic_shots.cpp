#include "solvers/seismic/acoustic/acoustic_shots.hpp"

#include <algorithm>
#include <cmath>

#include "core/denormals.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/survey_plan.hpp"

namespace understudy::solvers::seismic {

namespace {

void require_source(const Shot& shot, const WaveGrid& grid) {
  require_pressure_source(shot.emitted);
  if (!grid.free_surface()) return;
  Survey emitters{.sources = {}, .receivers = {}, .source = shot.emitted};
  for (const PartSource& part : shot.sources()) emitters.sources.push_back(part.at);
  require_below_surface(emitters, grid);
}

}  // namespace

template <class Real>
AcousticShots<Real>::AcousticShots(std::shared_ptr<AcousticOperator<Real>> op,
                                   const std::vector<Shot>& shots)
    : op_(std::move(op)), shots_(shots) {
  const WaveGrid& grid = op_->grid();
  for (const Shot& shot : shots_) {
    require_source(shot, grid);
    sources_.push_back(make_joint_stencil(shot.sources(), grid, mesh::Location::cell, Parity::odd));
  }
  const Shot& shot = shots_.front();
  receivers_ = make_point_stencils(shot.receivers, grid, mesh::Location::cell, Parity::odd);
  steps_ = (shot.samples - 1) * shot.record_every;
  source_scale_ = 1 / grid.padded->cell_volume();
  const int count = int(shots_.size());
  wavelets_ = {"wavelets", std::size_t(count), std::size_t(steps_ + 1)};
  traces_ = {"traces", std::size_t(count), std::size_t(shot.samples), shot.receivers.size()};
  auto wavelets = Kokkos::create_mirror_view(wavelets_);
  for (int s = 0; s < count; ++s)
    for (int n = 0; n <= steps_; ++n)
      wavelets(s, n) = n < int(shots_[s].wavelet.size()) ? shots_[s].wavelet[n] : 0;
  Kokkos::deep_copy(wavelets_, wavelets);
}

// The power of two next to what the equations make of a source term of this strength within a step.
template <class Real>
double AcousticShots<Real>::unit_of(double strength) const {
  const double metres = op_->setup().layer_speed_m_s * op_->setup().dt_s;
  const double size = std::abs(strength) * metres * metres;
  return std::isnormal(size) ? std::ldexp(1.0, std::ilogb(size)) : 1.0;
}

template <class Real>
void AcousticShots<Real>::rest() {
  if (!fields_.now.data()) fields_ = op_->make_fields();
  fields_.zero();
  double strongest = 0;
  for (const Shot& shot : shots_)
    for (const double value : shot.wavelet) strongest = std::max(strongest, std::abs(value));
  unit_ = unit_of(source_scale_ * strongest);
}

template <class Real>
void AcousticShots<Real>::record(const WaveFields<Real>& fields, long long n) {
  const Shot& shot = shots_.front();
  if (n % shot.record_every != 0 || n / shot.record_every >= shot.samples) return;
  for (std::size_t s = 0; s < shots_.size(); ++s)
    op_->sample(fields, int(s), receivers_,
                Kokkos::subview(traces_, s, n / shot.record_every, Kokkos::ALL));
}

template <class Real>
void AcousticShots<Real>::step(WaveFields<Real>& fields, long long n, Real* kept) {
  op_->forward(fields, kept);
  emit(fields, n, 1, kept);
}

template <class Real>
void AcousticShots<Real>::emit(const WaveFields<Real>& fields, long long n, double factor,
                               Real* kept) {
  if (n > steps_) return;
  for (std::size_t s = 0; s < shots_.size(); ++s) {
    const Kokkos::View<const double*, mesh::Memory> value =
        Kokkos::subview(wavelets_, s, std::make_pair(n, n + 1));
    op_->add(fields, int(s), sources_[s], value, factor * source_scale_ / unit_,
             kept ? kept + s * op_->shot_size() : nullptr);
  }
}

template <class Real>
void AcousticShots<Real>::begin_adjoint() {
  at_sources_ = {"at sources", shots_.size(), std::size_t(steps_ + 1)};
}

template <class Real>
void AcousticShots<Real>::step_adjoint(WaveFields<Real>& adjoint, long long n, const Real* kept,
                                       const WaveSums<Real>& sums) {
  if (n <= steps_)
    for (std::size_t s = 0; s < shots_.size(); ++s)
      op_->sample(adjoint, int(s), sources_[s],
                  Kokkos::subview(at_sources_, s, std::make_pair(n, n + 1)));
  op_->backward(adjoint, kept, sums);
}

template <class Real>
std::vector<std::vector<double>> AcousticShots<Real>::wavelet_slopes() const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, at_sources_);
  std::vector<double> all(host.data(), host.data() + host.size());
  op_->grid().padded->comm().sum(std::span<double>(all));
  std::vector<std::vector<double>> slopes;
  const auto each = std::ptrdiff_t(host.extent(1));
  for (std::size_t s = 0; s < shots_.size(); ++s) {
    const auto first = all.begin() + std::ptrdiff_t(s) * each;
    slopes.emplace_back(first, first + each);
    for (double& slope : slopes.back()) slope *= source_scale_;
  }
  return slopes;
}

template <class Real>
double AcousticShots<Real>::amplitude_slope() const {
  const auto slopes = wavelet_slopes();
  double sum = 0;
  for (std::size_t s = 0; s < shots_.size(); ++s) {
    const auto& wavelet = shots_[s].wavelet;
    for (std::size_t n = 0; n < std::min(wavelet.size(), slopes[s].size()); ++n)
      sum += wavelet[n] * slopes[s][n];
  }
  return sum;
}

template <class Real>
void AcousticShots<Real>::step_back(int n, const Real* kept, const WaveSums<Real>& sums) {
  const int every = shots_.front().record_every;
  step_adjoint(adjoint_, n, kept, sums);
  if (n % every != 0) return;
  for (std::size_t s = 0; s < shots_.size(); ++s)
    op_->add(adjoint_, int(s), receivers_, Kokkos::subview(residuals_, s, n / every, Kokkos::ALL),
             1);
}

template <class Real>
std::vector<Gather> AcousticShots<Real>::traces() const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, traces_);
  std::vector<double> all(host.data(), host.data() + host.size());
  op_->grid().padded->comm().sum(std::span<double>(all));
  for (double& value : all) value *= unit_;
  std::vector<Gather> gathers;
  const std::size_t each = host.extent(1) * host.extent(2);
  for (std::size_t s = 0; s < shots_.size(); ++s) {
    gathers.emplace_back(int(host.extent(1)), int(host.extent(2)));
    std::copy_n(all.begin() + std::ptrdiff_t(s * each), each, gathers.back().values.begin());
  }
  return gathers;
}

template <class Real>
std::vector<Gather> AcousticShots<Real>::model(const Watch& watch) {
  const core::FlushDenormals flush;
  rest();
  record(fields_, 0);
  GrowthGuard guard(op_->setup().absorbing, shots_.front().wavelet, op_->setup().dt_s);
  for (int n = 0; n < steps_; ++n) {
    step(fields_, n);
    record(fields_, n + 1);
    if (watch) watch(n + 1, fields_);
    look(guard, n + 1);
  }
  return traces();
}

template <class Real>
void AcousticShots<Real>::look(GrowthGuard& guard, long long step) {
  if (step % GrowthGuard::interval(steps_) != 0 && step != steps_) return;
  const std::string wrong = guard.look(step, op_->kinetic_energy(fields_));
  if (wrong.empty()) return;
  const Position& at = shots_.front().source;
  throw core::RunError(core::format("the shot{} from x {:.6g} m, depth {:.6g} m: {}",
                                    shots_.size() > 1 ? "s" : "", at[0], at[2], wrong));
}

template <class Real>
void AcousticShots<Real>::set_residuals(const std::vector<Gather>& residuals) {
  residuals_ = {"residuals", traces_.extent(0), traces_.extent(1), traces_.extent(2)};
  auto host = Kokkos::create_mirror_view(residuals_);
  const std::size_t each = host.extent(1) * host.extent(2);
  double largest = 0;
  for (const Gather& gather : residuals)
    for (const double value : gather.values) largest = std::max(largest, std::abs(value));
  adjoint_unit_ = unit_of(largest);
  for (std::size_t s = 0; s < shots_.size(); ++s)
    std::transform(residuals[s].values.begin(), residuals[s].values.begin() + std::ptrdiff_t(each),
                   host.data() + s * each, [&](double value) { return value / adjoint_unit_; });
  Kokkos::deep_copy(residuals_, host);
  adjoint_.zero();
  const int last = int(host.extent(1)) - 1;
  for (std::size_t s = 0; s < shots_.size(); ++s)
    op_->add(adjoint_, int(s), receivers_, Kokkos::subview(residuals_, s, last, Kokkos::ALL), 1);
}

template <class Real>
ShotGradient<Real> AcousticShots<Real>::gradient(const AdjointSource& adjoint_source,
                                                 double memory_bytes) {
  const core::FlushDenormals flush;
  rest();
  begin_adjoint();
  const StepSchedule schedule(steps_, {memory_bytes, double(op_->size() * sizeof(Real)),
                                       double(fields_.bytes()), "inversion.memory_limit_mb"});
  ShotGradient<Real> result;
  const WaveSums<Real> sums{op_->make_array("gradient"), op_->make_array("illumination")};
  adjoint_ = op_->make_fields();
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> kept(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "kept steps"), schedule.block(), op_->size());
  std::vector<WaveFields<Real>> stored(schedule.snapshots());
  const auto kept_step = [&](int n) { return kept.data() + std::size_t(n) * op_->size(); };
  int kept_from = 0;
  bool first_sweep = true;
  GrowthGuard guard(op_->setup().absorbing, shots_.front().wavelet, op_->setup().dt_s);
  record(fields_, 0);

  StepSchedule::Actions actions;
  actions.advance = [&](int begin, int end, bool keep) {
    if (keep) kept_from = begin;
    for (int n = begin; n < end; ++n) {
      step(fields_, n, keep ? kept_step(n - begin) : nullptr);
      if (!first_sweep) continue;
      record(fields_, n + 1);
      look(guard, n + 1);
    }
    result.steps += end - begin;
  };
  actions.store = [&](int slot) {
    if (!stored[slot].now.data()) stored[slot] = op_->make_fields();
    stored[slot].copy_from(fields_);
  };
  actions.restore = [&](int slot) {
    if (slot < 0)
      fields_.zero();
    else
      fields_.copy_from(stored[slot]);
  };
  actions.turn = [&] {
    first_sweep = false;
    result.traces = traces();
    set_residuals(adjoint_source(result.traces));
  };
  actions.reverse = [&](int begin, int end) {
    for (int n = end - 1; n >= begin; --n) step_back(n, kept_step(n - kept_from), sums);
    result.steps += end - begin;
  };
  schedule.run(actions);

  result.speed = op_->speed_gradient(sums);
  for (double& slope : result.speed) slope *= unit_ * adjoint_unit_;
  result.illumination = op_->illumination(sums);
  for (double& square : result.illumination) square *= unit_ * unit_;
  result.wavelet = wavelet_slopes();
  for (auto& wavelet : result.wavelet) {
    wavelet.resize(steps_);
    for (double& slope : wavelet) slope *= adjoint_unit_;
  }
  return result;
}

template <class Real>
std::vector<Gather> AcousticShots<Real>::born(std::span<const double> dc_m_s) {
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> kept("kept steps", steps_, op_->size());
  rest();
  for (int n = 0; n < steps_; ++n) step(fields_, n, kept.data() + std::size_t(n) * op_->size());
  const auto dk = op_->perturbation(dc_m_s);
  fields_.zero();
  record(fields_, 0);
  for (int n = 0; n < steps_; ++n) {
    op_->forward(fields_, nullptr);
    op_->vary(fields_, dk, kept.data() + std::size_t(n) * op_->size());
    record(fields_, n + 1);
  }
  return traces();
}

template struct ShotGradient<float>;
template struct ShotGradient<double>;
template class AcousticShots<float>;
template class AcousticShots<double>;

}  // namespace understudy::solvers::seismic
