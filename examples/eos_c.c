/* examples/eos.cpp in plain C: eos_c collect DATASET | eos_c gate MODEL DATASET */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <understudy/understudy.h>

enum { points = 4000, steps = 4 };

static int equation_of_state(void* user, size_t n, const double* in, double* out) {
  long long* seen = user;
  for (size_t p = 0; p < n; ++p) {
    const double rho = in[2 * p], e = in[2 * p + 1];
    const double gamma = 1.4 + 0.2 * exp(-e);
    const double pressure = (gamma - 1) * rho * e + 0.3 * rho * rho;
    out[2 * p] = pressure;
    out[2 * p + 1] = sqrt(1.5 * pressure / rho);
  }
  *seen += (long long)n;
  return 0;
}

/* A fixed sequence of numbers in [0, 1). */
static double draw(unsigned long long* state) {
  *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(*state >> 11) / 9007199254740992.0;
}

static int failed(const char* what) {
  fprintf(stderr, "eos_c: %s: %s\n", what, understudy_message());
  return 1;
}

static int run(understudy_sub_model* eos, int gated) {
  static double in[2 * points], out[2 * points], truth[2 * points];
  unsigned long long state = gated ? 7 : 3;
  long long seen = 0, unused = 0;
  double error = 0, error_beyond = 0;
  for (int step = 0; step < steps; ++step) {
    for (int p = 0; p < points; ++p) {
      in[2 * p] = 0.5 + 1.5 * draw(&state);
      in[2 * p + 1] = 1 + 2 * draw(&state);
      if (gated && p % 10 == 0) in[2 * p + 1] = 2 * in[2 * p + 1] + 1.5;
    }
    if (understudy_call(eos, points, in, out, equation_of_state, &seen)) return failed("call");
    equation_of_state(&unused, points, in, truth);
    for (int v = 0; v < 2 * points; ++v) {
      const double e = fabs(out[v] - truth[v]) / truth[v];
      error = fmax(error, e);
      if (v / 2 % 10 == 0) error_beyond = fmax(error_beyond, e);
    }
  }
  understudy_counters c;
  char report[2048];
  if (understudy_flush(eos)) return failed("flush");
  if (understudy_get_counters(eos, &c)) return failed("counters");
  if (understudy_report(eos, report, sizeof report)) return failed("report");
  printf("%slargest error %.2e, beyond the range %.2e\n", report, error, error_beyond);
  const long long beyond = points / 10 * steps;
  if (seen != c.to_physics || c.stored != c.to_physics) return 1;
  if (!gated) return c.to_physics == points * steps ? 0 : 1;
  return error < 0.04 && error_beyond == 0 && c.out_of_range >= beyond && c.to_network > 8 * beyond
             ? 0
             : 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const int gated = strcmp(argv[1], "gate") == 0;
  const char *inputs[] = {"density", "energy"}, *input_units[] = {"kg/m3", "J/kg"};
  const char *outputs[] = {"pressure", "sound_speed"}, *output_units[] = {"Pa", "m/s"};
  if (understudy_initialize(0)) return failed("initialize");
  understudy_options options;
  understudy_default_options(&options);
  options.name = "eos";
  options.inputs = 2;
  options.input_names = inputs;
  options.input_units = input_units;
  options.outputs = 2;
  options.output_names = outputs;
  options.output_units = output_units;
  options.policy = argv[1];
  options.model = gated ? argv[2] : NULL;
  options.dataset = gated ? (argc > 3 ? argv[3] : NULL) : argv[2];
  understudy_sub_model* eos = NULL;
  if (understudy_create(&options, &eos)) return failed("create");
  const int bad = run(eos, gated);
  if (understudy_destroy(eos)) return failed("destroy");
  if (understudy_finalize()) return failed("finalize");
  return bad;
}
