#include "apps/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <format>

namespace understudy::apps {

namespace {

std::vector<std::string> settings_of(const Job& job, long long member) {
  const EnsembleParams& e = job.deck.ensemble;
  auto settings = job.deck.domain->member_settings(member);
  long long combination = member / e.repeats;
  for (auto varied = e.parameters.rbegin(); varied != e.parameters.rend(); ++varied) {
    const auto values = varied->all();
    const auto size = static_cast<long long>(values.size());
    settings.push_back(setting(varied->key, values[combination % size]));
    combination /= size;
  }
  return settings;
}

std::string split_of(const EnsembleParams& e, long long member) {
  auto has = [&](const std::vector<long long>& list) {
    return std::ranges::find(list, member) != list.end();
  };
  return has(e.validation) ? "valid" : has(e.test) ? "test" : "train";
}

}  // namespace

long long whole_windows(double duration_s, double window_s) {
  return static_cast<long long>(std::ceil(duration_s / window_s - 1e-6));
}

std::vector<Member> ensemble_members(const Job& job) {
  const EnsembleParams& e = job.deck.ensemble;
  std::vector<Member> members;
  for (long long n = 0; n < e.members(); ++n) {
    Member m{with_settings(job, settings_of(job, n)), {}, 0};
    const double window_s = m.deck.time.window_s;
    m.spin_up_windows = whole_windows(e.spin_up_s, window_s);
    // What only concerns `run` must not make a finished sample look like another one.
    solvers::TimeParams time;
    time.window_s = window_s;
    time.max_abs_value = m.deck.time.max_abs_value;
    time.end_s = static_cast<double>(m.spin_up_windows + e.windows) * window_s;
    m.deck.time = time;

    m.sample.name = std::format("member_{:03}", n);
    m.sample.split = split_of(e, n);
    m.sample.parameters = network_parameters(m.deck);
    m.sample.frames = e.windows + 1;
    m.sample.provenance = job.provenance;
    m.sample.provenance.deck =
        simulation_text(m.deck) + std::format("# recorded after {} windows\n", m.spin_up_windows);
    m.sample.provenance.deck_hash = core::sha256(m.sample.provenance.deck).substr(0, 16);
    members.push_back(std::move(m));
  }
  return members;
}

void require_network_size(const Job& job) {
  const auto& grid = job.deck.grid;
  const int dimension = grid.dimension();
  surrogates::require_size(job.deck.network, job.deck.domain->boundary_kinds(dimension),
                           grid.cells);
}

surrogates::DatasetInfo dataset_info(const Job& job, const std::vector<mesh::FieldInfo>& fields) {
  surrogates::DatasetInfo info;
  info.name = job.deck.name;
  for (const auto& field : fields)
    if (field.role != mesh::Role::history) info.fields.push_back(field);
  info.grid = job.deck.grid;
  info.boundaries = job.deck.domain->boundary_kinds(job.deck.grid.dimension());
  info.window_s = job.deck.time.window_s;
  return info;
}

}  // namespace understudy::apps
