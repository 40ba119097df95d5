// Minimisation of a smooth function of many variables within bounds by PETSc's TAO: the bounded
// limited-memory quasi-Newton method with a More-Thuente line search (TAOBLMVM; Benson and More 2001; More
// and Thuente 1994). Variables are best scaled so that they and the value are of order one: the first step
// goes down the gradient by 2 |value| / |gradient|.
//
// Either every rank minimises the same problem and must be given the same values (the function itself may use
// all ranks), or, with `comm`, the variables are split over its ranks: x, bounds and gradient are this rank's
// part, of any length, the function's value is the same on all, and what it or the monitor throws is thrown on all.
// Part of builds with PETSc.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::mesh {

struct MinimiserSettings {
  int iterations = 30;
  int evaluations = 200;             ///< of the function at most
  double gradient_tolerance = 1e-8;  ///< stop when the gradient's norm has fallen to this part
  double value_tolerance = 0;        ///< stop when the value is at or below; 0: off
  int memory = 5;                    ///< pairs of steps and gradients that stand for the curvature
  const core::Comm* comm =
      nullptr;  ///< the variables are split over these ranks; null: they are not
};

struct MinimiserProgress {
  int iteration = 0;  ///< 0: the start
  int evaluations = 0;
  double value = 0, gradient_norm = 0;  ///< of the projected gradient
  std::span<const double> x;
};

struct MinimiserResult {
  int iterations = 0, evaluations = 0;
  double value = 0;
  std::string reason;   ///< why it ended, in words
  bool failed = false;  ///< the line search found no smaller value
};

/// Value at x; fills the gradient [x.size()].
using MinimisedFunction =
    std::function<double(std::span<const double> x, std::span<double> gradient)>;

/// x: start and result; lower, upper: bounds [x.size()]. Collective over `comm` where it is given. After every iteration `monitor` is called; false
/// ends it there. What function or monitor throw comes through. UserError where the start is outside the
/// bounds (naming the first variable), RunError where a value is not finite at the start.
MinimiserResult minimise(std::vector<double>& x, std::span<const double> lower,
                         std::span<const double> upper, const MinimisedFunction& function,
                         const MinimiserSettings& settings,
                         const std::function<bool(const MinimiserProgress&)>& monitor = {});

}  // namespace understudy::mesh
