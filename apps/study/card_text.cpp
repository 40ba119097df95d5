#include "apps/study/card_text.hpp"

#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <format>
#include <map>

#include "core/format.hpp"

namespace understudy::apps {

std::string file_text(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string path_reference(const std::string& path) {
  static const std::string plain = "-._~!$&'()*+,;=@/";
  std::string out;
  for (const unsigned char c : path) {
    const char letter = static_cast<char>(c);
    if (c >= 128 || std::isalnum(c) || plain.find(letter) != std::string::npos)
      out += letter;
    else
      out += core::format("%{:02X}", c);
  }
  return out;
}

std::string code_version(const std::string& version, const std::string& git) {
  if (git.empty() || git == "unknown") return version;
  std::string commit = git;
  for (char& c : commit)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '.';
  return version + "+g" + commit;
}

nlohmann::json person(const Creator& creator, const std::string& type) {
  nlohmann::json one{{"@type", type}, {"name", creator.name}};
  if (!creator.address.empty()) one["url"] = creator.address;
  return one;
}

std::string later(const std::string& time, double seconds) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  char end = 0;
  if (std::sscanf(time.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u%c", &year, &month, &day, &hour, &minute,
                  &second, &end) != 7 ||
      end != 'Z' || !std::isfinite(seconds) || std::abs(seconds) > 1e12)
    return time;
  namespace ch = std::chrono;
  const ch::year_month_day date{ch::year(year), ch::month(month), ch::day(day)};
  if (!date.ok()) return time;
  const ch::sys_seconds then = ch::sys_days(date) + ch::hours(hour) + ch::minutes(minute) +
                               ch::seconds(second) +
                               ch::seconds(static_cast<long long>(std::ceil(seconds)));
  return std::format("{:%FT%TZ}", then);
}

std::string media_type(const std::string& path) {
  static const std::map<std::string, std::string> types{{".csv", "text/csv"},
                                                        {".h5", "application/x-hdf5"},
                                                        {".hdf5", "application/x-hdf5"},
                                                        {".html", "text/html"},
                                                        {".json", "application/json"},
                                                        {".md", "text/markdown"},
                                                        {".nc", "application/x-netcdf"},
                                                        {".onnx", "application/octet-stream"},
                                                        {".pdf", "application/pdf"},
                                                        {".png", "image/png"},
                                                        {".pvd", "application/xml"},
                                                        {".pvti", "application/xml"},
                                                        {".pvtu", "application/xml"},
                                                        {".py", "text/x-python"},
                                                        {".txt", "text/plain"},
                                                        {".vti", "application/xml"},
                                                        {".vtkhdf", "application/x-hdf5"},
                                                        {".vtp", "application/xml"},
                                                        {".vts", "application/xml"},
                                                        {".vtu", "application/xml"},
                                                        {".yaml", "application/yaml"}};
  const auto found = types.find(std::filesystem::path(path).extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

}  // namespace understudy::apps
