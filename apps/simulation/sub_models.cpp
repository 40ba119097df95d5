#include "apps/simulation/sub_models.hpp"

#include <algorithm>
#include <tuple>

#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "surrogates/points/point_model.hpp"

namespace understudy::apps {

namespace {

std::filesystem::path folder(const std::string& named, const SubModelFolders& folders,
                             const std::filesystem::path& otherwise) {
  return named.empty() ? folders.out / "sub_models" / otherwise : folders.deck / named;
}

template <class Real>
SubModelOptions options_of(const solvers::PointProcess<Real>& process, const SubModelParams& params,
                           const SubModelFolders& folders, const core::Comm& comm) {
  SubModelOptions options;
  options.name = process.name;
  options.inputs = process.inputs;
  options.outputs = process.outputs;
  options.policy = sub_model_policy_from(params.policy);
  options.model = folder(params.model, folders, process.name + "/model");
  if (options.policy == SubModelPolicy::collect || !params.dataset.empty())
    options.dataset = folder(params.dataset, folders, process.name + "/dataset");
  options.gate = params.gate;
  options.store_every = params.store_every;
  options.store_at_most = params.store_at_most;
  options.comm = comm;
  return options;
}

SubModelCounters over_ranks(SubModelCounters c, const core::Comm& comm) {
  for (long long* n : {&c.calls, &c.points, &c.to_network, &c.to_physics, &c.not_finite,
                       &c.out_of_range, &c.too_far, &c.disagreed, &c.network_not_finite, &c.stored})
    *n = comm.sum(*n);
  for (double* s : {&c.network_s, &c.physics_s, &c.gate_s}) *s = comm.sum(*s);
  return c;
}

void fill(Summary& summary, const SubModelOptions& options, const std::string& model_hash,
          const SubModelCounters& c) {
  const std::string at = "sub_models." + options.name + ".";
  summary.metric(at + "policy", to_string(options.policy));
  if (!model_hash.empty()) summary.metric(at + "model_hash", model_hash);
  for (const auto& [name, count] :
       {std::pair{"calls", c.calls}, std::pair{"points", c.points},
        std::pair{"to_network", c.to_network}, std::pair{"to_physics", c.to_physics},
        std::pair{"stored", c.stored}})
    summary.metric(at + name, count);
  // More than to_network where its outputs were refused.
  const long long predicted = c.to_network + c.disagreed + c.network_not_finite;
  for (const auto& [name, seconds, points] : {std::tuple{"network_s", c.network_s, predicted},
                                              std::tuple{"physics_s", c.physics_s, c.to_physics},
                                              std::tuple{"gate_s", c.gate_s, c.points}}) {
    summary.metric(at + name, seconds);
    if (points > 0) summary.metric(at + name + "_per_point", seconds / double(points));
  }
  if (options.policy != SubModelPolicy::gate) return;
  for (const auto& [name, count] :
       {std::pair{"not_finite", c.not_finite}, std::pair{"out_of_range", c.out_of_range},
        std::pair{"too_far", c.too_far}, std::pair{"disagreed", c.disagreed},
        std::pair{"network_not_finite", c.network_not_finite}})
    summary.metric(at + "rejected." + name, count);
}

}  // namespace

template <class Real>
void require_processes(const SubModelsParams& params, solvers::Stepper<Real>& stepper) {
  std::vector<std::string> there;
  for (const auto& process : stepper.point_processes()) there.push_back(process.name);
  require_processes(params, there);
}

void require_processes(const SubModelsParams& params, const std::vector<std::string>& there) {
  for (const auto& [name, wanted] : params.of)
    if (wanted.policy != "never" && std::ranges::find(there, name) == there.end())
      throw core::UserError(core::format(
          "sub_models.{}.policy: is {}, but this deck's simulation has no such process (it has {}); "
          "turn the process on, or use policy never",
          name, wanted.policy, core::joined(there, "none")));
}

template <class Real>
SubModels::SubModels(const SubModelsParams& params, const SubModelFolders& folders,
                     solvers::Stepper<Real>& stepper) {
  require_processes(params, stepper);
  for (const auto& process : stepper.point_processes()) {
    const auto wanted = params.of.find(process.name);
    if (wanted == params.of.end() || wanted->second.policy == "never") continue;
    const auto options = options_of(process, wanted->second, folders, stepper.grid()->comm());
    const auto model = std::make_shared<SubModel>(options);
    process.use([model, physics = process.physics](const mesh::Points<const Real>& in,
                                                   const mesh::Points<Real>& out) {
      (*model)(in, out, physics);
    });
    all_.push_back({options, model});
    if (model->model_hash().empty()) continue;
    const auto card = surrogates::read_point_card(options.model);
    made_for_core_s_ += card.cost.data_core_s + card.cost.training_core_s;
    if (const auto verdict = surrogates::point_verdict(card); !verdict.empty()) {
      warnings_.push_back(core::format("sub-model {}: {}", process.name, verdict));
      core::log::warn("{} ({})", warnings_.back(), options.model.string());
    }
  }
}

void SubModels::finish(Summary& summary) {
  for (const auto& [options, model] : all_) {
    core::Comm comm = options.comm;
    std::string error;
    try {
      model->flush();
    } catch (const core::UserError& e) {
      error = e.what();
    }
    comm.throw_on_all_ranks<core::UserError>(error);
    fill(summary, options, model->model_hash(), over_ranks(model->counters(), comm));
    std::string report = model->report();
    report.pop_back();  // the line's end
    core::log::info("{}", report);
  }
}

template void require_processes(const SubModelsParams&, solvers::Stepper<float>&);
template void require_processes(const SubModelsParams&, solvers::Stepper<double>&);
template SubModels::SubModels(const SubModelsParams&, const SubModelFolders&,
                              solvers::Stepper<float>&);
template SubModels::SubModels(const SubModelsParams&, const SubModelFolders&,
                              solvers::Stepper<double>&);

}  // namespace understudy::apps
