#include "apps/report/report_assets.hpp"

#include <cstdlib>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace understudy::apps::report {

namespace fs = std::filesystem;

std::vector<fs::path> chart_js_places() {
  if (const char* chosen = std::getenv("UNDERSTUDY_CHART_JS"); chosen && *chosen) return {chosen};
  std::vector<fs::path> places;
#ifdef UNDERSTUDY_CHART_JS
  places.emplace_back(UNDERSTUDY_CHART_JS);
#endif
  for (const char* folder : {"/usr/share/javascript/chart.js", "/usr/share/nodejs/chart.js/dist"}) {
    for (const char* name : {"chart.umd.js", "chart.min.js", "chart.js"}) {
      places.push_back(fs::path(folder) / name);
    }
  }
  return places;
}

std::string read_chart_js(const std::vector<fs::path>& places) {
  std::string looked;
  for (const fs::path& place : places) {
    std::error_code error;
    if (!fs::is_regular_file(place, error)) {
      looked += "\n  " + place.string();
      continue;
    }
    std::string text = core::read_file(place);
    // Inside a script element only these two sequences are read as markup.
    for (const auto& [found, safe] : {std::pair{"</script", "<\\/script"}, {"<!--", "<\\!--"}}) {
      const std::string key = found, replacement = safe;
      for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
        text.replace(at, key.size(), replacement);
        at += replacement.size();
      }
    }
    return text;
  }
  throw core::UserError(
      "report: Chart.js was not found, so the report's charts cannot be drawn. Looked for:" +
      looked +
      "\nInstall the package libjs-chart.js, or set UNDERSTUDY_CHART_JS to the path of chart.min.js "
      "(or chart.umd.js), version 3 or 4.");
}

}  // namespace understudy::apps::report
