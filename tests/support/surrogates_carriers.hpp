// Carriers in a box of their own, as truth and as replacement, and the state that both start from.
#pragma once

#include <memory>

#include "support/surrogates_synthetic.hpp"

namespace understudy::tests {

inline std::shared_ptr<Carrier<double>> carrier(double speed = 1, int nx = 24, int ny = 16) {
  return std::make_shared<Carrier<double>>(carrier_grid(true, core::Comm::self(), nx, ny), speed);
}

inline mesh::State<double> initial(Carrier<double>& stepper) {
  mesh::State<double> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.1);
  return state;
}

}  // namespace understudy::tests
