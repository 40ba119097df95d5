// What a training leaves behind: its history, read back and resumed, and planes of its fields.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_history.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_pinn_problem.hpp"

namespace understudy::apps {
namespace {

using tests::Scratch;
using tests::two_terms;

pinn::HistoryLine line(long long step) {
  pinn::HistoryLine l;
  l.step = step;
  l.window = 1;
  l.wall_s = 0.1 * double(step);
  l.learning_rate = 1e-3;
  l.loss = 1.0 / 3 / double(step + 1);
  l.losses = {0.1, 0.2};
  l.weights = {1, 10};
  if (step % 2 == 0) l.errors = {1e-2};
  l.parameters = {0.25};
  l.phase = step < 4 ? "adam" : "lbfgs";
  return l;
}

TEST(PinnHistory, ReadsBackWhatWasWrittenAndResumesAtItsStep) {
  const Scratch scratch;
  const auto path = scratch / "history.csv";
  {
    PinnHistory history(path, two_terms(), false);
    for (int n = 0; n < 6; ++n) history.write(line(n));
  }
  EXPECT_TRUE(tests::slurp(path).starts_with(
      "step,window,phase,wall_s,learning_rate,loss,loss:inside.momentum,loss:start.u,"
      "weight:inside.momentum,weight:start.u,error:u,parameter:viscosity\n"));
  const auto all = read_history(path, two_terms());
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[5].loss, line(5).loss);  // every digit
  EXPECT_EQ(all[5].phase, "lbfgs");
  EXPECT_EQ(all[4].errors, line(4).errors);
  EXPECT_TRUE(all[5].errors.empty());
  EXPECT_EQ(all[3].weights, line(3).weights);
  EXPECT_EQ(all[3].parameters, line(3).parameters);
  {
    PinnHistory resumed(path, two_terms(), true);
    resumed.write(line(4));
  }
  EXPECT_EQ(read_history(path, two_terms()).size(), 5u);
  {
    PinnHistory anew(path, two_terms(), false);
    anew.write(line(4));
  }
  EXPECT_EQ(read_history(path, two_terms()).size(), 1u);
  auto other = two_terms();
  other.terms.pop_back();
  EXPECT_TRUE(read_history(path, other).empty()) << "columns of another problem";
}

// [t, y, x] = 100 t + 10 y + x.
PinnFields numbered() {
  PinnFields fields;
  fields.inputs = {{"x", "m", 0, 2}, {"y", "m", 0, 1}, {"t", "s", 0, 4, true}};
  fields.counts = {3, 2, 5};
  fields.first = {0, 0, 0};
  fields.spacing = {1, 1, 1};
  PinnQuantity q{"u", "m", PinnQuantity::Kind::solution, "u", {}};
  for (int t = 0; t < 5; ++t)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 3; ++x) q.values.push_back(100 * t + 10 * y + x);
  fields.quantities = {q};
  return fields;
}

TEST(PinnFields, PlanesAreTakenAtThreeTimes) {
  const PinnFields fields = numbered();
  const auto all = views(fields);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].title, "t = 2 s");
  const auto middle = slice(fields, fields.quantities[0].values, all[1]);
  EXPECT_EQ(middle.width, 3);
  EXPECT_EQ(middle.height, 2);
  EXPECT_EQ(middle.values, (std::vector<double>{200, 201, 202, 210, 211, 212}));
}

TEST(PinnFields, TimeIsUpwardsWhereThereIsOneOtherInput) {
  PinnFields fields;
  fields.inputs = {{"t", "s", 0, 1, true}, {"x", "m", 0, 1}};
  fields.counts = {2, 3};
  fields.first = {0, 0};
  fields.spacing = {1, 0.5};
  const auto all = views(fields);
  ASSERT_EQ(all.size(), 1u);
  const auto plane = slice(fields, {0, 1, 10, 11, 20, 21}, all[0]);
  EXPECT_EQ(plane.values, (std::vector<double>{0, 10, 20, 1, 11, 21}));
}

TEST(PinnFields, SolutionHasTheRangeOfItsReference) {
  PinnFields fields = numbered();
  auto reference = fields.quantities[0];
  reference.kind = PinnQuantity::Kind::reference;
  reference.name = "u_reference";
  fields.quantities[0].values.front() = 1e9;
  fields.quantities.push_back(reference);
  EXPECT_EQ(style(fields, fields.quantities[0]).upper, 412);
  EXPECT_EQ(style(fields, fields.quantities[1]).upper, 412);
}

}  // namespace
}  // namespace understudy::apps
