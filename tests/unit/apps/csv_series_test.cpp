// A CSV series that a resumed run goes on with: nothing that was measured is lost, whatever became of the
// file or of its columns meanwhile.
#include "apps/study/csv_series.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/apps_cli.hpp"

namespace understudy::apps {
namespace {

using tests::Scratch;
using tests::slurp;
using tests::spit;

const std::vector<std::string> two{"time_s", "a [m/s]", "b [m/s]"};

std::string go_on(const std::filesystem::path& path, double resumed_at_s,
                  const std::vector<std::string>& columns, const std::vector<double>& row) {
  CsvSeries series(path, resumed_at_s);
  series.write(columns, row);
  return slurp(path);
}

TEST(CsvSeries, KeepsRowsUpToTheRestartAsTheyWereWritten) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,1.10,nan\n0.2,5,6\n");
  CsvSeries series(path, 0.1);
  const auto kept = series.kept(two);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[1][1], 1.1);
  EXPECT_TRUE(std::isnan(kept[1][2]));
  series.write(two, {0.2, 3, 4});
  EXPECT_EQ(slurp(path), "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,1.10,nan\n0.2,3,4\n");
  EXPECT_FALSE(std::filesystem::exists(scratch / "probes.before_1.csv")) << "it is measured again";
  EXPECT_EQ(go_on(path, -1, two, {0, 7, 8}), "time_s,a [m/s],b [m/s]\n0,7,8\n") << "a new run";
}

TEST(CsvSeries, MatchesColumnsByNameAndLeavesEmptyCells) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3,4\n");
  // b is renamed to c, and a stands elsewhere.
  const std::vector<std::string> other{"time_s", "c [m/s]", "a [m/s]"};
  EXPECT_EQ(go_on(path, 0.1, other, {0.2, 5, 6}),
            "time_s,c [m/s],a [m/s],b [m/s]\n0,,1,2\n0.1,,3,4\n0.2,5,6,\n");
  // And back again.
  EXPECT_EQ(go_on(path, 0.2, two, {0.3, 7, 8}),
            "time_s,a [m/s],b [m/s],c [m/s]\n0,1,2,\n0.1,3,4,\n0.2,6,,5\n0.3,7,8,\n");
}

TEST(CsvSeries, LaterRowsOfColumnsThatAreGoneAreKeptAside) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  const std::string before = "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3,4\n";
  spit(path, before);
  EXPECT_EQ(go_on(path, 0, {"time_s", "a [m/s]"}, {0.1, 3}),
            "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3,\n");
  EXPECT_EQ(slurp(scratch / "probes.before_1.csv"), before);
}

TEST(CsvSeries, TakesWhatSpreadsheetsMakeOfIt) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "\xef\xbb\xbftime_s,\"a [m/s]\",b [m/s]\r\n0,1,2\r\n\r\n0.1,\"3\",4\r\n");
  EXPECT_EQ(go_on(path, 0.1, two, {0.2, 5, 6}),
            "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3,4\n0.2,5,6\n");
}

TEST(CsvSeries, DamagedRowsAreKeptAsideAndTheOthersStay) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,#!\xff,4\n0.2,5\n0.3,6,7\n0.4,8");
  EXPECT_EQ(go_on(path, 0.3, two, {0.4, 9, 9}),
            "time_s,a [m/s],b [m/s]\n0,1,2\n0.3,6,7\n0.4,9,9\n");
  EXPECT_EQ(slurp(scratch / "probes.damaged.csv"), "time_s,a [m/s],b [m/s]\n0.1,#!\xff,4\n0.2,5\n");
  // Those of a later restart come behind them.
  spit(path, "time_s,a [m/s],b [m/s]\nx,1,2\n");
  go_on(path, 0.3, two, {0.4, 9, 9});
  EXPECT_EQ(slurp(scratch / "probes.damaged.csv"),
            "time_s,a [m/s],b [m/s]\n0.1,#!\xff,4\n0.2,5\nx,1,2\n");
}

