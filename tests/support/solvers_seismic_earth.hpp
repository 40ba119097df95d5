// A plane and a volume for models of the earth, and models and errors from a few numbers.
#pragma once

#include <string>

#include "solvers/seismic/earth/earth_model.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::tests::earth {

using namespace solvers::seismic;

inline const mesh::GridParams plane{{100, -700}, {900, 0}, {80, 70}, {}};  // cells of 10 m
inline const mesh::GridParams volume{{0, 0, -300}, {200, 240, 0}, {20, 24, 30}, {}};

inline EarthModel make(const EarthModelParams& params, const mesh::GridParams& grid = plane,
                       std::uint64_t seed = 1, std::uint64_t index = 0) {
  return make_earth_model(params, grid, ".", seed, index);
}

inline std::string error_of(const EarthModelParams& params, const mesh::GridParams& grid = plane) {
  return user_error([&] { make(params, grid); });
}

inline EarthModelParams of_kind(const std::string& kind) {
  EarthModelParams params;
  params.kind = kind;
  return params;
}

}  // namespace understudy::tests::earth
