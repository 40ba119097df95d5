// The C interface: structs of other versions, single precision, reports, communicators.
#include <gtest/gtest.h>
#include <understudy/understudy.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "support/surrogates_sub_model_case.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif

namespace understudy::tests {

namespace {

const char *const square_name[] = {"x"}, *const square_unit[] = {"m"};

understudy_options square_options() {
  understudy_options options;
  understudy_default_options(&options);
  options.name = "square";
  options.inputs = options.outputs = 1;
  options.input_names = options.output_names = square_name;
  options.input_units = options.output_units = square_unit;
  return options;
}

int square_f(void* calls, std::size_t points, const float* in, float* out) {
  ++*static_cast<int*>(calls);
  for (std::size_t n = 0; n < points; ++n) out[n] = in[n] * in[n];
  return points == 3 ? 0 : 9;
}

int square(void*, std::size_t points, const double* in, double* out) {
  for (std::size_t n = 0; n < points; ++n) out[n] = in[n] * in[n];
  return 0;
}

/// What understudy_create says of options of that size; "" where it takes them.
std::string refusal(understudy_options options, std::size_t size) {
  options.size = size;
  understudy_sub_model* model = nullptr;
  const int code = understudy_create(&options, &model);
  EXPECT_EQ(code, model ? UNDERSTUDY_OK : UNDERSTUDY_USER_ERROR);
  const std::string message = model ? "" : understudy_message();
  understudy_destroy(model);
  return message;
}

}  // namespace

TEST(CInterface, OptionsOfAnOlderHeaderAreShorterAndTheRestKeepsItsDefault) {
  understudy_options options = square_options();
  EXPECT_EQ(options.size, sizeof options);
  // An older one that ends before store_every; what lies behind is not the caller's, and wrong.
  options.store_every = -5;
  options.store_at_most = -5;
  EXPECT_EQ(refusal(options, offsetof(understudy_options, store_every)), "");
  EXPECT_TRUE(says(refusal(options, sizeof options), "store_every (-5)"));
}

TEST(CInterface, DefaultsAreWrittenOnlyAsFarAsTheCallerHasRoom) {
  understudy_options options;
  std::memset(&options, 0x55, sizeof options);
  options.size = offsetof(understudy_options, store_every);
  const understudy_options before = options;
  ASSERT_EQ(understudy_fill_options(&options), UNDERSTUDY_OK);
  EXPECT_STREQ(options.policy, "never");
  EXPECT_EQ(options.gate_range, 1);
  EXPECT_EQ(options.size, offsetof(understudy_options, store_every));
  EXPECT_EQ(options.store_every, before.store_every);
  EXPECT_EQ(options.watch_model, before.watch_model);
}

TEST(CInterface, ASizeOfNothingOrOfANewerHeaderIsRefused) {
  const understudy_options options = square_options();
  EXPECT_TRUE(says(refusal(options, 0),
                   "understudy_options: size is 0; it must be "
                   "sizeof(understudy_options), as understudy_default_options()"));
  EXPECT_TRUE(says(refusal(options, sizeof options + 8), "compiled with a newer understudy.h"));
  understudy_options zero = options;
  zero.size = 0;
  EXPECT_EQ(understudy_fill_options(&zero), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "size is 0"));
  EXPECT_EQ(understudy_fill_options(nullptr), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "the options are NULL"));
}

