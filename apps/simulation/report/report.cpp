#include "apps/simulation/report/report.hpp"

#include "apps/report/report_page.hpp"
#include "apps/simulation/report/report_sections.hpp"

namespace understudy::apps {

namespace {

using namespace report;

std::string body(const ReportData& data, const std::vector<Chart>& charts) {
  return masthead(data) + verdict_block(data) + speedup_section(data) +
         accuracy_section(data, charts) + contenders_section(data, charts) +
         diagnostics_section(data, charts) + pictures_section(data) + modes_section(data) +
         swap_section(data) + cost_section(data, charts) + backends_section(data) +
         model_section(data) + method_section(data) + provenance_section(data);
}

}  // namespace

void write_report(const std::filesystem::path& path, const ReportData& data) {
  const std::vector<Chart> charts = make_charts(data);
  write_page(path, data.title, body(data, charts), charts);
}

}  // namespace understudy::apps
