#include "solvers/run_loop.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/io/checkpoint.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

// Host search for the first bad value: only after the device found that there is one.
template <class Real>
std::string name_first_bad(const mesh::State<Real>& state, const mesh::Field<Real>& field,
                           double limit, const std::string& hint) {
  const mesh::Grid& grid = state.grid();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const mesh::Range3 r = grid.interior();
  for (int c = 0; c < field.info.components; ++c)
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const double value = host(c, k, j, i);
          if (std::abs(value) <= limit) continue;
          const auto x = grid.position(field.info.location, k, j, i);
          return core::format(
              "field {} is {} at cell ({}, {}, {}), position ({:.6g}, {:.6g}, {:.6g}) m, step {}, "
              "time {:.6g} s; allowed are finite values{}. {}",
              field.info.name, value, i - r.begin[0] + grid.offset(0),
              j - r.begin[1] + grid.offset(1), k - r.begin[2] + grid.offset(2), x[0], x[1], x[2],
              state.step, state.time_s,
              limit < std::numeric_limits<double>::max()
                  ? core::format(" up to {:g} in magnitude (time.max_abs_value)", limit)
                  : "",
              !hint.empty() ? hint
                            : "A smaller time step (flow: flow.cfl) or a finer grid may help.");
        }
  return "";
}

template <class Real>
bool within(const mesh::Range3& r, const mesh::Array3<Real>& a, double limit) {
  const double bad = mesh::sum_cells(
      "contract", r, KOKKOS_LAMBDA(int k, int j, int i) {
        const double magnitude = Kokkos::abs(static_cast<double>(a(k, j, i)));
        return magnitude <= limit ? 0.0 : 1.0;  // a NaN compares false
      });
  return bad == 0;
}

// How many windows lie before the state's time.
long long place_on_grid(double time_s, double window_s) {
  const long long place = std::llround(time_s / window_s);
  if (std::abs(time_s - static_cast<double>(place) * window_s) > 1e-6 * window_s)
    throw core::UserError(core::format(
        "time.window_s: the run goes on at {:.10g} s, which is not a multiple of windows of {:.10g} s; "
        "give a window_s that {:.10g} s is a multiple of, such as the one before",
        time_s, window_s, time_s));
  return place;
}

[[noreturn]] void stop(int signal, const std::string& where) {
  if (signal)
    throw core::Interrupted(core::format("stopped by signal {} {}", signal, where), signal);
  throw core::Interrupted(core::format("stopped by time.max_wall_s {}", where), 15);
}

bool is_there(const std::filesystem::path& file, const core::Comm& comm) {
  std::error_code none;
  int there = comm.is_root() && !file.empty() && std::filesystem::exists(file, none) ? 1 : 0;
  comm.broadcast(&there, sizeof there);
  return there != 0;
}

}  // namespace

template <class Real>
void check_contract(const mesh::State<Real>& state, double max_abs_value, const std::string& hint) {
  std::string mine;
  for (const auto& field : state.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    for (int c = 0; c < field.info.components && mine.empty(); ++c)
      if (!within(state.grid().interior(), field.component(c), max_abs_value))
        mine = name_first_bad(state, field, max_abs_value, hint);
  }
  state.grid().comm().template throw_on_all_ranks<core::RunError>(mine);
}

template <class Real>
RunResult RunLoop<Real>::run(mesh::State<Real>& state) {
  const core::Comm& comm = state.grid().comm();
  const core::Stopwatch since_start;
  const long long last = std::llround(time.end_s / time.window_s);
  long long place = place_on_grid(state.time_s, time.window_s);
  long long number = window.value_or(place);
  core::Progress progress(progress_title, static_cast<double>(last - place), "windows");
  const long long first = place;
  RunResult result;
  std::optional<SteadyWatch<Real>> steady;
  if (until_steady && time.steady.enabled())
    steady.emplace(time.steady, time.window_s, steady_memory);
  const auto is_steady = [&] { return steady && steady->is_steady(state.time_s); };

  auto save = [&] {
    if (checkpoint.empty()) return;
    const core::ScopedTimer region("checkpoint");
    auto attributes = checkpoint_attributes;
    attributes[window_attribute] = std::to_string(number);
    if (steady) attributes[steady_attribute] = steady->memory();
    mesh::write_checkpoint(checkpoint, state, attributes, checkpoint_parts);
  };
  auto observe = [&](const AdvanceReport& report, double wall_s) {
    const bool due = place % time.output_every == 0 || place == last || is_steady();
    const core::ScopedTimer region("observers");
    for (const auto& observer : observers) observer({state, stepper, report, number, due, wall_s});
  };

  check_contract(state, time.max_abs_value);
  if (place == 0) {
    if (is_there(checkpoint, comm)) save();
    observe({}, 0);
  }
  while (place < last && !is_steady()) {
    if (steady) steady->before(state);
    const core::Traffic before = core::traffic();
    const core::Stopwatch stopwatch;
    AdvanceReport report;
    {
      const core::ScopedTimer region("advance");
      report = stepper.advance(state, time.window_s);
      Kokkos::fence("end of window");
    }
    const double wall_s = stopwatch.seconds();
    result.sent += core::traffic() - before;
    state.time_s = static_cast<double>(++place) * time.window_s;
    ++number;
    result.advance_wall_s += wall_s;
    result.windows += 1;
    result.steps += report.steps;
    result.cell_updates += report.cell_updates;

    check_contract(state, time.max_abs_value);
    if (steady) steady->after(state);
    observe(report, wall_s);
    const int signal = core::stop_signal(comm);
    const bool out_of_time =
        time.max_wall_s > 0 && comm.max(since_start.seconds()) > time.max_wall_s;
    const bool due = time.checkpoint_every > 0 && place % time.checkpoint_every == 0;
    if (due || signal || out_of_time || place == last || is_steady()) save();
    if ((signal || out_of_time) && place < last && !is_steady())
      stop(signal, core::format("at {:.6g} s of {:.6g} s; {}", state.time_s, time.end_s,
                                checkpoint.empty() ? std::string("no checkpoint")
                                                   : "checkpoint " + checkpoint.string()));
    progress.update(
        static_cast<double>(place - first),
        core::format("t = {:.5g} s  {:.3g} cells/s", state.time_s, result.rate_cells_per_s()));
  }
  if (place < last && is_steady()) result.early = steady->words();
  return result;
}

template struct RunLoop<float>;
template struct RunLoop<double>;
template void check_contract(const mesh::State<float>&, double, const std::string&);
template void check_contract(const mesh::State<double>&, double, const std::string&);

}  // namespace understudy::solvers
