// A small study of a wake, made once for all cases of a program: its dataset and its model.
#pragma once

#include "support/apps_made_once.hpp"

namespace understudy::tests {

inline const std::vector<std::string> small_study{"grid.cells=[64,32]",
                                                  "ensemble.parameters.0.values=[80,100,140]",
                                                  "ensemble.validation=[1]",
                                                  "ensemble.test=[]",
                                                  "ensemble.spin_up_s=2",
                                                  "ensemble.windows=12",
                                                  "training.epochs=2",
                                                  "training.max_time_s=0",
                                                  "training.rollout_windows=4",
                                                  "training.unroll=[1]",
                                                  "training.unroll_fractions=[]",
                                                  "network.width=8",
                                                  "network.levels=1",
                                                  "compare.spin_up_s=2",
                                                  "compare.windows=4",
                                                  "compare.picture_count=1",
                                                  "compare.coarser=[]",
                                                  "compare.looser=[]",
                                                  "network.kind=unet",
                                                  "network.constrain=true",
                                                  "time.window_s=0.5",
                                                  "contenders=[]",
                                                  "training.validate_every=1"};

/// One study for all cases: its dataset and model are the material of the messages.
class Study : public MadeOnce<Study> {
 public:
  static Outcome made(const fs::path& out) { return understudy(call("study", out)); }

 protected:
  static std::vector<std::string> call(const std::string& verb, const fs::path& out,
                                       const std::vector<std::string>& more = {}) {
    return with_settings({verb, deck("cylinder_wake"), "--out", out}, small_study, more);
  }
};

}  // namespace understudy::tests
