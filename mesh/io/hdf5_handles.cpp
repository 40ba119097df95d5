#include "mesh/io/hdf5_handles.hpp"

#include <algorithm>
#include <cstdint>

#include "core/format.hpp"

namespace understudy::mesh::hdf5 {

namespace {

herr_t keep_first(unsigned depth, const H5E_error2_t* entry, void* text) {
  if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(text) = entry->desc;
  return 0;
}

Handle borrowed(hid_t predefined) { return {predefined, nullptr}; }

}  // namespace

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string last_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  H5Eclear2(H5E_DEFAULT);
  // A failed system call is described at length; its reason is what a person needs.
  const std::string mark = "error message = '";
  if (const auto at = text.find(mark); at != std::string::npos) {
    const auto begin = at + mark.size();
    return text.substr(begin, text.find('\'', begin) - begin);
  }
  return text.empty() ? "HDF5 gives no reason" : text;
}

long long check(long long result, const std::string& what) {
  if (result < 0) throw core::UserError(core::format("{}: {}", what, last_error()));
  return result;
}

Handle check(hid_t id, Handle::Closer closer, const std::string& what) {
  check(static_cast<long long>(id), what);
  return {id, closer};
}

Handle bool_type() {
  Handle type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
  std::int8_t value = 0;
  H5Tenum_insert(type, "FALSE", &value);
  value = 1;
  H5Tenum_insert(type, "TRUE", &value);
  return type;
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

Handle memory_type(H5Type type) {
  switch (type) {
    case H5Type::float32:
      return borrowed(H5T_NATIVE_FLOAT);
    case H5Type::float64:
      return borrowed(H5T_NATIVE_DOUBLE);
    case H5Type::int32:
      return borrowed(H5T_NATIVE_INT32);
    case H5Type::int64:
      return borrowed(H5T_NATIVE_INT64);
    case H5Type::uint8:
      return borrowed(H5T_NATIVE_UINT8);
    case H5Type::boolean:
      return bool_type();
  }
  return {};
}

std::string type_name(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return core::format("float{}", bits);
    case H5T_INTEGER:
      return core::format("{}int{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_STRING:
      return "string";
    case H5T_ENUM:
      return H5Tget_nmembers(type) == 2 && bits == 8 ? "bool" : "other";
    default:
      return "other";
  }
}

Handle making_parents() {
  Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  return links;
}

// --- objects -------------------------------------------------------------------------------------

std::string text(const H5Shape& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    text += core::format("{}{}", axis > 0 ? ", " : "", shape[axis]);
  return text + "]";
}

H5Shape shape_of(hid_t dataset) {
  const Handle space = check(H5Dget_space(dataset), H5Sclose, "the shape of a dataset");
  std::vector<hsize_t> size(
      static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return {size.begin(), size.end()};
}

namespace {

// A file from elsewhere may name any file that its reader can read: such links are not followed.
herr_t refuse_link(const char*, const char*, const char* other_file, const char*, unsigned*, hid_t,
                   void* met) {
  *static_cast<std::string*>(met) = other_file;
  return -1;
}

std::string name_of(hid_t file) {
  std::string name(static_cast<std::size_t>(std::max<ssize_t>(0, H5Fget_name(file, nullptr, 0))),
                   0);
  H5Fget_name(file, name.data(), name.size() + 1);
  return name;
}

}  // namespace

bool exists(hid_t file, const std::string& object) {
  std::string other_file;
  const Handle links(H5Pcreate(H5P_LINK_ACCESS), H5Pclose);
  H5Pset_elink_cb(links, refuse_link, &other_file);
  // H5Lexists wants every group on the way to exist.
  for (std::size_t end = 0; end != std::string::npos && end < object.size();) {
    end = object.find('/', end + 1);
    const std::string part = object.substr(0, end);
    if (part == "/") continue;
    if (H5Lexists(file, part.c_str(), links) <= 0 ||
        H5Oexists_by_name(file, part.c_str(), links) <= 0) {
      H5Eclear2(H5E_DEFAULT);
      if (other_file.empty()) return false;
      throw core::UserError(core::format(
          "{}: '{}' is a link into another file, '{}'; links out of a file are not followed (h5copy puts "
          "what they name into it)",
          name_of(file), part, other_file));
    }
  }
  return true;
}

std::vector<std::string> children(hid_t file, const std::string& group) {
  std::vector<std::string> names;
  const std::string where = core::format("{}: cannot list group '{}'", name_of(file), group);
  const Handle opened =
      check(H5Gopen2(file, group.empty() ? "/" : group.c_str(), H5P_DEFAULT), H5Gclose, where);
  const auto note = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  check(H5Literate(opened, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names), where);
  return names;
}

namespace {

bool is_kind(hid_t file, const std::string& object, const std::string& kind) {
  const char* name = object.empty() ? "/" : object.c_str();
  const Handle opened(H5Oopen(file, name, H5P_DEFAULT), H5Oclose);
  const H5I_type_t type = H5Iget_type(opened);
  return (type == H5I_GROUP && kind != "dataset") || (type == H5I_DATASET && kind != "group");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

}  // namespace

void require_object(hid_t file, const std::filesystem::path& path, const std::string& object,
                    const std::string& kind) {
  if (exists(file, object)) {
    if (is_kind(file, object, kind)) return;
    throw core::UserError(core::format("{}: '{}' is a {}, a {} was expected", path.string(), object,
                                       kind == "group" ? "dataset" : "group", kind));
  }
  std::string there = object;  // the innermost group on the way that exists
  while (!there.empty() && !(exists(file, there) && is_kind(file, there, "group")))
    there.resize(there.find('/') == std::string::npos ? 0 : there.rfind('/'));
  throw core::UserError(core::format("{}: no {} '{}'; group '{}' holds: {}", path.string(), kind,
                                     object, there.empty() ? "/" : there,
                                     listed(children(file, there))));
}

Handle open_dataset(hid_t file, const std::filesystem::path& path, const std::string& dataset) {
  require_object(file, path, dataset, "dataset");
  const std::string where = core::format("{}: cannot open dataset '{}'", path.string(), dataset);
  Handle set = check(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose, where);
  const Handle creation = check(H5Dget_create_plist(set), H5Pclose, where);
  if (H5Pget_layout(creation) == H5D_VIRTUAL || H5Pget_external_count(creation) > 0)
    throw core::UserError(core::format(
        "{}: the values of dataset '{}' lie in other files (virtual or external), which are not read; "
        "h5repack puts them into this one",
        path.string(), dataset));
  return set;
}

}  // namespace understudy::mesh::hdf5
