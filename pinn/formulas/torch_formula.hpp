// Formulas (pinn/formulas/formula.hpp) of fields as residuals, and of jets as transforms (private to pinn/). An
// operation is one of LibTorch's, numbers are its scalars, and equal parts are computed once for all formulas,
// so that a step takes as long as with residuals in C++.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "pinn/formulas/formula.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

/// [formula], each [point]. Names must be those of the problem: fields and parameters by name, inputs and columns
/// by place.
Residuals evaluate(const Formulas& formulas, const Fields& fields);

/// [formula], of inputs alone, at points [point, input].
std::vector<at::Tensor> evaluate(const Formulas& formulas, const at::Tensor& points);

/// [formula], of the jets of inputs and networks.
std::vector<Jet> evaluate(const Formulas& formulas, const std::vector<Jet>& inputs,
                          const std::vector<Jet>& networks);

}  // namespace understudy::pinn
