// Private to mesh/io/hdf5_*.cpp: owners of HDF5's handles, element types and error texts.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace understudy::mesh::hdf5 {

/// Closes the handle with the function that its kind needs.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
  ~Handle() {
    if (id_ >= 0 && closer_ != nullptr) closer_(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  operator hid_t() const { return id_; }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// Stops the library from printing its error stack (on this thread).
void silence();
/// The deepest message of the library's error stack, cut to its point; clears the stack.
std::string last_error();
/// UserError "<what>: <last_error>" when `result` is negative, else `result`.
long long check(long long result, const std::string& what);
/// The same, owning.
Handle check(hid_t id, Handle::Closer closer, const std::string& what);

/// The enumeration {FALSE = 0, TRUE = 1} of int8 that h5py reads and writes as bool.
Handle bool_type();
/// Variable-length UTF-8.
Handle text_type();
/// The type as it lies in memory.
Handle memory_type(H5Type type);
/// "float32"... as in H5Info.
std::string type_name(hid_t type);

/// Room that an object takes in the file besides its values, from above.
inline constexpr std::uint64_t object_bytes = 4096;
/// For a link whose parent groups are made with it.
Handle making_parents();

/// "[64, 3]"
std::string text(const H5Shape& shape);
H5Shape shape_of(hid_t dataset);
/// Is there an object of that path ("" is the root)? UserError where a link into another file is met.
bool exists(hid_t file, const std::string& object);
/// Names in a group that is there, sorted.
std::vector<std::string> children(hid_t file, const std::string& group);
/// UserError naming the file and what is there, unless the object exists and is a `kind`: "group",
/// "dataset" or "object" (either).
void require_object(hid_t file, const std::filesystem::path& path, const std::string& object,
                    const std::string& kind);
Handle open_dataset(hid_t file, const std::filesystem::path& path, const std::string& dataset);

/// Runs `action` on every rank; a UserError on any rank is thrown on all.
template <class Action>
void together(const core::Comm& comm, const Action& action) {
  std::string error;
  try {
    action();
  } catch (const core::UserError& e) {
    error = e.what();
  }
  comm.throw_on_all_ranks<core::UserError>(error);
}

}  // namespace understudy::mesh::hdf5
