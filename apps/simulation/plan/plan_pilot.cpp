#include "apps/simulation/plan/plan_pilot.hpp"

#include <algorithm>
#include <optional>

#include "apps/simulation/classical.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/ensemble_run.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/plan/calibration_pilot.hpp"
#include "apps/simulation/plan/scratch_folder.hpp"
#include "apps/simulation/plan/simulation_pilot.hpp"
#include "apps/simulation/plan/training_pilot.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/log_level.hpp"
#include "core/memory.hpp"
#include "core/timers.hpp"

namespace understudy::apps {

namespace {

// The observers of a run, twice: the first output makes folders and headings.
template <class Real>
OutputRates pilot_outputs(const SimulationJob& job, const Simulation<Real>& simulation,
                          const std::filesystem::path& folder) {
  SimulationJob own = job;
  own.out = folder;
  job.comm.on_root<core::UserError>([&] { core::make_folder(own.out); });
  auto& state = *simulation.state;
  std::vector<TimeSeries> series;
  const RunWatch<Real> watch{*simulation.stepper, state};
  auto observers = make_observers<Real>(own, watch, series);
  for (auto& sampler :
       own.deck.physics->samplers(Real{}, {state.shared_grid(), own.out, -1, own.deck.directory}))
    observers.push_back(std::move(sampler));
  OutputRates rates;
  for (int n = 0; n < 2; ++n) {
    job.comm.barrier();
    const double before = bytes_in(own.out);
    const core::Stopwatch stopwatch;
    const solvers::AdvanceReport report;
    for (const auto& observe : observers) observe({state, *simulation.stepper, report, n, true, 0});
    rates.write_s = job.comm.max(stopwatch.seconds());
    rates.bytes = job.comm.max(bytes_in(own.out) - before);
    state.time_s += job.deck.time.window_s;
  }
  return rates;
}

template <class Real>
class Pilot {
 public:
  Pilot(const SimulationJob& job, const StudyWork& work, const std::filesystem::path& folder,
        double budget_s)
      : job_(job), work_(work), folder_(folder), budget_s_(budget_s) {}

  StudyRates run() {
    rates_.program_bytes = job_.comm.max(core::peak_memory_bytes());
    own_run();
    if (!work_.learns) return rates_;
    members();
    SimulationDeck deck = with_settings(job_, case_settings(job_));
    const auto compared = simulate<Real>("the compared case", deck, job_.comm, part_s(),
                                         work_.compare.spin_up + work_.compare.windows);
    rates_.compared = compared.rates;
    classical(deck);
    networks(compared);
    return rates_;
  }

 private:
  // Three members, the deck's own run and the compared case share the simulations' part.
  double part_s() const { return budget_s_ / (work_.learns ? 5 : 1); }

  template <class Own>
  SimulationPilot<Own> simulate(const std::string& name, const SimulationDeck& deck,
                                const core::Comm& comm, double seconds, long long windows) {
    if (job_.comm.is_root()) core::log::info("pilot: {}", name);
    const core::log::AtLeast quiet(core::log::Level::error);
    std::optional<SimulationPilot<Own>> made;
    in_groups(job_.comm, [&] {
      made = pilot_simulation<Own>(name, deck, comm, {.seconds = seconds, .windows = windows});
    });
    SimulationPilot<Own> pilot = std::move(*made);
    // Groups work side by side: the slowest counts.
    SimulationRates& r = pilot.rates;
    for (double* one :
         {&r.setup_s, &r.window_s, &r.look_s, &r.memory_bytes, &r.state_bytes, &r.sent.messages,
          &r.sent.bytes, &r.sent.collectives, &r.sent.collective_bytes})
      *one = job_.comm.max(*one);
    return pilot;
  }

  void own_run() {
    const auto pilot =
        simulate<Real>("the deck's run", job_.deck, job_.comm, part_s(), work_.run.windows);
    rates_.run = pilot.rates;
    const core::log::AtLeast quiet(core::log::Level::error);
    rates_.outputs = pilot_outputs<Real>(job_, pilot.simulation, folder_ / "run");
    rates_.outputs.checkpoint_bytes = job_.comm.sum(pilot.rates.state_bytes);
  }

