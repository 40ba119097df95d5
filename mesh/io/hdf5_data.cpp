// Datasets of Hdf5File: making, growing, writing and reading them.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/hdf5_handles.hpp"

namespace understudy::mesh {

using core::UserError;
using hdf5::check;
using hdf5::Handle;

namespace {

Handle transfer_list(const core::Comm& comm) {
  Handle list(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
#ifdef UNDERSTUDY_WITH_MPI
  if (comm.size() > 1) H5Pset_dxpl_mpio(list, H5FD_MPIO_COLLECTIVE);
#else
  static_cast<void>(comm);
#endif
  return list;
}

/// Are the values in compressed chunks? These find their place in the file when they are written.
bool filtered(const Handle& creation) {
  return H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_nfilters(creation) > 0;
}

/// Bytes that HDF5 gives to a dataset of that shape when it is made, from above.
std::uint64_t stored_bytes(const Handle& creation, const Handle& type, const H5Shape& shape) {
  if (filtered(creation)) return 0;
  std::vector<hsize_t> chunk(shape.size(), 1);
  std::uint64_t chunks = 1, values = 1;
  if (H5Pget_layout(creation) == H5D_CHUNKED)
    H5Pget_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::uint64_t along = (shape[axis] + chunk[axis] - 1) / chunk[axis];
    chunks *= along;
    values *= along * chunk[axis];
  }
  constexpr std::uint64_t index_bytes = 256;  // a chunk's share of the tree that finds it
  const bool indexed = H5Pget_layout(creation) == H5D_CHUNKED;
  return values * H5Tget_size(type) + (indexed ? chunks * index_bytes : 0);
}

/// Chunks are stored as wholes, beyond the dataset's ends too: what that adds to its values, as a factor. Along the
/// first axis, which may grow, a chunk is filled later.
double filled_up(const Handle& creation, const H5Shape& shape) {
  std::vector<hsize_t> chunk(shape.size(), 1);
  H5Pget_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  double factor = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis)
    if (shape[axis] > 0)
      factor *= static_cast<double>((shape[axis] + chunk[axis] - 1) / chunk[axis] * chunk[axis]) /
                static_cast<double>(shape[axis]);
  return factor;
}

/// Whole rows, but no more than a few megabytes: a chunk is read, and held, as a whole.
std::vector<hsize_t> bounded_chunk(const H5Shape& shape, const H5Layout& layout,
                                   std::size_t value_bytes) {
  constexpr std::uint64_t most = 4 << 20;
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  if (layout.extendable_first) chunk[0] = 1;
  std::uint64_t inner = value_bytes;  // bytes of one step along the axis
  for (std::size_t axis = chunk.size(); axis-- > 0;) {
    chunk[axis] = std::clamp<std::uint64_t>(most / inner, 1, std::max<hsize_t>(chunk[axis], 1));
    inner *= chunk[axis];
  }
  return chunk;
}

Handle creation_list(const H5Shape& shape, const H5Layout& layout, std::size_t value_bytes,
                     const std::string& where) {
  Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);  // everything is written once; zeros would double it
  const bool empty = std::find(shape.begin(), shape.end(), 0u) != shape.end();
  const bool chunked = layout.extendable_first || layout.deflate > 0 || !layout.chunk.empty() ||
                       (layout.checksum && !empty);
  if (shape.empty() || !chunked) return list;
  std::vector<hsize_t> chunk(layout.chunk.begin(), layout.chunk.end());
  if (chunk.empty()) chunk = bounded_chunk(shape, layout, value_bytes);
  for (auto& length : chunk) length = std::max<hsize_t>(length, 1);
  check(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()), where);
  if (layout.deflate > 0) {
    H5Pset_shuffle(list);
    check(H5Pset_deflate(list, static_cast<unsigned>(layout.deflate)), where);
  }
  if (layout.checksum) check(H5Pset_fletcher32(list), where);
  return list;
}

/// The block in the dataset's space; UserError where it does not fit.
Handle select(const Handle& set, const H5Block& block, const std::string& where) {
  const H5Shape shape = hdf5::shape_of(set);
  Handle space(H5Dget_space(set), H5Sclose);
  if (block.nothing || std::find(block.count.begin(), block.count.end(), 0u) != block.count.end()) {
    H5Sselect_none(space);
    return space;
  }
  bool fits = block.offset.size() == shape.size() && block.count.size() == shape.size();
  for (std::size_t axis = 0; fits && axis < shape.size(); ++axis)
    fits = block.offset[axis] + block.count[axis] <= shape[axis];
  if (!fits)
    throw UserError(core::format("{}: the block of {} values at {} does not lie in its shape {}",
                                 where, hdf5::text(block.count), hdf5::text(block.offset),
                                 hdf5::text(shape)));
  if (shape.empty()) return space;
  const std::vector<hsize_t> offset(block.offset.begin(), block.offset.end());
  const std::vector<hsize_t> count(block.count.begin(), block.count.end());
  check(H5Sselect_hyperslab(space, H5S_SELECT_SET, offset.data(), nullptr, count.data(), nullptr),
        where);
  return space;
}

