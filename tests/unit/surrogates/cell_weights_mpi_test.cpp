// Cells count for what they measure: in datasets, block means, losses, validation errors and modes, on any number of
// ranks; where all measure alike, nothing changes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/sampling.hpp"
#include "mesh/cell_weights.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_box_case.hpp"
#include "support/surrogates_measured.hpp"
#include "surrogates/comparison/spectrum.hpp"
#include "surrogates/fields/latent_advance.hpp"
#include "surrogates/fields/state_measures.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy {

using namespace surrogates;

namespace {

constexpr int nx = 24, ny = 16;

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

double uneven(int i, int j, int = 0) { return (i < nx / 3 ? 9 : 1) + 0.1 * j; }
double alike(int, int, int) { return 1; }

std::filesystem::path dataset(const std::string& name, tests::MeasureOfCell measure,
                              const core::Comm& comm) {
  return tests::write_measured_samples(tests::fresh_folder(name, comm), measure, 25, comm);
}

TrainingSetup setup_of(const std::string& kind) {
  TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.width = 8;
  setup.network.levels = 2;
  setup.network.patch = 1;
  setup.network.latent_map = "linear";
  setup.network.latent_size = 6;
  setup.network.constrain = false;
  setup.training.epochs = 1;
  setup.training.batch = 8;
  setup.training.unroll = {1};
  setup.training.unroll_fractions = {};
  setup.training.rollout_windows = 1;
  setup.training.rollout_starts = 1;
  setup.training.validate_every = 1;
  setup.training.noise = 0;
  setup.training.threads = 1;
  return setup;
}

// [point] of two channels on the periodic box, over their mean.
at::Tensor point_measures() {
  at::Tensor w = at::empty({2, ny, nx}, at::kDouble);
  double* to = w.data_ptr<double>();
  for (int c = 0; c < 2; ++c)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) *to++ = uneven(i, j);
  return (w / w.mean()).flatten();
}

}  // namespace

TEST(CellWeights, GoWithADataset) {
  const auto folder = dataset("cell_weights_dataset", uneven, world());
  const DatasetReader reader(folder);
  const auto measures = reader.cell_measures(1);
  ASSERT_EQ(measures.size(), std::size_t(nx * ny));
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) ASSERT_EQ(measures[j * nx + i], uneven(i, j));
  const auto weights = mesh::cell_weights(measures);
  double sum = 0;
  for (const float w : weights) sum += w;
  EXPECT_NEAR(sum, nx * ny, 1e-3);
  EXPECT_EQ(reader.cell_weights(1, reader.all_cells()), weights);
  mesh::Range3 box = reader.all_cells();
  box.begin = {5, 3, 0};
  box.end[0] = 21;
  const auto part = reader.cell_weights(1, box);
  ASSERT_EQ(part.size(), std::size_t(box.count()));
  for (int j = 3; j < ny; ++j)
    for (int i = 5; i < 21; ++i) ASSERT_EQ(part[(j - 3) * 16 + i - 5], weights[j * nx + i]);
  const mesh::Hdf5File file(folder / "train" / "sample_1.hdf5", mesh::H5Mode::read, world());
  EXPECT_EQ(file.attribute<std::string>("cell_measures/cells", "units"), "m2");
}

TEST(CellWeights, OfABoxOfAVolumeAreThatPartOfTheWhole) {
  const auto grid =
      tests::measured_grid([](int i, int j, int k) { return 1 + 0.3 * i + 0.01 * j * j + (k % 2); },
                           world(), tests::box_params());
  tests::Carrier<float> stepper(grid);
  mesh::State<float> state(grid, stepper.fields());
  stepper.initialise(state, 0.1);
  auto info = tests::carrier_dataset(true, stepper.fields());
  info.grid = tests::box_params();
  info.boundaries = tests::periodic_box;
  const auto folder = tests::fresh_folder("cell_weights_volume", world());
  SampleWriter<float> writer(folder, info, tests::carrier_sample(0, "train", 2), grid);
  writer.write(state);
  state.time_s = tests::window_s;
  writer.write(state);
  writer.finish(1);
  world().barrier();
  const DatasetReader reader(folder);
  const auto whole = mesh::cell_weights(reader.cell_measures(0));
  EXPECT_EQ(reader.cell_weights(0, reader.all_cells()), whole);
  const mesh::Range3 box{{5, 2, 1}, {12, 7, 4}};
  std::vector<float> part;
  for (int k = 1; k < 4; ++k)
    for (int j = 2; j < 7; ++j)
      for (int i = 5; i < 12; ++i) part.push_back(whole.at((k * 8 + j) * 12 + i));
  EXPECT_EQ(reader.cell_weights(0, box), part);
}

