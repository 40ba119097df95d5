// Fields of a simulation's dataset (surrogates/fields/dataset/dataset.hpp, 2-D, one sample of it) in the part of space and
// time that a problem's box covers, as functions (lattice.hpp). Staggered fields keep their places.
// Time counts from the dataset's first frame. Memory: fields x frames x cells of the part, float.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "pinn/lattice.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct Samples;

class GriddedFrames {
 public:
  /// `inputs`: x, y and the time, as the problem has them, in m and s. `units` [field]: what values are turned into where
  /// the dataset says theirs; missing: 1. UserError for a dataset that is not 2-D, lacks a field (naming those there
  /// are), has a vector in its place or a unit of something else, or does not reach as far as the box.
  GriddedFrames(const std::filesystem::path& dataset, const std::vector<InputInfo>& inputs,
                const std::vector<std::string>& fields, const std::vector<std::string>& units);

  /// Field `field` at a point [input].
  double value(int field, const std::vector<double>& point) const;
  /// `count` > 0 different pairs of cell centre and frame in the box, at random: [inputs, fields].
  /// UserError when there are fewer.
  Samples draw(int count, unsigned long long seed) const;

 private:
  static LatticeAxis part(const LatticeAxis& whole, const InputInfo& input,
                          const std::string& what);

  std::filesystem::path dataset_;
  std::vector<InputInfo> inputs_;
  std::vector<std::string> fields_;
  std::vector<Lattice> lattices_;       ///< [field], of the part
  std::array<LatticeAxis, 3> centres_;  ///< cell centres and frames within the box
};

}  // namespace understudy::pinn
