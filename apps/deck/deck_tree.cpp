#include "apps/deck/deck_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

constexpr const char* tab_words =
    "the line begins with a tab; YAML is indented by blanks (expand -t 2 replaces tabs)";

// Builds the tree from yaml-cpp's events: no node of its own is made there, and limits act at once.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(DeckNode& root, const std::string& name, const std::set<int>& tabbed)
      : root_(root), name_(name), tabbed_(tabbed) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(DeckNode::Kind::null, mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    fail(mark, "aliases (*name) are not used in decks; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tab(mark);
    if (expects_key()) {
      take_key(mark, value);
      return;
    }
    DeckNode& node = add(DeckNode::Kind::scalar, mark, anchor);
    node.text = value;
    node.quoted = tag != "?" && !tag.empty();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    refuse_tab(mark);
    open(add(DeckNode::Kind::list, mark, anchor), mark, style);
  }
  void OnSequenceEnd() override { levels_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    refuse_tab(mark);
    open(add(DeckNode::Kind::map, mark, anchor), mark, style);
  }
  void OnMapEnd() override { levels_.pop_back(); }

 private:
  struct Level {
    DeckNode* node;
    bool in_brackets = false;
    std::set<std::string> keys{};
    bool key_taken = false;
    int key_line = 0;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    throw core::UserError(core::format("{}:{}: {}", name_, mark.line + 1, what));
  }

  bool expects_key() const {
    return !levels_.empty() && levels_.back().node->kind == DeckNode::Kind::map &&
           !levels_.back().key_taken;
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Level& level = levels_.back();
    if (!level.keys.insert(key).second)
      fail(mark, core::format("duplicate key '{}'; each key may be given once", printable(key)));
    level.node->keys.push_back(key);
    level.key_taken = true;
    level.key_line = mark.line + 1;
  }

  DeckNode& add(DeckNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) fail(mark, "anchors (&name) are not used in decks");
    if (++count_ > DeckTree::max_nodes)
      fail(mark, core::format("more than {} values in one deck", DeckTree::max_nodes));
    if (levels_.empty()) {
      root_.kind = kind;
      root_.line = mark.line + 1;
      return root_;
    }
    if (expects_key()) fail(mark, "a key must be plain text");
    Level& level = levels_.back();
    DeckNode& node = level.node->children.emplace_back();
    node.kind = kind;
    node.line = level.key_taken ? level.key_line : mark.line + 1;
    level.key_taken = false;
    return node;
  }

  // A parent's children may move while it grows, but only after its open child was closed.
  void open(DeckNode& node, const YAML::Mark& mark, YAML::EmitterStyle::value style) {
    if (static_cast<int>(levels_.size()) >= DeckTree::max_depth)
      fail(mark, core::format("nested more than {} levels deep", DeckTree::max_depth));
    const bool outer = !levels_.empty() && levels_.back().in_brackets;
    levels_.push_back({&node, outer || style == YAML::EmitterStyle::Flow});
  }

  // Within brackets a tab is as good as a blank.
  void refuse_tab(const YAML::Mark& mark) const {
    if (!tabbed_.contains(mark.line) || (!levels_.empty() && levels_.back().in_brackets)) return;
    fail(mark, tab_words);
  }

  DeckNode& root_;
  const std::string& name_;
  const std::set<int>& tabbed_;
  std::vector<Level> levels_;
  std::size_t count_ = 0;
};

// Lines (from 0) with a tab before their first other character, empty ones and comments aside.
std::set<int> tabbed_lines(const std::string& text) {
  std::set<int> lines;
  int number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto first = text.find_first_not_of(" \t\r", at);
    const bool filled = first < end && text[first] != '#';
    if (filled &&
        std::string_view(text).substr(at, first - at).find('\t') != std::string_view::npos)
      lines.insert(number);
    at = end + 1;
  }
  return lines;
}

void parse_into(DeckNode& root, const std::string& text, const std::string& name) {
  const std::set<int> tabbed = tabbed_lines(text);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder builder(root, name, tabbed);
    if (!parser.HandleNextDocument(builder)) return;
    DeckNode other;
    TreeBuilder second(other, name, tabbed);
    if (parser.HandleNextDocument(second))
      throw core::UserError(
          core::format("{}:{}: more than one YAML document; a deck is one", name, other.line));
  } catch (const YAML::Exception& e) {
    // The nearest tab at or before the place: the parser trips over what follows it.
    const auto after = tabbed.upper_bound(e.mark.line);
    const std::string tab = after == tabbed.begin()
                                ? ""
                                : core::format("; line {}: {}", *std::prev(after) + 1, tab_words);
    throw core::UserError(core::format("{}:{}:{}: not valid YAML: {}{}", name, e.mark.line + 1,
                                       e.mark.column + 1, printable(e.msg), tab));
  }
}

bool is_index(const std::string& segment) {
  return !segment.empty() && segment.size() < 7 &&
         std::ranges::all_of(segment, [](unsigned char c) { return c >= '0' && c <= '9'; });
}

