#include "apps/study/same_call.hpp"

#include <array>
#include <span>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"

namespace understudy::apps {

namespace {

constexpr std::size_t parts = 6;
using Call = std::array<std::string, parts>;

std::string joined_settings(const JobOptions& options) {
  std::string all;
  for (const std::string& setting : options.settings) all += " --set " + setting;
  return all.empty() ? "no --set" : all.substr(1);
}

std::string joined_plugins(const JobOptions& options) {
  std::string all;
  for (const PluginRecord& plugin : options.plugins)
    all += core::format("{}plugin {} of hash {}", all.empty() ? "" : ", ", plugin.file,
                        plugin.sha256.substr(0, 16));
  return all.empty() ? "no plugin" : all;
}

Call call_of(const JobOptions& options) {
  Call call{"`" + options.verb + "`",
            "no deck",
            joined_settings(options),
            options.out.empty() ? "no --out" : "--out " + options.out,
            options.resume ? "--resume" : "no --resume",
            joined_plugins(options)};
  std::error_code error;
  const auto size = options.deck.empty() ? 0 : std::filesystem::file_size(options.deck, error);
  if (options.deck.empty()) return call;
  call[1] = options.deck + " that cannot be read";
  if (error || size > DeckTree::max_bytes) return call;
  try {
    call[1] = core::format("{} of hash {}", options.deck,
                           core::sha256(core::read_file(options.deck)).substr(0, 16));
  } catch (const core::UserError&) {  // the read itself says why
  }
  return call;
}

// Zero bytes cannot stand in arguments.
std::string packed(const Call& call) {
  std::string text;
  for (const std::string& part : call) text += part + '\0';
  return text;
}

Call unpacked(std::string_view text) {
  Call call;
  for (std::string& part : call) {
    const auto end = text.find('\0');
    part = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  return call;
}

std::string shortened(const std::string& text) {
  constexpr std::size_t most = 200;
  return text.size() > most ? printable(text.substr(0, most)) + "..." : text;
}

}  // namespace

void require_same_call(const JobOptions& options, const core::Comm& comm) {
  if (comm.size() == 1) return;
  const std::string mine = packed(call_of(options));
  const auto all = comm.all_gather(std::as_bytes(std::span(mine)));
  const auto text = [&](std::size_t rank) {
    return std::string_view(reinterpret_cast<const char*>(all[rank].data()), all[rank].size());
  };
  std::string others;
  std::size_t first = 0, count = 0;
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (text(rank) == text(0)) continue;
    if (count++ == 0) first = rank;
    if (count <= 16) others += (others.empty() ? "" : ", ") + std::to_string(rank);
  }
  if (count == 0) return;
  if (count > 16) others += core::format(" and {} more", count - 16);
  const Call root = unpacked(text(0)), other = unpacked(text(first));
  std::string differences;
  for (std::size_t n = 0; n < parts; ++n)
    if (root[n] != other[n])
      differences +=
          core::format("{}rank {} has {} and rank 0 has {}", differences.empty() ? "" : "; ", first,
                       shortened(other[n]), shortened(root[n]));
  throw core::UserError(core::format(
      "the ranks of this run were not started alike: {} {} from rank 0: {}. All ranks must see the same deck "
      "and be given the same arguments",
      count == 1 ? "rank" : "ranks", others + (count == 1 ? " differs" : " differ"), differences));
}

}  // namespace understudy::apps
