// Atomic files, hashes and formulas.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <numbers>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/provenance.hpp"
#include "support/scratch.hpp"

namespace core = understudy::core;
namespace fs = std::filesystem;

namespace {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    EXPECT_EQ(error.exit_code(), 2);
    return error.what();
  }
  return "";
}

}  // namespace

TEST(AtomicFile, WritesAndReadsBack) {
  const understudy::tests::Scratch folder;
  const fs::path path = folder / "deep" / "file.txt";
  core::write_file(path, "one\ntwo\n");
  EXPECT_EQ(core::read_file(path), "one\ntwo\n");
}

TEST(MakeFolder, MakesTheWholePathAndNamesWhatItCannotMake) {
  const understudy::tests::Scratch folder;
  core::make_folder(folder / "a" / "b", "model folder");
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
  EXPECT_EQ(error_of([&] { core::make_folder(folder / "a" / "b"); }), "");
  core::write_file(folder / "file", "");
  EXPECT_EQ(
      error_of([&] { core::make_folder(folder / "file" / "c", "model folder"); }),
      "cannot make the model folder " + (folder / "file" / "c").string() + ": Not a directory");
}

TEST(AtomicFile, FailedWriteLeavesThePreviousFileAndNoTemporary) {
  const understudy::tests::Scratch folder;
  core::write_file(folder / "file.txt", "precious");
  // A file-size limit stands in for a full disk: the write itself comes back short.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  rlimit small = old;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string text =
      error_of([&] { core::write_file(folder / "file.txt", std::string(100000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_NE(text.find("cannot write"), std::string::npos) << text;
  EXPECT_NE(text.find("file.txt"), std::string::npos) << text;
  EXPECT_EQ(core::read_file(folder / "file.txt"), "precious");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 1);
}

TEST(AtomicFile, NamesWhatCannotBeRead) {
  const std::string text = error_of([] { core::read_file("/nowhere/deck.yaml"); });
  EXPECT_NE(text.find("/nowhere/deck.yaml"), std::string::npos);
  EXPECT_NE(text.find("No such file"), std::string::npos);
}

// Test vectors of FIPS 180-4 (NIST's example values).
TEST(AtomicFile, RefusesPipesAndDevicesInsteadOfWaitingForTheirEnd) {
  const understudy::tests::Scratch folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", folder / "endless");
  for (const auto& path : {pipe, folder / "endless"})
    EXPECT_EQ(error_of([&] { core::read_file(path); }),
              "cannot read " + path.string() + ": it is no regular file, but a pipe or device");
}

TEST(Sha256, MatchesPublishedVectors) {
  EXPECT_EQ(core::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(core::sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(core::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(core::sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Expression, EvaluatesCoordinatesAndTime) {
  const core::Expression f("1.5 * 4 * y * (0.41 - y) / 0.41^2 + sin(pi * t) * (x > 1 ? 2 : 3)");
  EXPECT_NEAR(f(2, 0.205, 0, 0.5), 1.5 + 2, 1e-14);
  EXPECT_NEAR(f(0, 0.205, 0, 0.5), 1.5 + 3, 1e-14);
  EXPECT_TRUE(f.depends_on_time());
  EXPECT_FALSE(core::Expression("x + z").depends_on_time());
  const core::Expression copy = f;
  EXPECT_EQ(copy(2, 0.1, 0, 0.2), f(2, 0.1, 0, 0.2));
}

// muParser would take each for another formula, and say nothing.
TEST(Expression, TakesOneValueAndNoAssignment) {
  const auto refused = [](const std::string& formula, const std::string& why) {
    const std::string text = error_of([&] { core::Expression one(formula); });
    EXPECT_NE(text.find("'" + formula + "'"), std::string::npos) << text;
    EXPECT_NE(text.find(why), std::string::npos) << text;
  };
  refused("1,5", "a decimal comma?");
  refused("0.5 + 1,5*y", "a decimal comma?");
  refused("x, y", "a comma outside a function's parentheses");
  refused("(1,5)", "a decimal comma?");
  refused("sin((1,5))", "a decimal comma?");
  refused("1; 2", "';'");
  refused("x = 3", "'=' would assign");
  refused("y = 0.7 ? 1 : 0", "'=' would assign");
  refused("x += 1", "'=' would assign");
  refused("sin(1, 2)", "cannot be read");
  refused("", "cannot be read");
  EXPECT_EQ(core::Expression("max(1,5)")(0, 0, 0, 0), 5);
  EXPECT_EQ(core::Expression("min(x, (2))")(3, 0, 0, 0), 2);
  EXPECT_EQ(core::Expression("x == 3 ? 1 : 0")(3, 0, 0, 0), 1);
  EXPECT_EQ(core::Expression("x >= 3 && y <= 1 && z != 2 ? 1 : 0")(3, 0, 0, 0), 1);
}

// What the reference lists is there, and means what it says.
TEST(Expression, KnowsTheFunctionsThatItNames) {
  std::istringstream names(core::expression_words().functions);
  int count = 0;
  for (std::string name; names >> name; ++count) {
    const bool two = name == "atan2" || name == "min" || name == "max";
    EXPECT_NO_THROW(core::Expression(name + (two ? "(0.5, 0.5)" : "(0.5)"))) << name;
  }
  EXPECT_GT(count, 20);
  EXPECT_NEAR(core::Expression("log(exp(2))")(0, 0, 0, 0), 2, 1e-14);
  EXPECT_NEAR(core::Expression("ln(exp(2)) + log10(100)")(0, 0, 0, 0), 4, 1e-14);
  EXPECT_NEAR(core::Expression("-2^2")(0, 0, 0, 0), -4, 1e-14);
}

TEST(Expression, SaysWhatIsWrong) {
  const std::string text = error_of([] { core::Expression("1 + speed * y"); });
  EXPECT_NE(text.find("1 + speed * y"), std::string::npos);
  EXPECT_NE(text.find("speed"), std::string::npos);
  EXPECT_NE(text.find("x, y, z, t"), std::string::npos);
}

// What is right in other languages is answered with what is right here.
TEST(Expression, SaysHowOthersHabitsAreWrittenHere) {
  const auto told = [](const std::string& formula, const std::string& mend) {
    const std::string text = error_of([&] { core::Expression one(formula); });
    EXPECT_NE(text.find("'" + formula + "' cannot be read: "), std::string::npos) << text;
    EXPECT_NE(text.find(mend), std::string::npos) << text;
  };
  told("x**2", "x^2");
  told("1 - pow(x, 2)", "x^2");
  told("fabs(x)", "abs(x)");
  told("mod(x, 2)", "a - b * rint(a / b)");
  told("x % 2", "a - b * rint(a / b)");
  told("sin(pi() * x)", "write pi, not pi()");
  told("2 * PI", "written pi");
  told("e^x", "exp(1)");
  told("np.sin(x)", "sin(x), not np.sin(x)");
  told("floor(x)", "rint");
  told("x > 1 and y > 1 ? 1 : 0", "&&");
  told("if(x > 1, 2, 3)", "x > 1 ? 2 : 3");
  // A right word beside the wrong one is no mistake, nor is an exponent a constant.
  told("fabs(x) + 1e3 * sin(pi * (x + 1))", "abs(x)");
  EXPECT_NEAR(core::Expression("x - 2 * rint(x / 2)")(4.5, 0, 0, 0), 0.5, 1e-14);
  EXPECT_NEAR(core::Expression("exp(1)^x * 1e0")(1, 0, 0, 0), 2.718281828459045, 1e-14);
}
