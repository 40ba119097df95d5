// Attributes of Hdf5File.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/hdf5_handles.hpp"

namespace understudy::mesh {

using core::UserError;
using hdf5::check;
using hdf5::Handle;

namespace {

const char* object_name(const std::string& object) { return object.empty() ? "/" : object.c_str(); }

/// Makes the attribute anew. `count`: values of a 1-D attribute; no pointer: a single value.
void store(hid_t object, const std::string& name, hid_t type, const hsize_t* count,
           const void* values, const std::string& where) {
  if (H5Aexists(object, name.c_str()) > 0) check(H5Adelete(object, name.c_str()), where);
  const Handle space =
      check(count == nullptr ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, count, nullptr),
            H5Sclose, where);
  const Handle attribute = check(
      H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, where);
  if (count == nullptr || *count > 0) check(H5Awrite(attribute, type, values), where);
}

// How a vector of each element type lies in memory for the library.
template <class T>
struct Element;

template <>
struct Element<double> {
  static constexpr const char* words = "a number";
  static Handle type() { return {H5T_NATIVE_DOUBLE, nullptr}; }
  static bool reads(H5T_class_t kind) { return kind == H5T_FLOAT || kind == H5T_INTEGER; }
  using Memory = double;
};
template <>
struct Element<long long> {
  static constexpr const char* words = "a whole number";
  static Handle type() { return {H5T_NATIVE_LLONG, nullptr}; }
  static bool reads(H5T_class_t kind) { return kind == H5T_INTEGER || kind == H5T_FLOAT; }
  using Memory = long long;
};
template <>
struct Element<bool> {
  static constexpr const char* words = "true or false";
  static Handle type() { return hdf5::bool_type(); }
  static bool reads(H5T_class_t kind) { return kind == H5T_ENUM || kind == H5T_INTEGER; }
  using Memory = signed char;
};

void store_whole(hid_t object, const std::string& name, const std::vector<std::string>& values,
                 bool single, const std::string& where) {
  std::size_t length = 1;
  for (const auto& value : values) length = std::max(length, value.size());
  std::string all;
  for (std::string value : values) {
    value.resize(length, '\0');
    all += value;
  }
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, length);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const hsize_t count = values.size();
  store(object, name, type, single ? nullptr : &count, all.data(), where);
}

template <class T>
void store_values(hid_t object, const std::string& name, const std::vector<T>& values, bool single,
                  const std::string& where) {
  if constexpr (std::is_same_v<T, std::string>) {
    std::vector<const char*> pointers;
    for (const auto& value : values) pointers.push_back(value.c_str());
    const hsize_t count = values.size();
    store(object, name, hdf5::text_type(), single ? nullptr : &count, pointers.data(), where);
  } else {
    const std::vector<typename Element<T>::Memory> memory(values.begin(), values.end());
    const hsize_t count = values.size();
    store(object, name, Element<T>::type(), single ? nullptr : &count, memory.data(), where);
  }
}

/// More values than an attribute has: the file is damaged, or made to fill the memory.
constexpr std::size_t most_values = 1 << 24;

std::vector<std::string> load_texts(hid_t attribute, std::size_t count, const std::string& where) {
  const Handle stored = check(H5Aget_type(attribute), H5Tclose, where);
  std::vector<std::string> values;
  if (H5Tis_variable_str(stored) > 0) {
    std::vector<char*> pointers(count, nullptr);
    const Handle type(H5Tcopy(stored), H5Tclose);
    check(H5Aread(attribute, type, pointers.data()), where);
    for (char* text : pointers) {
      values.emplace_back(text != nullptr ? text : "");
      H5free_memory(text);
    }
    return values;
  }
  const std::size_t length = H5Tget_size(stored);
  const bool padded = H5Tget_strpad(stored) == H5T_STR_SPACEPAD;
  if (length > most_values / count)
    throw UserError(core::format("{} has texts of {} bytes: the file is damaged", where, length));
  std::string all(count * length, '\0');
  check(H5Aread(attribute, stored, all.data()), where);
  for (std::size_t n = 0; n < count; ++n) {
    std::string text = all.substr(n * length, length).c_str();  // cut at the first zero byte
    if (padded) text.resize(text.find_last_not_of(' ') + 1);
    values.push_back(std::move(text));
  }
  return values;
}

