#include "apps/simulation/ensemble.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"
#include "core/sampling.hpp"

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
  for (const auto n : e.validation) split.at(n) = "valid";
  for (const auto n : e.test)
    if (split.at(n) == "train") split[n] = "test";
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

std::vector<Member> ensemble_members(const SimulationJob& job) {
  const EnsembleParams& e = job.deck.ensemble;
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
    m.sample.provenance.deck =
        simulation_text(m.deck) + core::format("# recorded after {} windows\n", m.spin_up_windows);
    m.sample.provenance.deck_hash = core::sha256(m.sample.provenance.deck).substr(0, 16);
    members.push_back(std::move(m));
  }
  return members;
}

void require_network_size(const SimulationJob& job) {
  const auto& grid = job.deck.grid();
  const int dimension = grid.dimension();
  surrogates::require_size(job.deck.network, job.deck.physics->boundary_kinds(dimension),
                           grid.cells);
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
