/* Two components share the ranks of a program, and one of them alone knows Understudy: the atmosphere, on
 * the odd ranks, with a communicator of its own. The ocean, on the even ranks (rank 0 is one), never calls
 * Understudy and waits for the atmosphere's last word: what asked all ranks for anything would stand still.
 *
 *   coupled_c collect DATASET | coupled_c gate MODEL    on an even number of ranks
 *   coupled_c refused                                   what one rank lacks is an error on all */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include <understudy/understudy.h>

enum { points = 400, every = 10, good = 4711 };

static const char *const inputs[] = {"temperature", "wind"}, *const input_units[] = {"K", "m/s"};
static const char *const outputs[] = {"evaporation"}, *const output_units[] = {"K m/s"};

static void require(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "coupled_c: not so: %s; last message: %s\n", what, understudy_message());
  MPI_Abort(MPI_COMM_WORLD, 1);
}

/* One difference and one product: the same bits whoever calls it. */
static int evaporation(void* code, size_t n, const double* in, double* out) {
  for (size_t p = 0; p < n; ++p) out[p] = (in[2 * p] - 271) * in[2 * p + 1];
  return *(int*)code;
}

/* A fixed sequence of numbers in [0, 1). */
static double draw(unsigned long long* state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) / 9007199254740992.0;
}

/* With `beyond` every tenth wind is stronger than any that was collected. */
static void weather(unsigned long long* state, int beyond, double* in) {
  for (int p = 0; p < points; ++p) {
    in[2 * p] = 280 + 20 * draw(state);
    in[2 * p + 1] = beyond && p % every == 0 ? 40 : 2 + 10 * draw(state);
  }
}

static void require_results(const double* in, const double* out) {
  static double truth[points];
  int code = 0;
  double sum = 0;
  evaporation(&code, points, in, truth);
  for (int p = 0; p < points; ++p) {
    if (in[2 * p + 1] > 12) require(out[p] == truth[p], "the physics computes what lies beyond");
    sum += fabs(out[p] - truth[p]);
  }
  require(sum / points < 0.1 * 29 * 12, "the network is about right");
}

static understudy_options evaporation_options(void) {
  understudy_options options;
  understudy_default_options(&options);
  options.name = "evaporation";
  options.inputs = 2, options.input_names = inputs, options.input_units = input_units;
  options.outputs = 1, options.output_names = outputs, options.output_units = output_units;
  return options;
}

/* The last rank asks for a policy that there is not: an error on all ranks of the atmosphere. */
static void wrong_on_one_rank(understudy_options options, int last) {
  understudy_sub_model* model = NULL;
  if (last) options.policy = "sometimes";
  require(understudy_create(&options, &model) == UNDERSTUDY_USER_ERROR && !model, "a wrong policy");
  require(strstr(understudy_message(), "policy 'sometimes' is unknown") != NULL, "its message");
}

/* A physics that fails on one rank is that rank's own error. */
static void fails_here(understudy_sub_model* model, const double* in, double* out) {
  understudy_counters before, after;
  int code = 7;
  require(understudy_get_counters(model, &before) == 0, "counters");
  require(understudy_call(model, points, in, out, evaporation, &code) == UNDERSTUDY_PHYSICS, "fails");
  require(strstr(understudy_message(), "the physics returned 7") != NULL, "its code");
  require(understudy_get_counters(model, &after) == 0, "counters");
  require(after.calls == before.calls + 1, "the call is counted");
  require(after.to_physics == before.to_physics && after.stored == before.stored,
          "nothing of a failed physics is counted or stored");
}

static void require_counters(understudy_sub_model* model, int calls, int gated) {
  const long long all = (long long)points * calls, beyond = all / every;
  understudy_counters c;
  require(understudy_get_counters(model, &c) == 0, "counters");
  require(c.calls == calls && c.points == all, "calls and points");
  require(c.to_network + c.to_physics == all, "every point is somebody's");
  require(c.stored == (gated ? 0 : all), "points that are stored");
  if (gated)
    require(c.out_of_range >= beyond && c.to_network > all / 2, "the network's points");
  else
    require(c.to_network == 0, "no network");
}

