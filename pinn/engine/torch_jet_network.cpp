#include "pinn/engine/torch_jet_network.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <mutex>

#include "core/error.hpp"
#include "pinn/engine/torch_jet_tile.hpp"

namespace understudy::pinn {

namespace {

// Bytes of one register of a tile: two or three of them share a second-level cache of 1 to 2 MiB.
constexpr long long tile_bytes = 128 * 1024;
// Sums of the gradient, one after the other, whatever the number of threads.
constexpr long long chunks = 8;

struct Tiling {
  long long points, tile, tiles;
  Tiling(const JetPlan& plan, long long all, std::size_t real_bytes) : points(all) {
    const int widest = *std::max_element(plan.program.widths.begin(), plan.program.widths.end());
    tile = tile_bytes / (plan.channels * widest * static_cast<long long>(real_bytes));
    tile = plan.on_device ? all : std::clamp<long long>(tile, 8, std::max<long long>(8, all));
    tile = std::max<long long>(1, std::min(tile, all));
    tiles = (all + tile - 1) / tile;
  }
  long long begin(long long n) const { return n * tile; }
  long long count(long long n) const { return std::min(tile, points - begin(n)); }
  /// Calls f(first tile, behind the last, chunk) in parallel.
  template <class F>
  void for_chunks(const F& f) const {
    const long long parts = std::min(chunks, tiles);
    at::parallel_for(0, parts, 1, [&](long long first, long long last) {
      for (long long c = first; c < last; ++c) f(c * tiles / parts, (c + 1) * tiles / parts, c);
    });
  }
};

// [channel, point, width] -> the tile's points alone, contiguous.
at::Tensor part(const at::Tensor& all, const Tiling& tiling, long long n) {
  if (tiling.tiles == 1) return all.contiguous();
  return all.narrow(1, tiling.begin(n), tiling.count(n)).contiguous();
}

}  // namespace

// Memory for what the forward pass keeps, handed from one evaluation to the next: fresh pages cost more
// than the work on them.
struct JetNetwork::Pool {
  std::mutex mutex;
  std::vector<at::Tensor> free;
  at::Tensor take(long long count, const at::TensorOptions& options) {
    const std::scoped_lock lock(mutex);
    for (std::size_t n = 0; n < free.size(); ++n)
      if (free[n].numel() >= count && free[n].dtype() == options.dtype() &&
          free[n].device() == options.device()) {
        std::swap(free[n], free.back());
        at::Tensor found = free.back();
        free.pop_back();
        return found;
      }
    free.clear();
    return at::empty({count}, options);
  }
  void give_back(const at::Tensor& memory) {
    const std::scoped_lock lock(mutex);
    free.push_back(memory);
  }
};

namespace {

template <class Real>
at::Tensor forward(const JetPlan& plan, const at::Tensor& features, const at::Tensor& saved) {
  const Tiling tiling(plan, features.size(1), sizeof(Real));
  const int outputs = plan.program.widths[std::size_t(plan.program.output)];
  at::Tensor result = at::empty({plan.channels, outputs, tiling.points}, plan.trained.options());
  tiling.for_chunks([&](long long first, long long last, long long) {
    const at::NoGradGuard no_autograd;
    JetTileRun<Real> run(plan, tiling.tile);
    for (long long n = first; n < last; ++n) {
      const at::Tensor in = part(features, tiling, n);
      const long long count = tiling.count(n);
      Real* keep = saved.defined()
                       ? saved.data_ptr<Real>() + plan.channels * plan.saved_width * tiling.begin(n)
                       : nullptr;
      const Real* out = run.forward(count, in.const_data_ptr<Real>(), keep);
      const at::Tensor values =
          at::from_blob(const_cast<Real*>(out), {plan.channels, count, outputs}, result.options());
      result.narrow(2, tiling.begin(n), count).copy_(values.transpose(1, 2));
    }
  });
  return result;
}

// result_gradient [channel, output, point] -> [trained]
template <class Real>
at::Tensor backward(const JetPlan& plan, const at::Tensor& features, const at::Tensor& saved,
                    const at::Tensor& result_gradient) {
  const Tiling tiling(plan, features.size(1), sizeof(Real));
  const at::Tensor by_point = result_gradient.transpose(1, 2);
  at::Tensor sums =
      at::zeros({std::min(chunks, tiling.tiles), plan.trained.numel()}, plan.trained.options());
  tiling.for_chunks([&](long long first, long long last, long long chunk) {
    const at::NoGradGuard no_autograd;
    JetTileRun<Real> run(plan, tiling.tile);
    const WeightGradient<Real> gradient{sums.data_ptr<Real>() + chunk * plan.trained.numel()};
    for (long long n = first; n < last; ++n) {
      const at::Tensor in = part(features, tiling, n), out = part(by_point, tiling, n);
      run.backward(tiling.count(n), in.const_data_ptr<Real>(),
                   saved.data_ptr<Real>() + plan.channels * plan.saved_width * tiling.begin(n),
                   out.const_data_ptr<Real>(), gradient);
    }
  });
  return sums.sum(0);
}

struct PointRows {
  const std::vector<at::Tensor>& cotangents;  ///< [equation]
  const std::vector<at::Tensor>& rows;        ///< [equation]
  long long first;
};

template <class Real>
void point_gradients(const JetPlan& plan, const at::Tensor& features, const PointRows& wanted) {
  const Tiling tiling(plan, features.size(1), sizeof(Real));
  tiling.for_chunks([&](long long first, long long last, long long) {
    const at::NoGradGuard no_autograd;
    JetTileRun<Real> run(plan, tiling.tile);
    const at::Tensor saved =
        at::empty({plan.channels * tiling.tile * plan.saved_width}, features.options());
    for (long long n = first; n < last; ++n) {
      const at::Tensor in = part(features, tiling, n);
      run.forward(tiling.count(n), in.const_data_ptr<Real>(), saved.data_ptr<Real>());
      for (std::size_t e = 0; e < wanted.rows.size(); ++e) {
        const at::Tensor out = part(wanted.cotangents[e].transpose(1, 2), tiling, n);
        const long long stride = wanted.rows[e].size(1);
        Real* rows = wanted.rows[e].data_ptr<Real>() + tiling.begin(n) * stride + wanted.first;
        run.backward(tiling.count(n), in.const_data_ptr<Real>(), saved.data_ptr<Real>(),
                     out.const_data_ptr<Real>(), {nullptr, rows, stride});
      }
    }
  });
}

// What an evaluation hands to its backward pass.
struct Evaluation : torch::CustomClassHolder {
  const JetNetwork* network = nullptr;
  std::shared_ptr<JetNetwork::Pool> pool;
  std::vector<int> orders;
  at::Tensor saved;
  ~Evaluation() override {
    if (saved.defined()) pool->give_back(saved);
  }
};

JetPlan plan_of(const Evaluation& evaluation, const at::Tensor& trained, const at::Tensor& fixed) {
  JetPlan plan =
      make_plan(evaluation.network->program(), evaluation.network->places(), evaluation.orders);
  set_weights(plan, trained.detach(), fixed);
  return plan;
}

struct JetFunction : torch::autograd::Function<JetFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& trained,
                            const at::Tensor& features, const at::Tensor& fixed,
                            const c10::intrusive_ptr<Evaluation>& evaluation, bool keep) {
    const JetPlan plan = plan_of(*evaluation, trained, fixed);
    if (keep)
      evaluation->saved = evaluation->pool->take(
          plan.channels * features.size(1) * plan.saved_width, trained.options());
    context->save_for_backward({trained, features, fixed});
    context->saved_data["evaluation"] = c10::IValue::make_capsule(evaluation);
    return trained.scalar_type() == at::kFloat
               ? pinn::forward<float>(plan, features, evaluation->saved)
               : pinn::forward<double>(plan, features, evaluation->saved);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto tensors = context->get_saved_variables();
    const auto capsule = context->saved_data["evaluation"].toCapsule();
    const auto& evaluation = static_cast<const Evaluation&>(*capsule);
    const JetPlan plan = plan_of(evaluation, tensors[0], tensors[2]);
    const at::Tensor gradient =
        tensors[0].scalar_type() == at::kFloat
            ? pinn::backward<float>(plan, tensors[1], evaluation.saved, gradients[0])
            : pinn::backward<double>(plan, tensors[1], evaluation.saved, gradients[0]);
    return {gradient, {}, {}, {}, {}};
  }
};

}  // namespace

