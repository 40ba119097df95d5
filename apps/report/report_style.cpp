// The style sheet of the page: light, dense, made for a screen of 1200 pixels and for paper.
#include "apps/report/report_assets.hpp"

namespace understudy::apps::report {

const char* const style_sheet = R"css(
:root {
  --ink: #1c2530; --soft: #5b6773; --rule: #d9dee3; --faint: #f5f7f8;
  --truth: #1d4e89; --replacement: #d1501f; --loss: #a32a12;
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 40px 32px 64px; max-width: 1200px; background: #fff; color: var(--ink);
  font: 15px/1.5 "Source Sans 3", "Source Sans Pro", "Segoe UI", "Helvetica Neue", "Noto Sans",
        "DejaVu Sans", Arial, sans-serif;
  font-variant-numeric: lining-nums tabular-nums;
}
h1 { margin: 2px 0 4px; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
h2 {
  margin: 0 0 14px; padding-bottom: 5px; border-bottom: 1px solid var(--ink);
  font-size: 19px; line-height: 1.3; font-weight: 650;
}
h3 { margin: 0 0 6px; font-size: 14.5px; font-weight: 650; }
p { margin: 0 0 8px; }
header .line { margin: 0; color: var(--soft); font-size: 13px; }
header .case { color: var(--soft); font-size: 16px; }
section { margin-top: 40px; }
.verdict {
  margin-top: 22px; padding: 16px 0 10px; border-top: 3px solid var(--ink);
  border-bottom: 1px solid var(--rule);
}
.verdict p { max-width: 1020px; }
.verdict .lead { font-size: 21px; line-height: 1.4; font-weight: 550; }
.warnings { margin: 12px 0 8px; padding: 0; list-style: none; }
.warnings li {
  margin-bottom: 4px; padding: 5px 12px; border-left: 4px solid var(--loss); background: #fbf1ee;
}

table { width: 100%; margin: 0 0 10px; border-collapse: collapse; font-size: 14px; }
th, td { padding: 5px 16px 5px 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 12.5px; font-weight: 550; vertical-align: bottom; }
tbody th { font-weight: 550; }
thead th { white-space: nowrap; }
.numbers { width: auto; min-width: 60%; }
.numbers td, .numbers tbody th { white-space: nowrap; }
.numbers td .aside { white-space: normal; }
.classical td:nth-child(2) { white-space: normal; }
.wide { overflow-x: auto; }
.wide .numbers thead th, .wide .numbers td, .wide .numbers tbody th { padding-right: 10px; white-space: normal; }
.wide .numbers tbody th { min-width: 110px; }
.backends td:not(:first-child) { white-space: nowrap; }
.backends th:first-child, .backends td:first-child { min-width: 190px; white-space: normal; overflow-wrap: anywhere; }
.narrow { min-width: 0; }
.aside { color: var(--soft); font-size: 13px; }
.speedup td, .speedup th { padding-top: 9px; padding-bottom: 9px; }
.speedup tbody th { width: 110px; font-size: 15px; white-space: nowrap; }
.speedup td:nth-child(2) { width: 170px; white-space: nowrap; }
.speedup td:nth-child(4) { width: 34%; }
.speedup td:nth-child(3) { color: var(--soft); }
.figure { font-size: 25px; line-height: 1.1; font-weight: 650; }
.figure.loss { color: var(--loss); }
.missing { color: var(--soft); font-style: italic; }
.note { color: var(--soft); font-size: 13px; }

.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 26px 36px; margin-bottom: 18px; }
figure { margin: 0; }
.chart .canvas { position: relative; height: 270px; }
.chart figcaption { margin-top: 4px; color: var(--soft); font-size: 12.5px; line-height: 1.4; }
.chart:only-child:not(.beside *) { grid-column: 1 / -1; }
.beside { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 36px; align-items: start; }
.beside .charts { grid-template-columns: minmax(0, 1fr); margin: 0; }
.beside .numbers { width: 100%; }
table + .charts { margin-top: 22px; }

.pictures {
  display: grid; grid-template-columns: 62px repeat(3, minmax(0, 1fr)); gap: 10px 16px;
  margin-bottom: 22px; font-size: 13px;
}
.pictures b { font-weight: 550; color: var(--soft); }
.pictures .time { margin: 0; font-weight: 650; }
.picture img { display: block; width: 100%; height: auto; border: 1px solid var(--rule); }
.picture.empty {
  display: flex; align-items: center; justify-content: center; min-height: 80px;
  border: 1px dashed var(--rule); color: var(--soft); font-style: italic;
}
.picture.empty p { margin: 0; }
.bar { height: 7px; margin-top: 4px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.scale { display: flex; justify-content: space-between; color: var(--soft); font-size: 11.5px; line-height: 1.4; }

.framed-row { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 20px 28px; margin-bottom: 18px; }
.frame { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 3px 6px; color: var(--soft); font-size: 11.5px; }
.frame img { display: block; width: 100%; height: auto; border: 1px solid var(--rule); }
.frame b { font-weight: 550; }
.frame .y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; }
.frame .y b { writing-mode: vertical-rl; transform: rotate(180deg); align-self: flex-end; }
.frame .x { grid-column: 2; display: flex; justify-content: space-between; }
.framed figcaption { margin-top: 4px; color: var(--soft); font-size: 12.5px; }

.strip { display: block; width: 100%; height: 26px; }
.strip .by-surrogate { fill: #e9a07f; }
.strip .by-simulation { fill: #7d9fc6; }
.strip .trust { fill: none; stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.key { display: inline-block; width: 12px; height: 12px; margin: 0 3px 0 0; vertical-align: -1px; }
.key.by-surrogate { background: #e9a07f; }
.key.by-simulation { margin-left: 14px; background: #7d9fc6; }

dl { margin: 0 0 12px; columns: 2; column-gap: 36px; font-size: 13.5px; }
dl div {
  display: grid; grid-template-columns: 160px minmax(0, 1fr); gap: 12px; padding: 4px 0;
  border-bottom: 1px solid var(--rule); break-inside: avoid;
}
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 6px; }
summary { cursor: pointer; font-weight: 550; }
pre {
  margin: 8px 0 0; padding: 12px 16px; overflow-x: auto; background: var(--faint);
  font: 12px/1.45 "Source Code Pro", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
.method { margin: 0; padding-left: 18px; font-size: 14px; }
.method li { margin-bottom: 5px; max-width: 1020px; }

@media screen and (max-width: 800px) {
  body { padding: 20px 16px; }
  .charts, .beside { grid-template-columns: minmax(0, 1fr); }
  .chart .canvas { height: 230px; }
  dl { columns: 1; }
  dl div { grid-template-columns: 110px minmax(0, 1fr); }
  table { display: block; overflow-x: auto; }
  /* Each speed-up is a block of its own: four columns do not fit. */
  .speedup, .speedup tbody, .speedup tr, .speedup th, .speedup td { display: block; width: auto; }
  .speedup thead { display: none; }
  .speedup tr { padding: 10px 0; border-bottom: 1px solid var(--rule); }
  .speedup tbody th, .speedup td, .speedup td:nth-child(2), .speedup td:nth-child(4) {
    width: auto; padding: 2px 0; border: 0; white-space: normal;
  }
  .pictures { grid-template-columns: 46px repeat(3, minmax(0, 1fr)); gap: 8px; font-size: 11px; }
}
@media print {
  @page { size: A4; margin: 14mm 12mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  section { margin-top: 22px; }
  figure, tr, .verdict, .strip { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  /* A canvas keeps the height of the screen: what is below it makes room. */
  .chart .canvas { height: auto; }
  .chart .canvas canvas { position: static; width: 100% !important; height: auto !important; }
  .wide { overflow: visible; }
  .beside { grid-template-columns: minmax(0, 1fr); }
  table { font-size: 9pt; }
  .numbers { width: 100%; }
  .numbers td, .numbers tbody th, thead th { padding-right: 8px; white-space: normal; }
  .charts, .beside { gap: 16px 20px; }
  .speedup td:nth-child(2) { width: 110px; }
  .figure { font-size: 20px; }
  dl div { grid-template-columns: 110px minmax(0, 1fr); }
  canvas { max-width: 100%; }
  .warnings li, .strip, .key, pre { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  pre { white-space: pre-wrap; font-size: 8.5pt; }
}
)css";

}  // namespace understudy::apps::report
