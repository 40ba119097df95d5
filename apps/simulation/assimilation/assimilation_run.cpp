#include "apps/simulation/assimilation/assimilation_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

namespace sa = solvers::assimilation;

// The wanted kinds of numbers behind each other, each with its slice.
struct KindOfNumbers {
  std::string kind;
  std::size_t count = 0;
};

struct Numbers {
  std::vector<KindOfNumbers> kinds;
  std::vector<sa::UnknownNumber> all;
  std::vector<double> own;  ///< the deck's own values
};

const UnknownParams* state_section(const AssimilationParams& params) {
  for (const auto& unknown : params.of)
    if (unknown.kind.form == UnknownKind::Form::state && params.wants(unknown.kind.name))
      return &unknown;
  return nullptr;
}

void require_unknowns(const AssimilationParams& params) {
  if (!params.unknowns.empty()) return;
  std::vector<std::string> names;
  for (const auto& unknown : params.of) names.push_back(unknown.kind.name);
  throw core::UserError(core::format("assimilation.unknowns: names nothing to find; there are {}",
                                     core::joined(names)));
}

// Start and bounds as the deck's section has them.
void set_limits(const UnknownParams& section, std::vector<sa::UnknownNumber>& numbers) {
  using Form = UnknownKind::Form;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::string at = core::format("assimilation.{}.", section.kind.name);
  if (section.kind.form == Form::numbers && !section.start.empty() &&
      section.start.size() != numbers.size())
    throw core::UserError(core::format("{}start{}: has {} numbers; {} are wanted", at,
                                       section.kind.suffix, section.start.size(), numbers.size()));
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    sa::UnknownNumber& u = numbers[n];
    u.deviation = section.deviation;
    if (section.kind.form == Form::number) {
      if (section.start_number > 0) u.background = section.start_number;
      u.lower = section.lower;
      u.upper = section.upper > 0 ? section.upper : infinity;
    } else {
      if (!section.start.empty()) u.background = section.start[n];
      u.lower = section.bound > 0 ? -section.bound : -infinity;
      u.upper = -u.lower;
    }
    if (!(u.background >= u.lower && u.background <= u.upper))
      throw core::UserError(
          core::format("{}start{}: {} starts at {:.6g}, outside its bounds, {:.6g} to {:.6g}", at,
                       section.kind.suffix, u.name, u.background, u.lower, u.upper));
  }
}

Numbers numbers_of(const SimulationDeck& deck) {
  Numbers numbers;
  for (const auto& section : deck.assimilation.of) {
    if (section.kind.form == UnknownKind::Form::state ||
        !deck.assimilation.wants(section.kind.name))
      continue;
    auto some = deck.physics->numbers_of(section.kind.name);
    for (const auto& number : some) numbers.own.push_back(number.background);
    set_limits(section, some);
    numbers.kinds.push_back({section.kind.name, some.size()});
    numbers.all.insert(numbers.all.end(), some.begin(), some.end());
  }
  return numbers;
}

std::shared_ptr<Physics> with_values(std::shared_ptr<Physics> physics,
                                     const std::vector<KindOfNumbers>& kinds,
                                     std::span<const double> values) {
  std::size_t from = 0;
  for (const auto& kind : kinds) {
    physics = physics->with_numbers(kind.kind, values.subspan(from, kind.count));
    from += kind.count;
  }
  return physics;
}

std::vector<double> backgrounds(const Numbers& numbers) {
  std::vector<double> values;
  for (const auto& number : numbers.all) values.push_back(number.background);
  return values;
}

std::vector<mesh::FieldInfo> sampled_fields(const SimulationDeck& deck,
                                            const std::vector<mesh::FieldInfo>& fields) {
  auto names = deck.assimilation.fields;
  if (names.empty()) names = deck.physics->initial_fields();
  std::vector<mesh::FieldInfo> found;
  std::vector<std::string> there;
  for (const auto& info : fields)
    if (info.role == mesh::Role::prognostic && info.components == 1) there.push_back(info.name);
  for (const auto& name : names) {
    if (std::ranges::find(there, name) == there.end())
      throw core::UserError(core::format("assimilation.fields: names '{}'; the flow has {}", name,
                                         core::joined(there)));
    if (std::ranges::count(names, name) > 1)
      throw core::UserError(core::format("assimilation.fields: names '{}' twice", name));
    found.push_back(*std::ranges::find(fields, name, &mesh::FieldInfo::name));
  }
  return found;
}

std::vector<mesh::FieldInfo> compared_fields(const std::vector<mesh::FieldInfo>& fields) {
  std::vector<mesh::FieldInfo> compared;
  for (const auto& info : fields)
    if (info.role == mesh::Role::prognostic && info.components == 1) compared.push_back(info);
  return compared;
}

