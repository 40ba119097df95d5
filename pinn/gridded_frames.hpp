// Fields of a simulation's dataset (surrogates/dataset.hpp, 2-D, one sample of it) in the part of space and
// time that a problem's box covers, as functions: along each axis and in time the polynomial through the
// four nearest places (Lagrange, third degree, one-sided at the ends). Staggered fields keep their places.
// Time counts from the dataset's first frame. Memory: fields x frames x cells of the part, float.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "pinn/problem_info.hpp"

namespace understudy::pinn {

struct Samples;

class GriddedFrames {
 public:
  /// `inputs`: x, y and the time, as the problem has them. UserError for a dataset that is not 2-D, lacks
  /// a field (naming those there are), or does not reach as far as the box.
  GriddedFrames(const std::filesystem::path& dataset, const std::vector<InputInfo>& inputs,
                const std::vector<std::string>& fields);

  /// Field `field` at a point [input].
  double value(int field, const std::vector<double>& point) const;
  /// `count` > 0 different pairs of cell centre and frame in the box, at random: [inputs, fields].
  /// UserError when there are fewer.
  Samples draw(int count, unsigned long long seed) const;

 private:
  /// Places along an axis: lower + step * n.
  struct Axis {
    double lower = 0, step = 1;
    long long count = 0;
  };
  struct Stencil {
    long long first = 0;
    std::array<double, 4> weight{};
  };
  static Stencil stencil(const Axis& axis, double at);
  static Axis part(const Axis& whole, const InputInfo& input, const std::string& what);

  std::filesystem::path dataset_;
  std::vector<InputInfo> inputs_;
  std::vector<std::string> fields_;
  std::vector<std::array<Axis, 3>> axes_;   ///< [field]: x, y, time, of the part
  std::array<Axis, 3> centres_;             ///< cell centres and frames within the box
  std::vector<std::vector<float>> values_;  ///< [field][frame, y, x]
};

}  // namespace understudy::pinn
