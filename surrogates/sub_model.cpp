#include "surrogates/sub_model.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <format>
#include <mutex>
#include <optional>

#include "core/error.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/torch_sub_model.hpp"
#include "surrogates/torch_view.hpp"

namespace understudy {

using sub_model::OnMemory;
using surrogates::PointModel;
namespace fs = std::filesystem;

namespace {

// LibTorch, HDF5 and our kernels: one call at a time in a process. Not held while physics runs.
std::mutex& turn() {
  static std::mutex mutex;
  return mutex;
}

/// Points given to the network at once. On a processor its hidden layers then stay in the cache; on a
/// device it bounds their memory.
std::int64_t points_at_once(at::Device device) { return device.is_cpu() ? 2048 : 262144; }

}  // namespace

struct SubModel::Impl {
  SubModelOptions options;
  std::optional<PointModel> model;
  sub_model::Stamp stamp;
  OnMemory<Kokkos::DefaultExecutionSpace::memory_space> device;
  OnMemory<Kokkos::HostSpace> host;
  std::unique_ptr<surrogates::PointWriter> writer;
  long long offered = 0;  ///< points that could have been stored
  SubModelCounters counters;

  explicit Impl(const SubModelOptions& o) : options(o) {}

  template <class Memory>
  const OnMemory<Memory>& on() const {
    if constexpr (std::is_same_v<Memory, Kokkos::HostSpace>)
      return host;
    else
      return device;
  }

  /// Collective.
  void load() {
    std::string error, hash;
    try {
      surrogates::set_up_torch();
      PointModel loaded = surrogates::load_point_model(options.model);
      sub_model::require_fit(loaded.card, options);
      stamp = sub_model::stamp_of(options.model, loaded.card.imported);
      host = sub_model::on_memory<Kokkos::HostSpace>(loaded, options);
      device = sub_model::on_memory<Kokkos::DefaultExecutionSpace::memory_space>(loaded, options);
      hash = loaded.hash;
      model = std::move(loaded);
    } catch (const core::UserError& e) {
      error = e.what();
    }
    options.comm.throw_together<core::UserError>(error);
    sub_model::require_same_model(hash, options);
  }

  void require_unchanged() {
    if (!options.watch_model) return;
    const sub_model::Stamp now = sub_model::stamp_of(options.model, model->card.imported);
    if (now == stamp) return;
    // A file that was only touched, or copied onto itself, is the same model.
    if (fs::exists(options.model / "weights.pt") &&
        surrogates::point_model_hash(options.model) == model->hash) {
      stamp = now;
      return;
    }
    throw core::UserError(std::format(
        "sub-model {}: the model in {} changed during the run (it was loaded with hash {}); call "
        "reload() on all ranks to use the new one, or set watch_model = false to keep the loaded one",
        options.name, options.model.string(), model->hash));
  }

  template <class Real, class Memory>
  void run_physics(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                   const Physics<Real, Memory>& physics, bool store);
  template <class Real, class Memory>
  void store(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
             double physics_s);
  template <class Net, class Memory>
  sub_model::Prediction<Net, Memory> predict(const sub_model::Matrix<Net, Memory>& x);
  template <class Real, class Net, class Memory>
  void network(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
               const sub_model::Vector<std::int8_t, Memory>& verdict,
               const sub_model::Vector<std::int64_t, Memory>& places, std::int64_t count);
  template <class Real, class Memory>
  void always(const Points<const Real, Memory>& in, const Points<Real, Memory>& out);
  template <class Real, class Memory>
  void gate(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
            const Physics<Real, Memory>& physics);
  template <class Real, class Memory>
  void call(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
            const Physics<Real, Memory>& physics);
  template <class Real, class Memory>
  void refuse_first(const Points<const Real, Memory>& in,
                    const sub_model::Vector<std::int8_t, Memory>& verdict) const;
};

// Rows that could be stored are taken evenly, every `store_every`-th over all calls.
template <class Real, class Memory>
void SubModel::Impl::store(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                           double physics_s) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), in);
  const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out);
  const std::lock_guard lock(turn());
  std::vector<double> inputs, outputs;
  long long rows = 0;
  for (std::size_t n = 0; n < x.extent(0); ++n) {
    if (offered++ % options.store_every != 0) continue;
    if (counters.stored + rows >= options.store_at_most) break;
    ++rows;
    for (std::size_t f = 0; f < x.extent(1); ++f) inputs.push_back(static_cast<double>(x(n, f)));
    for (std::size_t o = 0; o < y.extent(1); ++o) outputs.push_back(static_cast<double>(y(n, o)));
  }
  if (!writer)
    writer = std::make_unique<surrogates::PointWriter>(
        options.dataset, surrogates::PointsInfo{options.name, options.inputs, options.outputs},
        core::describe_build_and_host("sub-model " + options.name), options.comm.rank());
  counters.stored += writer->append(inputs.data(), outputs.data(), rows);
  writer->add_cost(physics_s * static_cast<double>(core::Runtime::threads()));
}

