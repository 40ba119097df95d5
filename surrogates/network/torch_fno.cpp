// Fourier neural operator (Li et al. 2021, "Fourier Neural Operator for Parametric Partial Differential
// Equations", ICLR, arXiv:2010.08895, section 4), in 1-D to 3-D, as a pure function of its weights:
//
//   v0 = P a                                lifting, pointwise: inputs -> width
//   v  <- act(W v + b + IDFT(R . DFT(v)))   `layers` times, the last without act
//   u  = Q2 act(Q1 v)                       projection, pointwise; Q2 starts at zero (persistence)
//
// DFT(v) are the Fourier coefficients of wave numbers |k| < modes along each axis, divided by the number
// of cells: they belong to the function and not to its sampling, so the same weights give the same
// function on a finer grid. R [k_x, (k_y, (k_z,)) width in, width out] is complex and free for each wave
// number, kept as pairs of numbers.
//
// So few wave numbers make the transform a product with a thin matrix of cosines and sines, one axis
// after the other, x (which keeps k >= 0 only, v being real) first: that is a part of the work of a full
// FFT followed by throwing most of it away, runs at the matrix product's speed, and takes any number of
// cells. It is the same function as an rfftn cut to these wave numbers (held by a test).
//
// Axes that are not periodic are continued by zeros over the fraction `padding` of their length after
// the lifting, which is cut off before the projection (Li et al. 2021, section 5), and have a channel
// with the coordinate, -1 to 1. Periodic axes have neither: the network commutes with shifts along them.
// The spectral part computes in float32 with float32 weights also where the rest is bfloat16.
//
// On blocks (network_blocks.hpp) each rank transforms its own cells by its own rows of the matrices; the sum of
// the few wave numbers over the ranks is the transform, and the way back is local. The last block along an axis
// that is not periodic has the cells of its continuation, too.
#include <ATen/ATen.h>

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_block_sum.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_thin_transform.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

class Fno : public Architecture {
 public:
  Fno(const NetworkParams& params, const NetworkShape& shape)
      : p_(params), shape_(shape), dimension_(static_cast<int>(shape.boundaries.size()) / 2) {
    if (dimension_ < 1 || dimension_ > 3)
      throw core::UserError(
          core::format("network.kind: fno serves 1-D to 3-D grids; this one is {}-D", dimension_));
    if (p_.modes.size() != 1 && p_.modes.size() != static_cast<std::size_t>(dimension_))
      throw core::UserError(core::format(
          "network.modes: {} numbers for a {}-D grid; give one for all axes, or one for each of x, y, "
          "z that it has",
          p_.modes.size(), dimension_));
    int coordinates = 0;
    for (int axis = 0; axis < dimension_; ++axis) coordinates += !periodic(axis);
    pointwise("lift", shape.inputs() + coordinates, p_.width);
    std::vector<std::int64_t> waves;  // x first
    for (int axis = 0; axis < dimension_; ++axis)
      waves.push_back(axis == 0 ? modes(0) : 2 * modes(axis) - 1);
    for (int n = 0; n < p_.layers; ++n) {
      const std::string name = "layer" + std::to_string(n);
      auto size = waves;
      size.insert(size.end(), {p_.width, p_.width, 2});
      // The coefficients of unit-variance input shrink with their number: as the original, 1 / width.
      specs_.push_back({name + ".spectral", size, 1.0 / p_.width, true});
      pointwise(name + ".bypass", p_.width, p_.width);
    }
    pointwise("project0", p_.width, 2 * p_.width);
    pointwise("project1", 2 * p_.width, shape.prognostic);
    specs_[specs_.size() - 2].bound = 0;
  }

  std::vector<WeightSpec> weights() const override { return specs_; }

  void require_cells(const std::vector<long long>& cells) const override {
    for (int axis = 0; axis < dimension_; ++axis)
      if (2 * modes(axis) > cells.at(axis))
        throw core::UserError(core::format(
            "network.modes: {} along {} needs at least {} cells (two for each wave number); the grid "
            "has {}. Up to {} would do.",
            modes(axis), "xyz"[axis], 2 * modes(axis), cells[axis], cells[axis] / 2));
  }

