// A program that brings a solver of its own, and lets Understudy learn it and stand in for it: heat that
// is carried through a periodic box, dT/dt + u dT/dx = k lap T, on the library's grid.
// The class `Channel` is all that is needed: what a field is, how it advances, what is conserved, how ghosts are
// filled. Dataset, training, swap and comparison are the library's.
//
//   field_swap FOLDER    simulates six samples, trains, and compares an unseen one
#include <cmath>
#include <cstdio>
#include <exception>
#include <numbers>
#include <understudy/stepper.hpp>

namespace us = understudy;
using Temperature = us::mesh::Array3<double>;

constexpr double window_s = 0.02, speed_m_s = 1, diffusivity_m2_s = 4e-3;

void add_rate(const us::mesh::BoxGrid& grid, const Temperature& t, const Temperature& rate) {
  const double hx = grid.spacing(0), hy = grid.spacing(1);
  us::mesh::for_cells(
      "rate", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        rate(k, j, i) =
            -speed_m_s * (t(k, j, i + 1) - t(k, j, i - 1)) / (2 * hx) +
            diffusivity_m2_s * ((t(k, j, i + 1) - 2 * t(k, j, i) + t(k, j, i - 1)) / (hx * hx) +
                                (t(k, j + 1, i) - 2 * t(k, j, i) + t(k, j - 1, i)) / (hy * hy));
      });
}

void step(const us::mesh::BoxGrid& grid, const Temperature& t, const Temperature& rate, double dt) {
  us::mesh::for_cells(
      "step", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { t(k, j, i) += dt * rate(k, j, i); });
}

void heat_spot(const us::mesh::BoxGrid& grid, const Temperature& t, double x_m, double y_m) {
  const double hx = grid.spacing(0), hy = grid.spacing(1);
  const int gx = grid.ghosts(0), gy = grid.ghosts(1);
  us::mesh::for_cells(
      "spot", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const double dx = Kokkos::sin(std::numbers::pi * (hx * (i - gx + 0.5) - x_m));
        const double dy = Kokkos::sin(std::numbers::pi * (hy * (j - gy + 0.5) - y_m));
        t(k, j, i) = 1 + Kokkos::exp(-12 * (dx * dx + dy * dy));
      });
}

double heat(const us::mesh::BoxGrid& grid, const Temperature& t) {
  const double mine = us::mesh::sum_cells(
      "heat", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) { return t(k, j, i); });
  return grid.comm().sum(mine) * grid.cell_volume();
}

class Channel : public us::solvers::Stepper<double> {
 public:
  explicit Channel(std::shared_ptr<const us::mesh::BoxGrid> grid)
      : grid_(grid),
        halo_(grid),
        rate_("rate", grid->extent(2), grid->extent(1), grid->extent(0)) {}
  std::string name() const override { return "channel"; }
  std::shared_ptr<const us::mesh::Grid> grid() const override { return grid_; }
  const us::mesh::BoxGrid& box() const { return *grid_; }
  std::vector<us::mesh::FieldInfo> fields() const override {
    return {{.name = "T",
             .unit = "K",
             .location = us::mesh::Location::cell,
             .role = us::mesh::Role::prognostic,
             .description = "temperature"}};
  }
  double stable_dt(const us::mesh::State<double>&) override {
    return 0.2 * grid_->spacing(0) * grid_->spacing(0) / diffusivity_m2_s;
  }
  us::solvers::AdvanceReport advance(us::mesh::State<double>& state, double duration_s) override {
    const int steps = static_cast<int>(std::ceil(duration_s / stable_dt(state)));
    for (int n = 0; n < steps; ++n) {
      add_rate(*grid_, state["T"].component(), rate_);
      step(*grid_, state["T"].component(), rate_, duration_s / steps);
      constrain(state);
    }
    state.step += steps;
    us::solvers::AdvanceReport report;
    report.steps = steps;
    report.cell_updates = static_cast<double>(steps * grid_->global_cell_count());
    return report;
  }
  std::vector<us::solvers::Diagnostic> diagnostics(const us::mesh::State<double>& state) override {
    return {{"heat", "K m2", heat(*grid_, state["T"].component()),
             us::solvers::DiagnosticKind::conserved}};
  }
  void constrain(us::mesh::State<double>& state) override {
    halo_.exchange({state["T"].component()});
    Kokkos::fence("ghosts");
  }

