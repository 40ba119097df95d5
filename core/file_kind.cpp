#include "core/file_kind.hpp"

#include <array>
#include <fstream>

namespace understudy::core {

namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view start;
  const char* words;
};

constexpr std::array kinds{
    Kind{"version https://git-lfs.github.com/spec/"sv,
         "but a Git LFS pointer, the file itself was not fetched: `git lfs pull` fetches it"},
    Kind{"\x89HDF\r\n\x1a\n"sv, "but an HDF5 file"},
    Kind{"\x93NUMPY"sv,
         "but a NumPy file (.npy): numpy.load() reads it, .tofile() writes its numbers alone, "
         "numpy.savetxt() as text"},
    Kind{"CDF\x01"sv, "but a netCDF file"},
    Kind{"CDF\x02"sv, "but a netCDF file"},
    Kind{"CDF\x05"sv, "but a netCDF file"},
    Kind{"PK\x03\x04"sv,
         "but a zip archive (an .xlsx, .npz or .pt file is one): export or unpack it"},
    Kind{"\xD0\xCF\x11\xE0"sv, "but an old Excel workbook: export it as CSV"},
    Kind{"\x1f\x8b"sv, "but a file compressed by gzip: `gunzip` unpacks it"},
    Kind{"BZh"sv, "but a file compressed by bzip2: `bunzip2` unpacks it"},
    Kind{"\xFD"
         "7zXZ"sv,
         "but a file compressed by xz: `unxz` unpacks it"},
    Kind{"\x28\xB5\x2F\xFD"sv, "but a file compressed by zstd: `unzstd` unpacks it"},
    Kind{"\xFF\xFE"sv, "but a text in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)"},
    Kind{"\xFE\xFF"sv, "but a text in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)"},
    Kind{"MATLAB 5.0"sv, "but a MATLAB file: save(..., '-v7.3') writes HDF5, writematrix() text"},
    Kind{"<!DOCTYPE"sv,
         "but a web page: the address that it was fetched from gives a page, not the file"},
    Kind{"<!doctype"sv,
         "but a web page: the address that it was fetched from gives a page, not the file"},
    Kind{"<html"sv,
         "but a web page: the address that it was fetched from gives a page, not the file"},
    Kind{"%PDF-"sv, "but a PDF document"},
};

// SEG-Y begins with 40 lines of 80 characters, "C 1 ..." or "C01 ...", in EBCDIC or ASCII.
bool is_segy(std::string_view start) {
  if (start.size() < 83) return false;
  const auto line = [&](std::size_t at, char one, char two) {
    const char c = start[at], blank = start[at + 1], digit = start[at + 2];
    return (c == '\xC3' && (blank == '\x40' || blank == '\xF0') && digit == one) ||
           (c == 'C' && (blank == ' ' || blank == '0') && digit == two);
  };
  return line(0, '\xF1', '1') && line(80, '\xF2', '2');
}

}  // namespace

std::string kind_of_bytes(std::string_view start) {
  for (const Kind& kind : kinds)
    if (start.starts_with(kind.start)) return kind.words;
  if (is_segy(start))
    return "but a SEG-Y file: models and gathers are read from it where its name ends in .sgy or .segy "
           "(seismic.model.file: also with format: segy)";
  return "";
}

std::string kind_of_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "";
  std::ifstream file(path, std::ios::binary);
  std::array<char, 256> start{};
  file.read(start.data(), start.size());
  return kind_of_bytes(std::string_view(start.data(), static_cast<std::size_t>(file.gcount())));
}

}  // namespace understudy::core
