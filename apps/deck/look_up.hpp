// Finds one number of a described struct by its full key ("flow.reynolds"), or by one that the key had in
// earlier versions.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/named_value.hpp"
#include "core/params.hpp"

namespace understudy::apps {

// Walks a described struct to one number.
class LookUp : public core::ParamVisitor {
 public:
  explicit LookUp(std::string key) : wanted_(std::move(key)) {}
  /// Empty: there is no number of that key.
  const std::optional<surrogates::NamedValue>& found() const { return found_; }

  void renamed(const char* old_key, const char* key) override {
    renamed_.emplace_back(path(old_key), path(key));
    wanted_ = moved(wanted_, path(old_key), path(key));
  }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override {
    if (auto** number = std::get_if<double*>(&value))
      note(key, **number, info.unit);
    else if (auto** whole = std::get_if<long long*>(&value))
      note(key, static_cast<double>(**whole), "1");
    else if (auto** list = std::get_if<std::vector<double>*>(&value))
      for (std::size_t n = 0; n < (*list)->size(); ++n)
        note(std::string(key) + "." + std::to_string(n), (**list)[n], info.unit);
  }
  bool begin_group(const char* key, const char*) override {
    outer_.push_back(path(key));
    return true;
  }
  void end_group() override { outer_.pop_back(); }
  std::size_t begin_list(const char* key, std::size_t size, const char*) override {
    outer_.push_back(path(key));
    return size;
  }
  void begin_item(std::size_t n) override { outer_.push_back(path(std::to_string(n))); }
  void end_item() override { outer_.pop_back(); }
  void end_list() override { outer_.pop_back(); }

 private:
  std::string path(const std::string& key) const {
    return outer_.empty() ? key : outer_.back() + "." + key;
  }
  // `key` where it is `from` or lies in it, with `to` in its place.
  static std::string moved(const std::string& key, const std::string& from, const std::string& to) {
    return key == from || key.starts_with(from + ".") ? to + key.substr(from.size()) : key;
  }
  void note(const std::string& key, double v, const std::string& u) {
    if (path(key) != wanted_) return;
    found_ = surrogates::NamedValue{wanted_, u, v};
    for (const auto& [old, present] : renamed_)
      if (const std::string name = moved(wanted_, present, old); name != wanted_)
        found_->old_names.push_back(name);
  }
  std::string wanted_;
  std::optional<surrogates::NamedValue> found_;
  std::vector<std::string> outer_;
  std::vector<std::pair<std::string, std::string>> renamed_;  // full keys: old, present
};

/// Nothing where there is no number of that key. describe() takes `params` by reference; nothing is
/// changed.
template <class Params>
std::optional<surrogates::NamedValue> number_of(Params& params, const std::string& key) {
  LookUp visitor(key);
  params.describe(visitor);
  return visitor.found();
}

}  // namespace understudy::apps
