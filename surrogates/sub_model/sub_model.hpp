// A computation of another program, replaced where it is called: a function of batches of points, from
// named features to named outputs, each with a unit. The program hands over the batch and its own
// physics; the policy says who computes:
//
//   collect  the physics; what went in and came out is written to a dataset that `understudy train` takes
//   never    the physics; nothing else happens
//   always   the network, for every point
//   gate     the network for the points it is trusted with, the physics for the packed rest; these can be
//            stored for the next training
//
// Trust, each test alone or combined (GateChoice), cheapest first: every input is finite; lies in the
// training range; the mean distance to its k nearest training points is within the calibrated
// threshold; the ensemble's disagreement is within its threshold; the outputs are finite. Thresholds
// are split conformal quantiles from held-out points, see point_model.hpp for what they promise.
//
// Batches are Kokkos views [point, column], LayoutRight, of float or double, on the host or on the
// device where Kokkos works. Data on the device stay there: gate, compaction (parallel_scan), packing
// and scattering are Kokkos kernels, and the network sees the views as tensors; where LibTorch has no
// GPU, what the network needs goes through the host. The network computes in float32 (an imported one
// may take float64). A batch of no points calls nothing. Input and output may not share memory, under
// any policy: UserError.
//
// Values that are not finite. In: `always` refuses them (UserError naming the first point), `gate` gives
// them to the physics, `collect` and `never` pass them on and never store them. Out of the network:
// `always` throws RunError, `gate` gives the point to the physics.
//
// Threads: any number may call the same object; gate and network of one process take turns, the physics
// of different callers does not. MPI: constructor, reload() and report() are collective over
// SubModelOptions::comm; a call is not, and ranks may call any number of times. All ranks must have the
// same policy and see the same model (by hash); an error on one rank is one on all. Needs Kokkos, and in a
// build with MPI also MPI, to be initialised: by the program itself or by core::Runtime. Kokkos::finalize
// must come after the object's end.
//
// The model folder may not change under a running program: a call that finds it changed throws UserError
// until reload() is called on all ranks (SubModelOptions::watch_model).
//
// A dataset that cannot be written (a full disk): the results are in `out` in any case. With `collect`
// the call then throws UserError and has stored none of its points; with `gate` it is logged, and nothing
// more is stored until a flush() succeeds.
#pragma once

#include <Kokkos_Core.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "core/comm.hpp"
#include "mesh/points.hpp"
#include "surrogates/points/point_dataset.hpp"

namespace understudy {

using surrogates::Column;

enum class SubModelPolicy { collect, never, always, gate };
std::string to_string(SubModelPolicy policy);
/// UserError listing the policies.
SubModelPolicy sub_model_policy_from(const std::string& name);

/// What policy gate looks at.
struct GateChoice {
  bool range = true;
  bool distance = true;
  bool disagreement = true;   ///< of an ensemble; a model of one member has none and is not asked
  double range_slack = 0.01;  ///< widens the range on both sides, in parts of its width
};

struct SubModelOptions {
  std::string name;  ///< of the computation: "eos"
  std::vector<Column> inputs, outputs;
  SubModelPolicy policy = SubModelPolicy::never;
  std::filesystem::path model;  ///< folder; policies always and gate
  std::filesystem::path
      dataset;  ///< directory; collect, and gate where rejected points are to be kept
  GateChoice gate{};
  int store_every = 1;                ///< of the points that could be stored, every so many
  long long store_at_most = 1000000;  ///< points that this rank stores
  bool watch_model = true;            ///< look at each call whether the model folder has changed
  /// Whose ranks share the sub-model: all, or some of them (core/fortran_comm.hpp takes an MPI_Comm).
  core::Comm comm = core::Comm::world();
};

/// Since the start, of this rank.
struct SubModelCounters {
  long long calls = 0, points = 0;
  long long to_network = 0, to_physics = 0;
  /// Why points went to the physics (policy gate); the first reason counts.
  long long not_finite = 0, out_of_range = 0, too_far = 0, disagreed = 0, network_not_finite = 0;
  long long stored = 0;
  double network_s = 0, physics_s = 0, gate_s = 0;  ///< gate: with normalising, packing, scattering
};

using mesh::Points;  // [point, column]

/// Reads a batch [point, input], fills [point, output]. Both have the same number of points, which is
/// that of the call or, with policy gate, smaller. Made anew at each call from what the caller gives: tens
/// of nanoseconds, and one allocation where it captures much. Beside a batch that is nothing; do not
/// call with single points.
template <class Real, class Memory = Kokkos::DefaultExecutionSpace::memory_space>
using Physics = std::function<void(const Points<const Real, Memory>&, const Points<Real, Memory>&)>;

class SubModel {
 public:
  /// Loads the model. UserError where it does not fit: columns missing, in another order or another
  /// unit, a gate that is not calibrated, ranks that see different models or have different policies.
  /// Collective.
  explicit SubModel(const SubModelOptions& options);
  /// Stores what is buffered. An error is then only logged: call flush() where it matters.
  ~SubModel();
  SubModel(SubModel&&) noexcept;

  /// Fills `out` [point, output] from `in` [point, input]. `physics` is called at most once, on the
  /// caller's thread, and only if a point is its own; what it throws passes through.
  template <class In, class Out, class Call>
  void operator()(const In& in, const Out& out, Call&& physics) {
    using Real = typename Out::non_const_value_type;
    using Memory = typename Out::memory_space;
    static_assert(std::is_same_v<Real, float> || std::is_same_v<Real, double>,
                  "batches are of float or double");
    static_assert(std::is_same_v<typename Out::array_layout, Kokkos::LayoutRight> &&
                      std::is_same_v<typename In::array_layout, Kokkos::LayoutRight>,
                  "batches are [point, column] with LayoutRight");
    call(Points<const Real, Memory>(in), Points<Real, Memory>(out),
         Physics<Real, Memory>(std::forward<Call>(physics)));
  }

  void call(const Points<const float>& in, const Points<float>& out, const Physics<float>& physics);
  void call(const Points<const double>& in, const Points<double>& out,
            const Physics<double>& physics);
#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL)
  using Host = Kokkos::HostSpace;
  void call(const Points<const float, Host>& in, const Points<float, Host>& out,
            const Physics<float, Host>& physics);
  void call(const Points<const double, Host>& in, const Points<double, Host>& out,
            const Physics<double, Host>& physics);
#endif

  /// Loads the model folder anew. Where that fails on any rank, UserError on all, and all keep the model
  /// they had. Collective.
  void reload();
  /// Stores what is buffered. UserError when it cannot be written.
  void flush();
  SubModelCounters counters() const;
  /// Counters summed over the ranks, as text of a few lines. Collective.
  std::string report() const;
  /// Hash of the loaded model; empty where the policy needs none.
  std::string model_hash() const;

 private:
  const SubModelOptions& options() const;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
