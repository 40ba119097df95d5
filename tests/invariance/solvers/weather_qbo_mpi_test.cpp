// Columns of the QBO know nothing of each other: on any ranks they are bitwise those of one rank, and after a
// restart those of the run that went on.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "solvers/weather/qbo/qbo_solver.hpp"

namespace {

using namespace understudy;

constexpr double day = 86400;

solvers::QboParams params() {
  solvers::QboParams p;
  p.flux_spread = 0.3;
  p.waves.speed_step_m_s = 10;
  return p;
}

std::shared_ptr<const mesh::BoxGrid> grid_of(const core::Comm& comm, std::vector<long long> ranks) {
  const mesh::GridParams box{{0, 17e3}, {8, 35e3}, {8, 48}, std::move(ranks)};
  return std::make_shared<mesh::BoxGrid>(box, std::array{true, false, true}, comm);
}

struct Case {
  std::shared_ptr<const mesh::BoxGrid> grid;
  solvers::QboSolver<double> solver;
  mesh::State<double> state;
  explicit Case(const core::Comm& comm)
      : grid(grid_of(comm, {comm.size(), 1})),
        solver(params(), grid),
        state(grid, solver.fields()) {
    solver.initialise(state);
    solver.constrain(state);
  }
  double wind(int level, int column) const {
    return state["u"].data(0, 0, 2 + level, 2 + column - grid->offset(0));
  }
};

TEST(QboInvariance, ColumnsAreTheSameOnAnyRanks) {
  Case split(core::Comm::world()), whole(core::Comm::self());
  split.solver.advance(split.state, 400 * day);
  whole.solver.advance(whole.state, 400 * day);
  const int first = split.grid->offset(0), end = first + split.grid->local_cells(0);
  for (int column = first; column < end; ++column)
    for (int l = 0; l < 48; ++l) ASSERT_EQ(split.wind(l, column), whole.wind(l, column));
  for (int l = 0; l < 48; ++l) {
    ASSERT_EQ(split.wind(l, first - 1), whole.wind(l, first == 0 ? -1 : first - 1)) << "ghosts";
    if (first > 0) {
      ASSERT_NE(split.wind(20, first), whole.wind(20, 0)) << "fluxes differ";
    }
  }
  const auto a = split.solver.diagnostics(split.state), b = whole.solver.diagnostics(whole.state);
  EXPECT_EQ(a.at(1).value, b.at(1).value);
  EXPECT_NEAR(a.at(2).value / b.at(2).value, 1, 1e-13);
}

TEST(QboInvariance, WindowsAreBitwiseOneRun) {
  Case once(core::Comm::world()), again(core::Comm::world());
  once.solver.advance(once.state, 40 * day);
  again.solver.advance(again.state, 20 * day);
  Case resumed(core::Comm::world());
  resumed.state.copy_from(again.state);
  resumed.solver.advance(resumed.state, 20 * day);
  const int first = once.grid->offset(0);
  for (int l = 0; l < 48; ++l) ASSERT_EQ(once.wind(l, first), resumed.wind(l, first));
}

TEST(QboInvariance, RanksThatShareAColumnAreRefused) {
  const auto comm = core::Comm::world();
  if (comm.size() == 1) return;
  try {
    solvers::QboSolver<double> solver(params(), grid_of(comm, {1, comm.size()}));
    FAIL() << "a column on several ranks";
  } catch (const core::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("grid.ranks: ranks cannot share a column"),
              std::string::npos);
  }
}

}  // namespace