template <class Real, class Memory>
void SubModel::Impl::run_physics(const Points<const Real, Memory>& in,
                                 const Points<Real, Memory>& out,
                                 const Physics<Real, Memory>& physics, bool keep) {
  if (!physics)
    throw core::UserError(
        std::format("sub-model {}: policy {} needs the physics, and none was given", options.name,
                    to_string(options.policy)));
  const core::Stopwatch stopwatch;
  physics(in, out);
  Kokkos::fence("physics");
  const double seconds = stopwatch.seconds();
  {
    const std::lock_guard lock(turn());
    counters.physics_s += seconds;
    counters.to_physics += static_cast<long long>(in.extent(0));
  }
  if (keep) store(in, out, seconds);
}

// The network on normalised points of any number, in pieces.
template <class Net, class Memory>
sub_model::Prediction<Net, Memory> SubModel::Impl::predict(
    const sub_model::Matrix<Net, Memory>& x) {
  const c10::InferenceMode no_autograd;
  const auto points = static_cast<std::int64_t>(x.extent(0));
  const auto members = model->card.engine == "mlp" ? model->card.members : 1;
  const Kokkos::View<Net***, Kokkos::LayoutRight, Memory> y(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "prediction"), members, points,
      model->card.outputs.size());
  const auto run = [&](const auto& from, const auto& to) {
    const at::Tensor in = surrogates::tensor_of(from), result = surrogates::tensor_of(to);
    const std::int64_t most = points_at_once(in.device());
    for (std::int64_t first = 0; first < points; first += most) {
      const std::int64_t count = std::min(most, points - first);
      at::Tensor(result.narrow(1, first, count))
          .copy_(model->engine->predict(in.narrow(0, first, count)));
    }
  };
  if (surrogates::torch_serves<Memory>()) {
    run(x, y);
  } else {
    const auto host_x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
    const auto host_y = Kokkos::create_mirror_view(Kokkos::HostSpace(), y);
    run(host_x, host_y);
    Kokkos::deep_copy(y, host_y);
  }
  Kokkos::fence("network");
  return {y, {}, -1};
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
    sub_model::normalise<Real, Net, Memory>(in, on<Memory>().inputs, x);
  } else {
    const Points<Real, Memory> packed(Kokkos::view_alloc(skip, "packed"), count, in.extent(1));
    sub_model::gather<const Real, Real, Memory>(in, places, packed);
    sub_model::normalise<Real, Net, Memory>(packed, on<Memory>().inputs, x);
  }
  Kokkos::fence("packed");
  counters.gate_s += packing.seconds();
  const core::Stopwatch calling;
  auto prediction = predict<Net, Memory>(x);
  counters.network_s += calling.seconds();
  const core::Stopwatch unpacking;
  prediction.places = places;
  if (options.policy == SubModelPolicy::gate && options.gate.disagreement)
    prediction.largest_disagreement = model->card.gate.disagreement;
  sub_model::accept<Real, Net, Memory>(prediction, on<Memory>().outputs, verdict, out);
  Kokkos::fence("accepted");
  counters.gate_s += unpacking.seconds();
}

