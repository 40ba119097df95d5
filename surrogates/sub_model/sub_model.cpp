#include "surrogates/sub_model/sub_model.hpp"

#include <mutex>
#include <optional>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/sub_model/sub_model_checks.hpp"
#include "surrogates/sub_model/sub_model_store.hpp"
#include "surrogates/sub_model/torch_sub_model.hpp"
#include "surrogates/sub_model/torch_sub_model_network.hpp"

namespace understudy {

using sub_model::turn;

struct SubModel::Impl {
  SubModelOptions options;
  std::optional<sub_model::LoadedModel> loaded;
  sub_model::PointStore store;
  SubModelCounters counters;

  explicit Impl(const SubModelOptions& o) : options(o), store(o) {}

  /// Returns the seconds it took.
  template <class Real, class Memory>
  double run_physics(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                     const Physics<Real, Memory>& physics);
  template <class Real, class Memory>
  void keep_points(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                   double physics_s);
  template <class Real, class Net, class Memory>
  void network(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
               const sub_model::Vector<std::int8_t, Memory>& verdict,
               const sub_model::Vector<std::int64_t, Memory>& places, std::int64_t count);
  template <class Real, class Memory>
  void always(const Points<const Real, Memory>& in, const Points<Real, Memory>& out);
  template <class Memory>
  void count_reasons(const sub_model::Vector<std::int8_t, Memory>& verdict);
  template <class Real, class Memory>
  void gate(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
            const Physics<Real, Memory>& physics);
  template <class Real, class Memory>
  void call(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
            const Physics<Real, Memory>& physics);
};

template <class Real, class Memory>
void SubModel::Impl::keep_points(const Points<const Real, Memory>& in,
                                 const Points<Real, Memory>& out, double physics_s) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), in);
  const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out);
  const std::lock_guard lock(turn());
  store.template store<Real>(x, y, physics_s * static_cast<double>(core::Runtime::threads()));
}

template <class Real, class Memory>
double SubModel::Impl::run_physics(const Points<const Real, Memory>& in,
                                   const Points<Real, Memory>& out,
                                   const Physics<Real, Memory>& physics) {
  if (!physics)
    throw core::UserError(
        core::format("sub-model {}: policy {} needs the physics, and none was given", options.name,
                     to_string(options.policy)));
  const core::Stopwatch stopwatch;
  physics(in, out);
  Kokkos::fence("physics");
  const double seconds = stopwatch.seconds();
  const std::lock_guard lock(turn());
  counters.physics_s += seconds;
  counters.to_physics += static_cast<long long>(in.extent(0));
  return seconds;
}

// Predicts the points at `places`, or all where there are none, into `out`.
template <class Real, class Net, class Memory>
void SubModel::Impl::network(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                             const sub_model::Vector<std::int8_t, Memory>& verdict,
                             const sub_model::Vector<std::int64_t, Memory>& places,
                             std::int64_t count) {
  const core::Stopwatch packing;
  const auto skip = Kokkos::WithoutInitializing;
  const sub_model::Matrix<Net, Memory> x(Kokkos::view_alloc(skip, "network input"), count,
                                         in.extent(1));
  if (count == static_cast<std::int64_t>(in.extent(0))) {
    sub_model::normalise<Real, Net, Memory>(in, loaded->template on<Memory>().inputs, x);
  } else {
    const Points<Real, Memory> packed(Kokkos::view_alloc(skip, "packed"), count, in.extent(1));
    sub_model::gather<const Real, Real, Memory>(in, places, packed);
    sub_model::normalise<Real, Net, Memory>(packed, loaded->template on<Memory>().inputs, x);
  }
  Kokkos::fence("packed");
  counters.gate_s += packing.seconds();
  const core::Stopwatch calling;
  auto prediction = sub_model::predict<Net, Memory>(loaded->model, x);
  counters.network_s += calling.seconds();
  const core::Stopwatch unpacking;
  prediction.places = places;
  if (options.policy == SubModelPolicy::gate && options.gate.disagreement &&
      loaded->model.card.members > 1)
    prediction.largest_disagreement = loaded->model.card.gate.disagreement;
  sub_model::accept<Real, Net, Memory>(prediction, loaded->template on<Memory>().outputs, verdict,
                                       out);
  Kokkos::fence("accepted");
  counters.gate_s += unpacking.seconds();
}