constexpr double exact_whole = 9007199254740992;  // 2^53

template <class T>
std::vector<T> load_values(hid_t attribute, const std::string& where) {
  const Handle stored = check(H5Aget_type(attribute), H5Tclose, where);
  const Handle space = check(H5Aget_space(attribute), H5Sclose, where);
  const auto count =
      static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space)));
  if (count > most_values)
    throw UserError(core::format("{} has {} values: the file is damaged", where, count));
  const H5T_class_t kind = H5Tget_class(stored);
  const auto refuse = [&](const char* expected) {
    throw UserError(core::format("{} is of type {}, {} was expected", where,
                                 hdf5::type_name(stored), expected));
  };
  if constexpr (std::is_same_v<T, std::string>) {
    if (kind != H5T_STRING) refuse("text");
    return count > 0 ? load_texts(attribute, count, where) : std::vector<std::string>();
  } else {
    if (!Element<T>::reads(kind)) refuse(Element<T>::words);
    // What other tools store otherwise: whole numbers as floating ones, flags as whole numbers.
    std::vector<T> converted;
    if constexpr (std::is_same_v<T, long long>)
      if (kind == H5T_FLOAT) {
        for (const double value : load_values<double>(attribute, where)) {
          if (value != std::floor(value) || std::abs(value) > exact_whole)
            refuse(Element<T>::words);
          converted.push_back(static_cast<T>(value));
        }
        return converted;
      }
    if constexpr (std::is_same_v<T, bool>)
      if (kind == H5T_INTEGER) {
        for (const long long value : load_values<long long>(attribute, where)) {
          if (value != 0 && value != 1) refuse(Element<T>::words);
          converted.push_back(value == 1);
        }
        return converted;
      }
    std::vector<typename Element<T>::Memory> memory(count);
    if (count > 0) check(H5Aread(attribute, Element<T>::type(), memory.data()), where);
    return std::vector<T>(memory.begin(), memory.end());
  }
}

std::vector<std::string> names_of(hid_t object, const std::string& where) {
  std::vector<std::string> names;
  const auto note = [](hid_t, const char* name, const H5A_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  check(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names),
        where + ": cannot list its attributes");
  return names;
}

template <class Value>
struct Single {
  using Item = Value;
  static constexpr bool value = true;
};
template <class Value>
struct Single<std::vector<Value>> {
  using Item = Value;
  static constexpr bool value = false;
};

/// Room that an attribute takes in the file, from above.
template <class Value>
std::uint64_t bytes_of(const Value& value) {
  constexpr std::uint64_t bookkeeping = 4096;
  if constexpr (std::is_same_v<Value, std::string>)
    return bookkeeping + value.size();
  else if constexpr (Single<Value>::value)
    return bookkeeping;
  else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    std::uint64_t bytes = bookkeeping;
    for (const auto& text : value) bytes += 64 + text.size();
    return bytes;
  } else
    return bookkeeping + 8 * value.size();
}

}  // namespace

template <class Value>
void Hdf5File::set_attribute(const std::string& object, const std::string& name,
                             const Value& value) {
  using Item = typename Single<Value>::Item;
  make_room(bytes_of(value));
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, object, "object");
    const std::string where = core::format("{}: cannot write attribute '{}' of '{}'",
                                           path_.string(), name, object_name(object));
    const Handle opened = check(H5Oopen(file_, object_name(object), H5P_DEFAULT), H5Oclose, where);
    if constexpr (std::is_same_v<Item, std::string>)
      if (whole_texts_) {
        if constexpr (Single<Value>::value)
          return store_whole(opened, name, {value}, true, where);
        else
          return store_whole(opened, name, value, false, where);
      }
    if constexpr (Single<Value>::value)
      store_values<Item>(opened, name, {value}, true, where);
    else
      store_values<Item>(opened, name, value, false, where);
  });
}

