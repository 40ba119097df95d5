#include "apps/report/html.hpp"

#include "apps/report/report_colours.hpp"
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

std::string framed(const FramedPicture& p) {
  const std::string shape =
      p.aspect > 0 ? core::format(" style=\"aspect-ratio:{:.4f}\"", p.aspect) : "";
  return core::format(
      "<figure class=\"framed\"><h3>{}</h3><div class=\"frame\"><div class=\"y\"><span>{}</span>"
      "<b>{}</b><span>{}</span></div><img alt=\"{}\"{} src=\"data:image/png;base64,{}\">"
      "<div class=\"x\"><span>{}</span><b>{}</b><span>{}</span></div></div>"
      "<figcaption>{}</figcaption></figure>\n",
      escape(p.title), number(p.y.from, 4), escape(p.y.title), number(p.y.to, 4), escape(p.title),
      shape, base64(p.png), number(p.x.from, 4), escape(p.x.title), number(p.x.to, 4),
      escape(p.note));
}

std::string framed_row(const std::vector<FramedPicture>& pictures) {
  std::string html = "<div class=\"framed-row\">\n";
  for (const auto& picture : pictures) html += framed(picture);
  return html + "</div>\n";
}

std::string colour_scale(const std::string& colour_map, double lower, double upper,
                         const std::string& unit) {
  return core::format(
      "<div class=\"bar\" style=\"background:{}\"></div><div class=\"scale\"><span>{}</span>"
      "<span>{}</span></div>\n",
      gradient(colour_map), number(lower, 4), escape(with_unit(number(upper, 4), unit)));
}

}  // namespace understudy::apps::report
