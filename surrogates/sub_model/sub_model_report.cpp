// The counters of a SubModel as text.
#include <algorithm>

#include "core/format.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy {

namespace {

std::string each(double seconds, long long points) {
  if (points == 0 || seconds <= 0) return "";
  return core::format(", {:.3g} us each", 1e6 * seconds / static_cast<double>(points));
}

}  // namespace

std::string SubModel::report() const {
  SubModelCounters c = counters();
  const SubModelOptions& options = this->options();
  const core::Comm& comm = options.comm;
  for (long long* n : {&c.calls, &c.points, &c.to_network, &c.to_physics, &c.not_finite,
                       &c.out_of_range, &c.too_far, &c.disagreed, &c.network_not_finite, &c.stored})
    *n = comm.sum(*n);
  for (double* s : {&c.network_s, &c.physics_s, &c.gate_s}) *s = comm.sum(*s);
  // More than to_network where its outputs were refused.
  const long long predicted = c.to_network + c.disagreed + c.network_not_finite;
  const double all = static_cast<double>(std::max(1LL, c.points));
  std::string text = core::format(
      "sub-model {} ({}): {} calls, {} points on {} ranks\n"
      "  network  {:>12} points ({:.2f}%), {:.3f} s{}; gate and packing {:.3f} s{}\n"
      "  physics  {:>12} points ({:.2f}%), {:.3f} s{}\n",
      options.name, to_string(options.policy), c.calls, c.points, comm.size(), c.to_network,
      100 * static_cast<double>(c.to_network) / all, c.network_s, each(c.network_s, predicted),
      c.gate_s, each(c.gate_s, c.points), c.to_physics,
      100 * static_cast<double>(c.to_physics) / all, c.physics_s, each(c.physics_s, c.to_physics));
  if (options.policy == SubModelPolicy::gate)
    text += core::format(
        "  rejected: out of range {}, too far {}, ensemble disagreed {}, not finite in {} out {}\n",
        c.out_of_range, c.too_far, c.disagreed, c.not_finite, c.network_not_finite);
  if (c.stored > 0)
    text += core::format("  stored   {:>12} points in {}\n", c.stored, options.dataset.string());
  return text;
}

}  // namespace understudy