  void members() {
    const auto all = ensemble_members(job_);
    const MemberRanks share = share_members(job_.deck, job_.comm.size());
    const auto group =
        job_.comm.split(share.share.colour(job_.comm.rank(), share.tasks.fits), job_.comm.rank());
    const auto last = static_cast<long long>(all.size()) - 1;
    for (const long long n : {0LL, last / 2, last}) {
      if (!rates_.members.empty() && rates_.members.back().first == n) continue;
      const Member& member = all[static_cast<std::size_t>(n)];
      rates_.members.push_back(
          {n, simulate<Real>(core::format("member {} ({})", n + 1, parameters_text(member.sample)),
                             member.deck, group, part_s(), work_.generate.windows)
                  .rates});
    }
  }

  void classical(const SimulationDeck& compared) {
    auto cases = classical_cases(job_);
    if (const std::string reason = no_spectral_runs(job_); !reason.empty()) {
      if (job_.comm.is_root()) core::log::warn("no spectral classical run: {}", reason);
      std::erase_if(cases, [](const ClassicalCase& one) { return one.spectral; });
    }
    const double seconds = budget_s_ / static_cast<double>(std::max<std::size_t>(1, cases.size()));
    for (const ClassicalCase& one : cases) try {
        with_precision(one.deck.precision, [&]<class Own>(Own) {
          rates_.classical.push_back(
              simulate<Own>(one.name, one.deck, job_.comm, seconds, work_.compare.windows).rates);
        });
        if (one.spectral)
          rates_.spectral_start_bytes = compared.physics->spectral_start_bytes(
              *compared.physics->make_grid(job_.comm), sizeof(Real));
      } catch (const core::Interrupted&) {
        throw;
      } catch (const core::Error& error) {
        // As compare: it is left out.
        if (job_.comm.is_root()) core::log::warn("no classical run {}: {}", one.name, error.what());
      }
  }

  void networks(const SimulationPilot<Real>& compared) {
    if (job_.comm.is_root()) core::log::info("pilot: frames");
    const PilotData data = [&] {
      const core::log::AtLeast quiet(core::log::Level::error);  // the deck's warnings were said
      return write_pilot_data<Real>(job_, work_, compared.frames, folder_ / "dataset");
    }();
    rates_.frames = data.rates;
    std::vector<SimulationJob> jobs{job_};
    for (auto& contender : contender_jobs(job_)) jobs.push_back(std::move(contender));
    const double seconds = budget_s_ / static_cast<double>(jobs.size());
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      const TrainingWork& work = work_.trainings.at(n);
      if (job_.comm.is_root())
        core::log::info("pilot: {}", work.name.empty() ? "network" : "contender " + work.name);
      const core::log::AtLeast quiet(core::log::Level::error);
      constexpr double of_calls = 0.2;
      const auto trained = pilot_training(
          jobs[n], work, data, folder_ / core::format("model_{}", n), (1 - of_calls) * seconds);
      rates_.trainings.push_back(trained.rates);
      if (n == 0) rates_.calibration = pilot_calibration<Real>(job_, trained.model, data.whole);
      stop_plan_if_asked(job_.comm);
      SimulationDeck deck = with_settings(jobs[n], case_settings(jobs[n]));
      rates_.calls.push_back(pilot_calls<Real>(deck, compared.simulation.stepper,
                                               compared.frames.back(), trained.model,
                                               of_calls * seconds));
    }
  }

  const SimulationJob& job_;
  const StudyWork& work_;
  std::filesystem::path folder_;
  double budget_s_;
  StudyRates rates_;
};

}  // namespace

StudyRates run_pilot(const SimulationJob& job, const StudyWork& work,
                     const std::filesystem::path& folder, double budget_s) {
  StudyRates rates;
  try {
    with_precision(job.deck.precision, [&]<class Real>(Real) {
      rates = Pilot<Real>(job, work, folder, budget_s).run();
    });
  } catch (const core::Interrupted& stop) {
    // A training speaks of its checkpoint, which goes with the pilot's folder.
    throw plan_stopped(stop.exit_code() - 128);
  }
  return rates;
}

}  // namespace understudy::apps
