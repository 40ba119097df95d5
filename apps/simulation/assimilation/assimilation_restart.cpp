// Restart files of an assimilation.
#include <nlohmann/json.hpp>

#include "apps/deck/deck_keys.hpp"
#include "apps/simulation/assimilation/assimilation_run.hpp"
#include "apps/study/restart.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/checkpoint.hpp"

namespace understudy::apps {

namespace {

namespace sa = solvers::assimilation;
using nlohmann::json;

constexpr const char* free_keys =
    "grid.ranks, assimilation.iterations, gradient_tolerance, goal, memory_limit_mb and held_out, and what is written";

DeckKeys restart_keys(SimulationDeck deck) {
  struct Assimilated {
    SimulationDeck& deck;
    void describe(core::ParamVisitor& v) {
      deck.describe_simulation(v);
      v.group("assimilation", deck.assimilation, "");
    }
  } assimilated{deck};
  return without(
      keys_of(assimilated),
      {"grid.ranks", "time.output_every", "time.checkpoint_every", "time.diagnostics_every_s",
       "time.max_wall_s", "assimilation.iterations", "assimilation.gradient_tolerance",
       "assimilation.goal", "assimilation.memory_limit_mb", "assimilation.held_out"});
}

json record_of(const sa::AssimilationRecord& r) {
  return {r.iteration, r.misfit, r.background, r.gradient_norm, r.evaluations, r.wall_s, r.numbers};
}

sa::AssimilationRecord record_of(const json& row) {
  sa::AssimilationRecord r;
  r.iteration = row.at(0);
  r.misfit = row.at(1);
  r.background = row.at(2);
  r.gradient_norm = row.at(3);
  r.evaluations = row.at(4);
  r.wall_s = row.at(5);
  r.numbers = row.at(6).get<std::vector<double>>();
  return r;
}

// The unknown fields alone; without any, the first of the state's, so that a file is a state's.
template <class Real>
mesh::State<Real> fields_of(const DeckAssimilation<Real>& run) {
  const auto& problem = run.objective->problem();
  auto names = problem.initial.names;
  if (names.empty()) names = {problem.background.fields().front().info.name};
  std::vector<mesh::FieldInfo> infos;
  for (const auto& name : names) infos.push_back(problem.background[name].info);
  mesh::State<Real> state(problem.background.shared_grid(), infos);
  for (auto& field : state.fields())
    Kokkos::deep_copy(field.data, problem.background[field.info.name].data);
  return state;
}

}  // namespace

std::string assimilation_hash(const SimulationJob& job) { return hash_of(restart_keys(job.deck)); }

template <class Real>
void write_assimilation(const SimulationJob& job, const std::filesystem::path& path,
                        const DeckAssimilation<Real>& run, const sa::AssimilationState& state) {
  mesh::State<Real> fields = fields_of(run);
  run.objective->put_fields(state.x, fields);
  json history = json::array();
  for (const auto& record : state.history) history.push_back(record_of(record));
  const json work{{"history", history},
                  {"start_value", state.start_value},
                  {"shortened", state.shortened},
                  {"recomputed", state.recomputed},
                  {"samples", run.samples_hash}};
  mesh::write_checkpoint(path, fields,
                         {{"kind", "understudy_assimilation"},
                          {"deck", job.provenance.deck},
                          {"restart_hash", assimilation_hash(job)},
                          {"version", job.provenance.version},
                          {"git", job.provenance.git},
                          {"work", work.dump()}});
}

template <class Real>
sa::AssimilationState read_assimilation(const SimulationJob& job, const std::filesystem::path& path,
                                        const DeckAssimilation<Real>& run) {
  mesh::State<Real> fields = fields_of(run);
  const auto attributes = mesh::read_checkpoint(path, fields);
  const auto text = [&](const char* name) {
    const auto found = attributes.find(name);
    if (found == attributes.end())
      throw core::UserError(core::format("{}: is no file of an assimilation (no attribute '{}')",
                                         path.string(), name));
    return found->second;
  };
  const DeckKeys ours = restart_keys(job.deck);
  DeckKeys theirs;
  std::string unread;
  try {
    DeckTree tree = DeckTree::parse(text("deck"), path.string() + ": deck");
    tree.directory = job.tree.directory;
    theirs = restart_keys(read_simulation_deck(tree, job.make));
  } catch (const core::UserError& error) {
    unread = error.what();
  }
  if (unread.empty())
    require_same_keys(path, theirs, ours, free_keys);
  else
    require_same_hash(path, text("restart_hash"), hash_of(ours),
                      "; its deck cannot be read: " + unread);
  sa::AssimilationState state;
  try {
    const json work = json::parse(text("work"));
    for (const auto& row : work.at("history")) state.history.push_back(record_of(row));
    state.start_value = work.at("start_value");
    state.shortened = work.at("shortened");
    state.recomputed = work.at("recomputed");
    if (work.at("samples") != run.samples_hash)
      throw core::UserError(core::format(
          "{}: was made from other samples than {} holds now (hash {}, now {}); without --resume the "
          "assimilation starts anew",
          path.string(), job.deck.assimilation.samples, work.at("samples").get<std::string>(),
          run.samples_hash));
    if (state.history.empty()) throw core::UserError(path.string() + ": has no iteration");
  } catch (const json::exception& error) {
    throw core::UserError(core::format("{}: is damaged: {}", path.string(), error.what()));
  }
  state.x = run.objective->unknowns(state.history.back().numbers, fields);
  return state;
}

template void write_assimilation(const SimulationJob&, const std::filesystem::path&,
                                 const DeckAssimilation<float>&, const sa::AssimilationState&);
template void write_assimilation(const SimulationJob&, const std::filesystem::path&,
                                 const DeckAssimilation<double>&, const sa::AssimilationState&);
template sa::AssimilationState read_assimilation(const SimulationJob&, const std::filesystem::path&,
                                                 const DeckAssimilation<float>&);
template sa::AssimilationState read_assimilation(const SimulationJob&, const std::filesystem::path&,
                                                 const DeckAssimilation<double>&);

}  // namespace understudy::apps
