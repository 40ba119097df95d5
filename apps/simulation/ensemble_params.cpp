#include "apps/simulation/ensemble_params.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::apps {

void VariedParams::describe(core::ParamVisitor& v) {
  v.text("key", key, "full key of the number that varies, e.g. flow.reynolds");
  v.reals("values", values, 0, {}, "", "sampling grid: its values; or give from, to and count");
  v.real("from", from, {}, "", "lower end of its range; grid: first of count spaced values");
  v.real("to", to, {}, "", "upper end; grid: last of them");
  v.integer("count", count, {.at_least = 0, .at_most = 10000}, "sampling grid: how many");
  v.choice("scale", scale, {"linear", "log"}, "how the range from from to to is divided");
  v.reals("validation", validation, 0, {}, "",
          "sampling grid: members with one of these of its values are held out for validation");
  v.reals("test", test, 0, {}, "",
          "sampling grid: members with one of these of its values are set aside for tests");
  v.require(!key.empty(), "key", "must name the key that varies, e.g. flow.reynolds");
  v.require(scale == "linear" || (values.empty() && from > 0 && to > 0), "scale",
            "log divides a range whose ends, from and to, are above 0");
}

double VariedParams::at(double x) const {
  return scale == "log" ? from * std::pow(to / from, x) : from + (to - from) * x;
}

std::vector<double> VariedParams::all() const {
  if (!values.empty()) return values;
  std::vector<double> spaced;
  for (int n = 0; n < count; ++n)
    spaced.push_back(n == 0           ? from
                     : n == count - 1 ? to
                                      : at(static_cast<double>(n) / (count - 1)));
  return spaced;
}

bool has_value(const VariedParams& varied, double value) {
  const auto all = varied.all();
  return std::ranges::any_of(all, [&](double one) { return same_value(one, value); });
}

