#include "pinn/engine/torch_jet_tile.hpp"

#include "pinn/engine/jet_functions.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

namespace understudy::pinn {

namespace {

// Registers whose values the backward pass forms anew from saved ones.
bool formed_anew(JetOp::Kind kind) {
  return kind == JetOp::Kind::activate || kind == JetOp::Kind::waves || kind == JetOp::Kind::gate;
}

struct PointProducts {
  long long channels, points;
  int out, in;
};

// rows[p][o][i] += sum over channels of g[c][p][o] h[c][p][i].
template <class Real>
void add_point_products(const PointProducts& of, const Real* g, const Real* h, Real* rows,
                        long long stride) {
  for (long long p = 0; p < of.points; ++p)
    for (int o = 0; o < of.out; ++o) {
      Real* row = rows + p * stride + static_cast<long long>(o) * of.in;
      for (long long c = 0; c < of.channels; ++c) {
        const Real factor = g[(c * of.points + p) * of.out + o];
        const Real* values = h + (c * of.points + p) * of.in;
        for (int i = 0; i < of.in; ++i) row[i] += factor * values[i];
      }
    }
}

}  // namespace

JetPlan make_plan(const JetProgram& program, const std::vector<WeightPlace>& places,
                  const std::vector<int>& orders) {
  JetPlan plan{program, places, orders, {}, 0, 1, {}, {}, false, {}};
  plan.saved_at.assign(program.widths.size(), -1);
  for (const int order : orders) plan.channels += order;
  for (const JetOp& op : program.ops) {
    if (formed_anew(op.kind) || op.out == program.output) continue;
    plan.saved_at[std::size_t(op.out)] = plan.saved_width;
    plan.saved_width += program.widths[std::size_t(op.out)];
  }
  return plan;
}

void set_weights(JetPlan& plan, const at::Tensor& trained, const at::Tensor& fixed) {
  plan.trained = trained;
  plan.fixed = fixed;
  plan.on_device = !trained.is_cpu();
  plan.transposed.resize(plan.places.size());
  for (const JetOp& op : plan.program.ops) {
    if (op.kind != JetOp::Kind::linear) continue;
    const WeightPlace& place = plan.places[std::size_t(op.weight)];
    plan.transposed[std::size_t(op.weight)] = (place.trained ? trained : fixed)
                                                  .narrow(0, place.offset, place.count)
                                                  .view({plan.program.widths[std::size_t(op.out)],
                                                         plan.program.widths[std::size_t(op.in)]})
                                                  .t()
                                                  .contiguous();
  }
}

template <class Real>
JetTileRun<Real>::JetTileRun(const JetPlan& plan, long long most_points)
    : plan_(plan),
      most_(most_points),
      value_(plan.program.widths.size(), nullptr),
      gradient_(plan.program.widths.size(), nullptr) {}

template <class Real>
Real* JetTileRun<Real>::take() {
  if (free_.empty()) {
    const int widest = *std::max_element(plan_.program.widths.begin(), plan_.program.widths.end());
    memory_.push_back(at::empty({plan_.channels * most_ * widest}, plan_.trained.options()));
    free_.push_back(memory_.back().template data_ptr<Real>());
  }
  Real* buffer = free_.back();
  free_.pop_back();
  return buffer;
}

template <class Real>
void JetTileRun<Real>::give_back(Real*& buffer) {
  if (buffer) free_.push_back(buffer);
  buffer = nullptr;
}

template <class Real>
void JetTileRun<Real>::start(long long points, const Real* features, Real* saved) {
  points_ = points;
  features_ = features;
  saved_ = saved;
  for (Real*& buffer : value_) give_back(buffer);
  for (Real*& buffer : gradient_) give_back(buffer);
}

template <class Real>
Real* JetTileRun<Real>::saved_register(int r) {
  const long long at = plan_.saved_at[std::size_t(r)];
  return saved_ && at >= 0 ? saved_ + plan_.channels * points_ * at : nullptr;
}

template <class Real>
at::Tensor JetTileRun<Real>::matrix(const Real* data, long long rows, long long columns) const {
  return at::from_blob(const_cast<Real*>(data), {rows, columns}, plan_.trained.options());
}

template <class Real>
at::Tensor JetTileRun<Real>::by_channel(const Real* data, int width) const {
  return at::from_blob(const_cast<Real*>(data), {plan_.channels, points_, width},
                       plan_.trained.options());
}

template <class Real>
void JetTileRun<Real>::multiply(const SmallProduct<Real>& p) {
  if (!plan_.on_device && is_small(p)) return pinn::multiply(p);
  const at::Tensor a =
      p.a_inner == 1 ? matrix(p.a, p.rows, p.inner) : matrix(p.a, p.inner, p.rows).t();
  const at::Tensor b = matrix(p.b, p.inner, p.columns);
  at::Tensor result = matrix(p.c, p.rows, p.columns);
  if (p.add)
    result.addmm_(a, b);
  else
    at::mm_out(result, a, b);
}

template <class Real>
void JetTileRun<Real>::zero(Real* data, long long count) {
  if (plan_.on_device)
    matrix(data, 1, count).zero_();
  else
    std::memset(data, 0, std::size_t(count) * sizeof(Real));
}

template <class Real>
const Real* JetTileRun<Real>::weight(int index) const {
  const WeightPlace& place = plan_.places[std::size_t(index)];
  return (place.trained ? plan_.trained : plan_.fixed).template const_data_ptr<Real>() +
         place.offset;
}

template <class Real>
void JetTileRun<Real>::forward_op(const JetOp& op) {
  // What is kept for the backward pass is written there when its last reader is through, past the caches.
  Real* out = plan_.on_device ? saved_register(op.out) : nullptr;
  if (!out) out = value_[std::size_t(op.out)] = take();
  const Real* in = form(op.in);
  const JetTile t = tile();
  if (op.kind == JetOp::Kind::linear) {
    const Real* w = plan_.transposed[std::size_t(op.weight)].template const_data_ptr<Real>();
    multiply({in, w, out, plan_.channels * points_, width(op.out), width(op.in), width(op.in), 1,
              false});
    if (op.bias >= 0) add_bias(t, width(op.out), weight(op.bias), out);
  } else if (op.kind == JetOp::Kind::activate) {
    activate(t, op.activation, width(op.in), const_cast<Real*>(in), out, true);
  } else if (op.kind == JetOp::Kind::waves) {
    waves(t, width(op.in), in, out);
  } else if (op.kind == JetOp::Kind::gate) {
    gate(t, width(op.in), GateOperands<Real>{in, form(op.second), form(op.third)}, out);
  } else {
    mix(t, width(op.in), weight(op.weight), in, form(op.second), out);
  }
}

template <class Real>
const Real* JetTileRun<Real>::forward(long long points, const Real* features, Real* saved) {
  start(points, features, saved);
  const auto& ops = plan_.program.ops;
  // A register is given back after its last reader.
  std::vector<std::size_t> last(plan_.program.widths.size(), 0);
  for (std::size_t n = 0; n < ops.size(); ++n)
    for (const int r : {ops[n].in, ops[n].second, ops[n].third})
      if (r >= 0) last[std::size_t(r)] = n;
  last[std::size_t(plan_.program.output)] = ops.size();
  for (std::size_t n = 0; n < ops.size(); ++n) {
    forward_op(ops[n]);
    for (std::size_t r = 1; r < last.size(); ++r) {
      if (last[r] != n || !value_[r]) continue;
      if (Real* keep = saved_register(int(r))) store_past_caches(size(int(r)), value_[r], keep);
      give_back(value_[r]);
    }
  }
  return value_[std::size_t(plan_.program.output)];
}

// The values of a register in the present tile: given, saved, there already, or formed anew.
template <class Real>
const Real* JetTileRun<Real>::form(int r) {
  if (r == 0) return features_;
  if (value_[std::size_t(r)]) return value_[std::size_t(r)];
  if (Real* saved = saved_register(r)) return saved;
  const auto& ops = plan_.program.ops;
  const auto found =
      std::find_if(ops.begin(), ops.end(), [&](const JetOp& op) { return op.out == r; });
  const JetOp& op = *found;
  const Real* in = form(op.in);
  const JetTile t = tile();
  if (op.kind == JetOp::Kind::activate) {
    Real* out = value_[std::size_t(r)] = take();
    activate(t, op.activation, width(op.in), const_cast<Real*>(in), out, false);
  } else if (op.kind == JetOp::Kind::waves) {
    Real* out = value_[std::size_t(r)] = take();
    waves(t, width(op.in), in, out);
  } else {
    const GateOperands<Real> operands{in, form(op.second), form(op.third)};
    Real* out = value_[std::size_t(r)] = take();
    gate(t, width(op.in), operands, out);
  }
  return value_[std::size_t(r)];
}

// The gradient of a register for writing; `fresh`: it holds nothing yet.
template <class Real>
Real* JetTileRun<Real>::gradient_of(int r, bool& fresh) {
  Real*& buffer = gradient_[std::size_t(r)];
  fresh = buffer == nullptr;
  if (fresh) buffer = take();
  return buffer;
}

// The same for kernels that add.
template <class Real>
Real* JetTileRun<Real>::added_gradient(int r) {
  bool fresh = false;
  Real* buffer = gradient_of(r, fresh);
  if (fresh) zero(buffer, size(r));
  return buffer;
}

template <class Real>
void JetTileRun<Real>::add_bias_gradient(const Real* g, int width, Real* gradient) {
  if (plan_.on_device)
    matrix(gradient, 1, width).add_(matrix(g, points_, width).sum(0, /*keepdim=*/true));
  else
    sum_bias(points_, width, g, gradient);
}

template <class Real>
void JetTileRun<Real>::add_linear_gradient(const JetOp& op, const Real* g,
                                           const WeightGradient<Real>& gradient) {
  const int out = width(op.out), in = width(op.in);
  const long long rows = plan_.channels * points_;
  const long long weight_at = plan_.places[std::size_t(op.weight)].offset;
  const long long bias_at = op.bias < 0 ? -1 : plan_.places[std::size_t(op.bias)].offset;
  if (!gradient.rows) {
    multiply({g, form(op.in), gradient.sum + weight_at, out, in, rows, 1, out, true});
    if (bias_at >= 0) add_bias_gradient(g, out, gradient.sum + bias_at);
  } else if (plan_.on_device) {
    const at::Tensor products =
        by_channel(g, out).permute({1, 2, 0}).bmm(by_channel(form(op.in), in).transpose(0, 1));
    const at::Tensor all = at::from_blob(gradient.rows, {points_, gradient.stride},
                                         {gradient.stride, 1}, plan_.trained.options());
    all.narrow(1, weight_at, out * in).add_(products.flatten(1));
    if (bias_at >= 0) all.narrow(1, bias_at, out).add_(matrix(g, points_, out));
  } else {
    add_point_products({plan_.channels, points_, out, in}, g, form(op.in),
                       gradient.rows + weight_at, gradient.stride);
    for (long long p = 0; p < points_ && bias_at >= 0; ++p)
      for (int o = 0; o < out; ++o)
        gradient.rows[p * gradient.stride + bias_at + o] += g[p * out + o];
  }
}

template <class Real>
void JetTileRun<Real>::add_mix_gradient(const JetOp& op, const Real* g, const MixOperands<Real>& in,
                                        const WeightGradient<Real>& gradient) {
  const int columns = width(op.in);
  const long long at = plan_.places[std::size_t(op.weight)].offset;
  if (!gradient.rows) return;  // mix_transposed has added it
  const at::Tensor products =
      (by_channel(g, columns) * (by_channel(in.h, columns) - by_channel(in.x, columns)))
          .sum(at::IntArrayRef({0, 2}));
  at::from_blob(gradient.rows, {points_, gradient.stride}, {gradient.stride, 1},
                plan_.trained.options())
      .select(1, at)
      .add_(products);
}

template <class Real>
void JetTileRun<Real>::transpose_linear(const JetOp& op, const WeightGradient<Real>& gradient) {
  const Real* g = gradient_[std::size_t(op.out)];
  if (plan_.places[std::size_t(op.weight)].trained) add_linear_gradient(op, g, gradient);
  if (op.in == 0) return;
  bool fresh = false;
  Real* gx = gradient_of(op.in, fresh);
  multiply({g, weight(op.weight), gx, plan_.channels * points_, width(op.in), width(op.out),
            width(op.out), 1, !fresh});
}

template <class Real>
void JetTileRun<Real>::transpose(const JetOp& op, const WeightGradient<Real>& gradient) {
  const JetTile t = tile();
  Real*& g = gradient_[std::size_t(op.out)];
  if (!g) return;  // nothing downstream asked for it
  if (op.kind == JetOp::Kind::linear) {
    transpose_linear(op, gradient);
  } else if (op.kind == JetOp::Kind::activate && !gradient_[std::size_t(op.in)]) {
    activate_transposed(t, op.activation, width(op.in), form(op.in), g);
    std::swap(g, gradient_[std::size_t(op.in)]);
  } else if (op.kind == JetOp::Kind::activate) {
    // A register that several read: only programs made by hand have it before an activation.
    activate_transposed(t, op.activation, width(op.in), form(op.in), g);
    matrix(gradient_[std::size_t(op.in)], 1, size(op.in)).add_(matrix(g, 1, size(op.in)));
  } else if (op.kind == JetOp::Kind::waves) {
    if (op.in != 0) waves_transposed(t, width(op.in), form(op.in), g, added_gradient(op.in));
  } else if (op.kind == JetOp::Kind::gate) {
    const GateOperands<Real> in{form(op.in), form(op.second), form(op.third)};
    bool fresh = false;
    Real* gh = gradient_of(op.in, fresh);
    const GateGradients<Real> out{gh, added_gradient(op.second), added_gradient(op.third), !fresh};
    gate_transposed(t, width(op.in), in, static_cast<const Real*>(g), out);
  } else {
    const MixOperands<Real> in{weight(op.weight), form(op.in), form(op.second)};
    Real* unused = gradient.rows ? take() : nullptr;
    const MixGradients<Real> out{
        added_gradient(op.in), added_gradient(op.second),
        unused ? unused : gradient.sum + plan_.places[std::size_t(op.weight)].offset};
    mix_transposed(t, width(op.in), in, static_cast<const Real*>(g), out);
    give_back(unused);
    add_mix_gradient(op, g, in, gradient);
  }
  give_back(gradient_[std::size_t(op.out)]);
  give_back(value_[std::size_t(op.out)]);
}

template <class Real>
void JetTileRun<Real>::backward(long long points, const Real* features, Real* saved,
                                const Real* output_gradient, const WeightGradient<Real>& gradient) {
  start(points, features, saved);
  const int output = plan_.program.output;
  Real* g = gradient_[std::size_t(output)] = take();
  if (plan_.on_device)
    matrix(g, 1, size(output)).copy_(matrix(output_gradient, 1, size(output)));
  else
    std::copy_n(output_gradient, size(output), g);
  const auto& ops = plan_.program.ops;
  for (auto op = ops.rbegin(); op != ops.rend(); ++op) transpose(*op, gradient);
}

template class JetTileRun<float>;
template class JetTileRun<double>;

}  // namespace understudy::pinn
