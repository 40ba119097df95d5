// Pieces of HTML that reports of all apps are made of.
#pragma once

#include <string>
#include <vector>

namespace understudy::apps::report {

/// A heading and its content; empty content makes no section.
std::string section(const std::string& title, const std::string& content);

/// Rows of cells (already HTML); the first row is the head. `classes` go on the table element.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& classes);

}  // namespace understudy::apps::report
