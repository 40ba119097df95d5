// The table of backends: rows by configuration, what a damaged table does, and what the report shows.
#include "apps/simulation/backend_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "apps/simulation/report/report_sections.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

apps::BackendRow row(const std::string& backend, double same_grid) {
  apps::BackendRow r;
  r.backend = backend;
  r.device = "A \"fast\" processor, 2.4 GHz";
  r.precision = "double";
  r.network_device = "cpu";
  r.network_precision = "fp32";
  r.policy = "always";
  r.compared_case = "64 x 32, flow.reynolds=120, 60 windows";
  r.git = "abc";
  r.model = "0123";
  r.date = "2024-05-06T07:08:09Z";
  r.same_grid = same_grid;
  r.equal_error = std::numeric_limits<double>::quiet_NaN();
  r.simulation_s = 0.1;
  r.replacement_s = 1.0 / 3;
  r.error = 0.05;
  r.simulation_j = 7.5;
  r.replacement_j = std::numeric_limits<double>::quiet_NaN();
  return r;
}

}  // namespace

TEST(AppsBackendTable, ARunReplacesTheRowOfItsConfigurationOnly) {
  const Scratch scratch;
  const fs::path path = scratch / "backends.csv";
  EXPECT_TRUE(apps::read_backends(path).empty());
  apps::add_backend(path, row("OpenMP", 2));
  apps::add_backend(path, row("Cuda", 30));
  auto two_ranks = row("OpenMP", 3);
  two_ranks.ranks = 2;
  apps::add_backend(path, two_ranks);
  auto later = row("OpenMP", 4);
  later.date = "2025-01-01T00:00:00Z";
  const auto rows = apps::add_backend(path, later);
  ASSERT_EQ(rows.size(), 3u);
  const auto read = apps::read_backends(path);
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].backend, "Cuda");
  EXPECT_EQ(read[0].same_grid, 30);
  EXPECT_EQ(read[1].ranks, 2);
  EXPECT_EQ(read[2].same_grid, 4);
  EXPECT_EQ(read[2].date, later.date);
  // What is written is what is read: quotes, commas, all digits, what is not known.
  EXPECT_TRUE(read[2].same_configuration(later));
  EXPECT_EQ(read[2].replacement_s, 1.0 / 3);
  EXPECT_TRUE(std::isnan(read[2].equal_error));
  EXPECT_TRUE(std::isnan(read[2].replacement_j));
  for (auto change : {&apps::BackendRow::git, &apps::BackendRow::model,
                      &apps::BackendRow::precision, &apps::BackendRow::compared_case}) {
    auto other = later;
    other.*change = "another";
    EXPECT_FALSE(other.same_configuration(later));
  }
}

TEST(AppsBackendTable, AnotherTableIsKeptAside) {
  const Scratch scratch;
  const fs::path path = scratch / "backends.csv";
  for (const std::string text : {"what,is,this\n1,2,3\n", ""}) {
    spit(path, text);
    EXPECT_THROW(apps::read_backends(path), core::UserError);
    EXPECT_EQ(apps::add_backend(path, row("OpenMP", 2)).size(), 1u);
    EXPECT_EQ(slurp(path.string() + ".old"), text);
    EXPECT_EQ(apps::read_backends(path).size(), 1u);
  }
  spit(path, slurp(path) + "OpenMP,cut\n");
  EXPECT_THROW(apps::read_backends(path), core::UserError);
}

TEST(AppsBackendTable, ModelHashFollowsTheWeights) {
  const Scratch scratch;
  EXPECT_EQ(apps::model_hash(scratch / "none"), "");
  spit(scratch / "model/weights.safetensors", "weights");
  spit(scratch / "model/card.yaml", "card");
  const auto first = apps::model_hash(scratch / "model");
  EXPECT_EQ(first.size(), 12u);
  spit(scratch / "model/weights.safetensors", "other weights");
  EXPECT_NE(apps::model_hash(scratch / "model"), first);
}

TEST(AppsBackendTable, TheReportShowsRunsSideBySide) {
  const surrogates::ComparisonResult result;
  apps::ReportData data(result);
  EXPECT_EQ(apps::report::backends_section(data), "");
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  data.backends = {{"OpenMP", "CPU <x>", "cpu", 2, 1, "double", "fp32", "always", "64 x 32", "abc",
                    "0123", "2024-05-06T07:08:09Z", 3.5, 0.5, 10, 2, 0.05, 120, 30},
                   {"Cuda", "GPU", "cuda:0", 1, 1, "single", "bf16", "gate", "64 x 32", "abc",
                    "0123", "2024-05-07T07:08:09Z", 20, unknown, 1, 0.05, 0.06, unknown, unknown}};
  const auto html = apps::report::backends_section(data);
  for (const char* part :
       {"OpenMP on CPU &lt;x&gt;", "2 ranks × 1 thread, double; network cpu, fp32, no gate",
        "single; network cuda:0, bf16, gated", "3.5 ×", "0.5 ×", "10 s / 2 s", "5%", "120 J / 30 J",
        "2024-05-06", "Cuda on GPU", "20 ×", "1 s / 50 ms", "class=\"wide\""})
    EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
  EXPECT_NE(html.find("–"), std::string::npos);
}

}  // namespace understudy::tests
