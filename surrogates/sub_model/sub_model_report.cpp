// The counters of a SubModel as text.
#include <algorithm>

#include "core/format.hpp"
#include "surrogates/sub_model/sub_model.hpp"

namespace understudy {

std::string SubModel::report() const {
  SubModelCounters c = counters();
  const SubModelOptions& options = this->options();
  const core::Comm& comm = options.comm;
  for (long long* n : {&c.calls, &c.points, &c.to_network, &c.to_physics, &c.not_finite,
                       &c.out_of_range, &c.too_far, &c.disagreed, &c.network_not_finite, &c.stored})
    *n = comm.sum(*n);
  for (double* s : {&c.network_s, &c.physics_s, &c.gate_s}) *s = comm.sum(*s);
  const double all = static_cast<double>(std::max(1LL, c.points));
  std::string text = core::format(
      "sub-model {} ({}): {} calls, {} points on {} ranks\n"
      "  network  {:>12} points ({:.2f}%), {:.3f} s; gate and packing {:.3f} s\n"
      "  physics  {:>12} points ({:.2f}%), {:.3f} s\n",
      options.name, to_string(options.policy), c.calls, c.points, comm.size(), c.to_network,
      100 * static_cast<double>(c.to_network) / all, c.network_s, c.gate_s, c.to_physics,
      100 * static_cast<double>(c.to_physics) / all, c.physics_s);
  if (options.policy == SubModelPolicy::gate)
    text += core::format(
        "  rejected: out of range {}, too far {}, ensemble disagreed {}, not finite in {} out {}\n",
        c.out_of_range, c.too_far, c.disagreed, c.not_finite, c.network_not_finite);
  if (c.stored > 0)
    text += core::format("  stored   {:>12} points in {}\n", c.stored, options.dataset.string());
  return text;
}

}  // namespace understudy
