#include "surrogates/training/torch_gradient_buckets.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <span>

namespace understudy::surrogates {

namespace {

struct Bucket {
  std::int64_t begin = 0, end = 0;  // of the flat gradient
  int weights = 0, missing = 0;     // in it; of them not finished in this pass
};

}  // namespace

struct GradientBuckets::State {
  at::Tensor gradient;
  core::Comm comm;
  std::vector<Bucket> buckets;  // from the end of the vector to its start
  std::size_t begun = 0;
  bool active = false;
  std::vector<core::Comm::Request> requests;

  void begin_sum(at::Tensor& of) {
    const Bucket& bucket = buckets[begun++];
    requests.push_back(comm.begin_sum(std::span<float>(
        of.data_ptr<float>() + bucket.begin, static_cast<std::size_t>(bucket.end - bucket.begin))));
  }

  void finished(std::size_t bucket) {
    if (!active) return;
    --buckets[bucket].missing;
    while (begun < buckets.size() && buckets[begun].missing == 0) begin_sum(gradient);
  }
};

// Called by autograd when a weight's gradient is complete, on the thread that called backward().
struct GradientBuckets::Hook : torch::autograd::PostAccumulateGradHook {
  Hook(std::shared_ptr<State> s, std::size_t b) : state(std::move(s)), bucket(b) {}
  void operator()(const at::Tensor&) override { state->finished(bucket); }
  std::shared_ptr<State> state;
  std::size_t bucket;
};

GradientBuckets::GradientBuckets(const at::Tensor& gradient, const std::vector<at::Tensor>& weights,
                                 const core::Comm& comm, std::int64_t size)
    : state_(std::make_shared<State>(State{gradient, comm, {}, 0, false, {}})) {
  if (comm.size() == 1) return;
  std::vector<std::size_t> bucket_of(weights.size());
  std::int64_t end = gradient.numel();
  for (std::size_t n = weights.size(); n-- > 0;) {
    auto& buckets = state_->buckets;
    if (buckets.empty() || buckets.back().end - buckets.back().begin >= size)
      buckets.push_back({end, end, 0, 0});
    end -= weights[n].numel();
    buckets.back().begin = end;
    ++buckets.back().weights;
    bucket_of[n] = buckets.size() - 1;
  }
  if (!gradient.is_cpu()) return;
  for (std::size_t n = 0; n < weights.size(); ++n)
    torch::autograd::impl::set_post_acc_grad_hooks(weights[n],
                                                   std::make_unique<Hook>(state_, bucket_of[n]));
}

std::size_t GradientBuckets::count() const { return state_->buckets.size(); }

void GradientBuckets::begin() {
  for (Bucket& bucket : state_->buckets) bucket.missing = bucket.weights;
  state_->begun = 0;
  state_->requests.clear();
  state_->active = true;
}

void GradientBuckets::finish() {
  State& s = *state_;
  s.active = false;
  if (s.buckets.empty()) return;
  at::Tensor host = s.gradient.is_cpu() ? s.gradient : s.gradient.cpu();
  while (s.begun < s.buckets.size()) s.begin_sum(host);
  core::Comm::wait(s.requests);
  if (!s.gradient.is_cpu()) s.gradient.copy_(host);
}

}  // namespace understudy::surrogates
