#include "solvers/seismic/survey/source_encoding.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::solvers::seismic {

namespace {

constexpr std::uint64_t signs = 1, places = 2;  // streams of a draw

}  // namespace

SourceEncoding draw_encoding(const EncodingDraw& draw) {
  const std::uint64_t key =
      core::mix(core::mix(draw.seed, std::uint64_t(draw.stage)), std::uint64_t(draw.renewal));
  const auto order = core::epoch_order(draw.shots, key, places);
  const std::uint64_t sign_seed = core::mix(key, signs);
  SourceEncoding encoding(std::size_t(draw.supershots));
  for (std::size_t n = 0; n < order.size(); ++n) {
    const auto shot = std::uint64_t(order[n]);
    const bool positive = core::mix(sign_seed, shot) >> 63 == 0;
    encoding[n % encoding.size()].push_back({int(shot), positive ? 1.0 : -1.0});
  }
  for (auto& members : encoding) std::ranges::sort(members, {}, &EncodedShot::shot);
  return encoding;
}

std::vector<Gather> superpose(std::span<const Gather> gathers, const SourceEncoding& encoding) {
  std::vector<Gather> sums;
  for (const auto& members : encoding) {
    Gather sum(gathers.front().samples, gathers.front().receivers);
    for (const EncodedShot& member : members) {
      const Gather& gather = gathers[std::size_t(member.shot)];
      for (std::size_t n = 0; n < sum.values.size(); ++n)
        sum.values[n] += member.factor * gather.values[n];
    }
    sums.push_back(std::move(sum));
  }
  return sums;
}

void require_encoding(int supershots, int shots) {
  if (supershots < shots) return;
  throw core::UserError(core::format(
      "inversion.encoding.supershots is {}, and the survey has {} shot{}: there is nothing to gain; {}",
      supershots, shots, shots == 1 ? "" : "s",
      shots > 1 ? core::format("give 1 to {}, or 0 for every shot by itself", shots - 1)
                : "set it to 0"));
}

}  // namespace understudy::solvers::seismic
