// Pieces of HTML that reports of all apps are made of.
#pragma once

#include <string>
#include <vector>

namespace understudy::apps::report {

/// A heading and its content; empty content makes no section.
std::string section(const std::string& title, const std::string& content);

/// Rows of cells (already HTML); the first row is the head. `classes` go on the table element.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& classes);

/// An axis of a picture: "depth [m]", from where to where.
struct FrameAxis {
  std::string title;
  double from = 0, to = 1;
};
/// A picture (PNG bytes) with its axes: x from left to right below it, y from top to bottom beside it. It is
/// drawn `aspect` times as wide as high; 0: as its pixels are. Title and note are plain text.
struct FramedPicture {
  std::string png, title, note;
  FrameAxis x = {}, y = {};
  double aspect = 0;
};
std::string framed(const FramedPicture& picture);
/// Pictures side by side.
std::string framed_row(const std::vector<FramedPicture>& pictures);
/// A colour bar (report_colours.hpp) with its ends.
std::string colour_scale(const std::string& colour_map, double lower, double upper,
                         const std::string& unit);

}  // namespace understudy::apps::report
