#include "apps/simulation/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/sampling.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/fields/sample_blocks.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::apps {

namespace {

// Values of the varied keys, in their order: [combination or drawn point][key].
std::vector<std::vector<double>> combinations(const EnsembleParams& e) {
  std::vector<std::vector<double>> all{{}};
  for (const auto& varied : e.parameters) {
    std::vector<std::vector<double>> longer;
    for (const auto& head : all)
      for (const double value : varied.all()) {
        longer.push_back(head);
        longer.back().push_back(value);
      }
    all = std::move(longer);
  }
  return all;
}

std::vector<std::vector<double>> drawn_points(const EnsembleParams& e, long long seed) {
  auto points = core::sample_unit_cube({e.sampling, static_cast<std::size_t>(e.samples),
                                        static_cast<int>(e.parameters.size()),
                                        static_cast<std::uint64_t>(seed)});
  for (auto& point : points)
    for (std::size_t axis = 0; axis < point.size(); ++axis)
      point[axis] = e.parameters[axis].at(point[axis]);
  return points;
}

std::vector<std::string> settings_of(const SimulationJob& job, long long member,
                                     const std::vector<double>& values) {
  auto settings = job.deck.physics->member_settings(member);
  for (std::size_t n = 0; n < values.size(); ++n)
    settings.push_back(setting(job.deck.ensemble.parameters[n].key, values[n]));
  return settings;
}

}  // namespace

std::string parameters_text(const surrogates::SampleInfo& sample) {
  std::string text;
  for (const auto& p : sample.parameters)
    text += core::format("{}{} = {:.6g}{}", text.empty() ? "" : ", ", p.name, p.value,
                         p.unit.empty() || p.unit == "1" ? "" : " " + p.unit);
  return text;
}

std::vector<std::string> member_splits(const EnsembleParams& e, long long seed) {
  const auto members = static_cast<std::size_t>(e.members());
  std::vector<std::string> split(members, "train");
  const auto put = [&](std::size_t n, const char* name) {
    if (split.at(n) == "train") split[n] = name;
  };
  for (const auto n : e.validation) put(static_cast<std::size_t>(n), "valid");
  for (const auto n : e.test) put(static_cast<std::size_t>(n), "test");
  if (e.on_grid()) {
    const auto points = combinations(e);
    for (std::size_t n = 0; n < members; ++n)
      for (std::size_t key = 0; key < e.parameters.size(); ++key) {
        const double value = points.at(n / static_cast<std::size_t>(e.repeats)).at(key);
        const auto named = [&](const std::vector<double>& values) {
          return std::ranges::any_of(values, [&](double v) { return same_value(v, value); });
        };
        if (named(e.parameters[key].validation)) put(n, "valid");
        if (named(e.parameters[key].test)) put(n, "test");
      }
  }
  // The middle one of each so many, so that ends of a list are trained on.
  const auto every = [&](int step, const char* name, std::size_t shift) {
    if (step > 0)
      for (std::size_t n =
               (static_cast<std::size_t>(step) / 2 + shift) % static_cast<std::size_t>(step);
           n < members; n += static_cast<std::size_t>(step))
        put(n, name);
  };
  every(e.validation_every, "valid", 0);
  every(e.test_every, "test", static_cast<std::size_t>(e.test_every + 1) / 2);
  // Other numbers than those of the points.
  core::SplitMix random(static_cast<std::uint64_t>(seed) ^ 0x5EED5EED5EED5EEDull);
  auto order = core::shuffled(members, random);
  std::erase_if(order, [&](std::size_t n) { return split[n] != "train"; });
  auto take = [&](double fraction, const char* name) {
    if (fraction <= 0) return;
    const auto wanted = std::max(1LL, std::llround(fraction * static_cast<double>(members)));
    for (long long n = 0; n < wanted && order.size() > 1; ++n, order.pop_back())
      split[order.back()] = name;
  };
  take(e.validation_fraction, "valid");
  take(e.test_fraction, "test");
  return split;
}

long long whole_windows(double duration_s, double window_s) {
  return static_cast<long long>(std::ceil(duration_s / window_s - 1e-6));
}

namespace {

// A value that is not varied holds nothing out: a list was shortened, or the value mistyped.
void warn_of_absent_values(const EnsembleParams& e) {
  for (const auto& p : e.parameters)
    for (const auto* wanted : {&p.validation, &p.test})
      for (const double value : *wanted)
        if (!has_value(p, value))
          core::log::warn(
              "ensemble: {} names {} = {}, which is none of its values: nothing is held out "
              "there",
              wanted == &p.validation ? "validation" : "test", p.key, value);
}

std::string recorded_after(long long windows) {
  return core::format("# recorded after {} windows\n", windows);
}

}  // namespace

bool computes_member(const SimulationJob& job, const Member& member, const std::string& deck) {
  const std::string start = recorded_after(member.spin_up_windows);
  if (!deck.ends_with(start)) return false;
  try {
    DeckTree tree = DeckTree::parse(deck, member.sample.name + ": deck");
    tree.directory = job.tree.directory;
    SimulationDeck theirs = read_simulation_deck(tree, job.make);
    return simulation_text(theirs) + start == member.sample.provenance.deck;
  } catch (const std::exception&) {  // whatever it is: other ranks wait for this one's answer
    return false;
  }
}