static void require_report(understudy_sub_model* model, const char* policy, int ranks) {
  const int calls = ranks * (ranks + 1) / 2;
  const char* report = NULL;
  char expected[200];
  snprintf(expected, sizeof expected, "sub-model evaporation (%s): %d calls, %d points on %d ranks",
           policy, calls, calls * points, ranks);
  require(understudy_report_text(model, &report) == 0 && report, "a report");
  require(strstr(report, expected) != NULL, expected);
}

/* `comm`: the odd ranks. */
static void atmosphere(MPI_Comm comm, const char* policy, const char* folder) {
  static double in[2 * points], out[points];
  const int gated = strcmp(policy, "gate") == 0;
  int rank, ranks, code = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  require(understudy_initialize_on(MPI_Comm_c2f(comm), 1) == 0, "initialize_on");
  MPI_Comm_free(&comm); /* it was duplicated */
  understudy_options options = evaporation_options();
  options.policy = policy;
  if (gated)
    options.model = folder;
  else
    options.dataset = folder;
  wrong_on_one_rank(options, rank == ranks - 1);
  understudy_sub_model* model = NULL;
  require(understudy_create(&options, &model) == 0 && model, "create");
  /* Every rank calls another number of times. */
  unsigned long long state = 3 + (unsigned)rank + 100 * (unsigned)gated;
  for (int call = 0; call <= rank; ++call) {
    weather(&state, gated, in);
    require(understudy_call(model, points, in, out, evaporation, &code) == 0, "call");
    require_results(in, out);
  }
  require_counters(model, rank + 1, gated);
  require_report(model, policy, ranks);
  if (rank == ranks - 1) fails_here(model, in, out);
  require(understudy_reload(model) == 0, "reload");
  require(understudy_call(model, points, in, out, evaporation, &code) == 0, "call after reload");
  require_results(in, out);
  require(understudy_destroy(model) == 0, "destroy");
  require(understudy_finalize() == 0, "finalize");
}

/* All ranks share the sub-model, and the last has ended Kokkos: no other may wait for it. */
static int refused(int last) {
  const understudy_options options = evaporation_options();
  understudy_sub_model* model = NULL;
  require(understudy_initialize(1) == 0, "initialize");
  if (last) require(understudy_finalize() == 0, "finalize");
  require(understudy_create(&options, &model) == UNDERSTUDY_USER_ERROR && !model, "create");
  require(strstr(understudy_message(), "a SubModel needs Kokkos, which is finalised") != NULL,
          "what it needs");
  require(understudy_initialize_on(MPI_Comm_c2f(MPI_COMM_WORLD), 1) == UNDERSTUDY_USER_ERROR,
          "initialize_on");
  require(strstr(understudy_message(), "Kokkos is finalised") != NULL, "what is over");
  require(understudy_finalize() == 0, "finalize");
  return MPI_Finalize();
}

int main(int argc, char** argv) {
  int rank, ranks, word = 0, finalised = 1;
  MPI_Comm mine;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (argc == 2 && strcmp(argv[1], "refused") == 0) return refused(rank == ranks - 1);
  require(argc == 3 && ranks % 2 == 0, "collect DATASET or gate MODEL, on an even number of ranks");
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &mine);
  if (rank % 2 == 1) {
    atmosphere(mine, argv[1], argv[2]);
    MPI_Finalized(&finalised);
    require(!finalised, "MPI is the program's own and goes on");
    word = good;
    MPI_Send(&word, 1, MPI_INT, rank - 1, 1, MPI_COMM_WORLD);
  } else {
    MPI_Comm_free(&mine);
    MPI_Recv(&word, 1, MPI_INT, rank + 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    require(word == good, "the atmosphere's word");
  }
  return MPI_Finalize();
}
