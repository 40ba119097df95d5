// What describes a dataset of pairs, and where it lies in a file.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/arrays/pair_file.hpp"

namespace understudy::surrogates {

void ArrayInfo::describe(core::ParamVisitor& v) {
  v.text("name", name, "what the array holds");
  v.text("unit", unit, "its unit");
  v.integers("shape", shape, 0, {.at_least = 1}, "lengths of its axes, slowest first");
  v.texts("axes", axes, "what the axes are");
  v.integers("mirrored", mirrored, 0, {.at_least = 0},
             "axes that a mirror image reverses, counted from 0");
  v.real("lowest", lowest, {}, "", "lower end of the range");
  v.real("highest", highest, {}, "", "upper end of the range");
}

long long ArrayInfo::count() const {
  long long n = 1;
  for (const long long length : shape) n *= length;
  return n;
}

std::string to_string(const ArrayInfo& info) {
  std::string text;
  for (std::size_t n = 0; n < info.shape.size(); ++n)
    text += core::format("{}{} {}", n == 0 ? "" : ", ",
                         n < info.axes.size() ? info.axes[n] : "axis", info.shape[n]);
  return core::format("{} [{}] ({})", info.name, info.unit, text);
}

void require_valid(const PairInfo& info) {
  for (const ArrayInfo* side : {&info.input, &info.output}) {
    const char* what = side == &info.input ? "input" : "output";
    if (side->shape.empty() || side->axes.size() != side->shape.size())
      throw core::UserError(
          core::format("pairs '{}': the {} has {} lengths and {} names of axes; one name for each "
                       "length is wanted, and one length at least",
                       info.name, what, side->shape.size(), side->axes.size()));
    const auto axes = static_cast<long long>(side->shape.size());
    for (const long long length : side->shape)
      if (length < 1)
        throw core::UserError(core::format("pairs '{}': the {} has an axis of length {}: {}",
                                           info.name, what, length, to_string(*side)));
    for (const long long axis : side->mirrored)
      if (axis < 0 || axis >= axes)
        throw core::UserError(
            core::format("pairs '{}': the {} has no axis {} to be mirrored; there are 0 to {}",
                         info.name, what, axis, axes - 1));
    if (!std::isfinite(side->lowest) || !std::isfinite(side->highest) ||
        side->highest < side->lowest)
      throw core::UserError(core::format("pairs '{}': the {}'s range {} to {} is none", info.name,
                                         what, side->lowest, side->highest));
  }
}

void require_finite(std::span<const float> values, const ArrayInfo& side, const std::string& where,
                    long long sample) {
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  throw core::UserError(
      core::format("{}: value {} of {} of sample {} is {}; every value must be "
                   "finite",
                   where, bad - values.begin(), side.name, sample, *bad));
}

namespace {

void write_side(mesh::Hdf5File& file, const std::string& side, const ArrayInfo& info) {
  file.set_attribute("", side + "_name", info.name);
  file.set_attribute("", side + "_unit", info.unit);
  file.set_attribute("", side + "_shape", info.shape);
  file.set_attribute("", side + "_axes", info.axes);
  // An attribute of no values cannot be read back everywhere; -1 is no axis.
  file.set_attribute("", side + "_mirrored",
                     info.mirrored.empty() ? std::vector<long long>{-1} : info.mirrored);
  file.set_attribute("", side + "_range", std::vector<double>{info.lowest, info.highest});
}

ArrayInfo read_side(const mesh::Hdf5File& file, const std::string& side) {
  ArrayInfo info;
  info.name = file.attribute<std::string>("", side + "_name");
  info.unit = file.attribute<std::string>("", side + "_unit");
  info.shape = file.attribute<std::vector<long long>>("", side + "_shape");
  info.axes = file.attribute<std::vector<std::string>>("", side + "_axes");
  info.mirrored = file.attribute<std::vector<long long>>("", side + "_mirrored");
  std::erase(info.mirrored, -1);
  const auto range = file.attribute<std::vector<double>>("", side + "_range");
  if (range.size() != 2)
    throw core::UserError(core::format("{}: {}_range has {} values; 2 are expected",
                                       file.path().string(), side, range.size()));
  info.lowest = range[0];
  info.highest = range[1];
  return info;
}

}  // namespace

void write_pair_info(mesh::Hdf5File& file, const PairInfo& info) {
  file.set_attribute("", "kind", pairs_kind);
  file.set_attribute("", "layout", 1);
  file.set_attribute("", "name", info.name);
  write_side(file, "input", info.input);
  write_side(file, "output", info.output);
}

PairInfo read_pair_info(const mesh::Hdf5File& file) {
  if (!file.has_attribute("", "kind") || file.attribute<std::string>("", "kind") != pairs_kind)
    throw core::UserError(
        core::format("{} holds no pairs (its attribute `kind` is not {}); `understudy generate` "
                     "writes such files",
                     file.path().string(), pairs_kind));
  const PairInfo info{file.attribute<std::string>("", "name"), read_side(file, "input"),
                      read_side(file, "output")};
  try {
    require_valid(info);
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("{} is damaged: {}", file.path().string(), error.what()));
  }
  return info;
}

void require_pairs(const PairInfo& expected, const PairInfo& found, const std::string& where) {
  if (expected == found) return;
  const auto refuse = [&](const std::string& what, const std::string& is,
                          const std::string& wanted) {
    throw core::UserError(
        core::format("{} is of another dataset: {} is {}; expected is {}. Remove it, or take "
                     "another folder",
                     where, what, is, wanted));
  };
  if (expected.name != found.name) refuse("its name", found.name, expected.name);
  for (const bool input : {true, false}) {
    const ArrayInfo &e = input ? expected.input : expected.output,
                    &f = input ? found.input : found.output;
    const std::string side = input ? "the input" : "the output";
    if (to_string(e) != to_string(f)) refuse(side, to_string(f), to_string(e));
    if (e.lowest != f.lowest || e.highest != f.highest)
      refuse(side + "'s range", core::format("{} to {}", f.lowest, f.highest),
             core::format("{} to {}", e.lowest, e.highest));
    if (e.mirrored != f.mirrored) refuse(side + "'s mirrored axes", "another", "the deck's");
  }
}

}  // namespace understudy::surrogates