template <class Value>
Value Hdf5File::attribute(const std::string& object, const std::string& name) const {
  using Item = typename Single<Value>::Item;
  std::vector<Item> values;
  const std::string where =
      core::format("{}: attribute '{}' of '{}'", path_.string(), name, object_name(object));
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, object, "object");
    const Handle opened = check(H5Oopen(file_, object_name(object), H5P_DEFAULT), H5Oclose, where);
    if (H5Aexists(opened, name.c_str()) <= 0) {
      std::string there;
      for (const auto& other : names_of(opened, where))
        there += (there.empty() ? "" : ", ") + other;
      throw UserError(core::format("{}: '{}' has no attribute '{}'; it has: {}", path_.string(),
                                   object_name(object), name, there.empty() ? "none" : there));
    }
    const Handle attribute = check(H5Aopen(opened, name.c_str(), H5P_DEFAULT), H5Aclose, where);
    values = load_values<Item>(attribute, where);
    if (Single<Value>::value && values.size() != 1)
      throw UserError(core::format("{} has {} values, one was expected", where, values.size()));
  });
  if constexpr (Single<Value>::value)
    return values[0];
  else
    return values;
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& name) const {
  return hdf5::exists(file_, object) &&
         H5Aexists_by_name(file_, object_name(object), name.c_str(), H5P_DEFAULT) > 0;
}

std::optional<std::string> Hdf5File::text_attribute(const std::string& object,
                                                    const std::string& name) const {
  if (!has_attribute(object, name)) return std::nullopt;
  {
    const Handle attribute(
        H5Aopen_by_name(file_, object_name(object), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    const Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1)
      return std::nullopt;
  }
  return attribute<std::string>(object, name);
}

std::vector<std::string> Hdf5File::attributes(const std::string& object) const {
  std::vector<std::string> names;
  hdf5::together(comm_, [&] {
    hdf5::require_object(file_, path_, object, "object");
    const std::string where = core::format("{}: '{}'", path_.string(), object_name(object));
    const Handle opened = check(H5Oopen(file_, object_name(object), H5P_DEFAULT), H5Oclose, where);
    names = names_of(opened, where);
  });
  return names;
}

template void Hdf5File::set_attribute(const std::string&, const std::string&, const std::string&);
template void Hdf5File::set_attribute(const std::string&, const std::string&, const double&);
template void Hdf5File::set_attribute(const std::string&, const std::string&, const long long&);
template void Hdf5File::set_attribute(const std::string&, const std::string&, const bool&);
template void Hdf5File::set_attribute(const std::string&, const std::string&,
                                      const std::vector<std::string>&);
template void Hdf5File::set_attribute(const std::string&, const std::string&,
                                      const std::vector<double>&);
template void Hdf5File::set_attribute(const std::string&, const std::string&,
                                      const std::vector<long long>&);
template void Hdf5File::set_attribute(const std::string&, const std::string&,
                                      const std::vector<bool>&);
template std::string Hdf5File::attribute(const std::string&, const std::string&) const;
template double Hdf5File::attribute(const std::string&, const std::string&) const;
template long long Hdf5File::attribute(const std::string&, const std::string&) const;
template bool Hdf5File::attribute(const std::string&, const std::string&) const;
template std::vector<std::string> Hdf5File::attribute(const std::string&, const std::string&) const;
template std::vector<double> Hdf5File::attribute(const std::string&, const std::string&) const;
template std::vector<long long> Hdf5File::attribute(const std::string&, const std::string&) const;
template std::vector<bool> Hdf5File::attribute(const std::string&, const std::string&) const;

}  // namespace understudy::mesh
