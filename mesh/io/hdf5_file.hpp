// A file in HDF5 (C library, 1.10 or newer), opened by all ranks of a communicator: groups,
// datasets of any number of axes read and written block by block, and attributes. A thin owner of
// the handles; it knows nothing of fields or decks. Checkpoints and datasets are written through
// it.
//
// Every call is collective over `comm` with the same arguments on every rank, but for the block and
// the data of read() and write(), which are each rank's own. Several ranks go through MPI-IO; one
// rank (and a build without MPI) through plain files. Data are host pointers, row-major (last axis
// fastest).
//
// Paths inside the file are written "group/name"; "" or "/" is the root. Element types T: float,
// double, std::int32_t, std::int64_t, std::uint8_t and bool (stored as the enumeration FALSE, TRUE
// of int8 that h5py reads as bool).
//
// Where several ranks write, the root reserves the space on the disk before the file grows: MPI-IO
// does not survive a collective write that fails (Open MPI then waits for ever, in closing the file
// too), so a full disk must be noticed before. On one rank the write itself tells.
//
// Errors: core::UserError naming the file, the object, what was found and what is there or was
// expected. An error on one rank is thrown on all. HDF5's own printing is silenced; its deepest
// message is quoted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/comm.hpp"

namespace understudy::mesh {

using H5Shape = std::vector<std::uint64_t>;  ///< lengths of the axes, slowest first; empty: scalar

/// This rank's part of a dataset. none(), or a zero in `count`, transfers nothing: the rank only
/// takes part in the collective call. So a dataset is written from rank 0 by giving the others
/// none().
struct H5Block {
  H5Shape offset, count;
  bool nothing = false;
  static H5Block none() { return {{}, {}, true}; }
};

/// How a dataset lies in the file.
struct H5Layout {
  H5Shape chunk;  ///< empty: contiguous (or one chunk a first-axis row if extendable)
  bool extendable_first = false;  ///< the first axis may grow by extend()
  int deflate = 0;                ///< zlib level 1-9 with byte shuffle; 0: not compressed
  bool checksum =
      false;  ///< Fletcher's of each chunk, tested whenever it is read; in chunks if not empty
};

enum class H5Type { float32, float64, int32, int64, uint8, boolean };

template <class T>
constexpr H5Type h5_type() {
  if constexpr (std::is_same_v<T, float>) return H5Type::float32;
  if constexpr (std::is_same_v<T, double>) return H5Type::float64;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5Type::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5Type::int64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5Type::uint8;
  if constexpr (std::is_same_v<T, bool>) return H5Type::boolean;
}

struct H5Info {
  H5Shape shape;
  std::string
      type;  ///< "float32", "float64", "int32", "int64", "uint8", "bool", "string", else "other"
  int deflate = 0;  ///< zlib's level; 0: not compressed
  H5Shape chunk;    ///< empty: not in chunks
};

enum class H5Mode {
  read,    ///< must exist
  create,  ///< a new file; an existing one is overwritten
  update,  ///< must exist; read and write
  /// As create, of a file that is updated again and again: without HDF5's mark of an open file, for which a file
  /// whose writer was killed cannot be opened any more.
  create_growing
};

class Hdf5File {
 public:
  Hdf5File(const std::filesystem::path& path, H5Mode mode, const core::Comm& comm);
  ~Hdf5File();  ///< closes; an error is then lost: call close() after writing
  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File& operator=(Hdf5File&& other) noexcept;

  /// Writes what is pending and closes. UserError (no space...) when that fails. Idempotent.
  void close();
  void flush();
  const std::filesystem::path& path() const { return path_; }
  /// Was a file's last writer stopped before it had written what it began (flush(), close())? Of files that grow;
  /// it is not open. Collective.
  static bool unfinished(const std::filesystem::path& path, const core::Comm& comm);

  // --- structure ---------------------------------------------------------------------------------
  bool exists(const std::string& object) const;
  /// Names of the groups and datasets in a group, sorted. UserError where there is no such group.
  std::vector<std::string> children(const std::string& group) const;
  /// Makes the group and its parents; existing ones are kept. `room`: bytes that are kept in the new group
  /// for its links and attributes, which so are written in one piece.
  void create_group(const std::string& group) { create_group(group, 0); }
  void create_group(const std::string& group, unsigned room);
  /// Makes a dataset (and its parent groups); values that are never written are undefined.
  /// UserError where the name is taken.
  template <class T>
  void create_dataset(const std::string& dataset, const H5Shape& shape,
                      const H5Layout& layout = {}) {
    create_dataset(dataset, h5_type<T>(), shape, layout);
  }
  void create_dataset(const std::string& dataset, H5Type type, const H5Shape& shape,
                      const H5Layout& layout);
  /// Grows (or cuts) the first axis of an extendable dataset.
  void extend(const std::string& dataset, std::uint64_t first_axis);
  /// A dataset without values of its own, [row...]: row 0 of the dataset `source` [.., row...] of this file.
  void create_view(const std::string& dataset, H5Type type, const std::string& source,
                   const H5Shape& row);
  /// A soft link of that name to the object `target` of this file; a link that is there is replaced. Several ranks
  /// reserve nothing for it: its group has room.
  void link(const std::string& name, const std::string& target);
  /// Removes a link; nothing where there is none of that name.
  void unlink(const std::string& name);
  /// In how many pieces of the file the object's links and attributes lie.
  int pieces(const std::string& object) const;
  /// Where a soft link leads, without a slash before it; empty: it is none, or is not there.
  std::string link_target(const std::string& name) const;
  H5Info info(const std::string& dataset) const;
  H5Shape shape(const std::string& dataset) const { return info(dataset).shape; }
  /// UserError unless the dataset has that shape; `meaning` names the axes ("z, y, x").
  void require_shape(const std::string& dataset, const H5Shape& expected,
                     const std::string& meaning) const;

