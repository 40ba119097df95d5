#include "surrogates/training/torch_training_state.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/provenance.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::surrogates {

namespace {

constexpr const char* ranks_key = "ranks_per_sample ";

// Of checkpoints that do not say it: 1.
std::string ranks_per_sample(const std::string& identity) {
  std::string line;
  for (std::istringstream lines(identity); std::getline(lines, line);)
    if (line.starts_with(ranks_key)) return line.substr(std::string(ranks_key).size());
  return "1";
}

// What a resumed training may do otherwise: none of it changes the weights of this network.
std::string without_free_keys(const std::string& identity) {
  std::string text, line;
  for (std::istringstream lines(identity); std::getline(lines, line);)
    if (!line.starts_with("threads ") && !line.starts_with("checkpoint_every ") &&
        !line.starts_with("members ") && !line.starts_with("memory_gb ") &&
        !line.starts_with(ranks_key))
      text += line + "\n";
  return text;
}

std::pair<std::string, std::string> first_difference(const std::string& theirs,
                                                     const std::string& ours) {
  std::istringstream a(theirs), b(ours);
  for (std::string was, is; a || b;) {
    if (!std::getline(a, was)) was = "nothing";
    if (!std::getline(b, is)) is = "nothing";
    if (was != is) return {was, is};
    if (!a && !b) break;
  }
  return {"nothing", "nothing"};
}

// Rank 0 reads, and all have the same.
NamedTensors content_of(const std::filesystem::path& file, const TrainingOwner& owner) {
  NamedTensors content;
  owner.comm.on_root<core::UserError>([&] {
    content = read_archive(file, "training checkpoint");
    const auto found = content.texts.find("identity");
    const std::string theirs =
        found == content.texts.end()
            ? ""
            : without_free_keys(with_present_keys(found->second, owner.renamed));
    const std::string ours = without_free_keys(owner.identity);
    if (theirs == ours) return;
    const auto [was, is] = first_difference(theirs, ours);
    throw core::UserError(core::format(
        "training checkpoint {} is of another network, training section or dataset (hash {}, this "
        "one {}): it has '{}', this one '{}'; remove it, or give the deck that made it",
        file.string(), core::sha256(theirs).substr(0, 16), core::sha256(ours).substr(0, 16), was,
        is));
  });
  if (owner.comm.size() > 1) share_tensors(content, owner.comm);
  return content;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const TrainingOwner& owner,
                      const TrainingState& state, const Optimiser& optimiser) {
  NamedTensors content;
  optimiser.save(content.tensors);
  content.tensors.emplace_back("best", state.best.cpu());
  std::vector<double> numbers{double(state.epoch),
                              double(state.batch),
                              state.loss_sum,
                              state.elapsed_s,
                              state.best_score,
                              double(optimiser.steps),
                              double(state.unroll),
                              double(state.batches_in_epoch),
                              double(state.windows_trained),
                              state.core_s,
                              double(state.stale),
                              double(owner.comm.size())};
  for (const EpochRecord& r : state.curve)
    for (const double value :
         {double(r.epoch), double(r.unroll), r.learning_rate, r.loss, r.validation, r.wall_s})
      numbers.push_back(value);
  content.tensors.emplace_back("numbers", at::tensor(numbers, at::kDouble));
  content.tensors.emplace_back("prepared_s",
                               at::tensor(std::vector<double>{state.prepared_s}, at::kDouble));
  content.texts["identity"] = owner.identity;
  content.texts["git"] = owner.git;
  write_archive(file, content);
}

namespace {

// Identities are equal, and yet the file may hold anything.
void restore(const NamedTensors& content, const std::filesystem::path& file, TrainingState& state,
             Optimiser& optimiser) {
  try {
    content.numbers("numbers", 12);
    if (content.at("best").numel() != state.best.numel())
      throw std::out_of_range("'best' are weights of another number");
    optimiser.restore(content.tensors);
    state.best.copy_(content.at("best"));
    // Checkpoints of earlier versions do not say it.
    if (std::ranges::any_of(content.tensors, [](const auto& t) { return t.first == "prepared_s"; }))
      state.prepared_s = content.numbers("prepared_s", 1)[0];
    else
      state.prepared_s = 0;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    throw core::UserError(core::format("training checkpoint {} is incomplete: {}; remove it",
                                       file.string(), text.substr(0, text.find('\n'))));
  }
}

}  // namespace

std::string read_checkpoint(const std::filesystem::path& file, const TrainingOwner& owner,
                            TrainingState& state, Optimiser& optimiser) {
  const NamedTensors content = content_of(file, owner);
  restore(content, file, state, optimiser);
  const auto numbers = content.numbers("numbers", 12);
  const double* n = numbers.data();
  state.epoch = std::llround(n[0]);
  state.batch = std::llround(n[1]);
  state.loss_sum = n[2];
  state.elapsed_s = n[3];
  state.best_score = n[4];
  optimiser.steps = std::llround(n[5]);
  state.unroll = static_cast<int>(n[6]);
  state.batches_in_epoch = std::llround(n[7]);
  state.windows_trained = std::llround(n[8]);
  state.core_s = n[9];
  state.stale = std::llround(n[10]);
  if (std::llround(n[11]) != owner.comm.size())
    core::log::warn(
        "{} was written by {} ranks and this training has {}: it goes on as the same training "
        "would to round-off, not bitwise",
        file.string(), std::llround(n[11]), owner.comm.size());
  const std::string theirs = ranks_per_sample(content.texts.at("identity")),
                    ours = ranks_per_sample(owner.identity);
  if (theirs != ours)
    core::log::warn(
        "{} was written with {} ranks a sample and this training has {}: it goes on as the same training "
        "would to round-off, not bitwise",
        file.string(), theirs, ours);
  for (const double* r = n + 12; n + numbers.size() - r >= 6; r += 6)
    state.curve.push_back({std::llround(r[0]), static_cast<int>(r[1]), r[2], r[3], r[4], r[5]});
  const std::string by = content.texts.contains("git") ? content.texts.at("git") : owner.git;
  if (by != owner.git)
    core::log::warn("{} was written by version {}, and this is {}", file.string(), by, owner.git);
  return by;
}

}  // namespace understudy::surrogates