TEST(CellWeights, OfADatasetAreAboveZero) {
  const auto folder = dataset("cell_weights_damaged", uneven, world());
  {
    mesh::Hdf5File file(folder / "train" / "sample_0.hdf5", mesh::H5Mode::update, world());
    const double zero = 0;
    const mesh::H5Block first{{0, 0}, {1, 1}};
    file.write("cell_measures/cells", &zero, world().is_root() ? first : mesh::H5Block::none());
    file.close();
  }
  world().barrier();
  const std::string text = tests::error_text([&] { DatasetReader(folder).cell_measures(0); });
  EXPECT_NE(text.find("sample_0.hdf5: cell_measures/cells has a value that is not above 0"),
            std::string::npos)
      << text;
}

TEST(CellWeights, AreThoseOfBlockMeans) {
  tests::Carrier<double> stepper(tests::measured_grid(uneven, world()));
  mesh::State<double> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.3);
  FieldCard q;
  q.name = "q";
  const Measurer<double> measurer(stepper.grid(), {q});
  const auto measures = measurer(state);
  const auto blocks = measurer.lattice().blocks;
  std::vector<double> sums(measurer.lattice().count(), 0.0), sizes = sums;
  double total = 0, squares = 0;
  const auto field = state["q"].component();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
  const mesh::Grid& grid = *stepper.grid();
  const mesh::Range3 r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const int gi = grid.offset(0) + i - r.begin[0], gj = grid.offset(1) + j - r.begin[1];
      const int block = gj * blocks[1] / ny * blocks[0] + gi * blocks[0] / nx;
      const double w = uneven(gi, gj), v = host(0, j, i);
      sums[block] += w * v;
      sizes[block] += w;
      squares += w * v * v;
      total += w;
    }
  world().sum(std::span<double>(sums));
  world().sum(std::span<double>(sizes));
  double explained = 0;
  for (std::size_t b = 0; b < sums.size(); ++b) {
    EXPECT_NEAR(measures.block_means[b], sums[b] / sizes[b], 1e-12);
    explained += sums[b] * sums[b] / sizes[b];
  }
  EXPECT_NEAR(measures.fluctuation[0],
              std::sqrt((world().sum(squares) - explained) / world().sum(total)), 1e-9);
}

TEST(CellWeights, OfOneChangeNoBitOfATraining) {
  const auto comm = core::Comm::self();
  const auto name = "cell_weights_alike_" + std::to_string(world().rank());
  const auto folder = dataset(name, alike, comm);
  const auto plain = tests::fresh_folder(name + "_plain", comm);
  for (int n = 0; n < 3; ++n) tests::write_sample<float>(plain, true, n, "train", 25, comm);
  tests::write_sample<float>(plain, true, 1, "valid", 25, comm);
  ASSERT_EQ(DatasetReader(folder).cell_measures(0).size(), std::size_t(nx * ny));
  ASSERT_TRUE(DatasetReader(plain).cell_measures(0).empty());
  for (const char* kind : {"unet", "pod", "conv_autoencoder"}) {
    const auto setup = setup_of(kind);
    const auto weighed = train(DatasetReader(folder), setup, comm);
    const auto unweighed = train(DatasetReader(plain), setup, comm);
    EXPECT_TRUE(at::equal(weighed.model.network->impl().flat, unweighed.model.network->impl().flat))
        << kind;
    for (std::size_t c = 0; c < 2; ++c)
      EXPECT_EQ(weighed.model.card.validation[c].rel_l2_rollout,
                unweighed.model.card.validation[c].rel_l2_rollout)
          << kind;
  }
}