void require_within(const SampleBoxParams& within, const mesh::BoxGrid& grid) {
  if (within.lower_m.empty()) return;
  if (static_cast<int>(within.lower_m.size()) != grid.dimension())
    throw core::UserError(
        core::format("assimilation.within: has {} numbers a corner; the grid has {} axes",
                     within.lower_m.size(), grid.dimension()));
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (within.upper_m[at] <= grid.lower(axis) || within.lower_m[at] >= grid.upper(axis))
      throw core::UserError(core::format(
          "assimilation.within: {:.6g} to {:.6g} m along {} lies outside the grid's box, {:.6g} to {:.6g} m",
          within.lower_m[at], within.upper_m[at], "xyz"[axis], grid.lower(axis), grid.upper(axis)));
  }
}

// Half of what is stable at the start, of the deck's own flow in a twin, and at the speed that was measured.
template <class Real>
double chosen_step(const SampleWish& wish, const std::vector<const Simulation<Real>*>& flows,
                   const sa::Observations& observations) {
  constexpr double part = 0.5, unlimited = 1e20;
  double limit = unlimited, fastest = 0, least = unlimited;
  for (const auto* flow : flows) limit = std::min(limit, flow->stepper->stable_dt(*flow->state));
  for (const auto& sample : observations.samples)
    if (wish.fields[sample.field].unit == "m/s")
      fastest = std::max(fastest, std::abs(sample.value));
  for (int axis = 0; axis < wish.grid->dimension(); ++axis)
    least = std::min(least, wish.grid->spacing(axis));
  if (fastest > 0) limit = std::min(limit, part * least / (wish.grid->dimension() * fastest));
  if (limit >= unlimited)
    throw core::UserError(
        "assimilation.step_s: nothing moves at the start, so that no step can be chosen; give one");
  return part * limit;
}

sa::TimeIntervals intervals(const SimulationDeck& deck, double chosen_s) {
  const double end_s = deck.time.end_s, wanted = deck.assimilation.step_s;
  constexpr double most = 1e8;
  const double steps = wanted > 0 ? std::round(end_s / wanted) : std::ceil(end_s / chosen_s);
  if (wanted > 0 && (steps < 1 || std::abs(steps * wanted - end_s) > 1e-6 * end_s))
    throw core::UserError(core::format(
        "assimilation.step_s: is {} s; time.end_s, {} s, is not a whole number of steps", wanted,
        end_s));
  if (steps > most)
    throw core::UserError(core::format(
        "assimilation.step_s: {:.4g} steps of {:.4g} s would be taken; at most {:.4g} are possible",
        steps, end_s / steps, most));
  return {end_s / steps, static_cast<int>(steps)};
}

// Passes grow with the square of the length in cells.
void require_length(const UnknownParams& initial, const mesh::BoxGrid& grid) {
  constexpr double most_cells = 100;
  for (int axis = 0; axis < grid.dimension(); ++axis)
    if (initial.length_m > most_cells * grid.spacing(axis))
      throw core::UserError(core::format(
          "assimilation.{}.length_m: is {:.6g} m; at most {:.0f} cells, {:.6g} m, are possible",
          initial.kind.name, initial.length_m, most_cells, most_cells * grid.spacing(axis)));
  double least_m = std::numeric_limits<double>::infinity();
  for (int axis = 0; axis < grid.dimension(); ++axis)
    least_m = std::min(least_m, grid.spacing(axis));
  if (initial.length_m > 0 && initial.length_m < least_m)
    throw core::UserError(core::format(
        "assimilation.{}.length_m: is {:.6g} m, less than a cell, {:.6g} m; 0 says that errors are "
        "independent from point to point",
        initial.kind.name, initial.length_m, least_m));
}

// A field that is no part of the unknown initial state (the pressure) is the flow's own only from the end of the
// first step on.
sa::Observations after_the_start(sa::Observations held_out, const std::vector<std::string>& initial,
                                 double step_s) {
  std::erase_if(held_out.samples, [&](const sa::Sample& sample) {
    return sample.time_s < step_s &&
           std::ranges::find(initial, held_out.fields[static_cast<std::size_t>(sample.field)]) ==
               initial.end();
  });
  return held_out;
}

void require_sampled(const sa::Observations& observations) {
  if (observations.samples.empty())
    throw core::UserError("assimilation.samples: there is no sample");
}

}  // namespace