  // --- data --------------------------------------------------------------------------------------
  /// `data` [block.count]: contiguous. Floating types convert to each other, integers to each
  /// other, and in reading integers to floating types that hold them exactly; any other mixture is a
  /// UserError.
  template <class T>
  void write(const std::string& dataset, const T* data, const H5Block& block) {
    write_values(dataset, h5_type<T>(), data, block);
  }
  template <class T>
  void read(const std::string& dataset, T* data, const H5Block& block) const {
    read_values(dataset, h5_type<T>(), data, block);
  }
  /// The whole dataset, created (with checksums) and written in one call; all ranks give the same values.
  template <class T>
  void put(const std::string& dataset, const std::vector<T>& values, const H5Shape& shape) {
    require_count(dataset, values.size(), shape);
    H5Layout layout;
    layout.checksum = true;
    create_dataset<T>(dataset, shape, layout);
    const auto buffer = std::make_unique<T[]>(values.size());  // vector<bool> has no array
    std::copy(values.begin(), values.end(), buffer.get());
    const H5Block everything{H5Shape(shape.size(), 0), shape};
    write(dataset, buffer.get(), comm_.is_root() ? everything : H5Block::none());
  }
  /// The whole dataset on every rank, flattened.
  template <class T>
  std::vector<T> get(const std::string& dataset) const {
    const H5Shape all = shape(dataset);
    const std::size_t count = count_in_memory(dataset, all, sizeof(T));
    const auto buffer = std::make_unique<T[]>(count);
    read(dataset, buffer.get(), H5Block{H5Shape(all.size(), 0), all});
    return std::vector<T>(buffer.get(), buffer.get() + count);
  }

  // --- attributes --------------------------------------------------------------------------------
  // Of the object ("" is the file's root). Text is stored as variable-length UTF-8, as h5py does, or after
  // keep_texts_whole() as UTF-8 of a fixed length: that lies beside the numbers, under their checksum, while
  // HDF5 keeps the other kind in a heap that has none.
  // Value: std::string, double, long long, bool, or a std::vector of one of these. Setting again
  // replaces.
  void keep_texts_whole() { whole_texts_ = true; }
  template <class Value>
  void set_attribute(const std::string& object, const std::string& name, const Value& value);
  void set_attribute(const std::string& object, const std::string& name, const char* value) {
    set_attribute(object, name, std::string(value));
  }
  void set_attribute(const std::string& object, const std::string& name, int value) {
    set_attribute(object, name, static_cast<long long>(value));
  }
  /// Text of a fixed length without UTF-8's mark: VTK reads no other.
  void set_ascii_attribute(const std::string& object, const std::string& name,
                           const std::string& value);
  /// A dataset [1] of a text of variable length, marked as ASCII for the same reason. One rank only: HDF5 writes
  /// such from no more.
  void put_ascii(const std::string& dataset, const std::string& value);
  /// UserError when there is none of that name (those that exist are listed) or its type is
  /// another that does not convert without loss (whole numbers to numbers and back, 0 and 1 to flags). A
  /// single value is also read as a vector of one.
  template <class Value>
  Value attribute(const std::string& object, const std::string& name) const;
  /// The attribute where it is there and a single text: of files that others wrote.
  std::optional<std::string> text_attribute(const std::string& object,
                                            const std::string& name) const;
  bool has_attribute(const std::string& object, const std::string& name) const;
  std::vector<std::string> attributes(const std::string& object) const;  ///< names, sorted

 private:
  void write_values(const std::string& dataset, H5Type type, const void* data,
                    const H5Block& block);
  void read_values(const std::string& dataset, H5Type type, void* data, const H5Block& block) const;
  /// Makes sure that the disk has room for `bytes` more, before HDF5 gives them out.
  void make_room(std::uint64_t bytes);
  void require_count(const std::string& dataset, std::size_t count, const H5Shape& shape) const;
  /// Values of that shape. UserError where the machine's memory does not hold them.
  std::size_t count_in_memory(const std::string& dataset, const H5Shape& shape,
                              std::size_t value_bytes) const;

  std::filesystem::path path_;
  core::Comm comm_;
  std::int64_t file_ = -1;  // hid_t
  bool writable_ = false, whole_texts_ = false;
  std::uint64_t needed_ = 0, reserved_ = 0;  // size of the file, from above; reserved on the disk
};

/// Before a file is opened to be updated: reserves that many bytes beyond its end, so that what is written finds
/// room and a writer that is killed leaves no file that ends too early. HDF5 cuts what it does not use. UserError
/// where the disk has not so many. Several ranks reserve while they write: nothing for them. Collective.
void reserve_beyond_end(const std::filesystem::path& path, std::uint64_t bytes,
                        const core::Comm& comm);

/// Calls `writer`, on all ranks, with a temporary name beside `path` and renames what it made there onto `path`, so
/// that the previous file stands until the new one is complete. Whatever goes wrong, the temporary file is removed,
/// on all ranks the error is thrown. Collective.
void put_in_place(const std::filesystem::path& path, const core::Comm& comm,
                  const std::function<void(const std::filesystem::path&)>& writer);
/// The same with a new file under that name, which is closed after `writer`.
void write_hdf5_atomically(const std::filesystem::path& path, const core::Comm& comm,
                           const std::function<void(Hdf5File&)>& writer);

}  // namespace understudy::mesh
