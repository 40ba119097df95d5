#include "surrogates/network/torch_archive.hpp"

#include <ATen/ops/empty.h>
#include <torch/serialize/archive.h>

#include <cstring>
#include <sstream>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

// FNV-1a over 8-byte words (Fowler, Noll & Vo), the tail byte by byte.
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

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string list(const NamedTensors& content) {
  std::string names;
  for (const auto& [name, tensor] : content.tensors) names += name + "\n";
  return names;
}

}  // namespace

namespace {

void fill(torch::serialize::OutputArchive& archive, const NamedTensors& content) {
  for (const auto& [name, tensor] : content.tensors)
    archive.write("tensor:" + name, tensor.contiguous());
  std::string texts;
  for (const auto& [name, text] : content.texts) {
    texts += name + "\n";
    archive.write("text:" + name, c10::IValue(text));
  }
  archive.write("tensors", c10::IValue(list(content)));
  archive.write("texts", c10::IValue(texts));
  archive.write("checksum", c10::IValue(checksum(content)));
}

NamedTensors content_of(torch::serialize::InputArchive& archive, std::string& written_checksum) {
  NamedTensors content;
  c10::IValue value;
  auto lines = [&](const char* key) {
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
  written_checksum = value.toStringRef();
  return content;
}

}  // namespace

const at::Tensor& NamedTensors::at(const std::string& name) const {
  for (const auto& [known, tensor] : tensors)
    if (known == name) return tensor;
  throw std::out_of_range("no tensor '" + name + "'");
}

void write_archive(const std::filesystem::path& path, const NamedTensors& content) {
  torch::serialize::OutputArchive archive;
  fill(archive, content);
  // Through memory: LibTorch's own file writer ends the process when the disk is full.
  std::ostringstream bytes;
  archive.save_to(bytes);
  core::write_file(path, std::move(bytes).str());
}

namespace {

template <class Load>
NamedTensors checked_content(const std::filesystem::path& path, const std::string& what,
                             const Load& load) {
  NamedTensors content;
  auto damaged = [&](const std::string& why) {
    return core::UserError(core::format("{} {} is damaged or no such file: {}. Make it anew.", what,
                                        path.string(), why));
  };
  std::string expected;
  try {
    torch::serialize::InputArchive archive;
    load(archive);
    content = content_of(archive, expected);
  } catch (const std::exception& error) {
    throw damaged(first_line(error.what()));
  }
  if (checksum(content) != expected) throw damaged("its checksum does not fit its values");
  return content;
}

}  // namespace

NamedTensors read_archive(const std::filesystem::path& path, const std::string& what) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw core::UserError(core::format("{} {}: no such file", what, path.string()));
  return checked_content(path, what, [&](auto& archive) { archive.load_from(path.string()); });
}

NamedTensors parse_archive(const std::string& bytes, const std::filesystem::path& path,
                           const std::string& what) {
  return checked_content(path, what,
                         [&](auto& archive) { archive.load_from(bytes.data(), bytes.size()); });
}

void share_tensors(NamedTensors& content, const core::Comm& comm) {
  // The archive itself is the message: it knows names, types and shapes.
  std::string bytes;
  if (comm.is_root()) {
    torch::serialize::OutputArchive archive;
    fill(archive, content);
    std::ostringstream stream;
    archive.save_to(stream);
    bytes = std::move(stream).str();
  }
  bytes = comm.broadcast(bytes);
  if (comm.is_root()) return;
  torch::serialize::InputArchive archive;
  archive.load_from(bytes.data(), bytes.size());
  std::string ignored;
  content = content_of(archive, ignored);
}

}  // namespace understudy::surrogates
