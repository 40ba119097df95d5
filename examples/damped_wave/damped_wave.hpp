// An equation of one's own for physics-informed networks. This header shows no LibTorch: a program that lists
// the problem needs none.
#pragma once

#include "pinn/problem_info.hpp"

namespace example {

understudy::pinn::ProblemEntry damped_wave();

}  // namespace example
