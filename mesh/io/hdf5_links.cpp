// Hdf5File for files of VTK: links that may be turned, datasets that show a part of another, texts in ASCII.
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/hdf5_handles.hpp"

namespace understudy::mesh {

using hdf5::check;
using hdf5::Handle;

namespace {

// Of the link itself, wherever it leads.
bool link_is_there(hid_t file, const std::string& name) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    if (H5Lexists(file, name.substr(0, end).c_str(), H5P_DEFAULT) > 0) continue;
    H5Eclear2(H5E_DEFAULT);
    return false;
  }
  return true;
}

std::string soft_target(hid_t file, const std::string& name) {
  H5L_info_t info;
  if (!link_is_there(file, name) || H5Lget_info(file, name.c_str(), &info, H5P_DEFAULT) < 0 ||
      info.type != H5L_TYPE_SOFT)
    return {};
  std::string target(info.u.val_size, '\0');
  if (H5Lget_val(file, name.c_str(), target.data(), target.size(), H5P_DEFAULT) < 0) return {};
  target = target.c_str();
  return target.starts_with('/') ? target.substr(1) : target;
}

}  // namespace

void Hdf5File::link(const std::string& name, const std::string& target) {
  hdf5::together(comm_, [&] {
    const std::string where =
        core::format("{}: cannot link '{}' to '{}'", path_.string(), name, target);
    if (link_is_there(file_, name)) {
      if (soft_target(file_, name) == target) return;
      check(H5Ldelete(file_, name.c_str(), H5P_DEFAULT), where);
    }
    check(H5Lcreate_soft(("/" + target).c_str(), file_, name.c_str(), hdf5::making_parents(),
                         H5P_DEFAULT),
          where);
  });
}

void Hdf5File::unlink(const std::string& name) {
  hdf5::together(comm_, [&] {
    if (link_is_there(file_, name))
      check(H5Ldelete(file_, name.c_str(), H5P_DEFAULT),
            core::format("{}: cannot remove '{}'", path_.string(), name));
  });
}

std::string Hdf5File::link_target(const std::string& name) const {
  return soft_target(file_, name);
}

int Hdf5File::pieces(const std::string& object) const {
  int pieces = 0;
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, object, "object");
    const std::string where = core::format("{}: cannot look at '{}'", path_.string(), object);
#if H5_VERSION_GE(1, 12, 0)
    H5O_native_info_t info;
    check(
        H5Oget_native_info_by_name(file_, object.c_str(), &info, H5O_NATIVE_INFO_HDR, H5P_DEFAULT),
        where);
#else
    H5O_info_t info;
    check(H5Oget_info_by_name2(file_, object.c_str(), &info, H5O_INFO_HDR, H5P_DEFAULT), where);
#endif
    pieces = static_cast<int>(info.hdr.nchunks);
  });
  return pieces;
}

void Hdf5File::create_view(const std::string& dataset, H5Type type, const std::string& source,
                           const H5Shape& row) {
  make_room(hdf5::object_bytes);
  hdf5::together(comm_, [&] {
    const std::string where = core::format("{}: cannot make dataset '{}'", path_.string(), dataset);
    const std::vector<hsize_t> size(row.begin(), row.end());
    std::vector<hsize_t> whole{1};
    whole.insert(whole.end(), size.begin(), size.end());
    const Handle shown(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                       H5Sclose);
    const Handle from(H5Screate_simple(static_cast<int>(whole.size()), whole.data(), nullptr),
                      H5Sclose);
    // Named, as "all" would mean every row that the source comes to have.
    const std::vector<hsize_t> first(whole.size(), 0);
    check(H5Sselect_hyperslab(from, H5S_SELECT_SET, first.data(), nullptr, whole.data(), nullptr),
          where);
    const Handle how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    check(H5Pset_virtual(how, shown, ".", ("/" + source).c_str(), from), where);
    check(H5Dcreate2(file_, dataset.c_str(), hdf5::memory_type(type), shown, hdf5::making_parents(),
                     how, H5P_DEFAULT),
          H5Dclose, where);
  });
}

void Hdf5File::set_ascii_attribute(const std::string& object, const std::string& name,
                                   const std::string& value) {
  make_room(hdf5::object_bytes + value.size());
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, object, "object");
    const std::string where =
        core::format("{}: cannot write attribute '{}' of '{}'", path_.string(), name, object);
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose), space(H5Screate(H5S_SCALAR), H5Sclose);
    check(H5Tset_size(type, value.size()), where);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    const Handle attribute = check(H5Acreate_by_name(file_, object.c_str(), name.c_str(), type,
                                                     space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                   H5Aclose, where);
    check(H5Awrite(attribute, type, value.data()), where);
  });
}

void Hdf5File::put_ascii(const std::string& dataset, const std::string& value) {
  make_room(hdf5::object_bytes + value.size());
  hdf5::together(comm_, [&] {
    const std::string where =
        core::format("{}: cannot write dataset '{}'", path_.string(), dataset);
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, H5T_VARIABLE);
    const hsize_t one = 1;
    const Handle space(H5Screate_simple(1, &one, nullptr), H5Sclose);
    const Handle set = check(H5Dcreate2(file_, dataset.c_str(), type, space, hdf5::making_parents(),
                                        H5P_DEFAULT, H5P_DEFAULT),
                             H5Dclose, where);
    const char* text = value.c_str();
    check(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text), where);
  });
}

}  // namespace understudy::mesh
