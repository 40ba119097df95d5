#include <torch/serialize/archive.h>

#include <cstring>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/old_archive.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::surrogates {

namespace {

// As those versions formed it: FNV-1a over 8-byte words (Fowler, Noll & Vo), the tail byte by byte.
std::uint64_t checksum(std::uint64_t hash, const void* data, std::size_t bytes) {
  constexpr std::uint64_t prime = 1099511628211ULL;
  const auto* p = static_cast<const unsigned char*>(data);
  for (; bytes >= 8; bytes -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    hash = (hash ^ word) * prime;
    hash ^= hash >> 32;
  }
  for (; bytes > 0; --bytes, ++p) hash = (hash ^ *p) * prime;
  return hash;
}

std::string checksum(const NamedTensors& content) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const auto& [name, tensor] : content.tensors) {
    hash = checksum(hash, name.data(), name.size());
    hash = checksum(hash, tensor.const_data_ptr(), tensor.nbytes());
  }
  for (const auto& [name, text] : content.texts) {
    hash = checksum(hash, name.data(), name.size());
    hash = checksum(hash, text.data(), text.size());
  }
  return core::format("{:016x}", hash);
}

NamedTensors content_of(torch::serialize::InputArchive& archive) {
  NamedTensors content;
  c10::IValue value;
  const auto lines = [&](const char* key) {
    archive.read(key, value);
    std::vector<std::string> names;
    const std::string& text = value.toStringRef();
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1)
      names.push_back(text.substr(begin, end - begin));
    return names;
  };
  for (const std::string& name : lines("tensors")) {
    at::Tensor tensor;
    archive.read("tensor:" + name, tensor);
    content.tensors.emplace_back(name, tensor.contiguous());
  }
  for (const std::string& name : lines("texts")) {
    archive.read("text:" + name, value);
    content.texts[name] = value.toStringRef();
  }
  archive.read("checksum", value);
  if (value.toStringRef() != checksum(content))
    throw std::runtime_error("its checksum does not fit its values");
  return content;
}

}  // namespace

void convert_old_archive(const std::filesystem::path& old, const std::filesystem::path& path) {
  NamedTensors content;
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(old.string());
    content = content_of(archive);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    throw core::UserError(
        core::format("{} is damaged, or no file of numbers that an earlier version wrote: {}",
                     old.string(), text.substr(0, text.find('\n'))));
  }
  write_archive(path, content);
}

}  // namespace understudy::surrogates
