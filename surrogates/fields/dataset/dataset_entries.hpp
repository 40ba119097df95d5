// Private to dataset_*.cpp: what the groups of a file in The Well's layout hold, of whatever program: the entries of
// t0_fields, t1_fields and t2_fields, and the scalars. Errors: core::UserError naming the file and the object.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/named_value.hpp"
#include "mesh/grid.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::surrogates::layout {

template <class Value>
Value attribute_or(const mesh::Hdf5File& file, const std::string& object, const std::string& name,
                   const Value& otherwise) {
  return file.has_attribute(object, name) ? file.attribute<Value>(object, name) : otherwise;
}

/// How many simulations a file holds.
long long trajectories_in(const mesh::Hdf5File& file);

/// The parameters of one of them: those that simulation_parameters names, and scalars beside them that do not change
/// in time; each the scalar's value for that trajectory where it has one, else the file's attribute, else the scalar.
std::vector<NamedValue> read_parameters(const mesh::Hdf5File& file, long long trajectory);

/// One entry of a group's field_names.
struct FieldEntry {
  std::string path, name;  ///< "t1_fields/velocity", "velocity"
  int order = 0;           ///< of the tensor: so many axes of components behind those of space
  bool sample_varying = true, time_varying = true;
};

std::vector<FieldEntry> field_entries(const mesh::Hdf5File& file);

/// A channel of an entry: of which field, and where on the entry's last axes.
struct EntryPart {
  std::string field;
  int component = 0;
  std::vector<std::uint64_t> last = {};
};

/// A vector is one field of so many components; of a tensor each component is a field, "D_xy". `whole`: the entry's own
/// name of the field and its component. `dims`: the axes' names.
std::vector<EntryPart> parts_of(const FieldEntry& entry, const EntryPart& whole,
                                const std::vector<std::string>& dims);

/// A field that is the same along an axis lacks that axis: it is refused.
void require_all_axes(const mesh::Hdf5File& file, const FieldEntry& entry,
                      const std::vector<std::string>& dims);
/// [trajectory, frame, x, y, (z), (components)], as far as the entry varies.
void require_shape(const mesh::Hdf5File& file, const FieldEntry& entry, std::size_t frames,
                   const mesh::GridParams& grid);

}  // namespace understudy::surrogates::layout
