#include "apps/study/summary.hpp"

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

namespace {

nlohmann::json& at_path(nlohmann::json& root, const std::string& path) {
  nlohmann::json* node = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t dot = std::min(path.find('.', begin), path.size());
    node = &(*node)[path.substr(begin, dot - begin)];
    begin = dot + 1;
  }
  return *node;
}

}  // namespace

Summary::Summary(const Job& job) : job_(job) {
  const auto torch = surrogates::torch_info();
  root_["verb"] = job.verb;
  root_["deck"] = job.tree.name;
  root_["app"] = job.app;
  root_["version"] = job.provenance.version;
  root_["git"] = job.provenance.git;
  root_["provenance"] = job.provenance.as_map();
  root_["provenance"]["seed"] = job.provenance.seed;
  root_["backend"] = {{"kokkos", core::Runtime::backend()}, {"threads", core::Runtime::threads()},
                      {"ranks", job.comm.size()},           {"torch", torch.version},
                      {"torch_device", torch.device},       {"torch_threads", torch.threads},
                      {"precision", job.precision}};
  root_["timing"] = nlohmann::json::object();
  root_["metrics"] = nlohmann::json::object();
}

void Summary::metric(const std::string& path, const nlohmann::json& value) {
  at_path(root_["metrics"], path) = value;
}

void Summary::timing(const std::string& name, double seconds) { root_["timing"][name] = seconds; }

void Summary::quantities(const std::vector<Quantity>& all, const std::string& prefix) {
  for (const auto& q : all) metric(prefix + q.name, q.value);
}

void Summary::conservation(const std::vector<TimeSeries>& series) {
  for (const auto& s : series) {
    if (s.kind != solvers::DiagnosticKind::conserved) continue;
    const auto dot = s.name.rfind('.');
    metric("conservation." + s.name.substr(dot == std::string::npos ? 0 : dot + 1) + "_drift",
           drift_of(s));
  }
}

void Summary::write() {
  root_["timing"]["total_s"] = job_.clock.seconds();
  auto& regions = root_["timing"]["regions"] = nlohmann::json::object();
  for (const auto& [name, time] : core::region_times()) regions[name] = time.seconds;
  job_.comm.on_root<core::UserError>([&] {
    using Handler = nlohmann::json::error_handler_t;
    core::write_file(job_.out / "summary.json", root_.dump(2, ' ', false, Handler::replace) + "\n");
  });
}

}  // namespace understudy::apps
