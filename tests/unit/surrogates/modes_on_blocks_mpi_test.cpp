// Modes of which each rank has its block of points: what is summed and factorised over ranks, and that a training on
// blocks follows one rank, in memory and streamed. All in single precision.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "support/surrogates_box_case.hpp"
#include "support/surrogates_measured.hpp"
#include "support/torch_streaming_case.hpp"
#include "support/torch_trained.hpp"
#include "surrogates/fields/sample_blocks.hpp"
#include "surrogates/fields/torch_point_weights.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"
#include "surrogates/network/torch_pod.hpp"
#include "surrogates/network/torch_point_sharing.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::streaming::groupings;
using tests::streaming::world;

namespace {

namespace fs = std::filesystem;

// Of so many points this rank's: the first rank has few, which may be less than there are columns.
struct Own {
  std::int64_t first, count;
  Own(std::int64_t points, std::int64_t few) {
    const std::int64_t ranks = world().size(), rank = world().rank(), rest = points - few;
    const auto begin = [&](std::int64_t r) {
      return r == 0 ? 0 : few + rest * (r - 1) / (ranks - 1);
    };
    first = ranks == 1 ? 0 : begin(rank);
    count = ranks == 1 ? points : begin(rank + 1) - first;
  }
  at::Tensor of(const at::Tensor& rows) const { return rows.narrow(1, first, count).contiguous(); }
};

double largest(const at::Tensor& values) {
  return values.numel() == 0 ? 0 : world().max(values.abs().max().item<double>());
}

// 60 frames of 500 values with singular values that fall as 2^-n, of mean 0.
at::Tensor falling_frames() {
  auto random = generator(5);
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({60, 20}, random, options))),
                   v = std::get<0>(at::linalg_qr(at::randn({500, 20}, random, options)));
  const at::Tensor all = at::mm(u * at::pow(0.5, at::arange(0, 20, options)), v.t()) * 30;
  return all - all.mean(0);
}

// Written once: `open` (an inflow, an open side, closing faces), `weighed` (cells that do not measure alike), `box`.
const fs::path& dataset(const std::string& name) {
  static std::map<std::string, fs::path> made;
  const auto [at, is_new] = made.try_emplace(name);
  if (!is_new) return at->second;
  if (name == "open") {
    at->second = tests::streaming::write_dataset("modes_on_blocks_open", 3, true);
  } else {
    at->second = tests::fresh_folder("modes_on_blocks_" + name, world());
    if (name == "box")
      tests::write_box_samples(at->second, 14, world());
    else
      tests::write_measured_samples(
          at->second, [](int i, int j, int) { return (i < 8 ? 9 : 1) + 0.1 * j; }, 14, world());
  }
  world().barrier();
  return at->second;
}

TrainingSetup setup_of(const std::string& kind, const std::string& map, int each) {
  TrainingSetup setup = tests::streaming::setup_of(kind);
  setup.network.latent_map = map;
  setup.network.latent_width = 8;
  setup.network.latent_size = 3;
  setup.training.ranks_per_sample = each;
  return setup;
}

std::vector<at::Tensor> parts_of(const TrainingReport& report) {
  const auto& impl = report.model.network->impl();
  return slices(impl.flat, impl.specs);
}

// `here` on blocks against `alone`. Sums of some hundred values in single precision, 6e-8 each, in another order: about
// 1e-6 of the first mode's variance. The modes' variances lie some hundredths of that apart, by which such errors grow.
void expect_same(const TrainingReport& here, const TrainingReport& alone) {
  const auto a = parts_of(here), b = parts_of(alone);
  const auto near = [&](int part) {
    return ((a[part] - b[part]).abs().max() / b[part].abs().max()).item<double>();
  };
  EXPECT_LT(near(PodArchitecture::mean), 1e-5);
  EXPECT_LT(near(PodArchitecture::modes), 2e-3);
  EXPECT_LT(near(PodArchitecture::unit), 1e-5);
  const at::Tensor x = here.model.network->impl().trained(),
                   y = alone.model.network->impl().trained();
  EXPECT_LT(((x - y).norm() / y.norm()).item<double>(), 5e-3);
  ASSERT_EQ(here.curve.size(), alone.curve.size());
  for (std::size_t n = 0; n < here.curve.size(); ++n)
    EXPECT_NEAR(here.curve[n].validation / alone.curve[n].validation, 1, 5e-3);
  for (std::size_t c = 0; c < alone.model.card.validation.size(); ++c)
    EXPECT_NEAR(here.model.card.validation[c].persistence_rollout /
                    alone.model.card.validation[c].persistence_rollout,
                1, 1e-3);
}

}  // namespace