template <class Real, class Memory>
void SubModel::Impl::refuse_first(const Points<const Real, Memory>& in,
                                  const sub_model::Vector<std::int8_t, Memory>& verdict) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), verdict);
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), in);
  for (std::size_t n = 0; n < host.extent(0); ++n) {
    if (host(n) == sub_model::trusted) continue;
    std::string values;
    for (std::size_t f = 0; f < x.extent(1); ++f)
      values += std::format("{}{} = {} {}", f ? ", " : "", options.inputs[f].name, x(n, f),
                            options.inputs[f].unit);
    if (host(n) == sub_model::not_finite)
      throw core::UserError(std::format(
          "sub-model {}: point {} has an input that is not finite ({}); policy always has no physics "
          "to give it to, policy gate has",
          options.name, n, values));
    throw core::RunError(
        std::format("sub-model {}: the network's output at point {} is not finite ({})",
                    options.name, n, values));
  }
}

template <class Real, class Memory>
void SubModel::Impl::always(const Points<const Real, Memory>& in, const Points<Real, Memory>& out) {
  const std::lock_guard lock(turn());
  require_unchanged();
  const auto points = static_cast<std::int64_t>(in.extent(0));
  const sub_model::Vector<std::int8_t, Memory> verdict("verdict", points);
  const sub_model::Vector<std::int64_t, Memory> places(
      Kokkos::view_alloc(Kokkos::WithoutInitializing, "places"), points);
  const core::Stopwatch stopwatch;
  sub_model::judge<Real, Memory>(in, {}, on<Memory>().inputs, {}, verdict);
  const auto finite = sub_model::compact<Memory>(verdict, true, places);
  if (finite < points) refuse_first<Real, Memory>(in, verdict);
  counters.gate_s += stopwatch.seconds();
  if (model->card.precision == "float64")
    network<Real, double, Memory>(in, out, verdict, places, points);
  else
    network<Real, float, Memory>(in, out, verdict, places, points);
  if (sub_model::compact<Memory>(verdict, true, places) < points)
    refuse_first<Real, Memory>(in, verdict);
  counters.to_network += points;
}

template <class Real, class Memory>
void SubModel::Impl::gate(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                          const Physics<Real, Memory>& physics) {
  const auto points = static_cast<std::int64_t>(in.extent(0));
  const auto skip = Kokkos::WithoutInitializing;
  const sub_model::Vector<std::int8_t, Memory> verdict("verdict", points);
  const sub_model::Vector<std::int64_t, Memory> places(Kokkos::view_alloc(skip, "places"), points);
  const bool keep = !options.dataset.empty();
  std::int64_t rejected = 0;
  Points<Real, Memory> packed_in, packed_out;
  {
    const std::lock_guard lock(turn());
    require_unchanged();
    core::Stopwatch stopwatch;
    sub_model::Matrix<float, Memory> x;
    if (options.gate.distance) {
      x = sub_model::Matrix<float, Memory>(Kokkos::view_alloc(skip, "normalised"), points,
                                           in.extent(1));
      sub_model::normalise<Real, float, Memory>(in, on<Memory>().inputs, x);
    }
    sub_model::judge<Real, Memory>(in, x, on<Memory>().inputs, on<Memory>().tests, verdict);
    const auto candidates = sub_model::compact<Memory>(verdict, true, places);
    counters.gate_s += stopwatch.seconds();
    if (candidates > 0) {
      if (model->card.precision == "float64")
        network<Real, double, Memory>(in, out, verdict, places, candidates);
      else
        network<Real, float, Memory>(in, out, verdict, places, candidates);
    }
    stopwatch = {};
    rejected = sub_model::compact<Memory>(verdict, false, places);
    counters.to_network += points - rejected;
    if (rejected > 0) {
      const sub_model::Vector<long long, Memory> device_counts("counts", sub_model::verdicts);
      sub_model::count_verdicts<Memory>(verdict, device_counts);
      const auto counts = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), device_counts);
      counters.not_finite += counts(sub_model::not_finite);
      counters.out_of_range += counts(sub_model::out_of_range);
      counters.too_far += counts(sub_model::too_far);
      counters.disagreed += counts(sub_model::disagreed);
      counters.network_not_finite += counts(sub_model::bad_output);
    }
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
  if (rejected == points) return run_physics<Real, Memory>(in, out, physics, keep);
  run_physics<Real, Memory>(packed_in, packed_out, physics, keep);
  const std::lock_guard lock(turn());
  const core::Stopwatch stopwatch;
  sub_model::scatter<Real, Memory>(packed_out, places, out);
  Kokkos::fence("scattered");
  counters.gate_s += stopwatch.seconds();
}