  Tensor forward(const Tensor& input, const std::vector<Tensor>& w) const override {
    const auto cells = input.sizes().slice(2);
    require_cells(std::vector<long long>(cells.rbegin(), cells.rend()));
    return evaluate(input, w, nullptr);
  }

  bool serves_blocks() const override { return true; }
  Tensor forward_on_blocks(const Tensor& input, const std::vector<Tensor>& w,
                           const NetworkBlocks& blocks) const override {
    return evaluate(input, w, &blocks);
  }

  double operations(const std::vector<long long>& cells) const override {
    double points = 1, extended_points = 1, spectral = 0, waves = 1;
    for (int axis = 0; axis < dimension_; ++axis) {
      points *= static_cast<double>(cells.at(axis));
      extended_points *= static_cast<double>(cells[axis] + extra(axis, cells[axis]));
    }
    double reduced = extended_points;  // values of one channel before the transform of an axis
    for (int axis = 0; axis < dimension_; ++axis) {
      const double n = static_cast<double>(cells[axis] + extra(axis, cells[axis]));
      const double kept = static_cast<double>(axis == 0 ? modes(0) : 2 * modes(axis) - 1);
      spectral += 2 * (axis == 0 ? 4.0 : 8.0) * reduced * kept;  // forth and back
      reduced *= kept / n;
      waves *= kept;
    }
    const double width = p_.width;
    const double layer =
        spectral * width + 8 * waves * width * width + 2 * extended_points * width * width;
    const double inputs = static_cast<double>(specs_.front().shape[1]);
    return 2 * points * (inputs * width + 2 * width * width + 2 * width * shape_.prognostic) +
           p_.layers * layer;
  }

 private:
  bool periodic(int axis) const { return shape_.boundaries.at(2 * axis) == SideKind::periodic; }
  long long modes(int axis) const { return p_.modes.size() == 1 ? p_.modes[0] : p_.modes[axis]; }

  // `blocks`: the input is a block of the whole; null: it is the whole.
  Tensor evaluate(const Tensor& input, const std::vector<Tensor>& w,
                  const NetworkBlocks* blocks) const {
    std::vector<AxisPart> parts;
    for (int axis = 0; axis < dimension_; ++axis) {
      const std::int64_t here = input.size(place(axis));
      parts.push_back(blocks ? AxisPart{blocks->offset(axis), here, blocks->global_cells(axis)}
                             : AxisPart{0, here, here});
    }
    std::size_t next = 0;
    Tensor v = map(with_coordinates(input, parts), w, next);
    v = extended(v, parts, blocks);
    for (int n = 0; n < p_.layers; ++n) {
      const Tensor& spectral = w.at(next++);
      v = convolve(v, spectral, parts, blocks) + map(v, w, next);
      if (n + 1 < p_.layers) v = activate(p_.activation, v);
    }
    for (int axis = 0; axis < dimension_; ++axis)
      v = v.narrow(place(axis), 0, input.size(place(axis)));
    v = activate(p_.activation, map(v, w, next));
    return map(v, w, next);
  }

  // Of an axis among the dimensions of a tensor [batch, channel, (z,) (y,) x].
  std::int64_t place(int axis) const { return 1 + dimension_ - axis; }
  long long extra(int axis, long long cells) const {
    return periodic(axis) ? 0 : std::llround(std::ceil(p_.padding * static_cast<double>(cells)));
  }

  void pointwise(const std::string& name, int in, int out) {
    specs_.push_back({name + ".weight", {out, in}, std::sqrt(3.0 / in)});
    specs_.push_back({name + ".bias", {out}, 0});
  }

  // [batch, in, ...] -> [batch, out, ...], the same for every point.
  Tensor map(const Tensor& x, const std::vector<Tensor>& w, std::size_t& next) const {
    const Tensor& weight = w.at(next++);
    const Tensor& bias = w.at(next++);
    const std::int64_t batch = x.size(0);
    const Tensor flat = x.flatten(2);
    const Tensor y = at::baddbmm(bias.view({1, -1, 1}), weight.expand({batch, -1, -1}), flat);
    auto shape = x.sizes().vec();
    shape[1] = weight.size(0);
    return y.view(shape);
  }