template <class Real, class Memory>
void SubModel::Impl::always(const Points<const Real, Memory>& in, const Points<Real, Memory>& out) {
  const std::lock_guard lock(turn());
  sub_model::require_unchanged(*loaded, options);
  const auto points = static_cast<std::int64_t>(in.extent(0));
  const sub_model::Vector<std::int8_t, Memory> verdict("verdict", points);
  const sub_model::Vector<std::int64_t, Memory> places(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "places"), points);
  const core::Stopwatch stopwatch;
  sub_model::judge<Real, Memory>(in, {}, loaded->template on<Memory>().inputs, {}, verdict);
  const auto finite = sub_model::compact<Memory>(verdict, true, places);
  if (finite < points) sub_model::refuse_first<Real, Memory>(options, in, verdict);
  counters.gate_s += stopwatch.seconds();
  if (loaded->model.card.precision == "float64")
    network<Real, double, Memory>(in, out, verdict, places, points);
  else
    network<Real, float, Memory>(in, out, verdict, places, points);
  if (sub_model::compact<Memory>(verdict, true, places) < points)
    sub_model::refuse_first<Real, Memory>(options, in, verdict);
  counters.to_network += points;
}

template <class Memory>
void SubModel::Impl::count_reasons(const sub_model::Vector<std::int8_t, Memory>& verdict) {
  const sub_model::Vector<long long, Memory> device_counts("counts", sub_model::verdicts);
  sub_model::count_verdicts<Memory>(verdict, device_counts);
  const auto counts = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), device_counts);
  counters.not_finite += counts(sub_model::not_finite);
  counters.out_of_range += counts(sub_model::out_of_range);
  counters.too_far += counts(sub_model::too_far);
  counters.disagreed += counts(sub_model::disagreed);
  counters.network_not_finite += counts(sub_model::bad_output);
}

template <class Real, class Memory>
void SubModel::Impl::gate(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                          const Physics<Real, Memory>& physics) {
  const auto points = static_cast<std::int64_t>(in.extent(0));
  const auto skip = Kokkos::WithoutInitializing;
  const sub_model::Vector<std::int8_t, Memory> verdict("verdict", points);
  const sub_model::Vector<std::int64_t, Memory> places(Kokkos::view_alloc(skip, "places"), points);
  std::int64_t rejected = 0;
  Points<Real, Memory> packed_in, packed_out;
  {
    const std::lock_guard lock(turn());
    sub_model::require_unchanged(*loaded, options);
    core::Stopwatch stopwatch;
    sub_model::Matrix<float, Memory> x;
    if (options.gate.distance) {
      x = sub_model::Matrix<float, Memory>(Kokkos::view_alloc(skip, "normalised"), points,
                                           in.extent(1));
      sub_model::normalise<Real, float, Memory>(in, loaded->template on<Memory>().inputs, x);
    }
    sub_model::judge<Real, Memory>(in, x, loaded->template on<Memory>().inputs,
                                   loaded->template on<Memory>().tests, verdict);
    const auto candidates = sub_model::compact<Memory>(verdict, true, places);
    counters.gate_s += stopwatch.seconds();
    if (candidates > 0) {
      if (loaded->model.card.precision == "float64")
        network<Real, double, Memory>(in, out, verdict, places, candidates);
      else
        network<Real, float, Memory>(in, out, verdict, places, candidates);
    }
    stopwatch = {};
    rejected = sub_model::compact<Memory>(verdict, false, places);
    counters.to_network += points - rejected;
    if (rejected > 0) count_reasons<Memory>(verdict);
    if (rejected > 0 && rejected < points) {
      packed_in =
          Points<Real, Memory>(Kokkos::view_alloc(skip, "rejected"), rejected, in.extent(1));
      packed_out = Points<Real, Memory>("rejected out", rejected, out.extent(1));
      sub_model::gather<const Real, Real, Memory>(in, places, packed_in);
      Kokkos::fence("rejected");
    }
    counters.gate_s += stopwatch.seconds();
  }
  if (rejected == 0) return;
  const bool keep = !options.dataset.empty();
  if (rejected == points) {
    const double seconds = run_physics<Real, Memory>(in, out, physics);
    if (keep) keep_points<Real, Memory>(in, out, seconds);
    return;
  }
  const double seconds = run_physics<Real, Memory>(packed_in, packed_out, physics);
  {
    const std::lock_guard lock(turn());
    const core::Stopwatch stopwatch;
    sub_model::scatter<Real, Memory>(packed_out, places, out);
    Kokkos::fence("scattered");
    counters.gate_s += stopwatch.seconds();
  }
  // Last: the caller's results do not depend on whether they can be stored.
  if (keep) keep_points<Real, Memory>(packed_in, packed_out, seconds);
}

