// Reads Params structs from a deck, strictly: an unknown key, a wrong type, a value out of bounds or a
// broken condition is an error that names the deck, the line, the full key, what was given and what is
// allowed. A key's old name is read with a warning; of the two together the later --set counts, and both in
// the file are an error. All errors of a deck are reported together, in the order of its lines.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "core/params.hpp"

namespace understudy::apps {

class DeckReader : public core::ParamVisitor {
 public:
  explicit DeckReader(const DeckTree& tree);

  void renamed(const char* old_key, const char* key) override;
  void require(bool holds, const char* key, const std::string& message) override;

  /// Call after the outermost describe(): UserError with everything that was wrong.
  void finish();
  /// Of old names: "deck.yaml:3: training.warm_up is now called warmup_fraction; ...". The log has each
  /// once, however often the deck is read.
  const std::vector<std::string>& warnings() const { return warnings_; }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override;
  bool begin_group(const char* key, const char* help) override;
  void end_group() override;
  std::size_t begin_list(const char* key, std::size_t size, const char* help) override;
  void begin_item(std::size_t index) override;
  void end_item() override;
  void end_list() override;

 private:
  // What describe() is inside of; `node` is null where the deck says nothing of it.
  struct Frame {
    const DeckNode* node;
    std::string path;
    std::set<std::string> known = {}, old = {};          // keys and old names of keys
    std::map<std::string, const DeckNode*> by_old = {};  // keys that the deck gives by an old name
  };
  struct Problem {
    int order;  // line, then settings
    std::string text;
  };

  const DeckNode* take(const char* key);
  const DeckNode* child(const char* key) const;
  std::string path_of(const std::string& key) const;
  Problem problem(const DeckNode& node, const std::string& path, const std::string& what) const;
  // What is wrong is noted; both answer false, as what could not be read does.
  bool refuse(const DeckNode& node, const std::string& path, const std::string& what);
  bool refuse_kind(const DeckNode& node, const std::string& path, const std::string& expected);
  // Says what is wrong with what is no number of its kind: too large, a decimal comma, another thing.
  template <class Number>
  bool refuse_number(const DeckNode& node, const std::string& path, const std::string& expected,
                     const std::string& range);
  // True: `value` is the node's; else it stays, and the reason is noted.
  bool read(const DeckNode& node, const std::string& path, double& value,
            const core::ValueInfo& info);
  bool read(const DeckNode& node, const std::string& path, long long& value,
            const core::ValueInfo& info);
  bool read(const DeckNode& node, const std::string& path, bool& value,
            const core::ValueInfo& info);
  bool read(const DeckNode& node, const std::string& path, std::string& value,
            const core::ValueInfo& info);
  bool read(const DeckNode& node, const std::string& path, core::Choice& value,
            const core::ValueInfo& info);
  template <class Value>
  bool read(const DeckNode& node, const std::string& path, std::vector<Value>& value,
            const core::ValueInfo& info);
  bool is_list(const DeckNode& node, const std::string& path, std::size_t count,
               const std::string& of);
  void push(const DeckNode* node, const std::string& path);
  void pop();
  void report_unknown();

  const DeckTree& tree_;
  std::vector<Frame> frames_;
  struct Unknown {
    const DeckNode* node;
    std::string frame, key;
    std::set<std::string> known;
  };
  std::vector<Unknown> unknown_;
  std::set<std::string> known_paths_;
  std::vector<Problem> problems_, broken_conditions_;
  std::vector<std::string> warnings_;
};

template <class Params>
void read_deck(const DeckTree& tree, Params& params) {
  DeckReader reader(tree);
  params.describe(reader);
  reader.finish();
}

}  // namespace understudy::apps
