/* Understudy for C: a computation on batches of points, collected, and replaced by a network where that
 * is trusted. <understudy/surrogates/sub_model/sub_model.hpp> says what the policies do and promise; here
 * data are host arrays.
 *
 * Every function returns 0, or one of the codes below; understudy_message() then says what was wrong.
 * Arrays of points are row-major, [point][column], double or (names that end in _f) float. Handles may
 * be used by several threads. In a program on several MPI ranks understudy_initialize, _create, _reload,
 * _report and _report_text are collective over the ranks of the communicator. An error of
 * _initialize_on, _create or _reload on one rank is one on all; only a rank that gives no sub-model (NULL)
 * to _reload or a report is missed by the others. MPI and Kokkos are initialised by understudy_initialize unless they
 * are already; understudy_finalize ends what it began, and neither can be initialised again after that:
 * understudy_initialize then returns an error.
 *
 * Structs begin with their size in bytes as the caller was compiled: a library that is newer reads and
 * writes no further. A size of 0, or larger than the library's own, is an error. */
#ifndef UNDERSTUDY_H
#define UNDERSTUDY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum understudy_status {
  UNDERSTUDY_OK = 0,
  UNDERSTUDY_ERROR = 1,       /* of the library itself */
  UNDERSTUDY_USER_ERROR = 2,  /* an argument, a file or a model is wrong */
  UNDERSTUDY_RUN_ERROR = 3,   /* the network gave values that are not finite */
  UNDERSTUDY_PHYSICS = 4      /* the physics returned another value than 0 */
};

/* The message of this thread's last error; "" before the first. Valid until its next call. */
const char* understudy_message(void);

/* threads <= 0: OMP_NUM_THREADS, else 1. Ignored where Kokkos is initialised already. */
int understudy_initialize(int threads);
/* The same on the ranks of a communicator of the program, in place of MPI_COMM_WORLD: by its handle in
 * Fortran, MPI_Comm_c2f(comm) in C. MPI must be initialised; a build without MPI returns an error. The
 * communicator is duplicated. May be called again with another one: sub-models stay on that of their
 * making. */
int understudy_initialize_on(int fortran_comm, int threads);
/* All sub-models must be destroyed before. */
int understudy_finalize(void);

/* in [points][inputs], out [points][outputs]; returns 0, or anything else to fail the call. It may be
 * given fewer points than the call had: those that the gate did not trust the network with. */
typedef int (*understudy_physics)(void* user, size_t points, const double* in, double* out);
typedef int (*understudy_physics_f)(void* user, size_t points, const float* in, float* out);

/* Fill with understudy_default_options() first; strings need to live only during the call. */
typedef struct understudy_options {
  size_t size;      /* sizeof(understudy_options), by understudy_default_options() */
  const char* name; /* of the computation: letters, digits, _ and - */
  size_t inputs;
  const char* const* input_names; /* [inputs] */
  const char* const* input_units; /* [inputs] */
  size_t outputs;
  const char* const* output_names;
  const char* const* output_units;
  const char* policy;  /* collect, never, always, gate */
  const char* model;   /* folder; always and gate */
  const char* dataset; /* directory; collect, and gate to keep what it rejected */
  int gate_range, gate_distance, gate_disagreement; /* 1: tested */
  double range_slack; /* widens the range on both sides, in parts of its width */
  int store_every;
  long long store_at_most;
  int watch_model; /* 1: a model folder that changes during the run is an error */
} understudy_options;

typedef struct understudy_counters {
  size_t size; /* sizeof(understudy_counters), by understudy_get_counters() */
  long long calls, points, to_network, to_physics;
  long long not_finite, out_of_range, too_far, disagreed, network_not_finite, stored;
  double network_s, physics_s, gate_s;
} understudy_counters;

typedef struct understudy_sub_model understudy_sub_model; /* opaque */

/* The defaults, as far as options->size says. For bindings of other languages; in C: below. */
int understudy_fill_options(understudy_options* options);
static inline void understudy_default_options(understudy_options* options) {
  if (!options) return;
  options->size = sizeof *options;
  (void)understudy_fill_options(options);
}
/* *model is NULL after an error. */
int understudy_create(const understudy_options* options, understudy_sub_model** model);
/* NULL is allowed. Stores what is buffered; the error of that is returned, and the handle is gone. */
int understudy_destroy(understudy_sub_model* model);

/* `in` and `out` may not overlap (UNDERSTUDY_USER_ERROR). Where points cannot be stored (a full disk) the
 * results are in `out` all the same: collect then returns an error and has stored none of the points,
 * gate writes it to the log and stores nothing more until an understudy_flush succeeds. */
int understudy_call(understudy_sub_model* model, size_t points, const double* in, double* out,
                    understudy_physics physics, void* user);
/* The same in single precision, which is the network's own. */
int understudy_call_f(understudy_sub_model* model, size_t points, const float* in, float* out,
                      understudy_physics_f physics, void* user);
int understudy_flush(understudy_sub_model* model);
/* Loads the model folder anew; after an error all ranks keep the model they had. */
int understudy_reload(understudy_sub_model* model);
/* As far as counters->size says. For bindings of other languages; in C: below. */
int understudy_fill_counters(const understudy_sub_model* model, understudy_counters* counters);
static inline int understudy_get_counters(const understudy_sub_model* model,
                                          understudy_counters* counters) {
  if (counters) counters->size = sizeof *counters;
  return understudy_fill_counters(model, counters);
}
/* The counters over all ranks as text, which has no largest length. *text is valid until this thread's
 * next call of the function; NULL after an error. */
int understudy_report_text(const understudy_sub_model* model, const char** text);
/* Up to `size` bytes of it, with a closing 0. */
int understudy_report(const understudy_sub_model* model, char* text, size_t size);

/* For bindings of other languages, whose own checks are told like ours: makes `message` that of this
 * thread and returns UNDERSTUDY_USER_ERROR. */
int understudy_refuse(const char* message);

#ifdef __cplusplus
}
#endif

#endif