template <class Real>
DeckAssimilation<Real> make_assimilation(const SimulationJob& job) {
  const SimulationDeck& deck = job.deck;
  const AssimilationParams& params = deck.assimilation;
  require_unknowns(params);
  const Numbers numbers = numbers_of(deck);
  DeckAssimilation<Real> run{};
  run.own = make_simulation<Real>(deck, job.comm);
  if (!dynamic_cast<solvers::Differentiated<Real>*>(run.own.stepper.get()))
    throw core::UserError(core::format("app {}: cannot be differentiated", deck.app));
  solvers::differentiable(*run.own.stepper);  // what its parameters keep from it
  const auto shared = run.own.state->shared_grid();
  run.wish = {sampled_fields(deck, run.own.stepper->fields()),
              compared_fields(run.own.stepper->fields()), mesh::as_box(shared, "assimilation"),
              deck.time.end_s};
  require_within(params.within, *run.wish.grid);
  if (params.deviation.size() != 1 && params.deviation.size() != run.wish.fields.size())
    throw core::UserError(core::format(
        "assimilation.deviation: has {} numbers; one, or one for each of the fields sampled ({}), "
        "are wanted",
        params.deviation.size(), run.wish.fields.size()));
  run.twin = params.samples.empty();
  run.truth = run.twin ? numbers.own : std::vector<double>{};

  // The start: other numbers, another initial state.
  auto physics = deck.physics;
  const UnknownParams* initial = state_section(params);
  if (initial && !initial->state.empty()) physics = physics->starting_from(initial->state);
  const Simulation<Real> start = with_values(physics, numbers.kinds, backgrounds(numbers))
                                     ->simulation(Real{}, {shared, deck.directory, deck.seed});

  const DrawnSamples drawn = run.twin ? random_samples(job, run.wish, *run.own.state)
                                      : read_samples(job, run.wish, *run.own.state);
  const sa::Observations& observations = drawn.fitted;
  require_sampled(observations);
  if (!run.twin)
    run.samples_hash = hash_of_samples(std::filesystem::path(deck.directory) / params.samples);
  std::vector<const Simulation<Real>*> flows{&start};
  if (run.twin) flows.push_back(&run.own);
  const double chosen_s = params.step_s > 0 ? 0 : chosen_step<Real>(run.wish, flows, observations);
  const sa::TrajectorySetup setup{intervals(deck, chosen_s), observations, params.memory_limit_mb,
                                  "assimilation.memory_limit_mb"};
  sa::AssimilationProblem<Real> problem{.make_stepper = {},
                                        .numbers = numbers.all,
                                        .initial = {},
                                        .background = *start.state,
                                        .course = setup};
  if (initial) {
    require_length(*initial, *run.wish.grid);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    problem.initial = {deck.physics->initial_fields(), initial->deviation, initial->length_m,
                       initial->bound > 0 ? -initial->bound : -infinity,
                       initial->bound > 0 ? initial->bound : infinity};
  }
  if (run.twin) {
    sa::ObservedTrajectory<Real> course(setup, *run.own.state);
    set_values(job, course.predict(*run.own.stepper, *run.own.state), params.twin.noise,
               problem.course.observations);
  }
  if (!drawn.held_out.samples.empty()) {
    run.held_out = setup;
    run.held_out->observations =
        after_the_start(drawn.held_out, deck.physics->initial_fields(), setup.time.step_s);
    if (run.held_out->observations.samples.empty())
      throw core::UserError(
          "assimilation.held_out: all of them lie before the end of the first step, and none is of a field of "
          "the initial state: there is nothing to compare");
    sa::ObservedTrajectory<Real> course(*run.held_out, *run.own.state);  // looks at the samples
    if (run.twin)
      set_values(job, course.predict(*run.own.stepper, *run.own.state), 0,
                 run.held_out->observations);
  }
  // One flow is kept: where only the initial state is unknown its numbers never change.
  struct Kept {
    std::vector<double> values;
    std::shared_ptr<solvers::Stepper<Real>> stepper;
  };
  const auto kept = std::make_shared<Kept>(Kept{backgrounds(numbers), start.stepper});
  problem.make_stepper = [kept, physics, kinds = numbers.kinds, shared, directory = deck.directory,
                          seed = deck.seed](std::span<const double> values) {
    if (std::ranges::equal(kept->values, values)) return kept->stepper;
    kept->values.assign(values.begin(), values.end());
    kept->stepper =
        with_values(physics, kinds, values)->simulation(Real{}, {shared, directory, seed}).stepper;
    return kept->stepper;
  };
  run.objective = std::make_shared<sa::AssimilationObjective<Real>>(std::move(problem));
  return run;
}

template DeckAssimilation<float> make_assimilation(const SimulationJob&);
template DeckAssimilation<double> make_assimilation(const SimulationJob&);

void check_assimilation(const SimulationJob& job) {
  if (job.deck.assimilation.unknowns.empty()) return;
  numbers_of(job.deck);
  const auto& samples = job.deck.assimilation.samples;
  if (samples.empty()) return;
  const auto path = std::filesystem::path(job.deck.directory) / samples;
  std::error_code none;
  if (!std::filesystem::exists(path, none))
    throw core::UserError(
        core::format("assimilation.samples: there is no file or folder {}", path.string()));
}

}  // namespace understudy::apps
