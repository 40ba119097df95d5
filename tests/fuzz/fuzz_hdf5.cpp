// Arbitrary bytes as an HDF5 file, walked as our readers do: groups, datasets, attributes. Whatever they are,
// the answer is a value or a UserError. libHDF5 has faults of its own with damaged files of old formats (files of
// 1.10, as ours, have checksums): continuous integration leaves this one out.
#include <cstdint>
#include <cstdlib>

#include "core/error.hpp"
#include "fuzz_support.hpp"
#include "mesh/io/hdf5_file.hpp"

namespace {

using namespace understudy;

template <class Action>
void attempt(const Action& action) {
  try {
    action();
  } catch (const core::UserError&) {
  }
}

void read_attributes(const mesh::Hdf5File& file, const std::string& object) {
  std::vector<std::string> names;
  attempt([&] { names = file.attributes(object); });
  if (names.size() > 16) names.resize(16);
  for (const auto& name : names) {
    attempt([&] { file.attribute<double>(object, name); });
    attempt([&] { file.attribute<std::vector<long long>>(object, name); });
    attempt([&] { file.attribute<std::vector<std::string>>(object, name); });
  }
}

void walk(const mesh::Hdf5File& file, const std::string& object, int depth) {
  read_attributes(file, object);
  std::vector<std::string> names;
  attempt([&] { names = file.children(object); });
  if (names.size() > 8) names.resize(8);
  for (const auto& name : names) {
    const std::string path = object.empty() ? name : object + "/" + name;
    if (depth < 3) walk(file, path, depth + 1);
    attempt([&] {
      std::uint64_t count = 1;
      for (const auto length : file.shape(path)) {
        if (length > 4096 || count > 4096) return;
        count *= length;
      }
      if (count <= 65536) file.get<double>(path);
    });
  }
}

}  // namespace

// libHDF5 looks whether it got the memory that a damaged length asks for.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::NamedFile bytes(data, size);
  attempt([&] {
    const mesh::Hdf5File file(bytes.path(), mesh::H5Mode::read, core::Comm::self());
    walk(file, "", 0);
  });
  return 0;
}
