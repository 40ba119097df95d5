#include "apps/report/report_colours.hpp"

#include <string_view>
#include <vector>

namespace understudy::apps::report {

namespace {

using Stops = std::vector<std::string_view>;

// Evenly spaced; a browser interpolates linearly in sRGB between them.
// coolwarm: 17 points of Moreland's diverging map from #3b4cc0 to #b40426 (Moreland 2009).
const Stops coolwarm{"#3b4cc0", "#4d68d7", "#6282ea", "#779af7", "#8db0fe", "#a3c2ff",
                     "#b8d0f9", "#ccd9ee", "#dddddd", "#ecd3c5", "#f5c4ad", "#f7b194",
                     "#f49a7b", "#ec7f63", "#de604d", "#cb3e38", "#b40426"};
const Stops viridis{"#440154", "#482878", "#3e4989", "#31688e", "#26828e",
                    "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"};
const Stops inferno{"#000004", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60",
                    "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4"};
const Stops grey{"#000000", "#ffffff"};

const Stops& stops_of(const std::string& colour_map) {
  if (colour_map == "coolwarm") return coolwarm;
  if (colour_map == "viridis") return viridis;
  if (colour_map == "inferno") return inferno;
  return grey;
}

}  // namespace

std::string gradient(const std::string& colour_map) {
  std::string css = "linear-gradient(to right";
  for (const std::string_view stop : stops_of(colour_map)) css.append(", ").append(stop);
  return css + ")";
}

}  // namespace understudy::apps::report
