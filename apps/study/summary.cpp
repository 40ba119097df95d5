#include "apps/study/summary.hpp"

#include <cmath>

#include "apps/study/results.hpp"
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

const nlohmann::json* find_path(const nlohmann::json& root, const std::string& path) {
  const nlohmann::json* node = &root;
  for (std::size_t begin = 0; node && begin <= path.size();) {
    const std::size_t dot = std::min(path.find('.', begin), path.size());
    const auto found =
        node->is_object() ? node->find(path.substr(begin, dot - begin)) : node->end();
    node = found == node->end() ? nullptr : &*found;
    begin = dot + 1;
  }
  return node;
}

bool is_nothing(const nlohmann::json& value) {
  return value.is_null() || (value.is_number_float() && std::isnan(value.get<double>()));
}

// Values that are missing at the top, or nothing anywhere, from `earlier`.
void fill(nlohmann::json& now, const nlohmann::json& earlier, bool top) {
  for (const auto& [name, value] : earlier.items()) {
    const auto found = now.find(name);
    if (found == now.end()) {
      if (top) now[name] = value;
    } else if (found->is_object() && value.is_object()) {
      fill(*found, value, false);
    } else if (is_nothing(*found)) {
      *found = value;
    }
  }
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
  for (const PluginRecord& plugin : job.plugins)
    root_["plugins"].push_back({{"file", plugin.file},
                                {"sha256", plugin.sha256},
                                {"stamp", plugin.stamp},
                                {"brings", plugin.brings}});
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
           drift_of(s, job_.precision));
  }
}

void Summary::belongs_to(const std::string& restart_hash) {
  root_["provenance"]["restart_hash"] = restart_hash;
}

void Summary::keep_earlier(std::vector<std::string> metrics) {
  keep_earlier_ = true;
  kept_metrics_ = std::move(metrics);
}

void Summary::take_earlier(const nlohmann::json& section) {
  const auto& mine = root_["provenance"];
  const auto theirs = section.value("provenance", nlohmann::json::object());
  const auto same = [&](const char* hash) {
    return theirs.contains(hash) && mine.contains(hash) && theirs[hash] == mine[hash];
  };
  if (!same("restart_hash") && !same("deck_hash")) return;
  for (const auto& path : kept_metrics_) {
    const nlohmann::json* value = find_path(section, "metrics." + path);
    auto& now = at_path(root_["metrics"], path);
    if (value && is_nothing(now)) now = *value;
  }
  if (!kept_metrics_.empty()) return;
  for (const char* part : {"metrics", "timing"})
    if (section.contains(part) && section[part].is_object()) fill(root_[part], section[part], true);
}

void Summary::write() {
  root_["timing"]["total_s"] = job_.clock.seconds();
  auto& regions = root_["timing"]["regions"] = nlohmann::json::object();
  for (const auto& [name, time] : core::region_times()) regions[name] = time.seconds;
  job_.comm.on_root<core::UserError>([&] {
    using Handler = nlohmann::json::error_handler_t;
    nlohmann::json sections = read_sections(job_.out);
    if (keep_earlier_ && sections.contains(job_.verb)) take_earlier(sections[job_.verb]);
    nlohmann::json all = root_;
    sections[job_.verb] = root_;
    all["verbs"] = std::move(sections);
    core::write_file(job_.out / "summary.json", all.dump(2, ' ', false, Handler::replace) + "\n");
  });
}

}  // namespace understudy::apps
