// Gathers as SEG-Y revision 1 (mesh/io/segy_file.hpp): one quantity a file, a trace for each shot and receiver.
//
// Written: shot s and receiver r are field record s + 1 and trace r + 1; positions are exact by a scalar; depths
// are below elevation 0, the box's upper side; values in Pa or m/s in floats of four bytes, which keep 24 bits
// (IBM: 21 to 24) of ours of eight. A survey that no header can hold is refused (require_segy_geometry).
//
// Read: a shot is what has one field record number (bytes 9-12); where all are 0, one source point number
// (17-20); where these are, too, one source. Shots come in the order of their first traces, receivers in that of
// a shot's traces. All shots have the same receivers.
#pragma once

#include <filesystem>
#include <string>

#include "mesh/io/segy_file.hpp"
#include "solvers/seismic/survey/gathers.hpp"

namespace understudy::solvers::seismic {

/// UserError naming time.record_every_s, time.end_s or a position where SEG-Y's headers do not hold them:
/// intervals are whole microseconds up to 65535, samples 65535 at most, positions whole numbers of 0.1 mm or more.
void require_segy_geometry(const GatherSet& geometry);

/// Complete or not there. UserError as require_segy_geometry, where a sample does not fit into four bytes, or
/// the file cannot be written. Not collective.
void write_segy_gathers(const std::filesystem::path& path, const GatherSet& set,
                        mesh::SegyNumbers numbers);

/// UserError as read_segy, and where the traces are of something else than `quantity` (bytes 29-30, 203-204) or
/// make up no shots of the same receivers. Not collective.
GatherSet read_segy_gathers(const std::filesystem::path& path, const std::string& quantity);

}  // namespace understudy::solvers::seismic