std::vector<Member> ensemble_members(const SimulationJob& job) {
  const EnsembleParams& e = job.deck.ensemble;
  if (job.comm.is_root()) warn_of_absent_values(e);
  const auto points = e.on_grid() ? combinations(e) : drawn_points(e, job.deck.seed);
  const auto splits = member_splits(e, job.deck.seed);
  std::vector<Member> members;
  for (long long n = 0; n < e.members(); ++n) {
    Member m{with_settings(job, settings_of(job, n, points.at(n / e.repeats))), {}, 0};
    const double window_s = m.deck.time.window_s;
    m.spin_up_windows = whole_windows(e.spin_up_s, window_s);
    // What only concerns `run` must not make a finished sample look like another one.
    solvers::TimeParams time;
    time.window_s = window_s;
    time.max_abs_value = m.deck.time.max_abs_value;
    time.end_s = static_cast<double>(m.spin_up_windows + e.windows) * window_s;
    m.deck.time = time;

    m.sample.name = core::format("member_{:03}", n);
    m.sample.split = splits.at(n);
    m.sample.parameters = network_parameters(m.deck);
    m.sample.frames = e.windows + 1;
    m.sample.provenance = job.provenance;
    m.sample.provenance.deck = simulation_text(m.deck) + recorded_after(m.spin_up_windows);
    m.sample.provenance.deck_hash = core::sha256(m.sample.provenance.deck).substr(0, 16);
    members.push_back(std::move(m));
  }
  return members;
}

void require_network_size(const SimulationJob& job) {
  const auto& grid = job.deck.grid();
  const int dimension = grid.dimension();
  surrogates::require_size(job.deck.network, job.deck.physics->boundary_kinds(dimension),
                           surrogates::coarse_cells(job.deck.network, mesh::shape_of(grid)));
}

namespace {

// As far as the deck says what the network sees.
surrogates::NetworkShape shape_of(const SimulationDeck& deck) {
  surrogates::NetworkShape shape;
  shape.prognostic = 1;
  shape.locations = {mesh::Location::cell};
  shape.boundaries = deck.physics->boundary_kinds(deck.grid().dimension());
  shape.cells = surrogates::coarse_cells(deck.network, mesh::shape_of(deck.grid()));
  return shape;
}

}  // namespace

void require_sample_blocks(const SimulationJob& job) {
  surrogates::sample_starts({job.deck.network, job.deck.training}, shape_of(job.deck),
                            job.comm.size());
}

void require_training_frames(const SimulationJob& job) {
  const SimulationDeck& deck = job.deck;
  const surrogates::TrainingParams& training = deck.training;
  const auto splits = member_splits(deck.ensemble, deck.seed);
  const auto trained = std::ranges::count(splits, std::string("train"));
  if (trained == 0) return;  // train says so
  const bool only = trained == 1 && std::ranges::count(splits, std::string("valid")) == 0;
  const long long least = training.skip_windows + surrogates::least_frames(training, only) - 1;
  if (deck.ensemble.windows >= least) return;
  throw core::UserError(core::format(
      "{}: ensemble.windows: {} is too little to train on: training.skip_windows {} and unroll {} "
      "want at least {}{}",
      job.tree.name, deck.ensemble.windows, training.skip_windows,
      *std::ranges::max_element(training.unroll), least,
      only ? ", since there is one member to train on and none to validate on: its last fifth is "
             "held out"
           : ""));
}

void require_training_fits(const SimulationJob& job) {
  require_training_frames(job);
  const SimulationDeck& deck = job.deck;
  if (surrogates::is_latent(deck.network))
    return require_sample_blocks(job);  // modes as large as the data: train looks at them
  surrogates::TrainingSetup setup;
  setup.network = deck.network;
  setup.training = deck.training;
  surrogates::TrainingExtent extent;
  extent.shape = shape_of(deck);
  const auto splits = member_splits(deck.ensemble, deck.seed);
  const auto learned =
      std::ranges::count_if(splits, [](const std::string& split) { return split != "test"; });
  const long long frames = deck.ensemble.windows + 1 - deck.training.skip_windows;
  extent.samples = static_cast<double>(learned);
  extent.longest = static_cast<double>(std::max(0LL, frames));
  extent.frames = extent.samples * extent.longest;
  const auto needs = surrogates::training_needs(extent, setup, job.comm.size());
  const auto members_of = [&](const char* split) -> long long {
    return std::ranges::count(splits, std::string(split));
  };
  long long trained = members_of("train");
  if (trained > 1 && members_of("valid") == 0) --trained;  // one of them validates
  for (const long long unroll : deck.training.unroll)
    surrogates::require_work_for_groups(
        setup, extent.shape,
        std::min<long long>(deck.training.batch, trained * std::max(0LL, frames - unroll)),
        job.comm.size());
  surrogates::require_training_fits(needs, job.comm);
}

surrogates::DatasetInfo dataset_info(const SimulationJob& job,
                                     const std::vector<mesh::FieldInfo>& fields) {
  surrogates::DatasetInfo info;
  info.name = job.deck.name;
  for (const auto& field : fields)
    if (field.role != mesh::Role::history) info.fields.push_back(field);
  info.grid = job.deck.grid();
  info.boundaries = job.deck.physics->boundary_kinds(job.deck.grid().dimension());
  info.window_s = job.deck.time.window_s;
  return info;
}

}  // namespace understudy::apps