TEST(PointSharing, WithoutASharePassesThingsOn) {
  const PointSharing alone;
  EXPECT_FALSE(alone.shared());
  const at::Tensor values = at::arange(6, at::kFloat);
  EXPECT_TRUE(at::equal(alone.sum(values), values));
  EXPECT_EQ(alone.sum(2.5), 2.5);
  EXPECT_TRUE(
      at::equal(signs_of(at::tensor({-2.0F, 0.0F, 3.0F})), at::tensor({-1.0F, 1.0F, 1.0F})));
}

TEST(PointSharing, SumsAndFactorisesOverRanks) {
  const PointSharing sharing(world());
  const auto ranks = static_cast<double>(world().size());
  for (const auto type : {at::kFloat, at::kDouble})
    EXPECT_EQ(sharing.sum(at::full({3}, 2, type))[1].item<double>(), 2 * ranks);
  EXPECT_EQ(sharing.sum(0.5), 0.5 * ranks);
  // Every rank has the first one's, whatever its own matrix.
  const at::Tensor matrix = at::diag(at::tensor({1.0, 5.0, 3.0})) * (1.0 + world().rank());
  const auto [values, vectors] = sharing.leading_first(matrix);
  EXPECT_TRUE(at::allclose(values, at::tensor({5.0, 3.0, 1.0})));
  EXPECT_NEAR(std::abs(vectors[1][0].item<double>()), 1, 1e-12);

  auto random = generator(3);
  const at::Tensor columns = at::randn({8, 90}, random, at::TensorOptions(at::kFloat));
  const at::Tensor whole = PointSharing().orthonormal(columns.t());  // [90, 8]
  for (const std::int64_t few : {3, 20}) {
    const Own own(90, few);
    const at::Tensor q = sharing.orthonormal(own.of(columns).t());
    ASSERT_EQ(q.size(0), own.count);
    EXPECT_LT(largest(q - whole.narrow(0, own.first, own.count)), 1e-5) << few;
    const at::Tensor gram = sharing.sum(at::mm(q.t(), q));
    EXPECT_LT(largest(gram - at::eye(8)), 1e-5) << few;
  }
}

// Of four modes the last has 1/64 of the first one's variance, and three quarters of that to the next one: round-off of
// some 1e-6 of the first one's grows to less than 3e-4.
TEST(PointSharing, ModesAreThoseOfTheWhole) {
  const PointSharing sharing(world());
  const at::Tensor frames = falling_frames();
  const PodBasis exact = pod_basis(frames, 4);
  for (const std::int64_t few : {2, 100}) {
    const Own own(500, few);
    const at::Tensor mine = own.of(frames), expected = own.of(exact.modes);
    const PodBasis found = pod_basis(mine, 4, sharing);
    EXPECT_LT(largest(found.modes - expected), 3e-4) << few;
    EXPECT_LT(largest(found.eigenvalues / exact.eigenvalues[0] -
                      exact.eigenvalues / exact.eigenvalues[0]),
              1e-5);
    const auto pass = [&](const auto& action) {
      for (std::int64_t n = 0; n < 60; n += 20) action(mine.narrow(0, n, 20));
    };
    const StreamedBasis streamed = streamed_basis(
        pass, {.frames = 60, .points = own.count, .r = 4, .seed = 3, .sharing = sharing});
    EXPECT_LT(largest(streamed.modes - expected), 3e-4) << "the same signs, too";
    EXPECT_NEAR(streamed.variance / exact.eigenvalues.sum().item<double>(), 1, 1e-5);
    const at::Tensor coordinates = at::mm(frames, exact.modes.t());
    EXPECT_LT(largest(streamed.coordinates - coordinates), 3e-4 * largest(coordinates));
  }
}

TEST(PointSharing, AModeAndItsOppositeAreToldApart) {
  const at::Tensor c = at::randn({40, 3}, generator(9), at::TensorOptions(at::kFloat));
  const at::Tensor signs = mode_signs(c);
  EXPECT_TRUE(at::equal(mode_signs(c * signs), at::ones({3})));
  EXPECT_TRUE(at::equal(mode_signs(-c), -signs));
}

TEST(BlockPoints, AreTheirPartOfTheWhole) {
  for (const std::string name : {"open", "box"}) {
    const DatasetReader reader(dataset(name));
    TrainingSetup setup = setup_of("pod", "linear", world().size());
    mesh::Range3 cells = reader.all_cells();
    const auto blocks = sample_blocks(setup, network_shape(reader, setup.network), world());
    if (blocks) cells = blocks->box(world().rank());
    const FlatLayout own = reader.layout(cells), whole = reader.layout();
    EXPECT_EQ(world().sum(static_cast<long long>(own.count)), whole.count) << "each point once";
    const auto tensor = [](std::vector<float> values, std::int64_t rows) {
      return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kFloat)
          .clone()
          .view({rows, -1});
    };
    at::Tensor together = at::zeros({2, whole.count}, at::kFloat);
    place_points(tensor(reader.points(0, 3, 2, cells), 2), own, cells, together, whole);
    EXPECT_TRUE(at::equal(PointSharing(world()).sum(together), tensor(reader.points(0, 3, 2), 2)))
        << name;
  }
}

