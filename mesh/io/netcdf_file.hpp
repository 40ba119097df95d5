// Private to mesh/io/netcdf_*.cpp: an open NetCDF file whose errors are UserErrors that name it. Part of builds
// with NetCDF.
#pragma once

#include <netcdf.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::mesh::netcdf {

class File {
 public:
  /// A new file, replacing what is there: 64-bit offsets, which every reader of NetCDF reads.
  static File create(const std::filesystem::path& path) {
    File file(path, "cannot be written");
    file.check(nc_create(path.c_str(), NC_CLOBBER | NC_64BIT_OFFSET, &file.id_));
    return file;
  }
  static File append(const std::filesystem::path& path) {
    File file(path, "cannot be written");
    file.check(nc_open(path.c_str(), NC_WRITE, &file.id_));
    return file;
  }
  static File read(const std::filesystem::path& path) {
    File file(path, "cannot be read");
    file.check(nc_open(path.c_str(), NC_NOWRITE, &file.id_));
    return file;
  }
  File(File&& other) noexcept
      : path_(std::move(other.path_)),
        failure_(other.failure_),
        id_(std::exchange(other.id_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (id_ >= 0) nc_close(id_);
  }
  /// What is lacking on the disk shows here.
  void close() {
    const int status = nc_close(id_);
    id_ = -1;
    check(status);
  }
  int id() const { return id_; }
  const std::filesystem::path& path() const { return path_; }
  void check(int status) const {
    if (status != NC_NOERR)
      throw core::UserError(
          core::format("{} {}: {}", path_.string(), failure_, nc_strerror(status)));
  }

  int dimension(const char* name, std::size_t length) const {
    int dim = -1;
    check(nc_def_dim(id_, name, length, &dim));
    return dim;
  }
  int variable(const std::string& name, nc_type type, const std::vector<int>& dims) const {
    int var = -1;
    check(nc_def_var(id_, name.c_str(), type, int(dims.size()), dims.data(), &var));
    return var;
  }
  void text(int var, const char* name, const std::string& value) const {
    check(nc_put_att_text(id_, var, name, value.size(), value.c_str()));
  }
  void number(int var, const char* name, double value) const {
    check(nc_put_att_double(id_, var, name, NC_DOUBLE, 1, &value));
  }
  int find(const std::string& name) const {
    int var = -1;
    check(nc_inq_varid(id_, name.c_str(), &var));
    return var;
  }
  /// A text attribute; empty where there is none, or it is no text.
  std::string text_of(int var, const char* name) const {
    std::size_t length = 0;
    nc_type type = NC_NAT;
    if (nc_inq_att(id_, var, name, &type, &length) != NC_NOERR || type != NC_CHAR) return {};
    std::string value(length, '\0');
    check(nc_get_att_text(id_, var, name, value.data()));
    while (!value.empty() && value.back() == '\0') value.pop_back();
    return value;
  }

 private:
  File(std::filesystem::path path, const char* failure)
      : path_(std::move(path)), failure_(failure) {}
  std::filesystem::path path_;
  const char* failure_;
  int id_ = -1;
};

}  // namespace understudy::mesh::netcdf
