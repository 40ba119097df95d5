// What a problem says of itself without LibTorch: names, units, constants, where it comes from. The
// equations are in torch_problem.hpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::pinn {

struct Problem;         // torch_problem.hpp
struct FormulaProblem;  // pinn/formulas/formula_problem.hpp

/// An input of the network: a coordinate.
struct InputInfo {
  std::string name, unit;
  double lower = 0, upper = 1;  ///< of the domain
  bool is_time = false;
};

struct UnknownInfo {
  std::string name, unit, help;
};

/// A number that the deck may set.
struct ConstantInfo {
  std::string name, unit, help;
  double value = 0;  ///< default
  core::Bounds bounds = {};
};

/// An unknown number, found with the network from data.
struct ParameterInfo {
  std::string name, unit, help;
  double start = 0;
  double lower = 0, upper = 0;  ///< the search stays within
  double truth = 0;             ///< where it is known; NaN: not
  double tolerance = 0;         ///< relative error to reach; 0: not judged
  bool has_scale = true;        ///< false: a place or an instant, whose zero is arbitrary
};

/// What a deck chooses of a problem.
struct ProblemChoice {
  std::map<std::string, double> constants;  ///< all constants of the problem's entry
  std::string data;                         ///< file of samples, for inverse problems
  int data_points = 0;          ///< samples of the file that are taken, chosen at random; 0: all
  double noise = 0;             ///< of the standard deviation of each column, added to it
  std::string directory = ".";  ///< where relative paths start
  unsigned long long seed = 1;
  std::shared_ptr<const FormulaProblem> formulas =
      nullptr;  ///< equations of the deck, of from_deck
};

/// A line of the catalog.
struct ProblemEntry {
  std::string name, summary;
  std::string source;  ///< paper and accuracy to reach
  std::vector<ConstantInfo> constants = {};
  bool wants_data = false;   ///< a deck must name samples
  bool takes_data = false;   ///< a deck may name samples; the problem makes its own otherwise
  bool has_samples = false;  ///< makes samples, of which data_points and noise speak
  std::shared_ptr<const Problem> (*make)(const ProblemChoice& choice) = nullptr;
};

/// A constant that must be a whole number, 1 or 2, a number of waves. UserError otherwise.
double whole_constant(const ProblemChoice& choice, const std::string& problem,
                      const std::string& constant);
/// A constant that must divide `length`, as a grid's spacing does. UserError otherwise.
double dividing_constant(const ProblemChoice& choice, const std::string& constant, double length);

}  // namespace understudy::pinn
