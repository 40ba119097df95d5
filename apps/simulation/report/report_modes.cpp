// The section "Modes": what each mode of a model contributes to the initial state, field by field.

#include "apps/report/report_colours.hpp"
#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

std::string picture_of(const ReportPicture& picture, const std::string& what,
                       const ReportModes& field) {
  return core::format(
      "<figure class=\"picture\"><img alt=\"{} of {}\" src=\"data:image/png;base64,{}\">"
      "<div class=\"bar\" style=\"background:{}\"></div><div class=\"scale\"><span>{}</span>"
      "<span>{}</span></div></figure>\n",
      escape(what), escape(field.field), base64(picture.png), gradient(picture.colour_map),
      number(picture.lower), escape(with_unit(number(picture.upper), field.unit)));
}

std::string row(const std::vector<ReportModes>& fields, const std::string& what,
                const auto& picture) {
  std::string html = "<p class=\"time\">" + escape(what) + "</p>\n";
  for (const ReportModes& field : fields) html += picture_of(picture(field), what, field);
  return html;
}

std::string error_table(const std::vector<ReportModes>& fields, int modes) {
  std::vector<std::vector<std::string>> rows{
      {"Field", "Initial state, this model", "Held-out frames, this model",
       core::format("Held-out frames, {} linear (POD) mode{}", modes, modes == 1 ? "" : "s")}};
  for (const ReportModes& field : fields)
    rows.push_back({escape(field.field), number(field.rel_l2),
                    field.model ? number(*field.model) : "not measured",
                    field.pod ? number(*field.pod) : "not measured"});
  return table(rows, "numbers narrow");
}

}  // namespace

std::string modes_section(const ReportData& data) {
  const auto& fields = data.modes;
  if (fields.empty()) return "";
  std::string html = core::format(
      "<p>The state from which both sides start, taken apart by the model: the mean field of the "
      "training frames and what each of {} mode{} adds to it{}.</p>\n"
      "<div class=\"pictures\" style=\"grid-template-columns: auto repeat({}, minmax(0, 1fr))\">"
      "<span></span>",
      data.mode_count, data.mode_count == 1 ? "" : "s",
      fields.front().modes.size() < static_cast<std::size_t>(data.mode_count)
          ? core::format("; the leading {} are shown", fields.front().modes.size())
          : std::string(),
      fields.size());
  for (const ReportModes& field : fields)
    html += "<b>" + escape(name_and_unit(field.field, field.unit)) + "</b>";
  html += '\n' + row(fields, "mean", [](const auto& f) { return f.mean; });
  for (std::size_t n = 0; n < fields.front().modes.size(); ++n)
    html +=
        row(fields, core::format("mode {}", n + 1), [n](const auto& f) { return f.modes.at(n); });
  html += row(fields, "mean and all modes", [](const auto& f) { return f.sum; });
  html += row(fields, "simulation", [](const auto& f) { return f.truth; });
  html += "</div>\n<h3>Relative L2 error of mean and all modes</h3>\n" +
          error_table(fields, data.mode_count);
  return section("Modes", html);
}

}  // namespace understudy::apps::report