enum class Way { read, write };

// Whole numbers are read as floating ones: other tools store counts and positions so.
bool is_whole(const Handle& set) {
  return H5Tget_class(Handle(H5Dget_type(set), H5Tclose)) == H5T_INTEGER;
}

void require_type(const Handle& set, const Handle& type, Way way, const std::string& where) {
  const Handle stored(H5Dget_type(set), H5Tclose);
  if (way == Way::read && is_whole(set) && H5Tget_class(type) == H5T_FLOAT) return;
  const bool booleans = hdf5::type_name(stored) == "bool" && hdf5::type_name(type) == "bool";
  const auto kind = H5Tget_class(stored);
  if (kind == H5Tget_class(type) && (kind == H5T_FLOAT || kind == H5T_INTEGER || booleans)) return;
  throw UserError(core::format("{} holds values of type {}, {} was expected", where,
                               hdf5::type_name(stored), hdf5::type_name(type)));
}

/// What a transfer needs. Made on all ranks, and so checked on all, before any of them enters the
/// collective call.
struct Transfer {
  Handle set, type, space, memory;
};

Transfer prepare(Handle set, H5Type type, const H5Block& block, Way way, const std::string& where) {
  Transfer t{std::move(set), hdf5::memory_type(type), {}, {}};
  require_type(t.set, t.type, way, where);
  t.space = select(t.set, block, where);
  const hsize_t count = static_cast<hsize_t>(H5Sget_select_npoints(t.space));
  const hsize_t length = std::max<hsize_t>(count, 1);
  t.memory = Handle(H5Screate_simple(1, &length, nullptr), H5Sclose);
  if (count == 0) H5Sselect_none(t.memory);
  return t;
}

// Were whole numbers so large that T does not hold them?
template <class T>
void require_exact(const T* values, long long count, const std::string& where) {
  const T limit = std::ldexp(T(1), std::numeric_limits<T>::digits);
  for (long long n = 0; n < count; ++n)
    if (std::abs(values[n]) >= limit)
      throw UserError(core::format(
          "{} holds whole numbers of {} and more, which a floating type of {} bytes does not "
          "hold exactly",
          where, limit, sizeof(T)));
}

/// The values in the dataset's own type, which `t` then has in memory, too; empty where they are already, or
/// where there are none. HDF5 does not convert what several ranks write through filters.
std::vector<char> as_stored(Transfer& t, const void* data, const std::string& where) {
  Handle stored(H5Dget_type(t.set), H5Tclose);
  if (H5Tequal(stored, t.type) > 0) return {};
  const auto count = static_cast<std::size_t>(H5Sget_select_npoints(t.space));
  const std::size_t width = H5Tget_size(t.type);
  std::vector<char> values(count * std::max(width, H5Tget_size(stored)));
  if (count > 0) {
    const auto* first = static_cast<const char*>(data);
    std::copy(first, first + count * width, values.begin());
    check(H5Tconvert(t.type, stored, count, values.data(), nullptr, H5P_DEFAULT), where);
  }
  t.type = std::move(stored);
  return values;
}

}  // namespace

void Hdf5File::create_dataset(const std::string& dataset, H5Type type, const H5Shape& shape,
                              const H5Layout& layout) {
  const std::string where = core::format("{}: cannot make dataset '{}'", path_.string(), dataset);
  Handle how;
  const Handle element = hdf5::memory_type(type);
  hdf5::together(comm_, [&] {
    if (hdf5::exists(file_, dataset)) throw UserError(where + ": the name is taken");
    how = creation_list(shape, layout, H5Tget_size(element), where);
  });
  make_room(hdf5::object_bytes + stored_bytes(how, element, shape));
  hdf5::together(comm_, [&] {
    const std::vector<hsize_t> size(shape.begin(), shape.end());
    std::vector<hsize_t> most = size;
    if (layout.extendable_first && !most.empty()) most[0] = H5S_UNLIMITED;
    const Handle space = check(
        shape.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()),
        H5Sclose, where);
    check(H5Dcreate2(file_, dataset.c_str(), element, space, hdf5::making_parents(), how,
                     H5P_DEFAULT),
          H5Dclose, where);
  });
}

