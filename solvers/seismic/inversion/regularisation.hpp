// Smoothness of a model as a penalty on m = c / c0, c0 the mean speed of the start, on a grid of spacing h
// and N cells; forward differences, none across the box's sides:
//   tikhonov         R = 1/(2 N) sum |grad m|^2 h^2                     (Tikhonov and Arsenin 1977)
//   total_variation  R = 1/N sum (sqrt(|grad m|^2 h^2 + e^2) - e)       (Rudin, Osher and Fatemi 1992),
//                    e = 1e-3: edges cost no more than ramps
#pragma once

#include <span>

#include "mesh/grid.hpp"

namespace understudy::solvers::seismic {

struct Regularisation {
  double tikhonov = 0, total_variation = 0;  ///< weights, relative to the misfit at the start
  double edge = 1e-3;                        ///< e
  /// Value at m [k, j, i]; adds the derivative to `gradient`.
  double add(std::span<const double> m, const mesh::GridParams& grid,
             std::span<double> gradient) const;
};

}  // namespace understudy::solvers::seismic
