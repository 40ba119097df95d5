#include "surrogates/network/torch_archive.hpp"

#include <ATen/ops/empty.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/old_archive.hpp"
#include "surrogates/network/safetensors.hpp"

namespace understudy::surrogates {

namespace {

using Type = std::pair<const char*, at::ScalarType>;
constexpr std::array types{Type{"F64", at::kDouble}, Type{"F32", at::kFloat},
                           Type{"F16", at::kHalf},   Type{"BF16", at::kBFloat16},
                           Type{"I64", at::kLong},   Type{"I32", at::kInt},
                           Type{"I16", at::kShort},  Type{"I8", at::kChar},
                           Type{"U8", at::kByte},    Type{"BOOL", at::kBool}};

std::string name_of(at::ScalarType type) {
  for (const auto& [name, known] : types)
    if (known == type) return name;
  throw std::logic_error(std::string("no file holds tensors of type ") + c10::toString(type));
}

at::ScalarType type_of(const std::string& name) {
  for (const auto& [known, type] : types)
    if (known == name) return type;
  throw std::logic_error("a type that the reader let through: " + name);
}

std::string file_of(const NamedTensors& content) {
  Safetensors file;
  std::vector<at::Tensor> kept;  // what the views below look at
  for (const auto& [name, tensor] : content.tensors) {
    kept.push_back(tensor.detach().cpu().contiguous());
    const at::Tensor& t = kept.back();
    file.arrays.push_back({name,
                           name_of(t.scalar_type()),
                           t.sizes().vec(),
                           {static_cast<const char*>(t.const_data_ptr()), t.nbytes()}});
  }
  file.texts = content.texts;
  return safetensors_file(file);
}

NamedTensors content_of(const std::string& bytes) {
  const Safetensors file = parse_safetensors(bytes);
  NamedTensors content;
  content.texts = file.texts;
  for (const SafetensorsArray& a : file.arrays) {
    at::Tensor t = at::empty(a.shape, type_of(a.type));
    if (!a.bytes.empty()) std::memcpy(t.mutable_data_ptr(), a.bytes.data(), a.bytes.size());
    content.tensors.emplace_back(a.name, std::move(t));
  }
  return content;
}

}  // namespace

const at::Tensor& NamedTensors::at(const std::string& name) const {
  for (const auto& [known, tensor] : tensors)
    if (known == name) return tensor;
  throw std::out_of_range("no tensor '" + name + "'");
}

std::span<const double> NamedTensors::numbers(const std::string& name, std::size_t at_least) const {
  const at::Tensor& tensor = at(name);
  const auto count = static_cast<std::size_t>(tensor.numel());
  if (tensor.scalar_type() != at::kDouble || count < at_least)
    throw std::out_of_range(
        core::format("'{}' has {} numbers of type {}, at least {} of type Double "
                     "are needed",
                     name, count, c10::toString(tensor.scalar_type()), at_least));
  return {tensor.const_data_ptr<double>(), count};
}

void write_archive(const std::filesystem::path& path, const NamedTensors& content) {
  core::write_file(path, file_of(content));
}

NamedTensors read_archive(const std::filesystem::path& path, const std::string& what) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw core::UserError(
        core::format("{} {}: no such file{}", what, path.string(), said_of_old_archive(path)));
  return parse_archive(core::read_file(path), path, what);
}

NamedTensors parse_archive(const std::string& bytes, const std::filesystem::path& path,
                           const std::string& what) {
  try {
    return content_of(bytes);
  } catch (const std::invalid_argument& error) {
    throw core::UserError(core::format("{} {} is damaged or no such file: {}. Make it anew.", what,
                                       path.string(), error.what()));
  }
}

void share_tensors(NamedTensors& content, const core::Comm& comm) {
  // The file is the message: it knows names, types and shapes.
  std::string bytes;
  if (comm.is_root()) bytes = file_of(content);
  bytes = comm.broadcast(bytes);
  if (!comm.is_root()) content = content_of(bytes);
}

}  // namespace understudy::surrogates
