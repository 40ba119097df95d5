// Points of a term's region: a box (some coordinates fixed), what bodies leave of it, the surface of a
// body, or a part of the sphere even in area.
//
// The unit cube is filled by the method (core/sampling.hpp) and mapped on the region; points inside bodies
// are thrown away and others taken. Points on a body's surface are drawn in a thin shell about it and
// moved along the gradient of its distance, which makes them even along the surface where it is smooth.
// The same seed gives the same points whatever part of them is asked for, so that ranks can share them out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace understudy::pinn {

struct Region;  // torch_problem.hpp

struct RegionSample {
  std::string method = "uniform";  ///< uniform, latin_hypercube, sobol, halton
  long long points = 0;            ///< points drawn in all
  long long first = 0, count = 0;  ///< the range of the points drawn that is wanted
  std::uint64_t seed = 1;
  int space = 2;          ///< the first inputs that are a place, for bodies
  std::string what = {};  ///< problem and term, for messages
};

/// Fills [count][input]. UserError where bodies leave next to nothing of the region, a surface lies outside
/// of it, or the method does not take as many axes.
void sample_region(const Region& region, const RegionSample& sample, std::span<double> points);

/// A seed for every use of a seed: term, step and purpose.
std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t use, std::uint64_t number);

/// The rank's part of `points`: parts in the order of ranks, as even as can be.
struct Part {
  long long first = 0, count = 0;
};
Part part_of(long long points, int rank, int ranks);

}  // namespace understudy::pinn