void Hdf5File::extend(const std::string& dataset, std::uint64_t first_axis) {
  Handle set, how;
  H5Shape before, after;
  const std::string where = core::format("{}: cannot extend '{}'", path_.string(), dataset);
  hdf5::together(comm_, [&] {
    set = hdf5::open_dataset(file_, path_, dataset);
    how = Handle(H5Dget_create_plist(set), H5Pclose);
    before = after = hdf5::shape_of(set);
    if (before.empty()) throw UserError(where + ": it is a single value");
    after[0] = first_axis;
  });
  const Handle type(H5Dget_type(set), H5Tclose);
  const std::uint64_t old_bytes = stored_bytes(how, type, before),
                      bytes = stored_bytes(how, type, after);
  make_room(hdf5::object_bytes + std::max(bytes, old_bytes) - old_bytes);
  hdf5::together(comm_, [&] {
    const std::vector<hsize_t> size(after.begin(), after.end());
    check(H5Dset_extent(set, size.data()), core::format("{} of shape {} to {} along its first axis",
                                                        where, hdf5::text(before), first_axis));
  });
}

void Hdf5File::write_values(const std::string& dataset, H5Type type, const void* data,
                            const H5Block& block) {
  const std::string where = core::format("{}: dataset '{}'", path_.string(), dataset);
  Transfer t;
  hdf5::together(comm_, [&] {
    t = prepare(hdf5::open_dataset(file_, path_, dataset), type, block, Way::write, where);
  });
  const Handle creation(H5Dget_create_plist(t.set), H5Pclose);
  if (comm_.size() > 1 && filtered(creation)) {
    const auto values = static_cast<double>(H5Sget_select_npoints(t.space) * H5Tget_size(t.type));
    const double factor = 1.1 * filled_up(creation, hdf5::shape_of(t.set));
    make_room(hdf5::object_bytes + static_cast<std::uint64_t>(factor * comm_.sum(values)));
  }
  const Handle how = transfer_list(comm_);
  std::vector<char> converted;
  if (comm_.size() > 1) converted = as_stored(t, data, where);
  if (!converted.empty()) data = converted.data();
  hdf5::together(comm_, [&] {
    const char nothing = 0;  // a rank without values may give no pointer
    check(H5Dwrite(t.set, t.type, t.memory, t.space, how, data != nullptr ? data : &nothing),
          where + ": cannot write it");
  });
}

void Hdf5File::read_values(const std::string& dataset, H5Type type, void* data,
                           const H5Block& block) const {
  const std::string where = core::format("{}: dataset '{}'", path_.string(), dataset);
  Transfer t;
  hdf5::together(comm_, [&] {
    t = prepare(hdf5::open_dataset(file_, path_, dataset), type, block, Way::read, where);
  });
  const Handle how = transfer_list(comm_);
  hdf5::together(comm_, [&] {
    char nothing = 0;
    check(H5Dread(t.set, t.type, t.memory, t.space, how, data != nullptr ? data : &nothing),
          where + ": cannot read it");
    if (data == nullptr || !is_whole(t.set)) return;
    const auto count = static_cast<long long>(H5Sget_select_npoints(t.memory));
    if (type == H5Type::float32) require_exact(static_cast<const float*>(data), count, where);
    if (type == H5Type::float64) require_exact(static_cast<const double*>(data), count, where);
  });
}

std::size_t Hdf5File::count_in_memory(const std::string& dataset, const H5Shape& shape,
                                      std::size_t value_bytes) const {
  const double memory =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  double bytes = static_cast<double>(value_bytes);
  std::size_t count = 1;
  for (const auto length : shape) {
    bytes *= static_cast<double>(length);
    count *= length;
  }
  if (bytes > memory)
    throw UserError(core::format(
        "{}: dataset '{}' of shape {} takes {:.3g} bytes and this machine has {:.3g}: it is too large, "
        "or the file is damaged",
        path_.string(), dataset, hdf5::text(shape), bytes, memory));
  return count;
}

void Hdf5File::require_count(const std::string& dataset, std::size_t count,
                             const H5Shape& shape) const {
  std::uint64_t wanted = 1;
  for (const auto length : shape) wanted *= length;
  if (count != wanted)
    throw UserError(core::format("{}: dataset '{}': {} values do not fill the shape {}",
                                 path_.string(), dataset, count, hdf5::text(shape)));
}

}  // namespace understudy::mesh