JetNetwork::JetNetwork(JetProgram program)
    : program_(std::move(program)), pool_(std::make_shared<Pool>()) {
  for (const JetWeight& weight : program_.weights) {
    long long count = 1;
    for (const long long n : weight.shape) count *= n;
    long long& end = weight.trained ? trained_ : fixed_;
    places_.push_back({weight.trained, end, count});
    end += count;
  }
}

JetNetwork::~JetNetwork() = default;

at::Tensor JetNetwork::evaluate(const std::vector<int>& orders, const at::Tensor& features,
                                const at::Tensor& trained, const at::Tensor& fixed) const {
  auto evaluation = c10::make_intrusive<Evaluation>();
  evaluation->network = this;
  evaluation->pool = pool_;
  evaluation->orders = orders;
  const bool keep = at::GradMode::is_enabled() && trained.requires_grad();
  return JetFunction::apply(trained.contiguous(), features, fixed, evaluation, keep);
}

void JetNetwork::point_gradients(const std::vector<int>& orders, const at::Tensor& features,
                                 const at::Tensor& trained, const at::Tensor& fixed,
                                 const std::vector<at::Tensor>& cotangents,
                                 const std::vector<at::Tensor>& rows, long long first) const {
  JetPlan plan = make_plan(program_, places_, orders);
  set_weights(plan, trained.detach().contiguous(), fixed);
  if (features.scalar_type() == at::kFloat)
    pinn::point_gradients<float>(plan, features, {cotangents, rows, first});
  else
    pinn::point_gradients<double>(plan, features, {cotangents, rows, first});
}

}  // namespace understudy::pinn
