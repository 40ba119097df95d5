#include "apps/report/report_page.hpp"

#include "apps/report/report_assets.hpp"
#include "apps/report/report_format.hpp"
#include "core/atomic_file.hpp"

namespace understudy::apps::report {

namespace {

// The browser itself refuses anything from outside the file.
constexpr const char* security_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

std::string head(const std::string& title) {
  return std::string("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n") +
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" + security_policy + "\">\n" +
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape(title) + "</title>\n<style>" + style_sheet + "</style>\n</head>\n";
}

}  // namespace

void write_page(const std::filesystem::path& path, const std::string& title,
                const std::string& body, const std::vector<Chart>& charts) {
  const std::string chart_js = read_chart_js(chart_js_places());
  core::write_file(path, head(title) + "<body>\n" + body +
                             "<script type=\"application/json\" id=\"chart-data\">" +
                             charts_json(charts) + "</script>\n<script>" + chart_js +
                             "</script>\n<script>" + chart_script +
                             "</script>\n</body>\n</html>\n");
}

}  // namespace understudy::apps::report
