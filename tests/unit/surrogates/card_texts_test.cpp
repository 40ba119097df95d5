// Cards and training sections keep their keys: order, values, limits, units and words of every key are
// those of card_texts.txt beside this file. Cards of earlier versions, checkpoints (which hold such a
// text to know what made them) and decks' hashes rest on them. A key that is added or changed on
// purpose is changed there, too: the test says which line differs.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/arrays/array_map_training.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/points/point_training.hpp"

namespace understudy::surrogates {

namespace {

// Gives every key a value that follows from its place, lists one item each, and notes all of it.
class Recorder : public core::ParamVisitor {
 public:
  std::string lines;

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override {
    std::visit([&](auto* v) { set(key, *v, info); }, value);
  }
  bool begin_group(const char* key, const char* help) override {
    note("group", key, "", {}, help);
    depth_ += 2;
    return true;
  }
  void end_group() override { depth_ -= 2; }
  std::size_t begin_list(const char* key, std::size_t, const char* help) override {
    note("list", key, "", {}, help);
    return 1;
  }
  void begin_item(std::size_t) override { depth_ += 2; }
  void end_item() override { depth_ -= 2; }
  void end_list() override {}

 private:
  void set(const char* key, double& value, const core::ValueInfo& info) {
    value = ++count_ + 0.25;
    note("real", key, core::format("{} [{}]", value, info.unit), info.bounds, info.help);
  }
  void set(const char* key, long long& value, const core::ValueInfo& info) {
    value = ++count_;
    note("integer", key, core::format("{}", value), info.bounds, info.help);
  }
  void set(const char* key, bool& value, const core::ValueInfo& info) {
    value = ++count_ % 2 == 0;
    note("flag", key, value ? "true" : "false", {}, info.help);
  }
  void set(const char* key, std::string& value, const core::ValueInfo& info) {
    value = core::format("{} {}", key, ++count_);
    note("text", key, value, {}, info.help);
  }
  void set(const char* key, core::Choice& value, const core::ValueInfo& info) {
    value.text = value.allowed.at(static_cast<std::size_t>(++count_) % value.allowed.size());
    note("choice", key, value.text + " of " + core::joined(value.allowed), {}, info.help);
  }
  void set(const char* key, std::vector<double>& value, const core::ValueInfo& info) {
    value.assign(std::max<std::size_t>(info.count, 1), ++count_ + 0.25);
    note("reals", key, core::format("{} x {} [{}]", value.size(), value[0], info.unit), info.bounds,
         info.help);
  }
  void set(const char* key, std::vector<long long>& value, const core::ValueInfo& info) {
    value.assign(std::max<std::size_t>(info.count, 1), ++count_);
    note("integers", key, core::format("{} x {}", value.size(), value[0]), info.bounds, info.help);
  }
  void set(const char* key, std::vector<std::string>& value, const core::ValueInfo& info) {
    value.assign(1, key);
    note("texts", key, value[0], {}, info.help);
  }
  void note(const char* kind, const char* key, const std::string& value, const core::Bounds& bounds,
            const char* help) {
    lines += std::string(depth_, ' ') + core::format("{} {} = {} | {} <= {} | {} < {} | {}\n", kind,
                                                     key, value, bounds.at_least, bounds.at_most,
                                                     bounds.above, bounds.below, help);
  }
  std::size_t depth_ = 0;
  long long count_ = 0;
};

template <class Params>
std::string text_of(const char* title) {
  Recorder recorder;
  Params params;
  params.describe(recorder);
  return core::format("# {}\n", title) + recorder.lines;
}

}  // namespace

TEST(CardTexts, AreThoseThatAreWrittenDown) {
  const std::string now = text_of<ModelCard>("ModelCard") + text_of<PointCard>("PointCard") +
                          text_of<ArrayMapCard>("ArrayMapCard") +
                          text_of<TrainingParams>("TrainingParams") +
                          text_of<PointTrainingParams>("PointTrainingParams") +
                          text_of<ArrayMapTrainingParams>("ArrayMapTrainingParams") +
                          text_of<PointGateParams>("PointGateParams");
  std::ifstream file(UNDERSTUDY_SOURCE_DIR "/tests/unit/surrogates/card_texts.txt");
  ASSERT_TRUE(file);
  std::istringstream text(now);
  std::string expected, actual;
  for (int line = 1; std::getline(file, expected); ++line) {
    ASSERT_TRUE(std::getline(text, actual)) << "line " << line << " is missing: " << expected;
    EXPECT_EQ(actual, expected) << "line " << line;
  }
  EXPECT_FALSE(std::getline(text, actual)) << "not in the file: " << actual;
}

}  // namespace understudy::surrogates
