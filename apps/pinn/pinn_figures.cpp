// The pictures of fields in a physics-informed network's report.
#include <cmath>

#include "apps/pinn/pinn_report.hpp"
#include "apps/report/report_colours.hpp"
#include "apps/report/report_format.hpp"
#include "core/format.hpp"
#include "mesh/io/picture.hpp"

namespace understudy::apps {

namespace {

using namespace report;
using Kind = PinnQuantity::Kind;

// log10 of a residual, back as a number.
std::string mark(const PinnQuantity& quantity, double value) {
  return number(quantity.kind == Kind::residual ? std::pow(10, value) : value);
}

std::string picture(const PinnFields& fields, const PinnQuantity& quantity, const PinnView& view) {
  const auto look = style(fields, quantity);
  const auto png = mesh::png_bytes(slice(fields, drawn(quantity), view), look);
  const double middle = (look.lower + look.upper) / 2;
  return core::format(
      "<figure class=\"picture\"><img alt=\"{}\" src=\"data:image/png;base64,{}\">"
      "<div class=\"bar\" style=\"background:{}\"></div><div class=\"scale\"><span>{}</span>"
      "<span>{}</span><span>{}</span></div></figure>\n",
      escape(quantity.name), base64(png), gradient(look.colour_map), mark(quantity, look.lower),
      std::abs(middle) < 1e-12 * std::abs(look.upper) ? "0" : mark(quantity, middle),
      escape(with_unit(mark(quantity, look.upper), quantity.unit)));
}

std::string axes(const PinnFields& fields, const PinnView& view) {
  const auto& across = fields.inputs[std::size_t(view.across)];
  const auto& up = fields.inputs[std::size_t(view.up)];
  const auto range = [](const pinn::InputInfo& input) {
    return core::format("{} from {} to {}", escape(input.name), number(input.lower, 4),
                        escape(with_unit(number(input.upper, 4), input.unit)));
  };
  std::string text = "Across: " + range(across) + "; upwards: " + range(up);
  for (std::size_t a = 0; a < fields.inputs.size(); ++a)
    if (int(a) != view.across && int(a) != view.up && !fields.inputs[a].is_time)
      text += core::format("; {} = {}", escape(fields.inputs[a].name),
                           number(fields.coordinate(int(a), view.at[a]), 4));
  return "<p class=\"aside\">" + text + ".</p>\n";
}

// A row a view, a column each of `shown`.
std::string rows(const PinnFields& fields, const std::vector<const PinnQuantity*>& shown,
                 const std::vector<std::string>& heads, const std::vector<PinnView>& all) {
  const bool named = !all.front().title.empty();
  std::string html = core::format(
      "<div class=\"pictures\" style=\"grid-template-columns:{}repeat(3,minmax(0,1fr))\">",
      named ? "82px " : "");
  // Three a row; a row of its own heads for each three.
  for (std::size_t begin = 0; begin < shown.size(); begin += 3) {
    const std::size_t end = std::min(begin + 3, shown.size());
    const auto pad = [&](const char* text) {
      std::string cells;
      for (std::size_t n = end; n < begin + 3; ++n) cells += text;
      return cells;
    };
    if (named) html += "<span></span>";
    for (std::size_t n = begin; n < end; ++n) html += "<b>" + escape(heads[n]) + "</b>";
    html += pad("<span></span>") + "\n";
    for (const auto& view : all) {
      if (named) html += "<p class=\"time\">" + escape(view.title) + "</p>\n";
      for (std::size_t n = begin; n < end; ++n) html += picture(fields, *shown[n], view);
      html += pad("<span></span>");
    }
  }
  return html + "</div>\n";
}

}  // namespace

std::string pinn_pictures(const PinnFields& fields) {
  const auto all = views(fields);
  if (all.empty()) return "";
  std::string html = axes(fields, all.front());
  for (const auto& quantity : fields.quantities) {
    if (quantity.kind != Kind::solution) continue;
    std::vector<const PinnQuantity*> shown{&quantity};
    std::vector<std::string> heads{"Network"};
    if (const auto* truth = fields.find(Kind::reference, quantity.of)) {
      shown.push_back(truth);
      shown.push_back(fields.find(Kind::error, quantity.of));
      heads.push_back("Reference");
      heads.push_back("Network − reference");
    }
    html += "<h3>" + escape(name_and_unit(quantity.name, quantity.unit)) + "</h3>\n" +
            rows(fields, shown, heads, all);
  }
  std::vector<const PinnQuantity*> residuals;
  std::vector<std::string> heads;
  for (const auto& quantity : fields.quantities)
    if (quantity.kind == Kind::residual) {
      residuals.push_back(&quantity);
      heads.push_back(name_and_unit(quantity.of, quantity.unit));
    }
  if (residuals.empty()) return html;
  return html + "<h3>Size of the residuals, logarithmic</h3>\n" +
         rows(fields, residuals, heads, all);
}

}  // namespace understudy::apps
