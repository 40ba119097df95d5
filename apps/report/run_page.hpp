// The page of a run or an inversion, which compares nothing, or of what is compared without a replacement's times: what
// came out, in numbers, charts and pictures.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "apps/report/html.hpp"
#include "apps/report/report_charts.hpp"
#include "apps/study/job.hpp"

namespace understudy::apps::report {

struct RunPage {
  std::string title, lead;  ///< plain text; the lead says how it ended
  std::vector<std::string> warnings;
  std::vector<std::vector<std::string>> numbers;  ///< rows of plain text; the first is the head
  std::vector<Chart> charts;                      ///< of the sections that charts_of names
  std::vector<std::pair<std::string, std::string>> charts_of;  ///< section, heading
  std::vector<std::pair<std::string, std::string>> sections;   ///< heading, HTML
  std::string file = {};                                       ///< its name; empty: <verb>.html
};

/// Writes the page as <out>/<verb>.html: not report.html, which is a comparison's, unless `file` says so. Where it cannot be made
/// (no Chart.js) that is a warning: the run itself is done. Rank 0 only.
void write_run_page(const Job& job, const RunPage& page);

}  // namespace understudy::apps::report