bool same_value(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

long long EnsembleParams::members() const {
  constexpr long long most = 1000000;
  if (!on_grid()) return std::min(most, static_cast<long long>(repeats) * samples);
  long long all = repeats;
  for (const auto& p : parameters)
    all = std::min(most, all * std::min(most, static_cast<long long>(p.all().size())));
  return all;
}

namespace {

// The keys of a grid and of drawn points, which say different things of the same ranges.
void require_ranges(core::ParamVisitor& v, const EnsembleParams& e) {
  for (const auto& p : e.parameters) {
    v.require(!e.on_grid() || p.values.empty() != (p.count == 0), "parameters",
              core::format("{}: give either values, or from, to and count", p.key));
    v.require(e.on_grid() || (p.values.empty() && p.count == 0 && p.from < p.to), "parameters",
              core::format("{}: with sampling {} give from and a larger to, and neither values nor "
                           "count (samples says how many)",
                           p.key, e.sampling));
  }
  v.require(!e.on_grid() || e.samples == 0, "samples",
            "is for drawn points; with sampling grid each parameter has its values or count");
  v.require(e.on_grid() || e.samples > 0, "samples",
            core::format("sampling {} needs the number of points to draw", e.sampling));
  v.require(e.on_grid() || !e.parameters.empty(), "parameters",
            core::format("sampling {} needs at least one parameter with its range", e.sampling));
  const int axes = static_cast<int>(e.parameters.size());
  v.require(e.sampling != "sobol" || axes <= core::Sobol::most_axes, "sampling",
            core::format("sobol takes up to {} parameters, and there are {}; latin_hypercube takes "
                         "any number",
                         core::Sobol::most_axes, axes));
}

// Splits by value hold however long the list of values is.
void require_values(core::ParamVisitor& v, const EnsembleParams& e) {
  for (const auto& p : e.parameters) {
    const auto refuse = [&](const std::vector<double>& wanted, const char* name) {
      v.require(
          e.on_grid() || wanted.empty(), "parameters",
          core::format("{}: {} names values, which drawn points do not have; use {}_fraction or "
                       "{}_every",
                       p.key, name, name, name));
    };
    refuse(p.validation, "validation");
    refuse(p.test, "test");
  }
}

void require_splits(core::ParamVisitor& v, const EnsembleParams& e) {
  require_values(v, e);
  const long long count = e.members();
  const auto members = [&](const std::vector<long long>& numbers, const char* name) {
    for (const auto n : numbers)
      v.require(n < count, name,
                core::format("names member {}, but there are {}; numbers are others when a list "
                             "changes: parameters[].{} takes values, {}_every every so many-th",
                             n, count, name, name));
  };
  members(e.validation, "validation");
  members(e.test, "test");
  v.require(e.validation_every == 0 || e.validation_every < count, "validation_every",
            core::format("is {}, and there are {} members: none would be held out",
                         e.validation_every, count));
  v.require(e.test_every == 0 || e.test_every < count, "test_every",
            core::format("is {}, and there are {} members: none would be set aside", e.test_every,
                         count));
  for (const auto* every : {&e.validation_every, &e.test_every})
    v.require(*every != 1, every == &e.validation_every ? "validation_every" : "test_every",
              "is 1: no member would be left to train on");
  v.require(e.validation.empty() || e.validation_fraction == 0, "validation_fraction",
            "give either a fraction or the members (validation)");
  v.require(e.test.empty() || e.test_fraction == 0, "test_fraction",
            "give either a fraction or the members (test)");
  v.require(e.validation_fraction + e.test_fraction < 1, "test_fraction",
            core::format("with validation_fraction makes {:.6g}: none would be left to train on",
                         e.validation_fraction + e.test_fraction));
}

}  // namespace

void EnsembleParams::describe(core::ParamVisitor& v) {
  v.list("parameters", parameters, "the varied keys and their values or ranges");
  v.choice(
      "sampling", sampling, {"grid", "latin_hypercube", "sobol", "random"},
      "grid: all combinations of the values; the others draw samples points from the ranges, by "
      "the deck's seed");
  v.integer("samples", samples, {.at_least = 0, .at_most = 10000},
            "points drawn (sobol is best balanced at powers of 2)");
  v.integer("repeats", repeats, {.at_least = 1, .at_most = 1000},
            "members per combination or point, each with another disturbance of the initial state");
  v.real("spin_up_s", spin_up_s, {.at_least = 0}, "s",
         "simulated before recording starts (rounded up to whole windows)");
  v.integer("windows", windows, {.at_least = 1, .at_most = 100000000},
            "windows recorded per member");
  v.integers("validation", validation, 0, {.at_least = 0},
             "members (from 0) held out for validation");
  v.integers("test", test, 0, {.at_least = 0}, "members (from 0) set aside for tests");
  v.integer("validation_every", validation_every, {.at_least = 0, .at_most = 10000},
            "every so many-th member is held out for validation; 0: none so");
  v.integer(
      "test_every", test_every, {.at_least = 0, .at_most = 10000},
      "every so many-th member, from half way between those of validation_every on, is set aside for "
      "tests; 0: none so");
  v.real("validation_fraction", validation_fraction, {.at_least = 0, .below = 1}, "1",
         "part of the members held out for validation, drawn by the deck's seed");
  v.real("test_fraction", test_fraction, {.at_least = 0, .below = 1}, "1",
         "part of the members set aside for tests, drawn by the deck's seed");
  v.integer(
      "ranks_per_member", ranks_per_member, {.at_least = 0, .at_most = 1000000},
      "ranks that simulate one member together while other groups simulate others; 0: as few as "
      "leave no rank idle");
  const long long count = members();
  constexpr long long most = 10000;
  v.require(count <= most, "parameters",
            core::format("makes {} members or more; at most {} are made", count, most));
  require_ranges(v, *this);
  require_splits(v, *this);
}

}  // namespace understudy::apps
