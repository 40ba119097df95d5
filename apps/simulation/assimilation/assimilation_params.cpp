#include "apps/simulation/assimilation/assimilation_params.hpp"

#include <algorithm>

#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

void UnknownParams::describe(core::ParamVisitor& v) {
  using Form = UnknownKind::Form;
  const auto key = [&](const char* what) { return what + kind.suffix; };
  const char* unit = kind.unit.c_str();
  if (kind.form == Form::number) {
    v.real(key("start").c_str(), start_number, {.at_least = 0}, unit,
           "where the search starts, and the background; 0: the deck's own value");
    v.real(key("lower").c_str(), lower, {.at_least = 0}, unit, "lower bound");
    v.real(key("upper").c_str(), upper, {.at_least = 0}, unit, "upper bound; 0: none");
    v.require(upper == 0 || upper > lower, key("upper").c_str(),
              core::format("is {:.6g}; it must exceed {}, {:.6g}", upper, key("lower"), lower));
    v.require(start_number == 0 || (start_number >= lower && (upper == 0 || start_number <= upper)),
              key("start").c_str(),
              core::format("is {:.6g}, outside its bounds, {:.6g} to {:.6g}", start_number, lower,
                           upper));
  } else {
    if (kind.form == Form::numbers)
      v.reals(key("start").c_str(), start, 0, {}, unit,
              "where the search starts, and the background, one number per axis (empty: the deck's "
              "own)");
    else
      v.texts(key("start").c_str(), state,
              "where the search starts, and the background, one formula of x, y, z per component "
              "(empty: the deck's own)");
    v.real(key("bound").c_str(), bound, {.at_least = 0}, unit, "largest magnitude; 0: none");
  }
  v.real(key("deviation").c_str(), deviation, {.at_least = 0}, unit,
         "standard deviation of the background; 0: no background term");
  if (kind.form != Form::state) return;
  v.real("length_m", length_m, {.at_least = 0}, "m",
         "length over which the background's errors are correlated; 0: independent at every point");
  v.require(length_m == 0 || deviation > 0, "length_m",
            core::format("is {:.6g}; it needs {} above 0", length_m, key("deviation")));
  v.require(length_m == 0 || bound == 0, key("bound").c_str(),
            core::format("is {:.6g}; with length_m there are no bounds", bound));
}

void TwinParams::describe(core::ParamVisitor& v) {
  v.integer("points", points, {.at_least = 1, .at_most = 100000000},
            "points in space and time, at random; every field is sampled there");
  v.real("noise", noise, {.at_least = 0, .at_most = 100}, "1",
         "Gaussian noise: standard deviation, in units of each field's rms");
}

bool SampleBoxParams::contains(const std::array<double, 3>& point_m) const {
  for (std::size_t axis = 0; axis < lower_m.size(); ++axis)
    if (point_m[axis] < lower_m[axis] || point_m[axis] > upper_m[axis]) return false;
  return true;
}

void SampleBoxParams::describe(core::ParamVisitor& v) {
  v.reals("lower_m", lower_m, 0, {}, "m", "lower corner (empty: the grid's box)");
  v.reals("upper_m", upper_m, 0, {}, "m", "upper corner");
  v.require(lower_m.size() == upper_m.size(), "upper_m",
            core::format("has {} numbers; lower_m has {}", upper_m.size(), lower_m.size()));
  for (std::size_t axis = 0; axis < std::min(lower_m.size(), upper_m.size()); ++axis)
    v.require(upper_m[axis] > lower_m[axis], "upper_m",
              core::format("is {:.6g} m along {}; it must exceed lower_m, {:.6g} m", upper_m[axis],
                           "xyz"[std::min<std::size_t>(axis, 2)], lower_m[axis]));
}

AssimilationParams::AssimilationParams(const std::vector<UnknownKind>& kinds) {
  for (const UnknownKind& kind : kinds) {
    UnknownParams unknown;
    unknown.kind = kind;
    unknown.lower = kind.lower;
    unknown.upper = kind.upper;
    of.push_back(unknown);
  }
}

bool AssimilationParams::wants(const std::string& kind) const {
  return std::ranges::find(unknowns, kind) != unknowns.end();
}

void AssimilationParams::describe(core::ParamVisitor& v) {
  std::vector<std::string> names;
  for (const auto& unknown : of) names.push_back(unknown.kind.name);
  v.texts("unknowns", unknowns,
          core::format("what is to be found: {}", core::joined(names)).c_str());
  for (const auto& name : unknowns)
    v.require(std::ranges::find(names, name) != names.end(), "unknowns",
              core::format("names '{}'; what can be found is {}", name, core::joined(names)));
  for (auto& unknown : of) v.group(unknown.kind.name.c_str(), unknown, unknown.kind.help.c_str());
  v.text(
      "samples", samples,
      "samples to fit, from the deck's folder on: a CSV with columns x, y, (z,) t and fields, or "
      "the dataset's folder that generate wrote; empty: computed from the deck's own flow");
  v.texts("fields", fields, "fields of the samples (empty: the velocity components)");
  v.reals("deviation", deviation, 0, {.above = 0}, "",
          "standard deviation of the samples' errors in the fields' units, one number or one a "
          "field");
  v.require(deviation.size() == 1 || fields.empty() || deviation.size() == fields.size(),
            "deviation",
            core::format("has {} numbers; one, or one for each of fields ({}), are wanted",
                         deviation.size(), fields.size()));
  v.integer("draw", draw, {.at_least = 0},
            "so many of the samples, drawn at random; 0: all of a CSV");
  v.integer(
      "held_out", held_out, {.at_least = 0, .at_most = 100000000},
      "so many more samples, drawn at random, of every field that they have: the flow that was found is "
      "compared with them, which it was not fitted to; 0: none");
  v.group("within", within, "the part of the box that samples are drawn from");
  v.real("from_s", from_s, {}, "s", "the samples' time at which the course begins");
  v.group("twin", twin, "the computed samples");
  v.real("step_s", step_s, {.at_least = 0}, "s",
         "time step, of which time.end_s is a multiple; 0: half of what is stable at the start");
  v.integer("iterations", iterations, {.at_least = 1, .at_most = 100000}, "at most");
  v.real("gradient_tolerance", gradient_tolerance, {.at_least = 0, .below = 1}, "1",
         "stop when the gradient has fallen to this part of its start");
  v.real("goal", goal, {.at_least = 0, .below = 1}, "1",
         "stop when what is minimised has fallen to this part of its start; 0: off");
  v.real("memory_limit_mb", memory_limit_mb, {.above = 0}, "MB",
         "a rank's memory for what is kept of the course; less costs recomputing");
}

}  // namespace understudy::apps
