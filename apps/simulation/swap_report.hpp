// What the guarded swap did, in summary.json and diagnostics.csv.
#pragma once

#include <span>

#include "apps/study/summary.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy::apps {

/// metrics.swap: policy, accepted_fraction, windows, rollbacks, hand_overs{to_surrogate, to_simulation},
/// rejected{<gate>: windows}, and events: the windows in which who advanced changed, with the reason (the
/// first `most_events` of them). A line in the log says it in words.
inline constexpr std::size_t most_events = 200;
void report_swap(const std::string& policy, std::span<const surrogates::SwapRecord> records,
                 Summary& summary);

}  // namespace understudy::apps
