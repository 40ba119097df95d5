// training.precision: auto.
#include "core/log.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/training/training_record.hpp"

namespace understudy::surrogates {

std::string training_precision(const std::string& precision, const core::Comm& comm) {
  if (precision != "auto") return precision;
  const bool everywhere = comm.min(has_bfloat16() ? 1.0 : 0.0) > 0;
  core::log::info("training.precision: auto takes {}, as {}", everywhere ? "bfloat16" : "float32",
                  everywhere ? "all ranks have instructions for bfloat16 (AMX, AVX512-BF16, a GPU)"
                             : "a rank's processor has no instructions for bfloat16");
  return everywhere ? "bfloat16" : "float32";
}

}  // namespace understudy::surrogates
