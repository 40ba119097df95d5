// The script of the page: draws every chart of the JSON block, without animation, and leaves two marks
// on the root element for tests: data-charts-drawn (how many) and data-errors (messages, one a line).
#include "apps/report/report_assets.hpp"

namespace understudy::apps::report {

const char* const chart_script = R"js(
"use strict";
(function () {
  const root = document.documentElement;

  function complain(text) {
    root.dataset.errors = (root.dataset.errors ? root.dataset.errors + "\n" : "") + text;
  }
  window.onerror = (message, source, line) => complain(message + " (line " + line + ")");

  const ink = "#3d4853", rule = "#e4e7ea";
  const truth = "#1d4e89";
  const warm = ["#d1501f", "#8b3fa0", "#0f8a7a", "#b8860b"];
  const grey = ["#8a949e", "#b09abb", "#9dbdb8", "#c9b98a"];
  const of = (list, hue) => list[hue % list.length];

  function look(series) {
    switch (series.role) {
      case "truth": return { color: truth, width: 2 };
      case "replacement": return { color: of(warm, series.hue), width: 1.6 };
      case "frozen": return { color: of(grey, series.hue), width: 1.4, dash: [5, 4] };
      case "reference": return { color: truth, width: 1.4, dash: [2, 3] };
      case "classical": return { color: truth, width: 1.2, radius: 4 };
      case "mark": return { color: warm[0], width: 0, radius: 7, shape: "rectRot" };
      case "train": return { color: grey[0], width: 1.2 };
      case "validation": return { color: warm[0], width: 1.6, radius: 2.5 };
      default: return { color: ink, width: 1.4 };
    }
  }

  function dataset(series) {
    const style = look(series);
    return {
      label: series.label,
      data: series.data,
      pointLabels: series.labels,
      showLine: series.line,
      borderColor: style.color,
      backgroundColor: style.color,
      borderWidth: style.width,
      borderDash: style.dash || [],
      pointRadius: series.points ? style.radius || 3 : 0,
      pointHoverRadius: 4,
      pointStyle: style.shape || "circle",
      spanGaps: false,
      order: ["mark", "replacement", "validation"].includes(series.role) ? 0 : 1,
      tension: 0,
    };
  }

  // Decades always; 2 and 5 where the axis spans few decades.
  function logTick(value, index, ticks) {
    const lowest = ticks[0].value, highest = ticks[ticks.length - 1].value;
    const power = Math.floor(Math.log10(value) + 1e-9);
    const exact = value / Math.pow(10, power), digit = Math.round(exact);
    if (Math.abs(exact - digit) > 1e-6) return "";  // an end of the axis between round numbers
    const decades = Math.log10(highest / lowest);
    const wanted = decades > 2.2 ? [1] : decades > 0.6 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
    if (!wanted.includes(digit)) return "";
    // Spectra span tens of decades: about eight labels are legible.
    if (power % Math.max(1, Math.ceil(decades / 8)) !== 0) return "";
    return short(value);
  }

  // On an axis: as many digits as tell a tick from the next one.
  function tick(value, index, ticks) {
    const values = ticks.map((one) => one.value);
    const largest = Math.max(...values.map(Math.abs));
    let step = Infinity;
    for (let n = 1; n < values.length; ++n) step = Math.min(step, Math.abs(values[n] - values[n - 1]));
    if (!(step > 0) || !isFinite(step) || largest === 0) return short(value);
    if (Math.abs(value) < 1e-9 * step) return "0";
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    if (largest >= 1e5 || largest < 1e-3) {
      const digits = Math.ceil(Math.log10(largest / step) - 1e-9) + 1;
      const text = value.toExponential(Math.min(12, Math.max(0, digits - 1)));
      return text.replace(/(\.\d*?)0+e/, "$1e").replace(".e", "e");
    }
    const text = value.toFixed(Math.min(12, decimals + 1));
    return text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  }

  function short(value) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(4)));
    return value.toExponential(Math.abs(Number(value.toPrecision(1)) - value) < 1e-9 * size ? 0 : 1);
  }

  function axis(description) {
    return {
      type: description.log ? "logarithmic" : "linear",
      beginAtZero: description.from_zero === true,
      title: { display: description.title !== "", text: description.title, color: ink, padding: 4 },
      grid: { color: rule, borderColor: "#9aa3ab", tickColor: "#9aa3ab", tickLength: 4 },
      ticks: {
        color: ink,
        maxRotation: 0,
        autoSkip: !description.log,
        maxTicksLimit: description.log ? undefined : 8,
        callback: description.log ? logTick : tick,
      },
    };
  }

  // A point's name beside it, on whichever side keeps it inside the chart.
  const pointLabels = {
    id: "pointLabels",
    afterDatasetsDraw(chart) {
      const context = chart.ctx, area = chart.chartArea;
      context.save();
      context.font = "11px " + Chart.defaults.font.family;
      chart.data.datasets.forEach((set, n) => {
        if (!set.pointLabels || !chart.isDatasetVisible(n)) return;
        const below = set.pointStyle !== "circle";  // the replacement's, apart from the others
        context.fillStyle = set.borderColor;
        context.textBaseline = below ? "top" : "bottom";
        chart.getDatasetMeta(n).data.forEach((point, k) => {
          const text = set.pointLabels[k];
          if (!text) return;
          const fits = point.x + 8 + context.measureText(text).width < area.right;
          context.textAlign = fits ? "left" : "right";
          context.fillText(text, point.x + (fits ? 8 : -8),
                           below ? point.y + 5 : Math.max(point.y - 3, area.top + 12));
        });
      });
      context.restore();
    },
  };

  // A line for a curve, the point's own shape for points alone.
  function legendLabels(chart) {
    const items = Chart.defaults.plugins.legend.labels.generateLabels(chart);
    items.sort((a, b) => a.datasetIndex - b.datasetIndex);
    for (const item of items) {
      const set = chart.data.datasets[item.datasetIndex];
      item.pointStyle = set.showLine ? "line" : set.pointStyle;
      item.strokeStyle = set.borderColor;
      item.lineDash = set.showLine ? set.borderDash : [];
      item.lineWidth = set.showLine ? Math.max(set.borderWidth, 1.6) : 1;
    }
    return items;
  }

  function options(chart) {
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      normalized: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      layout: { padding: { top: 4, right: 10 } },
      plugins: {
        legend: {
          display: chart.series.length > 1,
          position: "top",
          align: "start",
          labels: { color: ink, usePointStyle: true, pointStyleWidth: 24, padding: 12,
                    generateLabels: legendLabels },
        },
        tooltip: {
          callbacks: {
            title: (items) => chart.x.title + ": " + short(items[0].parsed.x),
            label: (item) => item.dataset.label + ": " + short(item.parsed.y),
          },
        },
      },
      scales: { x: axis(chart.x), y: axis(chart.y) },
    };
  }

  // Curves end where data end; named points get room for their names.
  function fitRange(plotted, chart) {
    const xs = chart.series.flatMap((one) => one.data.map((point) => point.x));
    const lowest = xs.reduce((a, b) => Math.min(a, b)), highest = xs.reduce((a, b) => Math.max(a, b));
    const named = chart.series.some((one) => one.labels.length > 0);
    if (chart.x.log && !named) return;
    const room = named ? 1.5 : 1;  // to the right twice that: names stand there
    plotted.options.scales.x.min = chart.x.log ? lowest / room : lowest;
    plotted.options.scales.x.max = chart.x.log ? highest * room * room : highest;
  }

  // A log axis from a round number (1, 2 or 5 times a power of ten) to a round number.
  function fitLog(plotted, chart) {
    if (!chart.y.log) return;
    const ys = chart.series.flatMap((one) => one.data.map((point) => point.y)).filter((y) => y > 0);
    const lowest = ys.reduce((a, b) => Math.min(a, b)), highest = ys.reduce((a, b) => Math.max(a, b));
    const round = (value, digits) => {
      const decade = Math.pow(10, Math.floor(Math.log10(value)));
      return digits.map((digit) => digit * decade);
    };
    plotted.options.scales.y.min = round(lowest, [5, 2, 1]).find((value) => value <= lowest);
    plotted.options.scales.y.max = round(highest, [1, 2, 5, 10]).find((value) => value >= highest);
  }

  // What varies by round-off alone is a level line: its axis shows a tenth of the value on both sides.
  function fitLevel(plotted, chart) {
    if (chart.y.log) return;
    const ys = chart.series.flatMap((one) => one.data.map((point) => point.y)).filter(Number.isFinite);
    if (ys.length === 0) return;
    const lowest = ys.reduce((a, b) => Math.min(a, b)), highest = ys.reduce((a, b) => Math.max(a, b));
    const size = Math.max(Math.abs(lowest), Math.abs(highest));
    if (size === 0 || highest - lowest > 1e-9 * size) return;
    plotted.options.scales.y.min = lowest - 0.1 * size;
    plotted.options.scales.y.max = highest + 0.1 * size;
  }

  function draw(chart) {
    const canvas = document.getElementById(chart.id);
    const plotted = new Chart(canvas, {
      type: "scatter",
      data: { datasets: chart.series.map(dataset) },
      options: options(chart),
      plugins: [pointLabels],
    });
    fitRange(plotted, chart);
    fitLog(plotted, chart);
    fitLevel(plotted, chart);
    plotted.update("none");
    return plotted;
  }

  let drawn = 0;
  const plots = [];
  try {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 11.5;
    Chart.defaults.devicePixelRatio = Math.max(2, window.devicePixelRatio || 1);
    for (const chart of JSON.parse(document.getElementById("chart-data").textContent)) {
      try {
        plots.push(draw(chart));
        drawn += 1;
      } catch (error) {
        complain(chart.id + ": " + error.message);
      }
    }
  } catch (error) {
    complain(error.message);
  }
  root.dataset.chartsDrawn = String(drawn);

  // On paper everything is open and charts have the paper's width.
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    plots.forEach((plot) => plot.resize());
  });
  window.addEventListener("afterprint", () => plots.forEach((plot) => plot.resize()));
})();
)js";

}  // namespace understudy::apps::report
