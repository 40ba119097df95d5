// Samples from CSV files and from datasets, and every way in which they can be wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

#include "core/error.hpp"
#include "pinn/gridded_frames.hpp"
#include "pinn/samples.hpp"
#include "support/pinn_dataset_case.hpp"
#include "support/scratch.hpp"

namespace {

using namespace understudy;
using namespace understudy::pinn;
using cases::polynomial;
using cases::write_dataset;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

void expect_error(const std::function<void()>& action, const std::string& part) {
  const std::string text = error_of(action);
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::filesystem::path write(const tests::Scratch& folder, const std::string& text) {
  const auto path = folder / "samples.csv";
  std::ofstream(path) << text;
  return path;
}

const std::vector<InputInfo> box{{"x", "m", 0, 1}, {"t", "s", 0, 2, true}};

SampleRequest request(const std::filesystem::path& file) { return {file, box, {"u"}}; }

TEST(PinnSamples, ColumnsAreFoundByNameInAnyOrder) {
  const tests::Scratch folder;
  const auto file = write(folder, "u, depth ,t,\"x\"\n1e-1,9,0.5,0.25\r\n\n-2,9,2,1\n");
  const Samples samples = read_samples(request(file));
  ASSERT_EQ(samples.count(), 2u);
  EXPECT_EQ(samples.names, (std::vector<std::string>{"x", "t", "u"}));
  double sum = 0;
  for (int c = 0; c < 3; ++c)
    sum += samples.columns[c][0] * (c + 1) + samples.columns[c][1] * (c + 1);
  EXPECT_NEAR(sum, 0.25 + 1 + 2 * (0.5 + 2) + 3 * (0.1 - 2), 1e-12);
  // Rows stay together.
  const int first = samples.columns[0][0] == 0.25 ? 0 : 1;
  EXPECT_EQ(samples.columns[2][first], 0.1);
}

TEST(PinnSamples, TablesAsOtherProgramsWriteThem) {
  const tests::Scratch folder;
  for (const char* text :
       {"\xEF\xBB\xBFx,t,u\r\n0.25,1,2\r\n", "x [mm]\tt [ms]\tu\tnote\n250\t1D3\t+2\twindy\n",
        "# x t u\n0.25 1 2\n", "# of May\nu;x;t\n2;.25;1 # calm\n\n"}) {
    const Samples samples = read_samples(request(write(folder, text)));
    ASSERT_EQ(samples.count(), 1u) << text;
    for (int c = 0; c < 3; ++c)
      EXPECT_DOUBLE_EQ(samples.columns[c][0], (std::vector<double>{0.25, 1, 2}[c])) << text;
  }
}

TEST(PinnSamples, DrawsWithoutRepetitionBySeed) {
  Samples all{{"x"}, {{}}};
  for (int n = 0; n < 50; ++n) all.columns[0].push_back(n);
  const Samples a = draw(all, 20, 7, "test"), b = draw(all, 20, 7, "test"),
                c = draw(all, 20, 8, "test");
  EXPECT_EQ(a.columns, b.columns);
  EXPECT_NE(a.columns, c.columns);
  auto sorted = a.columns[0];
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
  expect_error([&] { draw(all, 51, 7, "file"); },
               "file: has 50 samples; problem.data_points asks for 51");
}

TEST(PinnSamples, NoiseIsAFractionOfTheDeviationAndOfMeasuredColumnsAlone) {
  Samples clean{{"x", "u"}, {{}, {}}};
  const int count = 20000;
  for (int n = 0; n < count; ++n) {
    clean.columns[0].push_back(n);
    clean.columns[1].push_back(3 + 2 * std::sin(n));
  }
  Samples noisy = clean, again = clean, other = clean;
  add_noise(noisy, 1, 0.1, 5);
  add_noise(again, 1, 0.1, 5);
  add_noise(other, 1, 0.1, 6);
  EXPECT_EQ(noisy.columns, again.columns);
  EXPECT_NE(noisy.columns, other.columns);
  EXPECT_EQ(noisy.columns[0], clean.columns[0]);
  double mean = 0, square = 0;
  for (int n = 0; n < count; ++n) {
    const double difference = noisy.columns[1][n] - clean.columns[1][n];
    mean += difference / count;
    square += difference * difference / count;
  }
  const double expected = 0.1 * std::sqrt(2.0);  // the deviation of 2 sin
  EXPECT_NEAR(mean, 0, 4 * expected / std::sqrt(count));
  EXPECT_NEAR(std::sqrt(square), expected, 4 * expected / std::sqrt(2.0 * count));
}

TEST(PinnSamples, BadFilesAreNamedByLineAndColumn) {
  const tests::Scratch folder;
  const auto read = [&](const std::string& text) {
    const auto file = write(folder, text);
    return [file] { read_samples(request(file)); };
  };
  expect_error([&] { read_samples(request(folder / "absent.csv")); },
               "absent.csv: there is no such file or folder of samples");
  expect_error(read("x,t,v\n0,0,1\n"),
               "samples.csv: has no column 'u'; its first line names x, t, v");
  expect_error(read(""), "has no column 'x'");
  expect_error(read("x,t,u\n0,0,1\n0,1,nan\n"), "line 3, column 'u': nan is not a finite number");
  expect_error(read("x,t,u\n0,0,inf\n"), "line 2, column 'u': inf is not a finite number");
  expect_error(read("x,t,u\n0,soon,1\n"), "line 2, column 't': 'soon' is not a number");
  expect_error(read("x,t,u\n0,0,1.5m\n"), "line 2, column 'u': '1.5m' is not a number");
  expect_error(read("x,t,u\n0,0,\n"), "line 2, column 'u': '' is not a number");
  expect_error(read("x,t,u\n0,0\n"), "line 2: has 2 columns, and line 1 names 3");
  expect_error(
      read("x;t;u\n0;0;1,5\n"),
      "'1,5' is not a number (a decimal comma; write 1.5; a semicolon separates the columns");
  expect_error(read("x,t,u [m]\n0,0,1\n"),
               "column 'u': is in 'm', which measures something else; 1 is");
  expect_error(read("x,x,t,u\n0,0,0,1\n"), "has 2 columns 'x'");
  expect_error(read("x,t,u\n0,0,1\n1.5,0,1\n"),
               "line 3, column 'x': x = 1.5 lies outside of the problem's box, 0 to 1 m");
}

TEST(PinnSamples, TooFewAreAnError) {
  const tests::Scratch folder;
  auto few = request(write(folder, "x,t,u\n0,0,1\n1,1,1\n"));
  few.least = 3;
  expect_error([&] { read_samples(few); }, "2 samples are too few; at least 3");
  few.least = 1;
  few.points = 5;
  expect_error([&] { read_samples(few); }, "has 2 samples; problem.data_points asks for 5");
}

TEST(PinnSamples, ADeckWithoutAFileIsToldWhatToGive) {
  ProblemChoice choice;
  choice.constants = {};
  expect_error([&] { data_path(choice, "velocities"); },
               "problem.data: names no file; this problem reads velocities from it");
  choice.data = "a.csv";
  choice.directory = "/decks";
  EXPECT_EQ(data_path(choice, "velocities"), "/decks/a.csv");
  choice.data = "/elsewhere/a.csv";
  EXPECT_EQ(data_path(choice, "velocities"), "/elsewhere/a.csv");
}

SampleRequest frames_request(const std::filesystem::path& path,
                             const std::vector<InputInfo>& inputs, int points = 40) {
  return {.file = path, .inputs = inputs, .measured = {"u"}, .points = points, .units = {"m/s"}};
}

TEST(PinnSamples, ADatasetIsAFunctionAndGivesSamplesAtItsCellsAndFrames) {
  const tests::Scratch folder;
  const auto path = write_dataset(folder);
  const std::vector<InputInfo> inputs{
      {"x", "m", -0.5, 0.9}, {"y", "m", 0.1, 0.8}, {"t", "s", 0.3, 1.8, true}};
  const GriddedFrames frames(path, inputs, {"p", "u"}, {"Pa", "m/s"});
  constexpr double single = 1e-5;  // the file's precision
  for (const auto& at :
       std::vector<std::vector<double>>{{-0.5, 0.1, 0.3}, {0.33, 0.41, 1.01}, {0.9, 0.8, 1.8}}) {
    EXPECT_NEAR(frames.value(0, at), -2 * polynomial(at[0], at[1], at[2]), single);
    EXPECT_NEAR(frames.value(1, at), polynomial(at[0], at[1], at[2]), single);
  }
  const Samples samples = read_samples(frames_request(path, inputs));
  ASSERT_EQ(samples.count(), 40u);
  for (std::size_t n = 0; n < 40; ++n) {
    const double x = samples.columns[0][n], y = samples.columns[1][n], t = samples.columns[2][n];
    EXPECT_NEAR(std::remainder(x - 0.0625, 0.125), 0, 1e-12);
    EXPECT_NEAR(std::remainder(y - 0.0625, 0.125), 0, 1e-12);
    EXPECT_NEAR(std::remainder(t, 0.25), 0, 1e-12);
    for (int a = 0; a < 3; ++a) {
      EXPECT_GE(samples.columns[a][n], inputs[a].lower);
      EXPECT_LE(samples.columns[a][n], inputs[a].upper);
    }
    EXPECT_NEAR(samples.columns[3][n], polynomial(x, y, t), single);
  }
}

TEST(PinnSamples, DatasetsThatDoNotFitAreRefused) {
  const tests::Scratch folder;
  const auto path = write_dataset(folder);
  const std::vector<InputInfo> inputs{{"x", "m", -1, 1}, {"y", "m", 0, 1}, {"t", "s", 0, 2, true}};
  expect_error([&] { read_samples({path, inputs, {"w"}, 4}); }, "has no field 'w'; there are u, p");
  expect_error([&] { read_samples(frames_request(path, inputs, 0)); },
               "problem.data_points: say how many samples to draw of the 1152 in");
  expect_error([&] { read_samples(frames_request(path, inputs, 5000)); },
               "has 1152 samples in the problem's box; problem.data_points asks for 5000");
  auto longer = inputs;
  longer[2].upper = 3;
  expect_error([&] { read_samples(frames_request(path, longer)); },
               "reaches from 0 to 2 along t in 9 places");
  expect_error([&] { read_samples({path, box, {"u"}, 4}); }, "is not of two dimensions and time");
  expect_error([&] { read_samples({folder.path(), inputs, {"u"}, 4}); }, "no finished sample");
}

TEST(PinnSamples, UnitsOfADatasetAreObeyed) {
  const std::vector<InputInfo> inputs{{"x", "m", -1, 1}, {"y", "m", 0, 1}, {"t", "s", 0, 2, true}};
  const tests::Scratch si, centimetres, unknown, wrong, vectors;
  const Samples wanted = read_samples(frames_request(write_dataset(si), inputs));
  for (const Samples& samples :
       {read_samples(
            frames_request(write_dataset(centimetres, {.unit = "cm/s", .factor = 100}), inputs)),
        read_samples(frames_request(write_dataset(unknown, {.unit = ""}), inputs))}) {
    ASSERT_EQ(samples.count(), wanted.count());
    for (std::size_t n = 0; n < wanted.count(); ++n)
      EXPECT_NEAR(samples.columns[3][n], wanted.columns[3][n], 1e-5);
  }
  const auto mass = write_dataset(wrong, {.unit = "kg"});
  expect_error([&] { read_samples(frames_request(mass, inputs)); },
               "field 'u': is in 'kg', which measures something else; m/s is wanted");
  const auto vector = write_dataset(vectors, {.components = 2});
  expect_error([&] { read_samples(frames_request(vector, inputs)); },
               "field 'u': is a vector of 2 components; fields of one are wanted");
  auto far = inputs;
  far[0].unit = "km";
  expect_error([&] { read_samples(frames_request(si / "dataset", far)); },
               "its coordinates are in m; the problem's x is in km");
}

}  // namespace
