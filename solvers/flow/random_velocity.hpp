// A random divergence-free velocity in a 2-D periodic box: u = dpsi/dy, v = -dpsi/dx of a stream
// function psi = sum over wave vectors k of Re(c_k e^(i k x)), c_k independent complex Gaussian numbers
// of variance 2 s(|k|)^2 that depend on the seed and the integer wave vector alone. Neither the ranks nor
// the grid change them: a finer grid adds modes. psi lies at the cells' corners, so that the discrete
// divergence is zero to round-off.
//
//   peak        E(k) ~ k^4 exp(-2 (k / k_p)^2), largest at k_p; scaled to the rms speed
//   mcwilliams  |psi_k|^2 ~ 1 / (k (1 + (k / k_p)^4)) (McWilliams 1984), E largest at k_p; scaled
//   matern      vorticity N(0, sigma2 (-Laplace + tau^2)^(-alpha)) (Li et al. 2021 on the unit torus:
//               sigma2 = 7^(3/2), tau = 7, alpha = 2.5); scaled only if an rms speed is given
//
// Modes up to 2/3 of the grid's largest wave number. Work is (cells along x)^2 x (cells along y): 0.1 s
// on 256^2, a minute on 2048^2. Host only. Private to solvers/flow.
#pragma once

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers::flow {

/// UserError when the grid is not a periodic 2-D box.
void check_random_velocity(const FlowRandomParams& params, const mesh::BoxGrid& grid);

/// Adds the field to u and v of `state` (interior). No communication.
template <class Real>
void add_random_velocity(const FlowRandomParams& params, unsigned long long seed,
                         const mesh::State<Real>& state);

}  // namespace understudy::solvers::flow
