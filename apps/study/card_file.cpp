#include "apps/study/card_file.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"

namespace understudy::apps {

namespace {

const std::string first_line = "# A model card of Understudy; the last line has its checksum\n";
const std::string last_line = "# checksum: ";

std::string checksum(const std::string& body) { return core::sha256(body).substr(0, 16); }

// What stands between the two lines.
std::string body_of(std::string text) {
  if (!text.starts_with(first_line)) return text;
  text.erase(0, first_line.size());
  const auto last = text.rfind(last_line);
  if (last != std::string::npos && (last == 0 || text[last - 1] == '\n')) text.erase(last);
  return text;
}

}  // namespace

std::string with_card_checksum(const std::string& yaml) {
  std::string body = body_of(yaml);
  if (!body.ends_with('\n')) body += '\n';
  return first_line + body + last_line + checksum(body) + "\n";
}

void refuse_card(const std::filesystem::path& path, const std::string& why) {
  const std::string text = core::read_file(path);
  const auto lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0 : 1);
  throw core::UserError(core::format(
      "{}:{}: the card ends here and describes no model that can be made ({}): it was cut off or damaged; "
      "copy or make the model anew",
      path.string(), lines, why.substr(0, why.find('\n'))));
}

void require_card_checksum(const std::filesystem::path& path, const std::string& text) {
  if (!text.starts_with(first_line)) return;
  const std::string body = body_of(text);
  if (text == first_line + body + last_line + checksum(body) + "\n") return;
  const auto lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0 : 1);
  const bool cut_off = text.size() == first_line.size() + body.size();
  throw core::UserError(core::format(
      "{}:{}: {}; copy or make the model anew. A card that was edited on purpose is read without its first "
      "line",
      path.string(), lines,
      cut_off
          ? "the card ends here, without the checksum that its first line tells of: it was cut off"
          : "the card's checksum does not fit what stands above it: it was damaged or edited"));
}

}  // namespace understudy::apps
