// understudy.h over sub_model.hpp. No exception leaves this file.
#include <understudy/understudy.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/fortran_comm.hpp"
#include "core/log.hpp"
#include "surrogates/sub_model/sub_model.hpp"
#include "surrogates/sub_model/sub_model_checks.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include <mpi.h>
#endif

struct understudy_sub_model {
  understudy::SubModel model;
  std::size_t inputs, outputs;
};

namespace {

namespace core = understudy::core;
using Host = Kokkos::HostSpace;

thread_local std::string last_message, last_report;
bool began_mpi = false, began_kokkos = false;
/// Of understudy_initialize_on; none: all ranks.
std::optional<core::Comm> given_comm;

core::Comm communicator() { return given_comm ? *given_comm : core::Comm::world(); }

/// What the user's callback returned, through our own frames.
struct PhysicsFailed {
  int code;
};

template <class Action>
int guarded(const Action& action) {
  try {
    action();
    return UNDERSTUDY_OK;
  } catch (const PhysicsFailed& failed) {
    last_message = "the physics returned " + std::to_string(failed.code);
    return UNDERSTUDY_PHYSICS;
  } catch (const core::UserError& error) {
    last_message = error.what();
    return UNDERSTUDY_USER_ERROR;
  } catch (const core::RunError& error) {
    last_message = error.what();
    return UNDERSTUDY_RUN_ERROR;
  } catch (const std::exception& error) {
    last_message = error.what();
  } catch (...) {
    last_message = "an unknown exception";
  }
  return UNDERSTUDY_ERROR;
}

void require(bool holds, const std::string& what) {
  if (!holds) throw core::UserError(what);
}

std::string text(const char* given) { return given ? given : ""; }

/// Structs of callers that were compiled with an older understudy.h are shorter than ours.
template <class Struct>
void require_size(const Struct& given, const char* type, const char* set_by) {
  require(given.size >= sizeof(given.size),
          core::format("{}: size is {}; it must be sizeof({}), as {} sets it", type, given.size,
                       type, set_by));
  require(given.size <= sizeof(Struct),
          core::format(
              "{}: size is {}, and this library knows {} bytes: the program was compiled with a "
              "newer understudy.h, or the struct is not initialised ({})",
              type, given.size, sizeof(Struct), set_by));
}

understudy_options default_options() {
  const understudy::SubModelOptions defaults;
  understudy_options options{};
  options.policy = "never";
  options.gate_range = options.gate_distance = options.gate_disagreement = 1;
  options.range_slack = defaults.gate.range_slack;
  options.store_every = defaults.store_every;
  options.store_at_most = defaults.store_at_most;
  options.watch_model = defaults.watch_model;
  return options;
}

std::vector<understudy::Column> columns(std::size_t count, const char* const* names,
                                        const char* const* units) {
  require(count == 0 || (names && units), "understudy_options: names and units may not be NULL");
  std::vector<understudy::Column> all;
  for (std::size_t n = 0; n < count; ++n) all.push_back({text(names[n]), text(units[n])});
  return all;
}

understudy::SubModelOptions options_of(const understudy_options& given) {
  require_size(given, "understudy_options", "understudy_default_options()");
  understudy_options o = default_options();
  std::memcpy(&o, &given, given.size);
  understudy::SubModelOptions options;
  options.name = text(o.name);
  options.inputs = columns(o.inputs, o.input_names, o.input_units);
  options.outputs = columns(o.outputs, o.output_names, o.output_units);
  options.policy = understudy::sub_model_policy_from(text(o.policy));
  options.model = text(o.model);
  options.dataset = text(o.dataset);
  options.gate = {o.gate_range != 0, o.gate_distance != 0, o.gate_disagreement != 0, o.range_slack};
  options.store_every = o.store_every;
  options.store_at_most = o.store_at_most;
  options.watch_model = o.watch_model != 0;
  options.comm = communicator();
  return options;
}

// Neither library can be begun a second time: asking would end the program.
void begin(int threads) {
  require(
      !Kokkos::is_finalized(),
      "understudy_initialize: Kokkos is finalised and cannot be initialised again in this program");
#ifdef UNDERSTUDY_WITH_MPI
  int initialised = 0, finalised = 0;
  MPI_Finalized(&finalised);
  require(
      !finalised,
      "understudy_initialize: MPI is finalised and cannot be initialised again in this program");
  MPI_Initialized(&initialised);
  if (!initialised) {
    int provided;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    began_mpi = true;
  }
#endif
  if (!Kokkos::is_initialized()) {
    const char* set = std::getenv("OMP_NUM_THREADS");
    const int count = threads > 0 ? threads : std::max(1, set ? std::atoi(set) : 1);
    Kokkos::initialize(Kokkos::InitializationSettings()
                           .set_num_threads(count)
                           .set_map_device_id_by("mpi_rank")
                           .set_disable_warnings(true));
    began_kokkos = true;
  }
  core::log::set_rank(core::Comm::world().rank());
}

void end() {
  given_comm.reset();
  if (began_kokkos) Kokkos::finalize();
  began_kokkos = false;
#ifdef UNDERSTUDY_WITH_MPI
  if (began_mpi) MPI_Finalize();
  began_mpi = false;
#endif
}

template <class Real, class Call>
void call(const std::string& name, understudy_sub_model* model, std::size_t points, const Real* in,
          Real* out, Call* physics, void* user) {
  require(model, name + ": the sub-model is NULL");
  require(points == 0 || (in && out), name + ": `in` or `out` is NULL");
  using In = understudy::Points<const Real, Host>;
  using Out = understudy::Points<Real, Host>;
  understudy::Physics<Real, Host> checked;
  if (physics)
    checked = [physics, user](const In& x, const Out& y) {
      const int code = physics(user, x.extent(0), x.data(), y.data());
      if (code != 0) throw PhysicsFailed{code};
    };
  model->model.call(In(in, points, model->inputs), Out(out, points, model->outputs), checked);
}

}  // namespace