template <class Real, class Memory>
void SubModel::Impl::call(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                          const Physics<Real, Memory>& physics) {
  sub_model::require_batch<Real, Memory>(options, in, out);
  {
    const std::lock_guard lock(turn());
    ++counters.calls;
    counters.points += static_cast<long long>(in.extent(0));
  }
  if (in.extent(0) == 0) return;
  switch (options.policy) {
    case SubModelPolicy::collect:
      return keep_points<Real, Memory>(in, out, run_physics<Real, Memory>(in, out, physics));
    case SubModelPolicy::never:
      run_physics<Real, Memory>(in, out, physics);
      return;
    case SubModelPolicy::always:
      return always<Real, Memory>(in, out);
    case SubModelPolicy::gate:
      return gate<Real, Memory>(in, out, physics);
  }
}

SubModel::SubModel(const SubModelOptions& options) {
  sub_model::require_valid(options);
  impl_ = std::make_unique<Impl>(options);
  if (sub_model::needs_model(options.policy)) impl_->loaded = sub_model::load(options);
}

SubModel::~SubModel() {
  const std::lock_guard lock(turn());
  impl_.reset();
}

SubModel::SubModel(SubModel&&) noexcept = default;

void SubModel::call(const Points<const float>& in, const Points<float>& out,
                    const Physics<float>& physics) {
  impl_->call<float, Kokkos::DefaultExecutionSpace::memory_space>(in, out, physics);
}
void SubModel::call(const Points<const double>& in, const Points<double>& out,
                    const Physics<double>& physics) {
  impl_->call<double, Kokkos::DefaultExecutionSpace::memory_space>(in, out, physics);
}
#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL)
void SubModel::call(const Points<const float, Host>& in, const Points<float, Host>& out,
                    const Physics<float, Host>& physics) {
  impl_->call<float, Host>(in, out, physics);
}
void SubModel::call(const Points<const double, Host>& in, const Points<double, Host>& out,
                    const Physics<double, Host>& physics) {
  impl_->call<double, Host>(in, out, physics);
}
#endif

void SubModel::reload() {
  if (!sub_model::needs_model(impl_->options.policy)) return;
  sub_model::LoadedModel loaded = sub_model::load(impl_->options);
  const std::lock_guard lock(turn());
  impl_->loaded = std::move(loaded);
}

void SubModel::flush() {
  const std::lock_guard lock(turn());
  impl_->store.flush();
}

const SubModelOptions& SubModel::options() const { return impl_->options; }

SubModelCounters SubModel::counters() const {
  const std::lock_guard lock(turn());
  SubModelCounters counters = impl_->counters;
  counters.stored = impl_->store.stored();
  return counters;
}

std::string SubModel::model_hash() const {
  const std::lock_guard lock(turn());
  return impl_->loaded ? impl_->loaded->model.hash : "";
}

}  // namespace understudy
