#include "apps/report/html.hpp"

#include "apps/report/report_format.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

std::string section(const std::string& title, const std::string& content) {
  if (content.empty()) return "";
  return "<section><h2>" + escape(title) + "</h2>\n" + content + "</section>\n";
}

std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& classes) {
  std::string html = "<table class=\"" + classes + "\">\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    html += r == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const char* const tag = r == 0 ? "th" : c == 0 ? "th scope=\"row\"" : "td";
      html += core::format("<{}>{}</{}>", tag, rows[r][c], r == 0 || c == 0 ? "th" : "td");
    }
    html += r == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

}  // namespace understudy::apps::report
