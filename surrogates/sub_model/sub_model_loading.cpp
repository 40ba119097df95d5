// The model of a SubModel: loaded, agreed upon by the ranks, watched.
#include <sys/stat.h>

#include <span>
#include <type_traits>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/sub_model/sub_model_checks.hpp"
#include "surrogates/sub_model/torch_sub_model.hpp"

namespace understudy::sub_model {

namespace fs = std::filesystem;
using surrogates::PointCard;

std::mutex& turn() {
  static std::mutex mutex;
  return mutex;
}

namespace {

// The names that a model folder can have files of, whichever it has.
Stamp stamp_of(const fs::path& folder) {
  Stamp stamp;
  for (const char* name : {"weights.safetensors", "model.pt", "model.pt2"}) {
    struct stat found{};
    if (::stat((folder / name).c_str(), &found) != 0) found = {};
    const auto ns = [](const timespec& t) { return t.tv_sec * 1000000000LL + t.tv_nsec; };
    stamp.files.push_back({static_cast<long long>(found.st_ino),
                           static_cast<long long>(found.st_size), ns(found.st_mtim),
                           ns(found.st_ctim)});
  }
  return stamp;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// Does the folder hold what was loaded?
bool same_content(const LoadedModel& loaded, const fs::path& folder) {
  const PointCard& card = loaded.model.card;
  if (!is_file(folder / "weights.safetensors") ||
      surrogates::point_model_hash(folder) != loaded.model.hash)
    return false;
  if (card.imported.empty()) return true;
  return is_file(folder / card.imported) &&
         core::sha256(core::read_file(folder / card.imported)).substr(0, 16) == card.imported_hash;
}

// Every rank's hash must be that of the first; collective.
void require_same_model(const std::string& hash, const SubModelOptions& options) {
  const auto bytes = std::as_bytes(std::span(hash.data(), hash.size()));
  const auto all = options.comm.all_gather(bytes);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    const std::string theirs(reinterpret_cast<const char*>(all[rank].data()), all[rank].size());
    const std::string first(reinterpret_cast<const char*>(all[0].data()), all[0].size());
    if (theirs != first)
      throw core::UserError(core::format(
          "sub-model {}: rank {} sees another model in {} (hash {}) than rank 0 (hash {}); all ranks "
          "must see the same folder",
          options.name, rank, options.model.string(), theirs, first));
  }
}

void require_fit(const PointCard& card, const SubModelOptions& options) {
  const std::string where = core::format("sub-model {}: the model in {} does not fit", options.name,
                                         options.model.string());
  surrogates::require_columns(options.inputs, card.input_columns(), "input", where);
  surrogates::require_columns(options.outputs, card.output_columns(), "output", where);
  if (options.policy != SubModelPolicy::gate) return;
  const GateChoice& gate = options.gate;
  const auto refuse = [&](const std::string& test, const std::string& why) {
    throw core::UserError(
        core::format("sub-model {}: gate.{} needs {} in {}; switch that test off, or {}",
                     options.name, test, why, options.model.string(),
                     card.engine == "mlp" ? "train the model anew" : "import the model with it"));
  };
  const auto unknown = [](const surrogates::ColumnCard& c) { return c.lowest >= c.highest; };
  // A feature that did not vary in the data has a range, of one value; one that no data were given for
  // has none.
  const bool from_data = card.engine == "mlp" || card.gate.calibrated;
  if (gate.range && (from_data ? std::ranges::all_of(card.inputs, unknown)
                               : std::ranges::any_of(card.inputs, unknown)))
    refuse("range", "the training range of the inputs, which is not");
  if (gate.distance && !card.gate.calibrated)
    refuse("distance", "a calibration (gate.calibration_fraction of the deck), which is not");
  if (gate.disagreement && card.members > 1 && !card.gate.calibrated)
    refuse("disagreement", "a calibration (gate.calibration_fraction of the deck), which is not");
}

// The same where the device's memory is the host's.
template <class Memory>
OnMemory<Memory> beside(const OnMemory<Kokkos::HostSpace>& host,
                        const surrogates::PointModel& model, const SubModelOptions& options) {
  if constexpr (std::is_same_v<Memory, Kokkos::HostSpace>)
    return host;
  else
    return on_memory<Memory>(model, options);
}

}  // namespace

LoadedModel load(const SubModelOptions& options) {
  LoadedModel loaded;
  const std::string what = core::format("sub-model {}: the model in {} cannot be loaded",
                                        options.name, options.model.string());
  together(options.comm, what, [&] {
    const std::lock_guard lock(turn());
    surrogates::set_up_torch();
    loaded.stamp = stamp_of(options.model);  // before the files are read: a later change then shows
    loaded.model = surrogates::load_point_model(options.model);
    require_fit(loaded.model.card, options);
    loaded.host = on_memory<Kokkos::HostSpace>(loaded.model, options);
    loaded.device =
        beside<Kokkos::DefaultExecutionSpace::memory_space>(loaded.host, loaded.model, options);
  });
  require_same_model(loaded.model.hash, options);
  return loaded;
}

void require_unchanged(LoadedModel& loaded, const SubModelOptions& options) {
  if (!options.watch_model) return;
  const Stamp now = stamp_of(options.model);
  if (now == loaded.stamp) return;
  // A file that was only touched, or copied onto itself, is the same model.
  if (same_content(loaded, options.model)) {
    loaded.stamp = now;
    return;
  }
  throw core::UserError(core::format(
      "sub-model {}: the model in {} changed during the run (it was loaded with hash {}); call "
      "reload() on all ranks to use the new one, or set watch_model = false to keep the loaded one",
      options.name, options.model.string(), loaded.model.hash));
}

}  // namespace understudy::sub_model