TEST(CInterface, CountersAreWrittenOnlyAsFarAsTheCallerHasRoom) {
  const understudy_options options = square_options();
  understudy_sub_model* model = nullptr;
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  const double x[] = {1, 2};
  double y[2];
  ASSERT_EQ(understudy_call(model, 2, x, y, square, nullptr), UNDERSTUDY_OK);
  understudy_counters counters;
  ASSERT_EQ(understudy_get_counters(model, &counters), UNDERSTUDY_OK);
  EXPECT_EQ(counters.size, sizeof counters);
  EXPECT_EQ(counters.to_physics, 2);
  std::memset(&counters, 0x55, sizeof counters);
  const understudy_counters before = counters;
  counters.size = offsetof(understudy_counters, to_physics);
  ASSERT_EQ(understudy_fill_counters(model, &counters), UNDERSTUDY_OK);
  EXPECT_EQ(counters.calls, 1);
  EXPECT_EQ(counters.points, 2);
  EXPECT_EQ(counters.to_physics, before.to_physics);
  for (const std::size_t size : {std::size_t{0}, sizeof counters + 8}) {
    counters.size = size;
    EXPECT_EQ(understudy_fill_counters(model, &counters), UNDERSTUDY_USER_ERROR);
    EXPECT_TRUE(says(understudy_message(), "understudy_counters: size is " + std::to_string(size)));
  }
  EXPECT_EQ(understudy_get_counters(model, nullptr), UNDERSTUDY_USER_ERROR);
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

TEST(CInterface, BatchesOfFloat) {
  const understudy_options options = square_options();
  understudy_sub_model* model = nullptr;
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  const float x[] = {1.5F, -2, 0.25F, 4};
  float y[4] = {};
  int calls = 0;
  ASSERT_EQ(understudy_call_f(model, 3, x, y, square_f, &calls), UNDERSTUDY_OK);
  EXPECT_EQ(std::vector<float>(y, y + 4), (std::vector<float>{2.25F, 4, 0.0625F, 0}));
  EXPECT_EQ(understudy_call_f(model, 4, x, y, square_f, &calls), UNDERSTUDY_PHYSICS);
  EXPECT_TRUE(says(understudy_message(), "the physics returned 9"));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(understudy_call_f(nullptr, 3, x, y, square_f, &calls), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "understudy_call_f: the sub-model is NULL"));
  EXPECT_EQ(understudy_call_f(model, 3, x, nullptr, square_f, &calls), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "understudy_call_f: `in` or `out` is NULL"));
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

TEST(CInterface, ReportsOfAnyLength) {
  const std::string name(64, 'n'), longer(10000, 'n');
  understudy_options options = square_options();
  understudy_sub_model* model = nullptr;
  options.name = longer.c_str();
  EXPECT_EQ(understudy_create(&options, &model), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "10000 bytes; at most 64 are allowed"));
  EXPECT_LT(std::string(understudy_message()).size(), 200u) << "names are cut in messages";
  options.name = name.c_str();
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  const char* report = nullptr;
  ASSERT_EQ(understudy_report_text(model, &report), UNDERSTUDY_OK);
  EXPECT_TRUE(says(report, name + " (never): 0 calls"));
  char cut[20];
  ASSERT_EQ(understudy_report(model, cut, sizeof cut), UNDERSTUDY_OK);
  EXPECT_STREQ(cut, "sub-model nnnnnnnnn");
  EXPECT_EQ(understudy_report_text(nullptr, &report), UNDERSTUDY_USER_ERROR);
  EXPECT_EQ(report, nullptr);
  EXPECT_TRUE(says(understudy_message(), "understudy_report_text: the sub-model is NULL"));
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

