// In which precision and memory layout a network is called. Asked for a precision, it is taken, in the
// layout that suits the network's kind. Asked for `auto` (network.precision), every precision whose
// rollout error on the held-out samples, as the model card has it, is within (1 + precision_slack) times
// float32's is timed here, contiguous and (in 3-D where the kind likes it: all of ours but fno) channels-last, on a
// field of the run's size, and the fastest is taken. The choice then depends on the machine and on what else it
// does: `auto` is not for runs that must repeat bitwise. On blocks (network_blocks.hpp) every rank times its own,
// in the same calls, and all go by the slowest rank's times.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::surrogates {

/// What a precision costs in accuracy.
struct PrecisionCard {
  std::string precision = "float32";
  double rel_l2_rollout = 0;  ///< mean over fields and windows of the validation rollouts
  void describe(core::ParamVisitor& v);
};

struct InferenceChoice {
  std::string precision = "float32";  ///< float32, bfloat16
  std::string layout;                 ///< contiguous, channels_last
  std::string reason;                 ///< in words
  std::string on = "one rank";  ///< where it is called: one rank, blocks (or their modes), gathered
  std::string on_reason;        ///< in words; empty on one rank
};

class NetworkBlocks;

/// Sets how `network` is called from now on. `asked`: the params of the run (precision and slack);
/// `cells`: along x, (y, (z)); `gpu`: where the fields are. With `blocks` it is called on them, `cells` are
/// those of this rank's, and all ranks make one choice (collective).
InferenceChoice choose_inference(const Network& network, const NetworkParams& asked,
                                 const std::vector<PrecisionCard>& errors,
                                 const std::vector<long long>& cells, bool gpu,
                                 const NetworkBlocks* blocks = nullptr);

}  // namespace understudy::surrogates
