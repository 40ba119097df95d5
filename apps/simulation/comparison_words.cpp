// What the report says in words of how a comparison was made.
#include <algorithm>
#include <array>

#include "apps/simulation/comparison_report.hpp"
#include "core/format.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

std::string standing_text(const ComparisonRecord& record) {
  using surrogates::Standing;
  if (record.card.name.empty()) return "";
  switch (record.standing.standing) {
    case Standing::seen:
      return core::format(", {} ({})",
                          record.standing.twin.split == "train"
                              ? "in the training set"
                              : "seen while training, to choose the weights",
                          record.standing.twin.sample);
    case Standing::inside:
      return ", not in the training set, inside its range";
    case Standing::outside:
      return ", not in the training set, outside its range";
    case Standing::unknown:
      break;
  }
  return ", which may be in the training set: the model does not say what it was trained on";
}

std::string standing_name(const surrogates::CaseStanding& standing) {
  constexpr std::array names{"unknown", "seen", "inside", "outside"};
  return names.at(static_cast<std::size_t>(standing.standing));
}

namespace {

// How the replacement's state goes on after the common start.
std::string policy_sentence(const ComparisonRecord& record) {
  const auto& r = record.result;
  const std::string start =
      core::format("Both sides start from the simulation's state after {:.6g} s of spin-up; ",
                   r.times_s.empty() ? 0.0 : r.times_s.front());
  const std::string& policy = record.deck.swap.policy;
  if (policy == "always") return start + "the replacement never sees the simulation again.";
  if (policy == "never") return start + "the replacement is the simulation itself (policy never).";
  const auto physics = std::ranges::count_if(
      r.windows, [](const auto& window) { return window.who != "surrogate"; });
  return start + core::format(
                     "the replacement never sees that run again, but the simulation's solver "
                     "advances the replacement's own state in {} of {} windows (policy {}).",
                     physics, r.windows.size(), policy);
}

std::string precision_sentence(const ComparisonRecord& record) {
  const std::string& solver = record.job.deck.precision;
  const int repeats = record.deck.compare.repeats;
  std::string text =
      repeats > 1
          ? core::format(
                "Wall times are medians of {} timed runs of everything that is compared, "
                "interleaved in blocks of {} windows on the same machine and threads after "
                "a run that is not timed; one time of the simulation serves all rows, a "
                "range is over the repeats, and figures have the digits that it leaves "
                "them",
                repeats, record.deck.compare.block_windows)
          : std::string(
                "Wall times are of one timed run after one that is not timed, on the same machine "
                "and threads; how far they scatter is not known (compare.repeats)");
  text += core::format("; the simulation computes in {} precision", solver);
  if (!record.card.name.empty())
    text += core::format(", the network in {} on {}", record.card.network.precision,
                         surrogates::torch_info().device);
  text += "; packing, network, transfers and constraints are inside, outputs are not.";
  const bool single = std::ranges::any_of(record.result.classical, [](const auto& point) {
    return point.name.ends_with(", precision=single");
  });
  if (solver == "double" && single)
    text +=
        " What the simulation itself gains from single precision is among the classical runs "
        "(precision=single).";
  return text;
}

// Empty where the simulation's own error was not asked for.
std::string truth_sentence(const surrogates::TruthError& own) {
  if (own.name.empty()) return "";
  if (!own.known())
    return core::format("The simulation's own error is not known: the run of {} cells {}.",
                        own.name, own.refused);
  return core::format(
      "The simulation's own error is that beside one run of {} cells from the same state, interpolated to "
      "that grid, measured as a classical run's. That run took {:.3g} s, which are in no timing. An error "
      "below it is within the simulation's own error: who is nearer to what is exact is not known there.",
      own.name, own.cost_s);
}

}  // namespace

std::vector<std::string> method_notes(const ComparisonRecord& record) {
  std::vector<std::string> notes{
      policy_sentence(record), precision_sentence(record),
      "Classical runs that are coarser or looser start from that state at their own points. "
      "Their error is measured there, against the full simulation interpolated by cubic "
      "polynomials, in the same norm as the replacement's. The interpolation charges them a "
      "fourth-order error where fields are smooth, and more beside bodies."};
  const bool spectral = std::ranges::any_of(record.result.classical, [](const auto& point) {
    return point.other_method && point.refused.empty();
  });
  if (spectral)
    notes.emplace_back(
        "Spectral classical runs start from the state's modes that they carry, not from points. Each of their "
        "transforms uses one thread; several fields are transformed at once, a thread each.");
  const std::string truth = truth_sentence(record.result.truth_error);
  if (!truth.empty()) notes.push_back(truth);
  return notes;
}

}  // namespace understudy::apps