TEST(CellWeights, AreThoseOfLossAndErrors) {
  const auto comm = core::Comm::self();
  const auto folder = dataset("cell_weights_loss_" + std::to_string(world().rank()), uneven, comm);
  const DatasetReader reader(folder);
  auto setup = setup_of("unet");
  setup.training.learning_rate = 1e-12;  // it stays persistence
  const auto report = train(reader, setup, comm);
  // Changes have a weighed mean square of 1 in their own units; plain ones would be off by a fifth.
  EXPECT_NEAR(report.curve.at(0).loss, 1, 1e-4);
  const auto values = reader.prognostic(reader.samples_of("valid").at(0), 0, 2);
  for (int c = 0; c < 2; ++c) {
    double miss = 0, size = 0, plain_miss = 0, plain_size = 0;
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const std::size_t at = (std::size_t(c) * ny + j) * nx + i;
        const double before = values[at], after = values[std::size_t(2) * ny * nx + at];
        const double d = std::pow(after - before, 2), s = std::pow(after, 2);
        miss += uneven(i, j) * d;
        size += uneven(i, j) * s;
        plain_miss += d;
        plain_size += s;
      }
    const double error = report.model.card.validation[c].persistence_rollout;
    EXPECT_NEAR(error, std::sqrt(miss / size), 1e-5 * error);
    EXPECT_GT(std::abs(error - std::sqrt(plain_miss / plain_size)), 1e-3 * error);
  }
}

TEST(CellWeights, ModesAreOrthonormalInThem) {
  const auto folder = dataset("cell_weights_modes", uneven, world());
  const auto report = train(DatasetReader(folder), setup_of("pod"), world());
  const auto& impl = report.model.network->impl();
  const auto w = slices(impl.flat, impl.specs);
  const at::Tensor modes = w[PodArchitecture::modes].to(at::kDouble), by = point_measures();
  const at::Tensor gram = at::mm(modes * by, modes.t());
  EXPECT_LT((gram - at::eye(6, at::kDouble)).abs().max().item<double>(), 1e-4);

  // A state that is no combination of modes has the coordinates of the weighed least squares.
  tests::Carrier<double> stepper(tests::measured_grid(uneven, world()));
  mesh::State<double> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.77);
  at::Tensor x = at::empty({2, ny, nx}, at::kDouble);
  const mesh::Grid& grid = *stepper.grid();
  const mesh::Range3 r = grid.interior();
  std::vector<double> all(2 * nx * ny, 0.0);
  for (std::size_t c = 0; c < 2; ++c) {
    const FieldCard& card = report.model.card.fields[c];
    const auto host =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state[card.name].component());
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const int gi = grid.offset(0) + i - r.begin[0], gj = grid.offset(1) + j - r.begin[1];
        host(0, j, i) += 0.5 * std::sin(1.7 * gi * gi + 2.3 * gi * gj + double(c));
        all[(c * ny + gj) * nx + gi] = (host(0, j, i) - card.mean) / card.std;
      }
    Kokkos::deep_copy(state[card.name].component(), host);
  }
  world().sum(std::span<double>(all));
  std::copy(all.begin(), all.end(), x.data_ptr<double>());
  const at::Tensor mean = w[PodArchitecture::mean].to(at::kDouble);
  const at::Tensor expected = at::linalg_solve(gram, at::mv(modes * by, x.flatten() - mean)) /
                              w[PodArchitecture::unit].item<double>();
  LatentAdvance<double> advance(report.model, stepper.grid(), {0.0});
  const auto found = advance.encode(state);
  ASSERT_EQ(advance.projections(), 1);
  const double size = expected.abs().max().item<double>();
  for (int m = 0; m < 6; ++m)
    EXPECT_NEAR(found[m], expected[m].item<double>(), 2e-3 * size) << "mode " << m;
}

TEST(CellWeights, AreThoseOfTheRowsOfASpectrum) {
  // A wave in the upper half alone, whose cells are three times as thick.
  const auto grid =
      tests::measured_grid([](int, int j, int) { return j < ny / 2 ? 1.0 : 3.0; }, world());
  mesh::State<double> state(grid, {{.name = "q", .unit = "K"}});
  const auto q = state["q"].component();
  const auto host = Kokkos::create_mirror_view(q);
  for (int j = 0; j < grid->extent(1); ++j)
    for (int i = 0; i < grid->extent(0); ++i) {
      const double x = grid->coordinate(mesh::Location::cell, 0, i) / 1.5,
                   y = grid->coordinate(mesh::Location::cell, 1, j);
      host(0, j, i) = y > 0.5 ? std::sin(2 * std::numbers::pi * x) : 0;
    }
  Kokkos::deep_copy(q, host);
  EXPECT_NEAR(row_spectrum(state, "q").energy.at(1), 0.75 * 0.5, 1e-12);
}

}  // namespace understudy
