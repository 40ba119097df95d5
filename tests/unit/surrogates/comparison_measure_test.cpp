// The norms of comparison and gates on a grid whose cells differ: each cell counts for its area.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "support/mesh_stretched_grid.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy {

namespace {

// Adds `step` to every cell of the last column in each window.
class LastColumn : public solvers::Stepper<double> {
 public:
  LastColumn(std::shared_ptr<const mesh::Grid> grid, double step)
      : grid_(std::move(grid)), step_(step) {}
  std::string name() const override { return "last column"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override { return {{"q", "K"}}; }
  double stable_dt(const mesh::State<double>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<double>& state, double) override {
    mesh::Range3 column = grid_->interior();
    column.begin[0] = column.end[0] - 1;
    add(state["q"].component(), column, step_);
    return {};
  }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<double>&) override { return {}; }
  void constrain(mesh::State<double>&) override {}

  static void add(const mesh::Array3<double>& q, const mesh::Range3& r, double value) {
    mesh::for_cells("add", r, KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) += value; });
  }

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  double step_;
};

}  // namespace

TEST(Comparison, WeighsErrorsByTheCellsMeasure) {
  const auto grid = std::make_shared<const mesh_test::StretchedGrid>(7, 5, core::Comm::self());
  LastColumn truth(grid, 0), replacement(grid, 1);
  mesh::State<double> state(grid, truth.fields());
  LastColumn::add(state["q"].component(), grid->interior(), 1);
  surrogates::ComparisonSetup<double> setup{truth, replacement, state};
  setup.window_s = 1;
  setup.windows = 1;
  const auto result = surrogates::compare(setup);
  // The last of seven columns is 7 of 28 m wide: a quarter of the area is wrong by 1 of 1.
  EXPECT_DOUBLE_EQ(result.error_of("q").final(), std::sqrt(7.0 / 28));
}

TEST(Comparison, RefusesSpectraOfAGridThatIsNoBox) {
  const auto grid = std::make_shared<const mesh_test::StretchedGrid>(7, 5, core::Comm::self());
  LastColumn truth(grid, 0), replacement(grid, 1);
  mesh::State<double> state(grid, truth.fields());
  surrogates::ComparisonSetup<double> setup{truth, replacement, state};
  setup.window_s = 1;
  setup.windows = 1;
  setup.spectra_every = 1;
  try {
    surrogates::compare(setup);
    FAIL() << "accepted";
  } catch (const core::UserError& error) {
    EXPECT_STREQ(error.what(),
                 "an energy spectrum needs a uniform box; this run's grid is another");
  }
}

TEST(Gates, WeighErrorsByTheCellsMeasure) {
  const auto grid = std::make_shared<const mesh_test::StretchedGrid>(7, 5, core::Comm::self());
  const auto other = std::make_shared<LastColumn>(grid, 1);
  mesh::State<double> state(grid, other->fields());
  LastColumn::add(state["q"].component(), grid->interior(), 1);
  surrogates::GateContext<double> context;
  context.card.fields = {{"q", "K", "cell", 0, 0, 1, 0.25, 0, 2}};
  context.window_s = 1;
  context.truth = other;
  context.members = {other};
  context.params.residual_fraction = 0.5;
  const surrogates::StateMeasures measures{};
  const surrogates::GateView<double> view{state, &state, measures};
  // A root mean square of a half, in units of the increment's 0.25 (of half a window's).
  EXPECT_DOUBLE_EQ(surrogates::make_disagreement_gate(context)->score(view), 2);
  EXPECT_DOUBLE_EQ(surrogates::make_residual_gate(context)->score(view), 4);
}

}  // namespace understudy
