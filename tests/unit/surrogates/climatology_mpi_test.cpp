// Climatology: the mean of the training samples at the same time, or of all frames, and its error in a comparison.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/climatology.hpp"

namespace understudy {

using namespace surrogates;

namespace {

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

constexpr int frames = 12;

const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const auto path = tests::fresh_folder("climatology_dataset", world());
    for (int n = 0; n < 3; ++n)
      tests::write_sample<double>(path, true, n, n < 2 ? "train" : "valid", frames, world());
    world().barrier();
    return path;
  }();
  return folder;
}

struct Case {
  tests::Carrier<double> truth{tests::carrier_grid(true, world())},
      other{tests::carrier_grid(true, world()), 1.4};
  mesh::State<double> state{truth.grid(), truth.fields()};
  DatasetReader data{dataset()};
  Case() { truth.initialise(state, 0.4); }
  // The mean of the training samples' frames [first, last].
  mesh::State<double> mean(int first, int last) const {
    mesh::State<double> sum(truth_grid(), state_infos()), one = sum.clone();
    for (const int sample : data.samples_of("train"))
      for (int n = first; n <= last; ++n) {
        data.read_state(sample, n, one);
        for (const char* name : {"q", "f"}) {
          const auto to = sum[name].component(), from = one[name].component();
          const double share = 1.0 / (2 * (last - first + 1));
          mesh::for_cells(
              "mean", truth_grid()->interior(),
              KOKKOS_LAMBDA(int k, int j, int i) { to(k, j, i) += share * from(k, j, i); });
        }
      }
    return sum;
  }
  std::shared_ptr<const mesh::Grid> truth_grid() const { return truth.grid(); }
  std::vector<mesh::FieldInfo> state_infos() const {
    auto infos = const_cast<tests::Carrier<double>&>(truth).fields();
    return infos;
  }
};

double size_of(const mesh::State<double>& a, const mesh::State<double>* b) {
  const auto x = a["q"].component();
  const auto y = b ? (*b)["q"].component() : x;
  const double by = b ? 1 : 0;
  return std::sqrt(a.grid().comm().sum(mesh::sum_cells(
      "size", a.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const double d = x(k, j, i) - by * y(k, j, i);
        return d * d;
      })));
}

double largest_cell_difference(const mesh::State<double>& a, const mesh::State<double>& b) {
  double most = 0;
  for (const char* name : {"q", "f"}) {
    const auto x = a[name].component(), y = b[name].component();
    most =
        std::max(most, mesh::max_cells(
                           "difference", a.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) {
                             return Kokkos::abs(x(k, j, i) - y(k, j, i));
                           }));
  }
  return a.grid().comm().max(most);
}

}  // namespace

TEST(Climatology, IsTheMeanOfTheTrainingSamplesAtTheSameTime) {
  const Case c;
  Climatology<double> mean(c.data, c.state, {2 * tests::window_s, tests::window_s, 9});
  EXPECT_TRUE(mean.by_lead_time());
  EXPECT_EQ(mean.text(), "the mean of 2 training samples at the same time");
  for (const int n : {0, 4, 9, 1})
    EXPECT_LT(largest_cell_difference(mean.at(n), c.mean(2 + n, 2 + n)), 1e-12) << n;
}

TEST(Climatology, IsTheMeanOfAllFramesWhereSamplesAreShorterOrItIsAskedFor) {
  const Case c;
  for (const ClimatologySpan& span : {ClimatologySpan{2 * tests::window_s, tests::window_s, 10},
                                      ClimatologySpan{2.5 * tests::window_s, tests::window_s, 2},
                                      ClimatologySpan{-tests::window_s, tests::window_s, 2},
                                      ClimatologySpan{0, tests::window_s, 2, false}}) {
    Climatology<double> mean(c.data, c.state, span);
    EXPECT_FALSE(mean.by_lead_time());
    EXPECT_EQ(mean.text(), "the mean of all 24 frames of 2 training samples");
    EXPECT_LT(largest_cell_difference(mean.at(1), c.mean(0, frames - 1)), 1e-12);
  }
}

TEST(Climatology, NeedsTrainingSamples) {
  const auto folder = tests::fresh_folder("climatology_without", world());
  tests::write_sample<double>(folder, true, 0, "test", frames, world());
  world().barrier();
  const Case c;
  const DatasetReader data(folder);
  const std::string text =
      tests::error_text([&] { Climatology<double>(data, c.state, {0, tests::window_s, 2}); });
  EXPECT_NE(text.find("no sample in the split train"), std::string::npos) << text;
}

TEST(Climatology, ItsErrorStandsBesideTheOthers) {
  Case c;
  Climatology<double> mean(c.data, c.state, {0, tests::window_s, 10});
  ComparisonSetup<double> setup{c.truth, c.other, c.state};
  setup.window_s = tests::window_s;
  setup.windows = 10;
  setup.climatology = [&](long long window) -> const mesh::State<double>& {
    return mean.at(window);
  };
  setup.climatology_text = mean.text();
  const auto result = compare(setup);
  ASSERT_TRUE(result.climatology.known);
  EXPECT_EQ(result.climatology.value, "the mean of 2 training samples at the same time");
  const auto& error = result.error_of("q");
  ASSERT_EQ(error.climatology.size(), 11u);
  mesh::State<double> state = c.state.clone();
  for (int n = 0; n < 3; ++n) c.truth.advance(state, tests::window_s);
  const auto expected = c.mean(3, 3);
  EXPECT_NEAR(error.climatology[3], size_of(expected, &state) / size_of(state, nullptr), 1e-12);
  EXPECT_EQ(result.lead_windows(), (std::vector<std::size_t>{2, 6, 10}));
  // Without one there is no series, and a reason.
  setup.climatology = {};
  const auto without = compare(setup);
  EXPECT_TRUE(without.error_of("q").climatology.empty());
  EXPECT_FALSE(without.climatology.known);
}

TEST(Comparison, LeadsAreAsFarAsErrorsGo) {
  ComparisonResult r;
  r.times_s.resize(3);
  EXPECT_EQ(r.lead_windows(), (std::vector<std::size_t>{1, 2}));
  r.asked_windows = 20;
  EXPECT_TRUE(r.lead_windows().empty());
  r.times_s.resize(15);
  EXPECT_EQ(r.lead_windows(), (std::vector<std::size_t>{4, 12}));
  r.times_s.resize(21);
  EXPECT_EQ(r.lead_windows(), (std::vector<std::size_t>{4, 12, 20}));
  EXPECT_TRUE(ComparisonResult{}.lead_windows().empty());
}

}  // namespace understudy
