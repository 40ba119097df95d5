#include "mesh/io/hdf5_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_handles.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif

namespace understudy::mesh {

namespace fs = std::filesystem;
using core::UserError;
using hdf5::check;
using hdf5::Handle;

namespace {

/// Reserved at a time, so that attributes do not cost a call each.
constexpr std::uint64_t reserve_step = 65536;

/// Reserves [from, to) of a file on the disk; the reason where there is no room.
std::string reserve_bytes(const fs::path& path, std::uint64_t from, std::uint64_t to) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  const int cause =
      file < 0 ? errno
               : ::posix_fallocate(file, static_cast<off_t>(from), static_cast<off_t>(to - from));
  if (file >= 0) ::close(file);
  return cause == 0 ? std::string()
                    : core::format("{}: cannot write it: {}", path.string(), std::strerror(cause));
}

/// Plain files on one rank (faster, and errors of the file system reach us as they are), MPI-IO on
/// several.
Handle access_list(const core::Comm& comm, H5F_libver_t least) {
  Handle list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
  H5Pset_libver_bounds(list, least, H5F_LIBVER_LATEST);
#ifdef UNDERSTUDY_WITH_MPI
  if (comm.size() > 1) check(H5Pset_fapl_mpio(list, core::native(comm), MPI_INFO_NULL), "MPI-IO");
#else
  static_cast<void>(comm);
#endif
  return list;
}

/// What the file system can tell before HDF5 is asked; empty if nothing is wrong.
std::string unfit_path(const fs::path& path, H5Mode mode) {
  std::error_code error;
  if (mode == H5Mode::create || mode == H5Mode::create_growing) {
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
    if (error)
      return core::format("{}: cannot make its folder: {}", path.string(), error.message());
    return {};
  }
  if (!fs::exists(path, error)) return core::format("{}: no such file", path.string());
  if (!fs::is_regular_file(path, error)) return core::format("{}: not a file", path.string());
  if (H5Fis_accessible(path.c_str(), H5P_DEFAULT) == 0) {
    const std::string kind = core::kind_of_file(path);
    return core::format("{}: not an HDF5 file, {}", path.string(),
                        kind.empty() ? "or its header is damaged" : kind);
  }
  return {};
}

hid_t create_file(const fs::path& path, const Handle& access) {
  return check(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access),
               core::format("{}: cannot create it", path.string()));
}

hid_t open_file(const fs::path& path, H5Mode mode, const core::Comm& comm) {
  // HDF5 of 1.10 keeps checksums of shapes, attributes and the places of chunks, too; readers need it.
  const Handle access = access_list(comm, H5F_LIBVER_V110);
  if (mode == H5Mode::create) return create_file(path, access);
  // Its first block comes from HDF5 of 1.8, which marks no open files; all that is made after it does not.
  if (mode == H5Mode::create_growing)
    check(H5Fclose(create_file(path, access_list(comm, H5F_LIBVER_V18))),
          core::format("{}: cannot write it", path.string()));
  return check(H5Fopen(path.c_str(), mode == H5Mode::read ? H5F_ACC_RDONLY : H5F_ACC_RDWR, access),
               core::format("{}: cannot open it, it is damaged or was not written to its end",
                            path.string()));
}

}  // namespace

Hdf5File::Hdf5File(const fs::path& path, H5Mode mode, const core::Comm& comm)
    : path_(path), comm_(comm), writable_(mode != H5Mode::read) {
  hdf5::silence();
  comm_.throw_on_all_ranks<UserError>(comm_.is_root() ? unfit_path(path, mode) : std::string());
  std::error_code ignored;
  if (mode == H5Mode::update) needed_ = reserved_ = fs::file_size(path, ignored);
  if (mode == H5Mode::create || mode == H5Mode::create_growing) {
    make_room(hdf5::object_bytes);
    reserved_ = 0;  // creating it cuts the file
  }
  hdf5::together(comm_, [&] { file_ = open_file(path, mode, comm_); });
}

Hdf5File::~Hdf5File() {
  if (file_ >= 0) H5Fclose(file_);
}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : path_(std::move(other.path_)),
      comm_(other.comm_),
      file_(std::exchange(other.file_, -1)),
      writable_(other.writable_),
      whole_texts_(other.whole_texts_),
      needed_(other.needed_),
      reserved_(other.reserved_) {}

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(comm_, other.comm_);
  std::swap(file_, other.file_);
  std::swap(writable_, other.writable_);
  std::swap(whole_texts_, other.whole_texts_);
  std::swap(needed_, other.needed_);
  std::swap(reserved_, other.reserved_);
  return *this;
}

void Hdf5File::flush() {
  hdf5::together(comm_, [&] {
    check(H5Fflush(file_, H5F_SCOPE_GLOBAL), core::format("{}: cannot write it", path_.string()));
  });
}

void Hdf5File::close() {
  if (file_ < 0) return;
  if (writable_) flush();  // first: a close that fails leaves the library with a half-closed file
  hdf5::together(comm_, [&] {
    check(H5Fclose(std::exchange(file_, -1)), core::format("{}: cannot write it", path_.string()));
  });
}

