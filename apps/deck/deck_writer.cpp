#include "apps/deck/deck_writer.hpp"

#include <limits>

#include "apps/deck/words.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace {

// Always in double quotes, so that no text can be taken for a number, a key or a comment.
std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\')
      out += core::format("\\{}", static_cast<char>(c));
    else if (c < 32 || c == 127)
      out += core::format("\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
  return out + '"';
}

std::string yaml(double value) { return core::format("{}", value); }  // shortest that reads back
std::string yaml(long long value) { return std::to_string(value); }
std::string yaml(bool value) { return value ? "true" : "false"; }
std::string yaml(const std::string& value) { return in_quotes(value); }
std::string yaml(const core::Choice& value) {
  return value.text.empty() ? in_quotes(value.text) : value.text;
}
template <class Value>
std::string yaml(const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) out += (out.empty() ? "" : ", ") + yaml(value);
  return "[" + out + "]";
}

}  // namespace

void DeckWriter::line(const std::string& key, const std::string& value,
                      const core::ValueInfo& info) {
  std::string start(2 * depth_, ' ');
  if (item_starts_) start.replace(start.size() - 2, 2, "- ");
  item_starts_ = false;
  std::string full = value.empty() ? core::format("{}{}:", start, key)
                                   : core::format("{}{}: {}", start, key, value);
  if (comments_ && *info.help) {
    const std::string unit = info.unit;
    if (full.size() < 36) full.resize(36, ' ');
    full +=
        core::format("  # {}{}", unit.empty() || unit == "1" ? "" : "[" + unit + "] ", info.help);
  }
  text_ += full + '\n';
}

void DeckWriter::visit(const char* key, core::ValueRef value, const core::ValueInfo& info) {
  std::visit([&](auto* v) { line(key, yaml(*v), info); }, value);
}

bool DeckWriter::begin_group(const char* key, const char* help) {
  line(key, "", {.help = help});
  ++depth_;
  return true;
}
void DeckWriter::end_group() { --depth_; }

std::size_t DeckWriter::begin_list(const char* key, std::size_t size, const char* help) {
  line(key, size == 0 ? "[]" : "", {.help = help});
  ++depth_;
  return size;
}
void DeckWriter::begin_item(std::size_t) {
  item_starts_ = true;
  ++depth_;
}
void DeckWriter::end_item() { --depth_; }
void DeckWriter::end_list() { --depth_; }

// --- the reference ---------------------------------------------------------------------------------

namespace {

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// What a key allows; nothing where that is anything.
std::string allowed(const auto&, core::Bounds bounds) {
  if (bounds.at_most == std::numeric_limits<int>::max()) bounds.at_most = core::Bounds{}.at_most;
  const std::string range = allowed_range(bounds, "");
  return range == "any number" ? "" : range;
}
std::string allowed(const bool&, const core::Bounds&) { return "true, false"; }
std::string allowed(const core::Choice& choice, const core::Bounds&) {
  return core::joined(choice.allowed);
}

}  // namespace

void DocWriter::row(const Row& r) {
  sections_[open_.back()].rows +=
      core::format("| `{}` | {} | {} | {} | {} | {} |\n", r.key, r.type,
                   r.value.empty() ? "" : "`" + r.value + "`", cell(r.allowed),
                   r.unit == "1" ? "" : r.unit, cell(r.help));
}

std::string DocWriter::text() const {
  std::string out;
  for (const auto& section : sections_) {
    out += core::format("## {}\n\n", section.path.empty() ? "Top level" : "`" + section.path + "`");
    if (!section.help.empty()) out += section.help + ".\n\n";
    if (section.rows.empty()) continue;
    out +=
        "| key | type | default | allowed | unit | meaning |\n| --- | --- | --- | --- | --- | --- |\n";
    out += section.rows + "\n";
  }
  return out;
}

void DocWriter::visit(const char* key, core::ValueRef value, const core::ValueInfo& info) {
  std::visit(
      [&](auto* v) {
        const std::string text = yaml(*v);
        row({key, kind_name(*v, info.count), text == "\"\"" ? "" : text, allowed(*v, info.bounds),
             info.unit, info.help});
      },
      value);
}

void DocWriter::enter(const std::string& key, const std::string& help) {
  const std::string& outer = sections_[open_.back()].path;
  const std::string path = outer.empty() ? key : outer + "." + key;
  sections_.push_back({path, help, ""});
  open_.push_back(sections_.size() - 1);
}

bool DocWriter::begin_group(const char* key, const char* help) {
  row({key, "section", "", "", "", help});
  enter(key, help);
  return true;
}
void DocWriter::end_group() { open_.pop_back(); }

std::size_t DocWriter::begin_list(const char* key, std::size_t, const char* help) {
  row({key, "list of sections", "", "", "", help});
  enter(std::string(key) + "[]", help);
  return 1;  // one item shows the keys of all
}
void DocWriter::end_list() { open_.pop_back(); }

}  // namespace understudy::apps
