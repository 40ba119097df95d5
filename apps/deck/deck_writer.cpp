#include "apps/deck/deck_writer.hpp"

#include "apps/deck/deck_reader.hpp"
#include "core/format.hpp"

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

std::string number(double value) { return core::format("{}", value); }  // shortest that reads back

template <class Values, class ToText>
std::string flow_list(const Values& values, ToText to_text) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + to_text(value);
  return "[" + out + "]";
}

std::string integer_text(long long value) { return std::to_string(value); }

}  // namespace

void DeckWriter::line(const std::string& key, const std::string& value, const std::string& unit,
                      const char* help) {
  std::string start(2 * depth_, ' ');
  if (item_starts_) start.replace(start.size() - 2, 2, "- ");
  item_starts_ = false;
  std::string full = value.empty() ? core::format("{}{}:", start, key)
                                   : core::format("{}{}: {}", start, key, value);
  if (comments_ && *help) {
    if (full.size() < 36) full.resize(36, ' ');
    full += core::format("  # {}{}", unit.empty() || unit == "1" ? "" : "[" + unit + "] ", help);
  }
  text_ += full + '\n';
}

void DeckWriter::real(const char* key, double& value, core::Bounds, const char* unit,
                      const char* help) {
  line(key, number(value), unit, help);
}
void DeckWriter::integer(const char* key, long long& value, core::Bounds, const char* help) {
  line(key, std::to_string(value), "", help);
}
void DeckWriter::flag(const char* key, bool& value, const char* help) {
  line(key, value ? "true" : "false", "", help);
}
void DeckWriter::text(const char* key, std::string& value, const char* help) {
  line(key, in_quotes(value), "", help);
}
void DeckWriter::choice(const char* key, std::string& value, std::vector<std::string>,
                        const char* help) {
  line(key, value.empty() ? in_quotes(value) : value, "", help);
}
void DeckWriter::reals(const char* key, std::vector<double>& value, std::size_t, core::Bounds,
                       const char* unit, const char* help) {
  line(key, flow_list(value, number), unit, help);
}
void DeckWriter::integers(const char* key, std::vector<long long>& value, std::size_t, core::Bounds,
                          const char* help) {
  line(key, flow_list(value, integer_text), "", help);
}
void DeckWriter::texts(const char* key, std::vector<std::string>& value, const char* help) {
  line(key, flow_list(value, in_quotes), "", help);
}

bool DeckWriter::begin_group(const char* key, const char* help) {
  line(key, "", "", help);
  ++depth_;
  return true;
}
void DeckWriter::end_group() { --depth_; }

std::size_t DeckWriter::begin_list(const char* key, std::size_t size, const char* help) {
  line(key, size == 0 ? "[]" : "", "", help);
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

std::string allowed_text(const core::Bounds& bounds) {
  const std::string range = allowed_range(bounds, "");
  return range == "any number" ? "" : range;
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

void DocWriter::real(const char* key, double& value, core::Bounds bounds, const char* unit,
                     const char* help) {
  row({key, "number", number(value), allowed_text(bounds), unit, help});
}
void DocWriter::integer(const char* key, long long& value, core::Bounds bounds, const char* help) {
  if (bounds.at_most == std::numeric_limits<int>::max()) bounds.at_most = core::Bounds{}.at_most;
  row({key, "whole number", std::to_string(value), allowed_text(bounds), "", help});
}
void DocWriter::flag(const char* key, bool& value, const char* help) {
  row({key, "flag", value ? "true" : "false", "true, false", "", help});
}
void DocWriter::text(const char* key, std::string& value, const char* help) {
  row({key, "text", value.empty() ? "" : in_quotes(value), "", "", help});
}
void DocWriter::choice(const char* key, std::string& value, std::vector<std::string> allowed,
                       const char* help) {
  std::string list;
  for (const auto& word : allowed) list += (list.empty() ? "" : ", ") + word;
  row({key, "choice", value, list, "", help});
}
void DocWriter::reals(const char* key, std::vector<double>& value, std::size_t count,
                      core::Bounds bounds, const char* unit, const char* help) {
  row({key, count == 0 ? "numbers" : core::format("{} numbers", count), flow_list(value, number),
       allowed_text(bounds), unit, help});
}
void DocWriter::integers(const char* key, std::vector<long long>& value, std::size_t count,
                         core::Bounds bounds, const char* help) {
  row({key, count == 0 ? "whole numbers" : core::format("{} whole numbers", count),
       flow_list(value, integer_text), allowed_text(bounds), "", help});
}
void DocWriter::texts(const char* key, std::vector<std::string>& value, const char* help) {
  row({key, "texts", flow_list(value, in_quotes), "", "", help});
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
