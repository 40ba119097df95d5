// Models in files: HDF5, SEG-Y (segy_model.hpp), or numbers without a header (Marmousi and the like).
//
// A file holds [depth, (y,) x], row 0 at the surface, x fastest; raw files may hold [x, (y,) depth]
// instead. Its shape must be the grid's: a model is not resampled, which would decide on interfaces that
// the file leaves open. Raw files are little endian unless byte_order says otherwise, and read on machines of
// that order only. Units: m/s and kg/m3, or what speed_unit and density_unit say; in HDF5 a dataset's own
// attribute `unit` goes before these. What is usual and wrong is told as such: the other byte order, Fortran's
// record marks, headers of SEG-Y and Seismic Unix, numbers of another length, g/cm3.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "solvers/seismic/earth/earth_model.hpp"

namespace understudy::mesh {
class Hdf5File;
}

namespace understudy::solvers::seismic {

/// Relative paths start in `directory`. Reads on the calling rank, not collective. UserError naming the
/// file and what is wrong: missing, dataset, shape or size, values.
EarthModel read_earth_model(const ModelFileParams& params, const mesh::GridParams& grid,
                            const std::string& directory);

/// HDF5, in double precision, with the arrays that the model has under the names p_speed_m_s,
/// s_speed_m_s and density_kg_m3: read_earth_model gives the same bits. Complete or not there. Not
/// collective: call it on one rank.
void write_earth_model(const std::filesystem::path& path, const EarthModel& model,
                       const mesh::GridParams& grid);

/// One array of a model, `values` [k, j, i], as every file of ours holds it: [depth, (y,) x] with the
/// attributes unit and axes. And back; UserError where it is missing or of another shape.
void put_model_array(mesh::Hdf5File& file, const std::string& name,
                     const std::vector<double>& values, const std::string& unit,
                     const mesh::GridParams& grid);
std::vector<double> get_model_array(const mesh::Hdf5File& file, const std::string& name,
                                    const std::string& unit, const mesh::GridParams& grid);

}  // namespace understudy::solvers::seismic