template <class Real, class Memory>
void SubModel::Impl::call(const Points<const Real, Memory>& in, const Points<Real, Memory>& out,
                          const Physics<Real, Memory>& physics) {
  if (in.extent(0) != out.extent(0) || in.extent(1) != options.inputs.size() ||
      out.extent(1) != options.outputs.size())
    throw core::UserError(std::format(
        "sub-model {}: the batch is [{}, {}] in and [{}, {}] out; expected are [points, {}] ({}) and "
        "[points, {}] ({})",
        options.name, in.extent(0), in.extent(1), out.extent(0), out.extent(1),
        options.inputs.size(), surrogates::to_string(options.inputs), options.outputs.size(),
        surrogates::to_string(options.outputs)));
  {
    const std::lock_guard lock(turn());
    ++counters.calls;
    counters.points += static_cast<long long>(in.extent(0));
  }
  if (in.extent(0) == 0) return;
  switch (options.policy) {
    case SubModelPolicy::collect:
      return run_physics<Real, Memory>(in, out, physics, true);
    case SubModelPolicy::never:
      return run_physics<Real, Memory>(in, out, physics, false);
    case SubModelPolicy::always:
      return always<Real, Memory>(in, out);
    case SubModelPolicy::gate:
      return gate<Real, Memory>(in, out, physics);
  }
}

SubModel::SubModel(const SubModelOptions& options) {
  sub_model::require_valid(options);
  impl_ = std::make_unique<Impl>(options);
  if (sub_model::needs_model(options.policy)) impl_->load();
}

SubModel::~SubModel() = default;
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
  const std::lock_guard lock(turn());
  impl_->load();
}

void SubModel::flush() {
  const std::lock_guard lock(turn());
  if (impl_->writer) impl_->writer->flush();
}

SubModelCounters SubModel::counters() const {
  const std::lock_guard lock(turn());
  return impl_->counters;
}

std::string SubModel::model_hash() const { return impl_->model ? impl_->model->hash : ""; }

std::string SubModel::report() const {
  SubModelCounters c = counters();
  const core::Comm& comm = impl_->options.comm;
  for (long long* n : {&c.calls, &c.points, &c.to_network, &c.to_physics, &c.not_finite,
                       &c.out_of_range, &c.too_far, &c.disagreed, &c.network_not_finite, &c.stored})
    *n = comm.sum(*n);
  for (double* s : {&c.network_s, &c.physics_s, &c.gate_s}) *s = comm.sum(*s);
  const double all = static_cast<double>(std::max(1LL, c.points));
  std::string text = std::format(
      "sub-model {} ({}): {} calls, {} points on {} ranks\n"
      "  network  {:>12} points ({:.2f}%), {:.3f} s; gate and packing {:.3f} s\n"
      "  physics  {:>12} points ({:.2f}%), {:.3f} s\n",
      impl_->options.name, to_string(impl_->options.policy), c.calls, c.points, comm.size(),
      c.to_network, 100 * static_cast<double>(c.to_network) / all, c.network_s, c.gate_s,
      c.to_physics, 100 * static_cast<double>(c.to_physics) / all, c.physics_s);
  if (impl_->options.policy == SubModelPolicy::gate)
    text += std::format(
        "  rejected: out of range {}, too far {}, ensemble disagreed {}, not finite in {} out {}\n",
        c.out_of_range, c.too_far, c.disagreed, c.not_finite, c.network_not_finite);
  if (c.stored > 0)
    text +=
        std::format("  stored   {:>12} points in {}\n", c.stored, impl_->options.dataset.string());
  return text;
}

}  // namespace understudy
