// Colour bars for the pictures: the same colour maps as mesh/io/picture, as CSS gradients.
#pragma once

#include <string>

namespace understudy::apps::report {

/// "linear-gradient(to right, ...)"; an unknown map is drawn as a grey one.
std::string gradient(const std::string& colour_map);

}  // namespace understudy::apps::report
