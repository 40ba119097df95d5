// Random inputs of a model and what the program itself makes of them (private to surrogates/): what exported files
// are compared with.
#pragma once

#include "surrogates/fields/model.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/points/torch_point_model.hpp"

namespace understudy::surrogates {

/// Inputs and outputs by the names of field_graph() [2, ...], float32: values of the training's mean and standard
/// deviation, masks and parameters within their ranges, and what SurrogateStepper<double> makes of them around a
/// solver that does nothing.
NamedTensors field_samples(const FieldModel& model);

/// `inputs` and `outputs` [16, column].
NamedTensors point_samples(PointModel& model);

}  // namespace understudy::surrogates
