// Reads Params structs from a deck, strictly: an unknown key, a wrong type, a value out of bounds or a
// broken condition is an error that names the deck, the line, the full key, what was given and what is
// allowed. All errors of a deck are reported together, in the order of its lines.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "core/params.hpp"

namespace understudy::apps {

class DeckReader : public core::ParamVisitor {
 public:
  explicit DeckReader(const DeckTree& tree);

  void real(const char* key, double& value, core::Bounds bounds, const char* unit,
            const char* help) override;
  using core::ParamVisitor::integer;
  void integer(const char* key, long long& value, core::Bounds bounds, const char* help) override;
  void flag(const char* key, bool& value, const char* help) override;
  void text(const char* key, std::string& value, const char* help) override;
  void choice(const char* key, std::string& value, std::vector<std::string> allowed,
              const char* help) override;
  void reals(const char* key, std::vector<double>& value, std::size_t count, core::Bounds bounds,
             const char* unit, const char* help) override;
  void integers(const char* key, std::vector<long long>& value, std::size_t count,
                core::Bounds bounds, const char* help) override;
  void texts(const char* key, std::vector<std::string>& value, const char* help) override;
  void require(bool holds, const char* key, const std::string& message) override;

  /// Call after the outermost describe(): UserError with everything that was wrong.
  void finish();

 protected:
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
    std::set<std::string> known;
  };
  struct Problem {
    int order;  // line, then settings
    std::string text;
  };

  const DeckNode* take(const char* key);
  std::string path_of(const std::string& key) const;
  void report(const DeckNode& node, const std::string& path, const std::string& what);
  void wrong_type(const DeckNode& node, const std::string& path, const std::string& expected);
  bool read_real(const DeckNode& node, const std::string& path, double& value,
                 const core::Bounds& bounds, const std::string& unit);
  bool read_integer(const DeckNode& node, const std::string& path, long long& value,
                    const core::Bounds& bounds);
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
};

template <class Params>
void read_deck(const DeckTree& tree, Params& params) {
  DeckReader reader(tree);
  params.describe(reader);
  reader.finish();
}

/// ">= 0 and < 1 m/s": the allowed range of a number, "any number" without bounds.
std::string allowed_range(const core::Bounds& bounds, const std::string& unit);
/// Number of single-letter edits (insert, delete, replace, swap of neighbours) between two words.
std::size_t edit_distance(const std::string& a, const std::string& b);

}  // namespace understudy::apps