extern "C" {

const char* understudy_message(void) { return last_message.c_str(); }

int understudy_refuse(const char* message) {
  return guarded([&] { require(false, text(message)); });
}

int understudy_initialize(int threads) {
  return guarded([&] {
    begin(threads);
    given_comm.reset();
  });
}

int understudy_initialize_on(int fortran_comm, int threads) {
  return guarded([&] {
    auto comm = core::comm_from_fortran(fortran_comm);
    // On all ranks, or those that began would wait in understudy_create for the others.
    understudy::sub_model::together(comm, "understudy_initialize_on", [&] { begin(threads); });
    given_comm = std::move(comm);
    core::log::set_rank(given_comm->rank());
  });
}

int understudy_finalize(void) { return guarded(end); }

int understudy_fill_options(understudy_options* options) {
  return guarded([&] {
    require(options, "understudy_fill_options: the options are NULL");
    require_size(*options, "understudy_options", "understudy_default_options()");
    understudy_options defaults = default_options();
    defaults.size = options->size;
    std::memcpy(options, &defaults, defaults.size);
  });
}

int understudy_create(const understudy_options* options, understudy_sub_model** model) {
  return guarded([&] {
    if (model) *model = nullptr;
    understudy::sub_model::require_mpi();
    understudy::SubModelOptions own;
    // On all ranks, or the others would wait in the constructor.
    understudy::sub_model::together(communicator(), "understudy_create", [&] {
      understudy::sub_model::require_kokkos();
      require(options && model, "understudy_create: an argument is NULL");
      own = options_of(*options);
    });
    *model =
        new understudy_sub_model{understudy::SubModel(own), own.inputs.size(), own.outputs.size()};
  });
}

int understudy_destroy(understudy_sub_model* model) {
  const std::unique_ptr<understudy_sub_model> owner(model);
  return guarded([&] {
    if (model) model->model.flush();
  });
}

int understudy_call(understudy_sub_model* model, size_t points, const double* in, double* out,
                    understudy_physics physics, void* user) {
  return guarded([&] { call("understudy_call", model, points, in, out, physics, user); });
}

int understudy_call_f(understudy_sub_model* model, size_t points, const float* in, float* out,
                      understudy_physics_f physics, void* user) {
  return guarded([&] { call("understudy_call_f", model, points, in, out, physics, user); });
}

int understudy_flush(understudy_sub_model* model) {
  return guarded([&] {
    require(model, "understudy_flush: the sub-model is NULL");
    model->model.flush();
  });
}

int understudy_reload(understudy_sub_model* model) {
  return guarded([&] {
    require(model, "understudy_reload: the sub-model is NULL");
    model->model.reload();
  });
}

int understudy_fill_counters(const understudy_sub_model* model, understudy_counters* counters) {
  return guarded([&] {
    require(model && counters, "understudy_get_counters: an argument is NULL");
    require_size(*counters, "understudy_counters", "understudy_get_counters()");
    const auto c = model->model.counters();
    const understudy_counters own = {
        counters->size, c.calls,        c.points,    c.to_network, c.to_physics,
        c.not_finite,   c.out_of_range, c.too_far,   c.disagreed,  c.network_not_finite,
        c.stored,       c.network_s,    c.physics_s, c.gate_s};
    std::memcpy(counters, &own, own.size);
  });
}

int understudy_report_text(const understudy_sub_model* model, const char** to) {
  return guarded([&] {
    if (to) *to = nullptr;
    require(model, "understudy_report_text: the sub-model is NULL");
    last_report = model->model.report();  // first: the other ranks wait for it
    require(to, "understudy_report_text: `text` is NULL");
    *to = last_report.c_str();
  });
}

int understudy_report(const understudy_sub_model* model, char* to, size_t size) {
  return guarded([&] {
    require(model, "understudy_report: the sub-model is NULL");
    const std::string report = model->model.report();  // first: the other ranks wait for it
    require(to && size > 0, "understudy_report: `text` is NULL or has no room");
    const std::size_t count = std::min(report.size(), size - 1);
    std::memcpy(to, report.data(), count);
    to[count] = 0;
  });
}

}  // extern "C"
