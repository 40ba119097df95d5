#include "apps/study/publication.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "core/format.hpp"

namespace understudy::apps {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_plain(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_address(const std::string& text) {
  const auto begins = [&](const std::string& with) {
    return text.starts_with(with) && text.size() > with.size();
  };
  return (begins("https://") || begins("http://")) &&
         std::ranges::none_of(text, [](unsigned char c) {
           return c <= ' ' || c == 127 || c == '<' || c == '>' || c == '"' || c == '\\';
         });
}

bool is_identifier(const std::string& text) {
  return std::ranges::all_of(
      text, [](char c) { return is_plain(c) || c == '-' || c == '.' || c == '+'; });
}

// Three numbers without leading zeros between two dots.
bool is_version(const std::string& text) {
  std::size_t numbers = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t dot = std::min(text.find('.', begin), text.size());
    const std::string number = text.substr(begin, dot - begin);
    if (number.empty() || !std::ranges::all_of(number, is_digit)) return false;
    if (number.size() > 1 && number.front() == '0') return false;
    ++numbers;
    begin = dot + 1;
  }
  return numbers == 3;
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t n = 0; n < text.size(); ++n)
    if (n != 4 && n != 7 && !is_digit(text[n])) return false;
  const auto number = [&](std::size_t at, std::size_t count) {
    return std::stoi(text.substr(at, count));
  };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))))
      .ok();
}

bool is_creator(const std::string& text) {
  const Creator creator = creator_of(text);
  return !creator.name.empty() && creator.name.find_first_of("<>") == std::string::npos &&
         (creator.address.empty() || is_address(creator.address));
}

}  // namespace

void PublicationParams::describe(core::ParamVisitor& v) {
  v.text("title", title, "of the results; empty: the deck's name");
  v.text("description", description, "of the results; empty: what the program knows of them");
  v.text(
      "license", license,
      "of the data: an address (https://...) or an identifier of SPDX (CC-BY-4.0); empty: none is given");
  v.require(license.empty() || is_address(license) || is_identifier(license), "license",
            core::format(
                "is '{}'; valid are an address (https://...) and an identifier of SPDX (CC-BY-4.0)",
                license));
  v.texts("creators", creators, "who made them: 'Name', or 'Name <https://orcid.org/...>'");
  for (const auto& creator : creators)
    v.require(is_creator(creator), "creators",
              core::format("has '{}'; valid are 'Name' and 'Name <https://...>'", creator));
  v.texts("keywords", keywords, "to be found by");
  v.text("version", version, "of the data, MAJOR.MINOR.PATCH");
  v.require(is_version(version), "version",
            core::format("is '{}'; valid is MAJOR.MINOR.PATCH, three numbers (1.0.0)", version));
  v.text("date", date, "of publication, YYYY-MM-DD; empty: not published");
  v.require(date.empty() || is_date(date), "date",
            core::format("is '{}'; valid is a day, YYYY-MM-DD", date));
  v.text("url", url, "page of the published data");
  v.require(url.empty() || is_address(url), "url",
            core::format("is '{}'; valid is an address (https://...)", url));
  v.text("citation", citation, "how the data are to be cited, best as BibTeX");
  v.flag(
      "croissant", croissant,
      "croissant.json beside a simulation's dataset (generate, study), which reads each file once for its SHA-256");
  v.flag("ro_crate", ro_crate, "ro-crate-metadata.json in the output folder (every verb)");
}

std::string license_address(const std::string& license) {
  if (license.empty() || is_address(license)) return license;
  return "https://spdx.org/licenses/" + license;
}

Creator creator_of(const std::string& text) {
  const auto trimmed = [](const std::string& part) {
    const auto begin = part.find_first_not_of(' ');
    if (begin == std::string::npos) return std::string();
    return part.substr(begin, part.find_last_not_of(' ') - begin + 1);
  };
  const auto open = text.find('<');
  if (open == std::string::npos || !text.ends_with(">")) return {trimmed(text), ""};
  return {trimmed(text.substr(0, open)), text.substr(open + 1, text.size() - open - 2)};
}

}  // namespace understudy::apps
