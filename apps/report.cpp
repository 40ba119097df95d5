#include "apps/report.hpp"

#include "apps/report_assets.hpp"
#include "apps/report_charts.hpp"
#include "apps/report_format.hpp"
#include "apps/report_sections.hpp"
#include "core/atomic_file.hpp"

namespace understudy::apps {

namespace {

using namespace report;

// The browser itself refuses anything from outside the file.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

std::string head(const ReportData& data) {
  return std::string("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n") +
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" + kPolicy + "\">\n" +
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(data.title) + "</title>\n<style>" + style_sheet + "</style>\n</head>\n";
}

std::string body(const ReportData& data, const std::vector<Chart>& charts) {
  return masthead(data) + verdict_block(data) + speedup_section(data) +
         accuracy_section(data, charts) + contenders_section(data, charts) +
         diagnostics_section(data, charts) + pictures_section(data) + modes_section(data) +
         swap_section(data) + cost_section(data, charts) + backends_section(data) +
         model_section(data) + method_section(data) + provenance_section(data);
}

}  // namespace

void write_report(const std::filesystem::path& path, const ReportData& data) {
  const std::string chart_js = read_chart_js(chart_js_places());
  const std::vector<Chart> charts = make_charts(data);
  core::write_file(path, head(data) + "<body>\n" + body(data, charts) +
                             "<script type=\"application/json\" id=\"chart-data\">" +
                             charts_json(charts) + "</script>\n<script>" + chart_js +
                             "</script>\n<script>" + chart_script +
                             "</script>\n</body>\n</html>\n");
}

}  // namespace understudy::apps
