// Finds one number of a described struct by its full key ("flow.reynolds").
#pragma once

#include <optional>
#include <string>

#include "core/named_value.hpp"
#include "core/params.hpp"

namespace understudy::apps {

// Walks a described struct to one number.
class LookUp : public core::ParamVisitor {
 public:
  explicit LookUp(std::string key) : wanted_(std::move(key)) {}
  /// Empty: there is no number of that key.
  const std::optional<surrogates::NamedValue>& found() const { return found_; }

  void real(const char* key, double& v, core::Bounds, const char* u, const char*) override {
    note(key, v, u);
  }
  using core::ParamVisitor::integer;
  void integer(const char* key, long long& v, core::Bounds, const char*) override {
    note(key, static_cast<double>(v), "1");
  }
  void flag(const char*, bool&, const char*) override {}
  void text(const char*, std::string&, const char*) override {}
  void choice(const char*, std::string&, std::vector<std::string>, const char*) override {}
  void reals(const char* key, std::vector<double>& v, std::size_t, core::Bounds, const char* u,
             const char*) override {
    for (std::size_t n = 0; n < v.size(); ++n)
      note(std::string(key) + "." + std::to_string(n), v[n], u);
  }
  void integers(const char*, std::vector<long long>&, std::size_t, core::Bounds,
                const char*) override {}
  void texts(const char*, std::vector<std::string>&, const char*) override {}
  void require(bool, const char*, const std::string&) override {}

 protected:
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
  void note(const std::string& key, double v, const std::string& u) {
    if (path(key) == wanted_) found_ = surrogates::NamedValue{wanted_, u, v};
  }
  std::string wanted_;
  std::optional<surrogates::NamedValue> found_;
  std::vector<std::string> outer_;
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
