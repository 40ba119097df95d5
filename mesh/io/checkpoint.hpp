// Checkpoints: one HDF5 file with every field of a State (closing faces included, ghosts not), its
// time, step and scalars, written in parallel and renamed into place when complete. Reading works
// on any number of ranks; on the same ranks and backend the continued run is bitwise the
// uninterrupted one.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mesh/field.hpp"

namespace understudy::mesh {

/// More that a run keeps beside its state (its statistics...): fields and scalars under a name of their own, in
/// double precision.
struct CheckpointPart {
  std::string name;
  State<double>* state = nullptr;
  std::map<std::string, std::string> attributes = {};  ///< what it was made of
};

/// Collective. UserError naming path and cause when it cannot be written (the previous file
/// stands).
template <class Real>
void write_checkpoint(const std::filesystem::path& path, const State<Real>& state,
                      const std::map<std::string, std::string>& attributes,
                      const std::vector<CheckpointPart>& parts = {});

/// Collective. UserError when the file is missing, damaged, or holds other fields, grid or
/// precision. Fills interiors and closing faces; ghosts are the stepper's to fill.
template <class Real>
std::map<std::string, std::string> read_checkpoint(const std::filesystem::path& path,
                                                   State<Real>& state);

/// Fills the part's state as it was written. False, and nothing is read, where the checkpoint has no part of
/// that name with these attributes. UserError where it is damaged. Collective.
bool read_checkpoint_part(const std::filesystem::path& path, CheckpointPart& part);

}  // namespace understudy::mesh
