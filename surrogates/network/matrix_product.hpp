// The arithmetic that networks are held against: a product of single-precision matrices by LibTorch.
#pragma once

#include "core/comm.hpp"

namespace understudy::surrogates {

/// Best of five products of 1024 x 1024 matrices where networks work (torch_info().device), operations/s of all ranks
/// together, which work at the same time, each on so many threads (0: as training.threads). Collective.
double matrix_product_flop_s(const core::Comm& comm, int threads);

}  // namespace understudy::surrogates