// Reports are collective: a rank that has no room for its own gives its counters to the others.
TEST(CInterface, AReportThatOneRankHasNoRoomForIsTheOthersAllTheSame) {
  const core::Comm world = core::Comm::world();
  const bool last = world.rank() == world.size() - 1;
  const understudy_options options = square_options();
  understudy_sub_model* model = nullptr;
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  const int expected = last ? UNDERSTUDY_USER_ERROR : UNDERSTUDY_OK;
  const char* report = nullptr;
  EXPECT_EQ(understudy_report_text(model, last ? nullptr : &report), expected);
  EXPECT_TRUE(says(last ? understudy_message() : report,
                   last ? "understudy_report_text: `text` is NULL" : "(never): 0 calls"));
  char text[200] = {};
  EXPECT_EQ(understudy_report(model, text, last ? 0 : sizeof text), expected);
  EXPECT_TRUE(says(last ? understudy_message() : text,
                   last ? "understudy_report: `text` is NULL" : "(never): 0 calls"));
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

TEST(CInterface, APhysicsThatFailsStoresNothing) {
  const Scratch work(core::Comm::world());
  const std::string dataset = (work / "points").string();
  understudy_options options = square_options();
  options.policy = "collect";
  options.dataset = dataset.c_str();
  understudy_sub_model* model = nullptr;
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  const float x[] = {1, 2, 3, 4};
  float y[4];
  int calls = 0;
  EXPECT_EQ(understudy_call_f(model, 4, x, y, square_f, &calls), UNDERSTUDY_PHYSICS);
  understudy_counters counters;
  ASSERT_EQ(understudy_get_counters(model, &counters), UNDERSTUDY_OK);
  EXPECT_EQ(counters.points, 4);
  EXPECT_EQ(counters.to_physics, 0);
  EXPECT_EQ(counters.stored, 0);
  ASSERT_EQ(understudy_call_f(model, 3, x, y, square_f, &calls), UNDERSTUDY_OK);
  ASSERT_EQ(understudy_get_counters(model, &counters), UNDERSTUDY_OK);
  EXPECT_EQ(counters.to_physics, 3);
  EXPECT_EQ(counters.stored, 3);
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

TEST(CInterface, RefusalsOfBindings) {
  EXPECT_EQ(understudy_refuse("a text of a binding"), UNDERSTUDY_USER_ERROR);
  EXPECT_STREQ(understudy_message(), "a text of a binding");
  EXPECT_EQ(understudy_refuse(nullptr), UNDERSTUDY_USER_ERROR);
  EXPECT_STREQ(understudy_message(), "");
}

#ifdef UNDERSTUDY_WITH_MPI
// Each half of the ranks has a sub-model of its own, with another policy: on all ranks that is an error.
TEST(CInterface, LivesOnTheCommunicatorThatItIsGiven) {
  const core::Comm world = core::Comm::world();
  const core::Comm half = world.split(world.rank() % 2, world.rank());
  ASSERT_EQ(understudy_initialize_on(MPI_Comm_c2f(core::native(half)), 1), UNDERSTUDY_OK)
      << understudy_message();
  const Scratch work(world);
  const std::string dataset = (work / "points").string();
  understudy_options options = square_options();
  options.policy = world.rank() % 2 == 0 ? "never" : "collect";
  options.dataset = dataset.c_str();
  understudy_sub_model* model = nullptr;
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  // From here on others live on all ranks; this one stays.
  ASSERT_EQ(understudy_initialize(1), UNDERSTUDY_OK) << understudy_message();
  const double x[] = {1, 2, 3};
  double y[3];
  ASSERT_EQ(understudy_call(model, 3, x, y, square, nullptr), UNDERSTUDY_OK);
  const char* report = nullptr;
  ASSERT_EQ(understudy_report_text(model, &report), UNDERSTUDY_OK);
  EXPECT_TRUE(says(report, std::to_string(3 * half.size()) + " points on " +
                               std::to_string(half.size()) + " ranks"));
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
  options = square_options();
  ASSERT_EQ(understudy_create(&options, &model), UNDERSTUDY_OK) << understudy_message();
  ASSERT_EQ(understudy_report_text(model, &report), UNDERSTUDY_OK);
  EXPECT_TRUE(says(report, "on " + std::to_string(world.size()) + " ranks"));
  EXPECT_EQ(understudy_destroy(model), UNDERSTUDY_OK);
}

TEST(CInterface, AHandleOfNoCommunicatorIsRefused) {
  EXPECT_EQ(understudy_initialize_on(MPI_Comm_c2f(MPI_COMM_NULL), 1), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "is no communicator of this MPI"));
}
#else
TEST(CInterface, ABuildWithoutMpiTakesNoCommunicator) {
  EXPECT_EQ(understudy_initialize_on(0, 1), UNDERSTUDY_USER_ERROR);
  EXPECT_TRUE(says(understudy_message(), "this build of Understudy has no MPI"));
}
#endif

}  // namespace understudy::tests
