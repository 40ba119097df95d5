#include "apps/simulation/ensemble_run.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "core/shared_counters.hpp"
#include "mesh/rank_split.hpp"

namespace understudy::apps {

namespace {

// Another group was told to stop, or cannot go on.
struct StoppedWithOthers : std::exception {
  const char* what() const noexcept override { return "stopped with the other groups"; }
};

enum Counter {
  next_member,
  windows_done,
  members_done,
  members_failed,
  groups_done,
  stopped_by,
  broken,
  counters
};

long long windows_of(const Member& m) { return m.spin_up_windows + m.sample.frames - 1; }

template <class Real>
class Groups {
 public:
  Groups(const SimulationJob& job, std::vector<Member>& members,
         const std::vector<std::size_t>& to_do, const core::Comm& group,
         const core::RankShare& share)
      : job_(job),
        members_(members),
        to_do_(to_do),
        world_(job.comm),
        group_(group),
        shared_(world_, counters),
        progress_("ensemble", static_cast<double>(to_do.size()), "members") {
    run_.ranks_per_member = share.each;
    run_.groups = share.groups;
    idle_ = world_.rank() >= share.each * share.groups;
    for (const auto n : to_do) windows_in_all_ += windows_of(members[n]);
  }

  EnsembleRun run() {
    const core::Stopwatch clock;
    if (idle_) {
      wait_for_others();
    } else {
      for (auto n = take(); n >= 0; n = take()) simulate(static_cast<std::size_t>(n));
      add(groups_done, 1);
    }
    while (world_.is_root() && shared_.read(groups_done) < run_.groups) {
      show();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const int signal = static_cast<int>(world_.max(static_cast<long long>(signal_)));
    show();
    world_.throw_on_all_ranks<core::UserError>(user_error_);
    if (signal)
      throw core::Interrupted(
          core::format(
              "stopped by signal {}: {} of {} members are there; --resume makes the others", signal,
              there(), members_.size()),
          signal);
    collect(clock.seconds());
    return std::move(run_);
  }

 private:
  // The group's first rank counts for all of it.
  void add(Counter counter, long long value) {
    if (group_.is_root()) shared_.add(counter, value);
  }

  // An idle rank hears signals for the others.
  void wait_for_others() {
    for (;;) {
      const bool done = group_.is_root() && shared_.read(groups_done) >= run_.groups;
      if (agreed(done ? 1 : 0) != 0) return;
      if (const int signal = core::stop_signal(group_); signal && !signal_) note_signal(signal);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  long long agreed(long long of_first) const {
    group_.broadcast(&of_first, sizeof of_first);
    return of_first;
  }

  bool others_stopped() {
    if (run_.groups == 1) return false;
    const bool stop = group_.is_root() && shared_.read(stopped_by) + shared_.read(broken) > 0;
    return agreed(stop) != 0;
  }

  // The next member's place in members_, -1: there is none or all stop.
  long long take() {
    if (const int signal = core::stop_signal(group_); signal && !signal_) note_signal(signal);
    if (signal_ || !user_error_.empty() || others_stopped()) return -1;
    const long long place = agreed(group_.is_root() ? shared_.add(next_member, 1) : 0);
    show();
    return place < static_cast<long long>(to_do_.size()) ? static_cast<long long>(to_do_[place])
                                                         : -1;
  }

  void note_signal(int signal) {
    signal_ = signal;
    add(stopped_by, signal);
  }

  void simulate(std::size_t n) {
    Member& member = members_[n];
    windows_of_member_ = 0;
    const std::string name =
        core::format("{} ({})", member.sample.name, parameters_text(member.sample));
    try {
      record(member);
      add(members_done, 1);
      ++run_.simulated;
    } catch (const StoppedWithOthers&) {
    } catch (const core::Interrupted& stop) {
      note_signal(stop.exit_code() - 128);
    } catch (const core::UserError& error) {
      user_error_ = core::format("{}: {}", name, error.what());
      add(broken, 1);
    } catch (const core::RunError& error) {
      run_.failed.push_back(core::format("{}: {}", name, error.what()));
      if (group_.is_root()) core::log::error("{} failed: {}", name, error.what());
      add(members_failed, 1);
      add(windows_done, windows_of(member) - windows_of_member_);
    }
  }

  void record(Member& member) {
    const core::Stopwatch clock;
    auto simulation = make_simulation<Real>(member.deck, group_);
    const auto info = dataset_info(job_, simulation.stepper->fields());
    surrogates::SampleWriter<Real> writer(job_.dataset(), info, member.sample,
                                          simulation.state->shared_grid());
    const solvers::Observer<Real> write = [&](const solvers::WindowEvent<Real>& event) {
      if (event.window >= member.spin_up_windows) writer.write(event.state);
    };
    const solvers::Observer<Real> tick = [&](const solvers::WindowEvent<Real>& event) {
      if (event.window > 0) count_window();
    };
    solvers::RunLoop<Real> loop{.stepper = *simulation.stepper,
                                .time = member.deck.time,
                                .observers = {write, tick},
                                .progress_title = ""};
    const auto result = loop.run(*simulation.state);
    writer.finish(clock.seconds() * group_.size() * core::Runtime::threads());
    run_.cell_updates += result.cell_updates;
  }

  void count_window() {
    ++windows_of_member_;
    add(windows_done, 1);
    show();
    if (others_stopped()) throw StoppedWithOthers();
  }

  // Members are handed out in order: those that any group began are known by their number.
  void show() {
    if (!world_.is_root()) return;
    const auto begun = std::min<std::size_t>(to_do_.size(), shared_.read(next_member));
    for (; announced_ < begun; ++announced_) {
      const auto n = to_do_[announced_];
      core::log::info("member {}/{} ({}): {}", n + 1, members_.size(), members_[n].sample.split,
                      parameters_text(members_[n].sample));
    }
    if (to_do_.empty()) return;
    const long long finished = shared_.read(members_done);
    const double part = static_cast<double>(shared_.read(windows_done)) /
                        static_cast<double>(std::max(1LL, windows_in_all_));
    if (part >= 1) {
      const long long ended = finished + shared_.read(members_failed);
      if (shown_all_ || ended < static_cast<long long>(to_do_.size())) return;
      shown_all_ = true;
    }
    progress_.update(
        part * static_cast<double>(to_do_.size()),
        core::format("{} finished{}", finished,
                     run_.groups == 1 ? ""
                                      : core::format(", {} groups of {} rank{}", run_.groups,
                                                     run_.ranks_per_member,
                                                     run_.ranks_per_member == 1 ? "" : "s")));
  }

  long long there() {
    const long long now = shared_.read(members_done);
    return static_cast<long long>(members_.size() - to_do_.size()) + now;
  }

  // What the groups did, together; the first rank of each speaks for it.
  void collect(double wall_s) {
    const bool first = group_.is_root();
    run_.simulated = world_.sum(first ? run_.simulated : 0LL);
    run_.cell_updates = world_.sum(first ? run_.cell_updates : 0.0);
    run_.wall_s = world_.max(wall_s);
    std::string mine;
    if (first)
      for (const auto& failure : run_.failed) mine += failure + '\0';
    run_.failed.clear();
    for (const auto& bytes : world_.all_gather(std::as_bytes(std::span(mine)))) {
      const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\0', at);
        run_.failed.push_back(text.substr(at, end - at));
        at = end + 1;
      }
    }
    std::ranges::sort(run_.failed);
  }

  const SimulationJob& job_;
  std::vector<Member>& members_;
  const std::vector<std::size_t>& to_do_;
  const core::Comm &world_, &group_;
  core::SharedCounters shared_;
  core::Progress progress_;
  EnsembleRun run_;
  std::string user_error_;
  int signal_ = 0;
  bool idle_ = false;
  long long windows_in_all_ = 0, windows_of_member_ = 0;
  std::size_t announced_ = 0;
  bool shown_all_ = false;
};

}  // namespace

MemberRanks share_members(const SimulationDeck& deck, int ranks) {
  const mesh::GridParams& grid = deck.grid();
  std::array<int, 3> cells{1, 1, 1};
  for (int axis = 0; axis < grid.dimension(); ++axis) cells[axis] = int(grid.cells[axis]);
  double split = 1;  // the deck's own
  for (const auto n : grid.ranks) split *= double(n);
  MemberRanks result;
  core::RankTasks& t = result.tasks;
  t = {.ranks = ranks,
       .tasks = std::max(1LL, deck.ensemble.members()),
       .wanted = deck.ensemble.ranks_per_member,
       .key = "ensemble.ranks_per_member:",
       .one = "member",
       .fits = [cells](int n) {
         constexpr int ghosts = 2;  // as a grid is made where nothing else is said
         return mesh::split_of_ranks(cells, n, ghosts)[0] > 0;
       }};
  if (t.wanted == 0 && !grid.ranks.empty() && split <= ranks) t.wanted = int(split);
  result.share = core::share_ranks(t);
  return result;
}

template <class Real>
std::vector<std::size_t> members_to_do(const SimulationJob& job, const std::vector<Member>& members,
                                       const core::Comm& group) {
  std::vector<std::size_t> to_do;
  std::optional<surrogates::DatasetInfo> info;
  // The members differ in parameters only: fields of the deck itself stand for all.
  if (job.resume)
    info = dataset_info(job, make_simulation<Real>(job.deck, group).stepper->fields());
  long long by_meaning = 0;  // on the root, which alone asks
  for (std::size_t n = 0; n < members.size(); ++n) {
    const auto& sample = members[n].sample;
    bool other_text = false;
    const auto same = [&](const std::string& deck) {
      other_text = true;
      return computes_member(job, members[n], deck);
    };
    if (info && surrogates::sample_is_complete(job.dataset(), *info, sample, job.comm, same)) {
      core::log::info("member {}/{} ({}): {}, already there", n + 1, members.size(), sample.split,
                      parameters_text(sample));
      if (other_text) ++by_meaning;
    } else {
      to_do.push_back(n);
    }
  }
  if (by_meaning > 0)
    core::log::info(
        "{} of {} members were made from decks of another text that mean the same: keys that are new "
        "since then count as their defaults today",
        by_meaning, members.size());
  return to_do;
}

template <class Real>
EnsembleRun run_members(const SimulationJob& job, std::vector<Member>& members,
                        const std::vector<std::size_t>& to_do, const core::Comm& group,
                        const core::RankShare& share) {
  return Groups<Real>(job, members, to_do, group, share).run();
}

template std::vector<std::size_t> members_to_do<float>(const SimulationJob&,
                                                       const std::vector<Member>&,
                                                       const core::Comm&);
template std::vector<std::size_t> members_to_do<double>(const SimulationJob&,
                                                        const std::vector<Member>&,
                                                        const core::Comm&);
template EnsembleRun run_members<float>(const SimulationJob&, std::vector<Member>&,
                                        const std::vector<std::size_t>&, const core::Comm&,
                                        const core::RankShare&);
template EnsembleRun run_members<double>(const SimulationJob&, std::vector<Member>&,
                                         const std::vector<std::size_t>&, const core::Comm&,
                                         const core::RankShare&);

}  // namespace understudy::apps