TEST(ModesOnBlocks, FollowOneRank) {
  struct Case {
    std::string kind, map, data;
  };
  for (const Case& one :
       {Case{"pod", "mlp", "open"}, Case{"pod", "linear", "weighed"}, Case{"dmd", "linear", "open"},
        Case{"pod", "mlp", "box"}, Case{"dmd", "linear", "box"}}) {
    const DatasetReader reader(dataset(one.data));
    for (const bool streamed : {false, true})
      for (const int each : groupings()) {
        SCOPED_TRACE(core::format("{} {} {}, streamed {}, {} ranks a sample", one.kind, one.map,
                                  one.data, streamed, each));
        const auto made = [&](int ranks, const core::Comm& comm) {
          TrainingSetup setup = setup_of(one.kind, one.map, ranks);
          // One sample alone trains, along whose path the third mode is a thousandth of the first.
          if (one.data == "box") setup.network.latent_size = 2;
          const auto blocks = sample_blocks(setup, network_shape(reader, setup.network), comm);
          const SampleMemory memory = streamed ? SampleMemory{true, 1} : SampleMemory{};
          LatentTrainer trainer(
              reader, load_training_data(reader, setup.training, setup.network, memory, blocks),
              setup.network, setup.training, comm);
          TrainingReport report{run_training(trainer, setup), {}};
          report.streamed = trainer.streams();
          report.bytes_read = comm.sum(trainer.bytes_read());
          report.model = {trainer.card, std::make_shared<Network>(std::move(trainer.network))};
          return report;
        };
        const TrainingReport alone = made(1, core::Comm::self()), here = made(each, world());
        EXPECT_EQ(here.streamed, streamed);
        expect_same(here, alone);
        const double sum = tests::weights(here).sum().item<double>();
        EXPECT_EQ(world().max(sum), world().min(sum)) << "the same bits everywhere";
        if (!streamed) {
          const int groups = world().size() / each;
          EXPECT_EQ(here.bytes_read, groups * alone.bytes_read) << "a group reads each value once";
        }
      }
  }
}

TEST(ModesOnBlocks, AreTrainedByTheDeckAndNeedLess) {
  const DatasetReader reader(dataset("open"));
  const TrainingExtent extent = training_extent(reader, setup_of("pod", "linear", 1));
  const TrainingNeeds one = training_needs(extent, setup_of("pod", "linear", 1), 4),
                      four = training_needs(extent, setup_of("pod", "linear", 4), 4);
  EXPECT_LT(four.samples, 0.3 * one.samples) << "a quarter, but for closing faces";
  EXPECT_LT(four.streamed, 0.3 * one.streamed);
  for (const int each : groupings()) {
    const auto report = train(reader, setup_of("dmd", "linear", each), world());
    EXPECT_EQ(report.ranks_per_sample, each);
    EXPECT_EQ(report.model.card.ranks_per_sample, each);
    EXPECT_FALSE(report.streamed);
  }
}

TEST(ModesOnBlocks, ResumedIsBitwiseTheUninterruptedOne) {
  const DatasetReader reader(dataset("open"));
  for (const int each : groupings()) {
    const auto folder = tests::fresh_folder(core::format("modes_resume_{}", each), world());
    TrainingSetup setup = setup_of("pod", "mlp", each);
    const auto whole = train(reader, setup, world());
    setup.files = {folder / "checkpoint.safetensors", {}, true, 9};
    EXPECT_THROW(train(reader, setup, world()), core::Interrupted);
    setup.files.pause_after_steps = 0;
    EXPECT_TRUE(at::equal(tests::weights(whole), tests::weights(train(reader, setup, world()))));
  }
}

// One rank's own copy of the samples is gone when its frames are read: none waits for it.
TEST(ModesOnBlocks, EndOnAllRanksWhereOneCannotReadItsBlock) {
  for (const int each : groupings()) {
    const auto folder = tests::fresh_folder(core::format("modes_bereft_{}", each), world());
    const fs::path own = folder / core::format("rank_{}", world().rank());
    fs::copy(dataset("open"), own, fs::copy_options::recursive);
    const DatasetReader reader(own);
    const TrainingSetup setup = setup_of("pod", "linear", each);
    const std::string text = error_text([&] {
      const auto blocks = sample_blocks(setup, network_shape(reader, setup.network), world());
      TrainingData data =
          load_training_data(reader, setup.training, setup.network, {true, 1}, blocks);
      if (world().rank() + 1 == world().size())
        for (const auto& file : fs::directory_iterator(own / "train")) fs::remove(file);
      LatentTrainer(reader, std::move(data), setup.network, setup.training, world());
    });
    EXPECT_NE(text.find("vanished while it was being read"), std::string::npos) << text;
    world().barrier();
  }
}

}  // namespace understudy
