#include "mesh/io/netcdf_times.hpp"

#include <array>
#include <vector>

#include "core/atomic_file.hpp"

namespace understudy::mesh::netcdf {

namespace {

using Name = std::array<char, NC_MAX_NAME + 1>;

struct Dimension {
  std::string name;
  std::size_t length = 0;
};

struct Variable {
  std::string name;
  nc_type type = NC_NAT;
  std::vector<int> dims;
  int attributes = 0;
};

struct Contents {
  std::vector<Dimension> dimensions;
  std::vector<Variable> variables;
  int attributes = 0;  ///< of the file
  int unlimited = -1;

  explicit Contents(const File& file) {
    int dims = 0, vars = 0;
    file.check(nc_inq(file.id(), &dims, &vars, &attributes, &unlimited));
    Name name{};
    for (int dim = 0; dim < dims; ++dim) {
      std::size_t length = 0;
      file.check(nc_inq_dim(file.id(), dim, name.data(), &length));
      dimensions.push_back({name.data(), length});
    }
    for (int var = 0; var < vars; ++var) {
      Variable one;
      int count = 0;
      file.check(nc_inq_varndims(file.id(), var, &count));
      one.dims.resize(std::size_t(count));
      file.check(nc_inq_var(file.id(), var, name.data(), &one.type, nullptr, one.dims.data(),
                            &one.attributes));
      one.name = name.data();
      variables.push_back(one);
    }
  }

  bool over_time(const Variable& v) const { return !v.dims.empty() && v.dims.front() == unlimited; }
};

void copy_attributes(const File& from, const File& to, int var, int count) {
  Name name{};
  for (int n = 0; n < count; ++n) {
    from.check(nc_inq_attname(from.id(), var, n, name.data()));
    to.check(nc_copy_att(from.id(), var, name.data(), to.id(), var));
  }
}

// Dimensions and variables have the numbers that they have in `from`.
void copy_definitions(const Contents& all, const File& from, const File& to) {
  for (std::size_t dim = 0; dim < all.dimensions.size(); ++dim)
    to.dimension(all.dimensions[dim].name.c_str(),
                 int(dim) == all.unlimited ? NC_UNLIMITED : all.dimensions[dim].length);
  copy_attributes(from, to, NC_GLOBAL, all.attributes);
  for (std::size_t var = 0; var < all.variables.size(); ++var) {
    to.variable(all.variables[var].name, all.variables[var].type, all.variables[var].dims);
    copy_attributes(from, to, int(var), all.variables[var].attributes);
  }
  to.check(nc_enddef(to.id()));
}

// Of a variable over time at one of its times, else of all of it.
void copy_values(const Contents& all, const File& from, const File& to, int var, std::size_t time) {
  const Variable& v = all.variables[std::size_t(var)];
  std::vector<std::size_t> start, count;
  start.reserve(v.dims.size() + 1);  // the library wants places, be there no dimension
  count.reserve(v.dims.size() + 1);
  std::size_t bytes = 0;
  from.check(nc_inq_type(from.id(), v.type, nullptr, &bytes));
  for (const int dim : v.dims) {
    const bool is_time = dim == all.unlimited;
    start.push_back(is_time ? time : 0);
    count.push_back(is_time ? 1 : all.dimensions[std::size_t(dim)].length);
    bytes *= count.back();
  }
  std::vector<char> values(bytes);
  from.check(nc_get_vara(from.id(), var, start.data(), count.data(), values.data()));
  to.check(nc_put_vara(to.id(), var, start.data(), count.data(), values.data()));
}

}  // namespace

std::set<std::string> variables_over_time(const File& file) {
  const Contents all(file);
  std::set<std::string> names;
  for (const Variable& v : all.variables)
    if (all.over_time(v) && v.name != all.dimensions[std::size_t(all.unlimited)].name)
      names.insert(v.name);
  return names;
}

void keep_first_times(const std::filesystem::path& path, std::size_t kept) {
  core::write_file_with(path, [&](const std::filesystem::path& temporary) {
    const File from = File::read(path);
    const Contents all(from);
    File to = File::create(temporary);
    copy_definitions(all, from, to);
    const int count = int(all.variables.size());
    for (int var = 0; var < count; ++var)
      if (!all.over_time(all.variables[std::size_t(var)])) copy_values(all, from, to, var, 0);
    for (std::size_t time = 0; time < kept; ++time)
      for (int var = 0; var < count; ++var)
        if (all.over_time(all.variables[std::size_t(var)])) copy_values(all, from, to, var, time);
    to.close();
  });
}

}  // namespace understudy::mesh::netcdf