// A run that is killed leaves half a row of a time that is computed again; of an earlier one it is a loss.
TEST(CsvSeries, ALastRowThatWasCutIsKeptAsideWhereItIsNotMeasuredAgain) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3");
  go_on(path, 0, two, {0.1, 9, 9});
  EXPECT_FALSE(std::filesystem::exists(scratch / "probes.damaged.csv"));
  spit(path, "time_s,a [m/s],b [m/s]\n0,1,2\n0.1,3");
  EXPECT_EQ(go_on(path, 0.1, two, {0.2, 9, 9}), "time_s,a [m/s],b [m/s]\n0,1,2\n0.2,9,9\n");
  EXPECT_EQ(slurp(scratch / "probes.damaged.csv"), "time_s,a [m/s],b [m/s]\n0.1,3\n");
}

// All its cells are there and are numbers, but the last one was 4.25.
TEST(CsvSeries, ALastRowWithoutItsEndIsNotWholeEither) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv", damaged = scratch / "probes.damaged.csv";
  const std::string head = "time_s,a [m/s],b [m/s]\n0,1,2\n";
  spit(path, head + "0.1,3,4.2");
  EXPECT_EQ(go_on(path, 0, two, {0.1, 3, 4.25}), head + "0.1,3,4.25\n");
  EXPECT_FALSE(std::filesystem::exists(damaged)) << "it is measured again";
  spit(path, head + "0.1,3,4.2");
  EXPECT_EQ(go_on(path, 0.1, two, {0.2, 5, 6}), head + "0.2,5,6\n");
  EXPECT_EQ(slurp(damaged), "time_s,a [m/s],b [m/s]\n0.1,3,4.2\n");
}

TEST(CsvSeries, AFileThatCannotBeContinuedIsRenamed) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  for (const char* text : {"t;a;b\n0;1;2\n", "\0\1garbage"}) {
    spit(path, text);
    EXPECT_EQ(go_on(path, 0.1, two, {0.2, 5, 6}), "time_s,a [m/s],b [m/s]\n0.2,5,6\n");
  }
  EXPECT_EQ(slurp(scratch / "probes.before_1.csv"), "t;a;b\n0;1;2\n");
  EXPECT_TRUE(std::filesystem::exists(scratch / "probes.before_2.csv"));
}

TEST(CsvSeries, ColumnsOfOneNameAreMatchedInTheirOrder) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  spit(path, "time_s,p,p\n0,1,2\n");
  EXPECT_EQ(go_on(path, 0, {"time_s", "p", "p"}, {0.1, 3, 4}), "time_s,p,p\n0,1,2\n0.1,3,4\n");
}

TEST(CsvSeries, NamesWithCommasStayOneColumn) {
  const Scratch scratch;
  const auto path = scratch / "probes.csv";
  const std::vector<std::string> columns{"time_s", "a, \"b\""};
  EXPECT_EQ(go_on(path, -1, columns, {0, 1}), "time_s,\"a, \"\"b\"\"\"\n0,1\n");
  EXPECT_EQ(go_on(path, 0, columns, {1, 2}), "time_s,\"a, \"\"b\"\"\"\n0,1\n1,2\n");
}

TEST(CsvSeries, WordsAreNoDamageWhereTheyAreExpected) {
  const Scratch scratch;
  const auto path = scratch / "history.csv";
  spit(path, "step,phase,loss\n0,adam,1\n1,lbfgs,2\n");
  CsvSeries series(path, [](const std::vector<double>& row) { return row[0] < 1; }, {"phase"});
  series.write({"step", "phase", "loss"}, std::vector<std::string>{"1", "adam", "3"});
  EXPECT_EQ(slurp(path), "step,phase,loss\n0,adam,1\n1,adam,3\n");
}

TEST(ReadCsv, GivesNumbersAndLeavesDamagedRowsOut) {
  const Scratch scratch;
  const auto path = scratch / "training.csv";
  spit(path, "epoch,loss,validation\r\n1,0.5,\r\noops\r\n2,0.25,0.1\r\n");
  const CsvTable table = read_csv(path);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.columns.back(), "validation");
  EXPECT_TRUE(std::isnan(table.rows[0][2]));
  EXPECT_EQ(table.rows[1][2], 0.1);
  spit(path, "epoch,loss,validation\n1,0.5,\n2,0.25,0.1");
  EXPECT_EQ(read_csv(path).rows.size(), 1u) << "the last number may have had more digits";
}

}  // namespace
}  // namespace understudy::apps
