// Writes Params structs as YAML, by the same describe() members that read them.
//   DeckWriter  the resolved deck: every key with its value, in the order of describe(), so that equal
//               parameters give equal text (its hash names a study); with comments, each key carries
//               its unit and help text
//   DocWriter   the reference of all keys as Markdown tables
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::apps {

class DeckWriter : public core::ParamVisitor {
 public:
  explicit DeckWriter(bool comments = false) : comments_(comments) {}
  const std::string& text() const { return text_; }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override;
  bool begin_group(const char* key, const char* help) override;
  void end_group() override;
  std::size_t begin_list(const char* key, std::size_t size, const char* help) override;
  void begin_item(std::size_t index) override;
  void end_item() override;
  void end_list() override;

 private:
  void line(const std::string& key, const std::string& value, const core::ValueInfo& info);
  std::string text_;
  int depth_ = 0;
  bool comments_, item_starts_ = false;
};

class DocWriter : public core::ParamVisitor {
 public:
  /// The tables of all sections met, outermost first.
  std::string text() const;

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override;
  bool begin_group(const char* key, const char* help) override;
  void end_group() override;
  std::size_t begin_list(const char* key, std::size_t size, const char* help) override;
  void begin_item(std::size_t) override {}
  void end_item() override {}
  void end_list() override;

 private:
  struct Section {
    std::string path, help, rows;
  };
  struct Row {
    std::string key, type, value, allowed, unit, help;
  };
  void row(const Row& r);
  void enter(const std::string& key, const std::string& help);
  std::vector<Section> sections_{{"", "", ""}};
  std::vector<std::size_t> open_{0};
};

/// The resolved deck of any Params struct. describe() takes it by reference; nothing is changed.
template <class Params>
std::string write_deck(Params& params, bool comments = false) {
  DeckWriter writer(comments);
  params.describe(writer);
  return writer.text();
}

}  // namespace understudy::apps
