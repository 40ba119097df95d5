#include "surrogates/network/latent_host.hpp"

#include <cmath>

namespace understudy::surrogates {

DenseLayer::DenseLayer(std::span<const float> weights, std::span<const float> bias, int inputs)
    : inputs_(inputs),
      outputs_(static_cast<int>(weights.size()) / inputs),
      columns_(weights.size()),
      bias_(bias.begin(), bias.end()) {
  bias_.resize(outputs_, 0);
  for (int o = 0; o < outputs_; ++o)
    for (int i = 0; i < inputs_; ++i) columns_[i * outputs_ + o] = weights[o * inputs_ + i];
}

void DenseLayer::apply(std::span<const float> x, std::vector<float>& y) const {
  y = bias_;
  for (int i = 0; i < inputs_; ++i) {
    const float factor = x[i];
    const float* column = columns_.data() + static_cast<std::size_t>(i) * outputs_;
    for (int o = 0; o < outputs_; ++o) y[o] += factor * column[o];
  }
}

void LatentHostMap::step(std::vector<float>& z) const {
  std::vector<float> scaled(z.size());
  for (std::size_t n = 0; n < z.size(); ++n) scaled[n] = z[n] / scale[n];
  std::vector<float> columns = scaled;
  columns.push_back(1);
  if (!mlp) {
    const std::vector<float> one = columns;
    for (const float value : q)
      for (const float power : {value, value * value})
        for (const float c : one) columns.push_back(c * power);
  }
  std::vector<float> change, next;
  linear.apply(columns, change);
  if (mlp) {
    std::vector<float> x = scaled;
    x.insert(x.end(), q.begin(), q.end());
    for (std::size_t n = 0; n < hidden.size(); ++n) {
      hidden[n].apply(x, next);
      if (n + 1 < hidden.size())
        for (float& v : next) v = v / (1 + std::exp(-v));
      x.swap(next);
    }
    for (std::size_t n = 0; n < change.size(); ++n) change[n] += x[n];
  }
  for (std::size_t n = 0; n < z.size(); ++n) z[n] += increment[n] * change[n];
}

}  // namespace understudy::surrogates
