#include <algorithm>
#include <format>
#include <optional>

#include "apps/ensemble.hpp"
#include "apps/summary.hpp"
#include "apps/verbs/verbs.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "surrogates/dataset.hpp"

namespace understudy::apps::verbs {

namespace {

struct Made {
  long long cell_updates = 0;
  double wall_s = 0;
};

std::string in_words(const surrogates::SampleInfo& sample) {
  std::string text;
  for (const auto& p : sample.parameters)
    text += std::format("{}{} = {:.6g}{}", text.empty() ? "" : ", ", p.name, p.value,
                        p.unit.empty() || p.unit == "1" ? "" : " " + p.unit);
  return text;
}

template <class Real>
Made simulate(const Job& job, Member& member, const std::string& title) {
  const core::Stopwatch clock;
  auto simulation = make_simulation<Real>(member.deck, job.comm);
  const auto info = dataset_info(job, simulation.stepper->fields());
  surrogates::SampleWriter<Real> writer(job.dataset(), info, member.sample,
                                        simulation.state->shared_grid());
  const solvers::Observer<Real> record = [&](const solvers::WindowEvent<Real>& event) {
    if (event.window >= member.spin_up_windows) writer.write(event.state);
  };
  solvers::RunLoop<Real> loop{*simulation.stepper, member.deck.time, {record}, {}, {}, title};
  const auto result = loop.run(*simulation.state);
  const double wall_s = clock.seconds();
  writer.finish(wall_s * job.comm.size() * core::Runtime::threads());
  return {static_cast<long long>(result.cell_updates), wall_s};
}

// Samples of another ensemble would be trained on too, and deleting what somebody computed is not this
// program's to decide.
void refuse_strangers(const Job& job, const std::vector<Member>& members) {
  job.comm.on_root<core::UserError>([&] {
    std::error_code code;
    std::vector<std::string> strangers;
    if (!std::filesystem::exists(job.dataset(), code)) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(job.dataset(), code)) {
      const auto& path = entry.path();
      const bool ours = std::ranges::any_of(members, [&](const Member& m) {
        return surrogates::sample_path(job.dataset(), m.sample) == path;
      });
      if (!ours && path.extension() == ".hdf5" && path.stem().string().starts_with("member_"))
        strangers.push_back(std::filesystem::relative(path, job.dataset(), code).string());
    }
    if (strangers.empty()) return;
    std::ranges::sort(strangers);
    constexpr std::size_t enough = 5;
    std::string names;
    for (std::size_t n = 0; n < std::min(enough, strangers.size()); ++n)
      names += (n ? ", " : "") + strangers[n];
    if (strangers.size() > enough) names += std::format(" and {} more", strangers.size() - enough);
    throw core::UserError(std::format(
        "{} has samples that are no members of this deck's ensemble, and training would take them "
        "too: {}. Give another --out, remove or move these files, or restore the ensemble that made "
        "them.",
        job.dataset().string(), names));
  });
}

// The members differ in parameters only: fields of the first stand for all.
bool is_complete(const Job& job, const Member& member,
                 const std::optional<std::vector<mesh::FieldInfo>>& fields) {
  return job.resume && fields &&
         surrogates::sample_is_complete(job.dataset(), dataset_info(job, *fields), member.sample,
                                        job.comm);
}

}  // namespace

void generate(Job& job, Summary& summary) {
  auto members = ensemble_members(job);
  refuse_strangers(job, members);
  open_output(job);
  Made total;
  long long made = 0;
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    std::optional<std::vector<mesh::FieldInfo>> fields;
    if (job.resume) fields = make_simulation<Real>(job.deck, job.comm).stepper->fields();
    for (std::size_t n = 0; n < members.size(); ++n) {
      auto& member = members[n];
      const std::string title = std::format("member {}/{}", n + 1, members.size());
      const bool complete = is_complete(job, member, fields);
      core::log::info("{} ({}): {}{}", title, member.sample.split, in_words(member.sample),
                      complete ? ", already there" : "");
      if (complete) continue;
      const Made one = simulate<Real>(job, member, title);
      total.cell_updates += one.cell_updates;
      total.wall_s += one.wall_s;
      ++made;
    }
  });

  const surrogates::DatasetReader data(job.dataset());
  summary.metric("members", members.size());
  summary.metric("members_simulated", made);
  summary.metric("data_core_s", data.cost_core_s());
  summary.metric("dataset_hash", data.hash());
  if (total.wall_s > 0)
    summary.metric("rate_cells_per_s", static_cast<double>(total.cell_updates) / total.wall_s);
  summary.write();
  core::log::info("dataset of {} members in {} ({:.0f} core-s)", members.size(),
                  job.dataset().string(), data.cost_core_s());
}

}  // namespace understudy::apps::verbs