  Tensor with_coordinates(const Tensor& input, const std::vector<AxisPart>& parts) const {
    std::vector<Tensor> all{input};
    for (int axis = 0; axis < dimension_; ++axis) {
      if (periodic(axis)) continue;
      const std::int64_t n = input.size(place(axis));
      std::vector<std::int64_t> along(input.dim(), 1), whole = input.sizes().vec();
      along[place(axis)] = n;
      whole[1] = 1;
      const Tensor places = at::arange(n, input.options().dtype(at::kDouble)) + parts[axis].first;
      const Tensor x = (places + 0.5) * (2.0 / double(parts[axis].of)) - 1;
      all.push_back(x.to(input.scalar_type()).view(along).expand(whole));
    }
    return all.size() == 1 ? input : at::cat(all, 1);
  }

  // With the continuation where the whole ends; `parts` are then those of the continued axes.
  Tensor extended(const Tensor& v, std::vector<AxisPart>& parts,
                  const NetworkBlocks* blocks) const {
    std::vector<std::int64_t> pads;  // from the last dimension: x first, lower and upper
    bool any = false;
    for (int axis = 0; axis < dimension_; ++axis) {
      AxisPart& part = parts[axis];
      const bool ends = !blocks || blocks->is_last(axis);
      const long long more = extra(axis, part.of);
      part.of += more;
      if (ends) part.count += more;
      pads.insert(pads.end(), {0, ends ? more : 0});
      any |= ends && more > 0;
    }
    return any ? at::constant_pad_nd(v, pads, 0) : v;
  }

  // [batch, width, ...] with R: the spectral part of a layer.
  Tensor convolve(const Tensor& v, const Tensor& spectral, const std::vector<AxisPart>& parts,
                  const NetworkBlocks* blocks) const {
    const at::ScalarType type = v.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const std::int64_t batch = v.size(0), width = v.size(1);
    std::vector<ThinTransform> waves;
    for (int axis = 0; axis < dimension_; ++axis)
      waves.push_back(transforms_.of(axis, parts[axis], modes(axis), v.options().dtype(type)));
    // After each axis its wave numbers move in front of the axes that are still to come:
    // [batch, width, z, y, x] -> [.., z, y, k_x] -> [.., k_x, z, k_y] -> [.., k_x, k_y, k_z].
    Tensor c = at::matmul(v.to(type), waves[0].forward);
    c = at::view_as_complex(c.unflatten(-1, {modes(0), 2}));
    for (int axis = 1; axis < dimension_; ++axis)
      c = at::matmul(c.movedim(-1, 1 + axis), waves[axis].forward);
    if (blocks) c = sum_of_blocks(c, *blocks);
    const auto kept = c.sizes().slice(2).vec();
    const Tensor r = at::view_as_complex(spectral.to(type)).flatten(0, dimension_ - 1);
    c = at::bmm(c.flatten(2).permute({2, 0, 1}), r).permute({1, 2, 0});
    auto shape = std::vector<std::int64_t>{batch, width};
    shape.insert(shape.end(), kept.begin(), kept.end());
    c = c.reshape(shape);
    for (int axis = dimension_ - 1; axis >= 1; --axis)
      c = at::matmul(c, waves[axis].backward).movedim(1 + axis, -1);
    c = at::view_as_real(c.contiguous()).flatten(-2);
    return at::matmul(c, waves[0].backward).to(v.scalar_type());
  }

  NetworkParams p_;
  NetworkShape shape_;
  int dimension_;
  std::vector<WeightSpec> specs_;
  ThinTransforms transforms_;
};

}  // namespace

std::unique_ptr<Architecture> make_fno(const NetworkParams& params, const NetworkShape& shape) {
  return std::make_unique<Fno>(params, shape);
}

}  // namespace understudy::surrogates
