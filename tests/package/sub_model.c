/* The messages of the C interface: what is wrong is said, and nothing ends the program. */
#include <stdio.h>
#include <string.h>

#include <understudy/understudy.h>

static int fails(void* user, size_t points, const double* in, double* out) {
  (void)user, (void)points, (void)in, (void)out;
  return 7;
}

static int square_f(void* user, size_t points, const float* in, float* out) {
  (void)user;
  for (size_t p = 0; p < points; ++p) out[p] = in[p] * in[p];
  return 0;
}

static int check(int holds, const char* what) {
  if (!holds) printf("%s; message: %s\n", what, understudy_message());
  return holds ? 0 : 1;
}

int main(void) {
  const char *in[] = {"x"}, *in_unit[] = {"m"}, *out[] = {"area"}, *out_unit[] = {"m2"};
  double x = 3, y = 0;
  understudy_sub_model* model = NULL;
  understudy_options o;
  understudy_default_options(&o);
  int bad = check(understudy_create(&o, &model) == UNDERSTUDY_USER_ERROR && !model, "too early");
  bad += check(strstr(understudy_message(), "a SubModel needs ") != NULL, "what it needs");
  bad += check(understudy_initialize_on(0, 1) == UNDERSTUDY_USER_ERROR, "a communicator too early");
  bad += check(strstr(understudy_message(), "MPI") != NULL, "what it needs");
  bad += check(understudy_initialize(1) == 0, "initialize");
  understudy_default_options(&o);
  o.name = "square";
  o.inputs = o.outputs = 1;
  o.input_names = in, o.input_units = in_unit, o.output_names = out, o.output_units = out_unit;
  o.policy = "sometimes";
  bad += check(understudy_create(&o, &model) == UNDERSTUDY_USER_ERROR && !model, "policy");
  bad += check(strstr(understudy_message(), "collect, never, always, gate") != NULL, "policies");
  o.policy = "gate";
  o.model = "no such folder";
  bad += check(understudy_create(&o, &model) == UNDERSTUDY_USER_ERROR, "folder");
  bad += check(strstr(understudy_message(), "weights.safetensors is missing") != NULL, "missing");
  bad += check(understudy_create(NULL, &model) == UNDERSTUDY_USER_ERROR, "NULL options");
  o.policy = "never";
  bad += check(understudy_create(&o, &model) == 0 && model, "create");
  bad += check(understudy_call(model, 0, NULL, NULL, fails, NULL) == 0, "no points, no call");
  bad += check(understudy_call(model, 1, &x, &y, fails, NULL) == UNDERSTUDY_PHYSICS, "physics");
  bad += check(strstr(understudy_message(), "returned 7") != NULL, "its code");
  bad += check(understudy_call(model, 1, &x, &y, NULL, NULL) == UNDERSTUDY_USER_ERROR, "none");
  bad += check(understudy_call(model, 1, NULL, &y, fails, NULL) == UNDERSTUDY_USER_ERROR, "NULL in");
  bad += check(understudy_call(model, 1, &x, &x, fails, NULL) == UNDERSTUDY_USER_ERROR, "in place");
  bad += check(strstr(understudy_message(), "overlap") != NULL, "overlap");
  float x_f = 3, y_f = 0;
  bad += check(understudy_call_f(model, 1, &x_f, &y_f, square_f, NULL) == 0 && y_f == 9, "float");
  understudy_counters counters;
  bad += check(understudy_get_counters(model, &counters) == 0 && counters.size == sizeof counters,
               "counters");
  const char* report = NULL;
  bad += check(understudy_report_text(model, &report) == 0 && report, "report");
  bad += check(report && strstr(report, "sub-model square (never)"), "its text");
  understudy_options shorter = o;
  shorter.size = offsetof(understudy_options, watch_model);
  understudy_sub_model* older = NULL;
  bad += check(understudy_create(&shorter, &older) == 0 && older, "options of an older header");
  bad += check(understudy_destroy(older) == 0, "destroy the older");
  shorter.size = 0;
  bad += check(understudy_create(&shorter, &older) == UNDERSTUDY_USER_ERROR, "size 0");
  bad += check(strstr(understudy_message(), "size is 0") != NULL, "its size");
  bad += check(understudy_call(NULL, 1, &x, &y, fails, NULL) == UNDERSTUDY_USER_ERROR, "NULL");
  bad += check(understudy_destroy(model) == 0 && understudy_destroy(NULL) == 0, "destroy");
  bad += check(understudy_finalize() == 0, "finalize");
  bad += check(understudy_initialize(1) == UNDERSTUDY_USER_ERROR, "a second time");
  bad += check(strstr(understudy_message(), "is finalised") != NULL, "finalised");
  bad += check(understudy_create(&o, &model) == UNDERSTUDY_USER_ERROR && !model, "too late");
  return bad;
}
