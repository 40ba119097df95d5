#include "surrogates/network/torch_pod.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

PodArchitecture::PodArchitecture(const NetworkParams& params, const NetworkShape& shape)
    : layout_(shape.cells, shape.boundaries, shape.locations),
      map_{.kind = params.kind == "dmd" ? "linear" : params.latent_map,
           .size = params.latent_size,
           .parameters = params.kind == "dmd" ? 0 : shape.parameters,
           .width = params.latent_width,
           .layers = params.latent_layers} {
  if (map_.size > layout_.count)
    throw core::UserError(
        core::format("network.latent_size: {} modes of {} values", map_.size, layout_.count));
}

std::vector<WeightSpec> PodArchitecture::weights() const {
  std::vector<WeightSpec> specs{{"pod.mean", {layout_.count}, 0, false, false},
                                {"pod.modes", {map_.size, layout_.count}, 0, false, false},
                                {"pod.unit", {1}, 0, false, false}};
  for (auto& spec : map_.constants()) specs.push_back(spec);
  for (auto& spec : map_.weights()) specs.push_back(spec);
  return specs;
}

at::Tensor PodArchitecture::forward(const at::Tensor&, const std::vector<at::Tensor>&) const {
  throw std::logic_error("a decomposition is not called on channels");
}

double PodArchitecture::operations(const std::vector<long long>&) const {
  double count = 2.0 * map_.size * static_cast<double>(layout_.count);
  for (const auto& spec : map_.weights()) count += 2.0 * static_cast<double>(spec.count());
  return count;
}

std::unique_ptr<Architecture> make_pod(const NetworkParams& params, const NetworkShape& shape) {
  return std::make_unique<PodArchitecture>(params, shape);
}

void require_enough_frames(std::int64_t r, std::int64_t frames) {
  if (r >= frames)
    throw core::UserError(core::format(
        "network.latent_size: {} modes cannot be found from {} training frames; at most {}", r,
        frames, frames - 1));
}

void require_directions(const at::Tensor& eigenvalues, std::int64_t r) {
  // Directions below float32's reach are no modes.
  const double least = eigenvalues[0].item<double>() * 1e-7;
  const auto found = (eigenvalues > least).sum().item<std::int64_t>();
  if (found < r)
    throw core::UserError(
        core::format("network.latent_size: the training frames span {} directions to single "
                     "precision; {} modes were asked for",
                     found, r));
}

at::Tensor mode_signs(const at::Tensor& coordinates) {
  auto random = generator(1);
  const at::Tensor draw = at::randn({coordinates.size(0)}, random, at::TensorOptions(at::kDouble));
  return signs_of(at::mv(coordinates.to(at::kDouble).t(), draw)).to(at::kFloat);
}

PodBasis pod_basis(const at::Tensor& frames, std::int64_t r, const PointSharing& sharing) {
  const std::int64_t count = frames.size(0);
  require_enough_frames(r, count);
  const at::Tensor gram = sharing.sum(at::mm(frames, frames.t()).to(at::kDouble));
  const auto [eigenvalues, vectors] = sharing.leading_first(gram / static_cast<double>(count));
  require_directions(eigenvalues, r);
  at::Tensor leading = vectors.narrow(1, 0, r).to(at::kFloat);
  leading = leading * mode_signs(leading);
  const at::Tensor modes = at::mm(leading.t().contiguous(), frames);
  // Weak modes lose orthogonality in float32: once more by QR.
  return {sharing.orthonormal(modes.t()).t().contiguous(), eigenvalues};
}