// "a.b[2].c" and "a.b.2.c" are the same path.
std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> segments{""};
  for (const char c : path) {
    if (c == '.' || c == '[')
      segments.emplace_back();
    else if (c != ']')
      segments.back() += c;
  }
  return segments;
}

void mark_as_setting(DeckNode& node, int setting) {
  node.setting = setting;
  for (auto& child : node.children) mark_as_setting(child, setting);
}

// The child that `segment` names, made where it is missing.
DeckNode& step_into(DeckNode& node, const std::string& segment, const std::string& setting) {
  if (node.kind == DeckNode::Kind::null)
    node.kind = is_index(segment) ? DeckNode::Kind::list : DeckNode::Kind::map;
  if (node.kind == DeckNode::Kind::scalar)
    throw core::UserError(
        core::format("--set {}: there is a single value ({}) where '{}' is looked up", setting,
                     given(node), printable(segment)));
  if (node.kind == DeckNode::Kind::map) {
    const auto at = std::ranges::find(node.keys, segment);
    if (at != node.keys.end()) return node.children[at - node.keys.begin()];
    node.keys.push_back(segment);
    return node.children.emplace_back();
  }
  const std::size_t size = node.children.size();
  if (!is_index(segment) || std::stoul(segment) > size)
    throw core::UserError(core::format(
        "--set {}: '{}' is not an index of the list there; it has {} item{}, so 0 to {} is valid",
        setting, printable(segment), size, size == 1 ? "" : "s", size));
  const std::size_t index = std::stoul(segment);
  return index < size ? node.children[index] : node.children.emplace_back();
}

}  // namespace

const DeckNode* DeckNode::find(const std::string& key) const {
  const auto at = std::ranges::find(keys, key);
  return at == keys.end() ? nullptr : &children[at - keys.begin()];
}

std::string printable(const std::string& text) {
  constexpr std::size_t longest = 80;
  std::string clean;
  for (const unsigned char c : text.substr(0, longest)) clean += c < 32 || c == 127 ? '?' : char(c);
  return text.size() > longest ? clean + "..." : clean;
}

std::string given(const DeckNode& node) {
  switch (node.kind) {
    case DeckNode::Kind::null:
      return "nothing";
    case DeckNode::Kind::list:
      return core::format("a list of {}", node.children.size());
    case DeckNode::Kind::map:
      return "a map of keys";
    case DeckNode::Kind::scalar:
      break;
  }
  const char* quote = node.quoted ? "\"" : "'";
  return quote + printable(node.text) + quote;
}

DeckTree DeckTree::parse(const std::string& text, const std::string& name) {
  DeckTree tree;
  tree.name = name;
  if (text.size() > max_bytes)
    throw core::UserError(
        core::format("{}: {} bytes; a deck has at most {}", name, text.size(), max_bytes));
  const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");  // YAML may be
  if (const std::string kind = core::kind_of_bytes(text); !kind.empty() && !utf16)
    throw core::UserError(core::format("{}: is no deck, {}", name, kind));
  parse_into(tree.root, text, name);
  if (tree.root.kind != DeckNode::Kind::map)
    throw core::UserError(
        core::format("{}:{}: a deck is a map of keys ('app: flow' ...), but {} was given", name,
                     std::max(tree.root.line, 1), given(tree.root)));
  return tree;
}

DeckTree DeckTree::read(const std::filesystem::path& path,
                        const std::vector<std::string>& settings) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw core::UserError(core::format("{} is a directory; a deck is a YAML file", path.string()));
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > max_bytes)
    throw core::UserError(
        core::format("{}: {} bytes; a deck has at most {}", path.string(), size, max_bytes));
  DeckTree tree = parse(core::read_file(path), path.string());
  tree.directory = path.has_parent_path() ? path.parent_path().string() : ".";
  for (const auto& setting : settings) tree.set(setting);
  return tree;
}

void DeckTree::set(const std::string& setting) {
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0)
    throw core::UserError(core::format("--set {}: expected path.to.key=value", printable(setting)));
  const auto segments = split_path(setting.substr(0, equals));
  const std::string value = setting.substr(equals + 1);
  if (segments.size() > max_depth || setting.size() > max_bytes)
    throw core::UserError(core::format("--set {}: too deep or too long", printable(setting)));

  DeckNode parsed;
  if (value.empty()) {
    parsed.kind = DeckNode::Kind::scalar;
    parsed.quoted = true;
  } else {
    parse_into(parsed, value, core::format("--set {}", printable(setting)));
  }
  DeckNode* node = &root;
  for (const auto& segment : segments) {
    if (segment.empty())
      throw core::UserError(
          core::format("--set {}: an empty name in the path", printable(setting)));
    node = &step_into(*node, segment, printable(setting));
  }
  settings.push_back(setting);
  *node = std::move(parsed);
  mark_as_setting(*node, static_cast<int>(settings.size()) - 1);
}

std::string DeckTree::where(const DeckNode& node) const {
  if (node.setting >= 0) return core::format("--set {}", printable(settings[node.setting]));
  return core::format("{}:{}", name, std::max(node.line, 1));
}

}  // namespace understudy::apps
