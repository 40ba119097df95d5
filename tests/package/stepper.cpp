// A program that brings a solver of its own, and headers that are named like Understudy's: each finds its
// own, and the solver is described.
#include "core/error.hpp"
#include "mesh/grid.hpp"

#include <cstdio>
#include <understudy/stepper.hpp>

namespace us = understudy;

namespace {

class Rest : public us::solvers::Stepper<double> {
 public:
  explicit Rest(std::shared_ptr<const us::mesh::Grid> grid) : grid_(std::move(grid)) {}
  std::string name() const override { return "rest"; }
  std::shared_ptr<const us::mesh::Grid> grid() const override { return grid_; }
  std::vector<us::mesh::FieldInfo> fields() const override {
    return {{.name = "T",
             .unit = "K",
             .location = us::mesh::Location::cell,
             .role = us::mesh::Role::prognostic,
             .description = "temperature"}};
  }
  double stable_dt(const us::mesh::State<double>&) override { return 1; }
  us::solvers::AdvanceReport advance(us::mesh::State<double>&, double) override { return {}; }
  std::vector<us::solvers::Diagnostic> diagnostics(const us::mesh::State<double>&) override {
    return {};
  }
  void constrain(us::mesh::State<double>&) override {}

 private:
  std::shared_ptr<const us::mesh::Grid> grid_;
};

bool describes() {
  us::mesh::GridParams box;
  box.cells = {8, 4};
  const Rest rest(std::make_shared<us::mesh::BoxGrid>(box, std::array{true, true, true},
                                                      us::core::Comm::world()));
  const auto run = us::surrogates::describe(rest, 0.5);
  try {
    us::surrogates::describe(rest, 0);
    return false;
  } catch (const us::core::UserError&) {
  }
  return run.grid.cells == box.cells && run.fields.size() == 1 && run.boundaries.size() == 4;
}

}  // namespace

int main(int argc, char** argv) {
  const us::core::Runtime runtime(argc, argv, {});
  const own::Grid grid{7};
  const own::Error error{1};
  return describes() && grid.triangles == 7 ? 0 : error.code;
}
