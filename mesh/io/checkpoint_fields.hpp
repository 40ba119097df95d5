// Private to mesh/io/checkpoint.cpp: the fields of a state in a checkpoint's group.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/field.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::mesh::checkpoint {

inline H5Shape shape_of(const Grid& grid, const FieldInfo& info) {
  H5Shape shape{static_cast<std::uint64_t>(info.components)};
  for (int axis = 2; axis >= 0; --axis)
    shape.push_back(static_cast<std::uint64_t>(grid.global_points(info.location, axis)));
  return shape;
}

/// This rank's values in the dataset of `shape_of`.
inline H5Block block_of(const Grid& grid, const FieldInfo& info) {
  const Range3 points = grid.points(info.location);
  H5Block block{{0}, {static_cast<std::uint64_t>(info.components)}};
  for (int axis = 2; axis >= 0; --axis) {
    block.offset.push_back(
        static_cast<std::uint64_t>(grid.offset(axis) + points.begin[axis] - grid.ghosts(axis)));
    block.count.push_back(static_cast<std::uint64_t>(points.size(axis)));
  }
  return block;
}

/// Calls f(packed index, field value) for this rank's values in the order of `block_of`.
template <class HostArray, class F>
void for_points(const Grid& grid, const FieldInfo& info, const HostArray& array, const F& f) {
  const Range3 points = grid.points(info.location);
  std::size_t n = 0;
  for (int c = 0; c < info.components; ++c)
    for (int k = points.begin[2]; k < points.end[2]; ++k)
      for (int j = points.begin[1]; j < points.end[1]; ++j)
        for (int i = points.begin[0]; i < points.end[0]; ++i) f(n++, array(c, k, j, i));
}

inline std::uint64_t mixed(
    std::uint64_t x) {  // the finaliser of SplitMix64 (Steele, Lea, Flood 2014)
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// A sum over all values of a hash of place and bits: independent of how ranks share the values.
/// HDF5 itself notices damage to its structures only, not to the numbers.
template <class Real>
long long checksum(const Grid& grid, const FieldInfo& info, const std::vector<Real>& values) {
  const H5Shape shape = shape_of(grid, info);
  const H5Block block = block_of(grid, info);
  constexpr std::uint64_t mask = (1ull << 48) - 1;  // so that the sum over ranks cannot overflow
  std::uint64_t sum = 0;
  std::size_t n = 0;
  for (std::uint64_t c = 0; c < block.count[0]; ++c)
    for (std::uint64_t k = 0; k < block.count[1]; ++k)
      for (std::uint64_t j = 0; j < block.count[2]; ++j) {
        const std::uint64_t row =
            ((c * shape[1] + block.offset[1] + k) * shape[2] + block.offset[2] + j) * shape[3] +
            block.offset[3];
        for (std::uint64_t i = 0; i < block.count[3]; ++i) {
          std::uint64_t bits = 0;
          std::memcpy(&bits, &values[n++], sizeof(Real));
          sum += mixed(bits + 0x9e3779b97f4a7c15ull * (row + i + 1));
        }
      }
  const long long total = grid.comm().sum(static_cast<long long>(sum & mask));
  return static_cast<long long>(static_cast<std::uint64_t>(total) & mask);
}

template <class Real>
std::vector<Real> packed(const Grid& grid, const Field<Real>& field) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  std::vector<Real> values(static_cast<std::size_t>(field.info.components) *
                           static_cast<std::size_t>(grid.points(field.info.location).count()));
  for_points(grid, field.info, host, [&](std::size_t n, Real value) { values[n] = value; });
  return values;
}

/// Writes every field as `group`/<name> with its unit, location and checksum; returns the checksums by name.
template <class Real>
std::map<std::string, long long> write_fields(Hdf5File& file, const std::string& group,
                                              const State<Real>& state) {
  const Grid& grid = state.grid();
  file.create_group(group);
  std::map<std::string, long long> sums;
  for (const auto& field : state.fields()) {
    const std::string name = group + "/" + field.info.name;
    const std::vector<Real> values = packed(grid, field);
    file.create_dataset<Real>(name, shape_of(grid, field.info));
    file.set_attribute(name, "unit", field.info.unit);
    file.set_attribute(name, "location", to_string(field.info.location));
    sums[field.info.name] = checksum(grid, field.info, values);
    file.set_attribute(name, "checksum", sums[field.info.name]);
    file.write(name, values.data(), block_of(grid, field.info));
  }
  return sums;
}

/// The other way. UserError where values are not those of their checksum.
template <class Real>
std::map<std::string, long long> read_fields(const Hdf5File& file, const std::string& group,
                                             State<Real>& state) {
  std::map<std::string, long long> sums;
  for (auto& field : state.fields()) {
    const std::string name = group + "/" + field.info.name;
    const Grid& grid = state.grid();
    const Range3 points = grid.points(field.info.location);
    std::vector<Real> values(std::size_t(field.info.components) * std::size_t(points.count()));
    file.read(name, values.data(), block_of(grid, field.info));
    sums[field.info.name] = file.attribute<long long>(name, "checksum");
    if (sums[field.info.name] != checksum(grid, field.info, values))
      throw core::UserError(
          core::format("{}: the values of field '{}' are damaged (their checksum is not the "
                       "one that was written)",
                       file.path().string(), field.info.name));
    auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    for_points(grid, field.info, host, [&](std::size_t n, Real& value) { value = values[n]; });
    Kokkos::deep_copy(field.data, host);
  }
  return sums;
}

}  // namespace understudy::mesh::checkpoint