bool Hdf5File::unfinished(const fs::path& path, const core::Comm& comm) {
  bool longer = false;  // what was reserved is cut off when all is written
  comm.on_root<UserError>([&] {
    const Hdf5File file(path, H5Mode::read, core::Comm::self());  // MPI-IO does not know the end
    haddr_t end = 0;
    check(H5Fget_eoa(file.file_, &end), core::format("{}: cannot look at its end", path.string()));
    longer = fs::file_size(path) > end;
  });
  return comm.max(longer ? 1LL : 0LL) > 0;
}

void Hdf5File::make_room(std::uint64_t bytes) {
  if (comm_.size() == 1 || !writable_) return;
  needed_ += bytes;
  if (needed_ <= reserved_) return;  // on all ranks alike
  const std::uint64_t wanted = needed_ + reserve_step;
  comm_.throw_on_all_ranks<UserError>(comm_.is_root() ? reserve_bytes(path_, reserved_, wanted)
                                                      : std::string());
  reserved_ = wanted;  // HDF5 cuts what it does not use when it closes the file
}

// --- structure -----------------------------------------------------------------------------------

bool Hdf5File::exists(const std::string& object) const { return hdf5::exists(file_, object); }

std::vector<std::string> Hdf5File::children(const std::string& group) const {
  std::vector<std::string> names;
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, group, "group");
    names = hdf5::children(file_, group);
  });
  return names;
}

void Hdf5File::create_group(const std::string& group, unsigned room) {
  make_room(hdf5::object_bytes + room);
  hdf5::together(comm_, [&] {
    if (hdf5::exists(file_, group)) return hdf5::require_object(file_, path_, group, "group");
    const Handle how(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
    constexpr unsigned links_inside = 8;  // with more HDF5 keeps them elsewhere
    if (room > 0) H5Pset_est_link_info(how, links_inside, room / links_inside);
    check(H5Gcreate2(file_, group.c_str(), hdf5::making_parents(), how, H5P_DEFAULT), H5Gclose,
          core::format("{}: cannot make group '{}'", path_.string(), group));
  });
}

H5Info Hdf5File::info(const std::string& dataset) const {
  H5Info info;
  hdf5::together(comm_, [&] {
    const Handle set = hdf5::open_dataset(file_, path_, dataset);
    const Handle type(H5Dget_type(set), H5Tclose);
    const Handle how(H5Dget_create_plist(set), H5Pclose);
    unsigned flags = 0, level = 0;
    std::size_t count = 1;
    const bool deflated = H5Pget_filter_by_id2(how, H5Z_FILTER_DEFLATE, &flags, &count, &level, 0,
                                               nullptr, nullptr) >= 0;
    if (!deflated) H5Eclear2(H5E_DEFAULT);
    info = {hdf5::shape_of(set), hdf5::type_name(type), deflated ? static_cast<int>(level) : 0, {}};
    if (H5Pget_layout(how) != H5D_CHUNKED) return;
    std::vector<hsize_t> chunk(info.shape.size());
    H5Pget_chunk(how, static_cast<int>(chunk.size()), chunk.data());
    info.chunk.assign(chunk.begin(), chunk.end());
  });
  return info;
}

void Hdf5File::require_shape(const std::string& dataset, const H5Shape& expected,
                             const std::string& meaning) const {
  const H5Shape found = shape(dataset);
  if (found == expected) return;
  throw UserError(core::format("{}: dataset '{}' has shape {}, {} ({}) was expected",
                               path_.string(), dataset, hdf5::text(found), hdf5::text(expected),
                               meaning));
}

void reserve_beyond_end(const fs::path& path, std::uint64_t bytes, const core::Comm& comm) {
  std::error_code missing;
  const std::uint64_t end = fs::file_size(path, missing);
  if (comm.size() > 1 || missing) return;
  if (const auto error = reserve_bytes(path, end, end + bytes); !error.empty())
    throw UserError(error);
}

void put_in_place(const fs::path& path, const core::Comm& comm,
                  const std::function<void(const fs::path&)>& writer) {
  long long process = ::getpid();  // rank 0's, on all
  comm.broadcast(&process, sizeof process);
  const fs::path temporary = core::part_name(path, process);
  try {
    writer(temporary);
    comm.on_root<UserError>([&] {
      std::error_code error;
      fs::rename(temporary, path, error);
      if (error)
        throw UserError(
            core::format("{}: cannot put it in place: {}", path.string(), error.message()));
    });
  } catch (...) {
    std::error_code ignored;
    if (comm.is_root()) fs::remove(temporary, ignored);
    throw;
  }
}

void write_hdf5_atomically(const fs::path& path, const core::Comm& comm,
                           const std::function<void(Hdf5File&)>& writer) {
  put_in_place(path, comm, [&](const fs::path& temporary) {
    Hdf5File file(temporary, H5Mode::create, comm);
    writer(file);
    file.close();
  });
}

}  // namespace understudy::mesh
