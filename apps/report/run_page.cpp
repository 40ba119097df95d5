#include "apps/report/run_page.hpp"

#include "apps/report/report_format.hpp"
#include "apps/report/report_page.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"

namespace understudy::apps::report {

namespace {

std::string head_of(const Job& job, const RunPage& page) {
  std::string html = core::format(
      "<header><p class=\"line\">{} · {} · {} · deck {} · Understudy {} ({})</p>\n<h1>{}</h1>\n"
      "</header>\n<section class=\"verdict\" id=\"verdict\"><p class=\"lead\">{}</p>\n",
      escape(job.verb), escape(job.app), escape(job.provenance.started),
      escape(job.provenance.deck_hash.substr(0, 8)), escape(job.provenance.version),
      escape(job.provenance.git), escape(page.title), escape(page.lead));
  if (!page.warnings.empty()) {
    html += "<ul class=\"warnings\">\n";
    for (const auto& warning : page.warnings) html += "<li>" + escape(warning) + "</li>\n";
    html += "</ul>\n";
  }
  return html + "</section>\n";
}

std::string provenance_of(const Job& job) {
  std::string html = "<dl>\n";
  for (const auto& [key, value] :
       {std::pair<std::string, std::string>{"command", job.provenance.command},
        {"deck", job.tree.name},
        {"deck hash", job.provenance.deck_hash},
        {"host", job.provenance.host},
        {"processor", job.provenance.cpu},
        {"ranks × threads", core::format("{} × {}", job.comm.size(), core::Runtime::threads())},
        {"Kokkos backend", core::Runtime::backend()},
        {"precision", job.precision}})
    html += "<div><dt>" + escape(key) + "</dt><dd>" + escape(value) + "</dd></div>\n";
  return section("Provenance", html + "</dl>\n<details><summary>Resolved deck</summary><pre>" +
                                   escape(job.provenance.deck) + "</pre></details>\n");
}

}  // namespace

void write_run_page(const Job& job, const RunPage& page) {
  std::string body = head_of(job, page);
  if (page.numbers.size() > 1) {
    auto rows = page.numbers;
    for (auto& row : rows)
      for (auto& cell : row) cell = escape(cell);
    body += section("Numbers", table(rows, "numbers"));
  }
  for (const auto& [name, heading] : page.charts_of)
    body += section(heading, chart_figures(page.charts, name));
  for (const auto& [heading, html] : page.sections) body += section(heading, html);
  const auto path = job.out / (page.file.empty() ? job.verb + ".html" : page.file);
  try {
    write_page(path, page.title, body + provenance_of(job), page.charts);
    core::log::info("report in {}", path.string());
  } catch (const core::UserError& error) {
    core::log::warn("no page of this {}: {}", job.verb, error.what());
  }
}

}  // namespace understudy::apps::report