namespace {

// One round: the r columns by pivoted Gram-Schmidt among those not taken.
void pivot(const at::Tensor& columns, std::vector<bool>& taken, std::vector<std::int64_t>& chosen) {
  at::Tensor rest = columns.clone();
  for (std::int64_t n = 0; n < columns.size(0); ++n) {
    at::Tensor norms = rest.square().sum(0).contiguous();
    for (std::size_t c = 0; c < taken.size(); ++c)
      if (taken[c]) norms.data_ptr<float>()[c] = -1;
    const std::int64_t best = norms.argmax().item<std::int64_t>();
    if (norms.data_ptr<float>()[best] <= 0) return;
    taken[best] = true;
    chosen.push_back(best);
    const at::Tensor direction = rest.select(1, best) / rest.select(1, best).norm();
    rest = rest - at::outer(direction, at::matmul(direction, rest));
  }
}

}  // namespace

PodSensors choose_sensors(const at::Tensor& modes, std::int64_t count) {
  constexpr std::int64_t enough = 20000;
  const std::int64_t points = modes.size(1);
  // A stride that shares no factor with the row lengths, so that no line of the grid is favoured.
  std::int64_t stride = std::max<std::int64_t>(1, points / enough) | 1;
  while (points % stride == 0 && stride > 1) stride += 2;
  const at::Tensor candidates = at::arange(0, points, stride, at::kLong);
  const at::Tensor columns = modes.index_select(1, candidates);
  std::vector<bool> taken(candidates.numel(), false);
  std::vector<std::int64_t> chosen;
  while (static_cast<std::int64_t>(chosen.size()) < count) {
    const std::size_t before = chosen.size();
    pivot(columns, taken, chosen);
    if (chosen.size() == before) break;
  }
  if (static_cast<std::int64_t>(chosen.size()) > count) chosen.resize(count);
  std::ranges::sort(chosen);
  PodSensors sensors;
  for (const std::int64_t c : chosen) sensors.points.push_back(c * stride);
  const at::Tensor index = at::tensor(sensors.points, at::kLong);
  sensors.modes = modes.index_select(1, index).contiguous();
  sensors.encoder = at::linalg_pinv(sensors.modes.t().to(at::kDouble)).to(at::kFloat).contiguous();
  return sensors;
}

RoundedModes round_modes(const at::Tensor& modes, const FlatLayout& layout, std::int64_t strong) {
  RoundedModes rounded;
  rounded.strong = strong;
  rounded.count = modes.size(0);
  rounded.points = modes.size(1);
  for (const ChannelPoints& channel : layout.channels) {
    rounded.first_row.push_back(rounded.rows);
    const std::int64_t rows = channel.points[1] * channel.points[2];
    for (std::int64_t row = 0; row < rows; ++row)
      rounded.row_points.push_back(channel.offset + row * channel.points[0]);
    rounded.rows += rows;
  }
  rounded.row_points.push_back(rounded.points);
  rounded.integers.resize(rounded.count * rounded.points);
  rounded.scales.resize(rounded.count * rounded.rows);
  const at::Tensor from = modes.contiguous();
  for (std::int64_t m = 0; m < rounded.count; ++m) {
    const float* mode = from.const_data_ptr<float>() + m * rounded.points;
    for (std::int64_t row = 0; row < rounded.rows; ++row) {
      const std::int64_t begin = rounded.row_points[row], end = rounded.row_points[row + 1];
      float largest = 0;
      for (std::int64_t p = begin; p < end; ++p) largest = std::max(largest, std::abs(mode[p]));
      const float scale = largest > 0 ? largest / (m < strong ? 32767 : 127) : 1;
      rounded.scales[m * rounded.rows + row] = scale;
      for (std::int64_t p = begin; p < end; ++p)
        rounded.integers[m * rounded.points + p] =
            static_cast<std::int16_t>(std::lrint(mode[p] / scale));
    }
  }
  return rounded;
}

at::Tensor RoundedModes::values() const {
  at::Tensor all = at::empty({count, points}, at::kFloat);
  float* to = all.data_ptr<float>();
  for (std::int64_t m = 0; m < count; ++m)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t p = row_points[row]; p < row_points[row + 1]; ++p)
        to[m * points + p] = scales[m * rows + row] * static_cast<float>(integers[m * points + p]);
  return all;
}

}  // namespace understudy::surrogates