 private:
  std::shared_ptr<const us::mesh::BoxGrid> grid_;
  us::mesh::Halo<double> halo_;
  Temperature rate_;
};

us::mesh::State<double> start(Channel& channel, int sample) {
  us::mesh::State<double> state(channel.grid(), channel.fields());
  heat_spot(channel.box(), state["T"].component(), 0.15 * sample, 0.37 * sample);
  channel.constrain(state);
  return state;
}

void simulate(Channel& channel, const us::surrogates::DatasetInfo& dataset, int number,
              const std::filesystem::path& folder) {
  us::surrogates::SampleInfo sample;
  sample.name = "sample_" + std::to_string(number);
  sample.split = number == 5 ? "valid" : "train";
  sample.frames = 41;
  us::surrogates::SampleWriter<double> writer(folder, dataset, sample, channel.grid());
  auto state = start(channel, number);
  for (long long frame = 0; frame < sample.frames; ++frame) {
    if (frame > 0) channel.advance(state, window_s);
    state.time_s = window_s * static_cast<double>(frame);
    writer.write(state);
  }
  writer.finish(1);
}

int run(const std::filesystem::path& folder) {
  us::mesh::GridParams box;
  box.cells = {32, 32};
  box.lower_m = {0, 0};
  box.upper_m = {1, 1};
  const auto grid = std::make_shared<us::mesh::BoxGrid>(box, std::array{true, true, true},
                                                        us::core::Comm::world());
  const auto channel = std::make_shared<Channel>(grid);
  const auto described = us::surrogates::describe(*channel, window_s);
  const auto dataset = us::surrogates::dataset_of("channel", described);
  for (int sample = 0; sample < 6; ++sample) simulate(*channel, dataset, sample, folder);

  us::surrogates::TrainingSetup setup;
  setup.network.width = 8;
  setup.network.levels = 2;
  setup.network.patch = 1;
  setup.training.epochs = 12;
  setup.training.rollout_windows = 20;
  setup.training.learning_rate = 5e-3;
  const auto trained =
      us::surrogates::train(us::surrogates::DatasetReader(folder), setup, us::core::Comm::world());

  const auto surrogate =
      std::make_shared<us::surrogates::SurrogateStepper<double>>(channel, trained.model, described);
  us::surrogates::SwapParams policy;
  policy.policy = "schedule";
  policy.lead_windows = 2;
  policy.physics_every = 5;
  us::surrogates::Swap<double> swap(policy, channel, surrogate, window_s);
  const auto initial = start(*channel, 7);
  us::surrogates::ComparisonSetup<double> compared{*channel, swap, initial};
  compared.window_s = window_s;
  compared.windows = 20;
  const auto result = us::surrogates::compare(compared);
  const auto& error = result.error_of("T");
  std::printf("surrogate advanced %.0f%% of the windows; error %.2e, of a state at rest %.2e\n",
              100 * result.accepted_fraction, error.final(), error.persistence.back());
  const bool good = result.accepted_fraction > 0.5 && result.accepted_fraction < 1 &&
                    error.final() < 0.5 * error.persistence.back();
  return good ? 0 : 1;
}

int main(int argc, char** argv) {
  const us::core::Runtime runtime(argc, argv, {});
  try {
    if (argc == 2) return run(argv[1]);
    std::fprintf(stderr, "usage: field_swap FOLDER\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "field_swap: %s\n", error.what());
  }
  return 2;
}
