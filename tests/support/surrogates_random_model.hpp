// A model of the Carrier (surrogates_synthetic.hpp) whose weights are drawn at random, and a run for it.
#pragma once

#include <memory>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy::tests {

inline surrogates::ModelCard random_card(bool periodic, const mesh::GridParams& grid) {
  surrogates::ModelCard card;
  card.name = "random";
  card.network.width = 8;
  card.network.levels = 2;
  card.fields = {{"q", "K", "cell", 0, 0.9, 0.7, 0.05, 0, 2},
                 {"f", "m/s", "face_x", 0, 0.4, 0.7, 0.05, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.parameters = {{"carrier.speed", "m/s", 1, 0.2, 0.5, 1.5}};
  card.window_s = window_s;
  card.grid = grid;
  for (const surrogates::SideKind kind : carrier_boundaries(periodic))
    card.boundaries.push_back(to_string(kind));
  return card;
}

/// Weights within +- bound; constants of the data that something is divided by, 0.5 to 0.5 + bound.
inline void draw_weights(const surrogates::Network& network, double bound, std::uint64_t seed) {
  auto& impl = network.impl();
  impl.flat.uniform_(-bound, bound, surrogates::generator(seed));
  const auto tensors = surrogates::slices(impl.flat, impl.specs);
  for (std::size_t n = 0; n < tensors.size(); ++n)
    if (!impl.specs[n].trained && impl.specs[n].bound < 0) tensors[n].abs_().add_(0.5);
}

inline surrogates::FieldModel random_model(const surrogates::ModelCard& card) {
  surrogates::FieldModel model;
  model.card = card;
  model.network = std::make_shared<surrogates::Network>(card.network, card.shape(), 1);
  draw_weights(*model.network, 0.1, 3);
  return model;
}

template <class Real>
surrogates::RunDescription random_run(const Carrier<Real>& truth, bool periodic,
                                      const mesh::GridParams& grid) {
  surrogates::RunDescription run;
  run.fields = truth.fields();
  run.grid = grid;
  run.boundaries = carrier_boundaries(periodic);
  run.window_s = window_s;
  run.parameters = {{"carrier.speed", "m/s", 1.25}};
  return run;
}

}  // namespace understudy::tests
