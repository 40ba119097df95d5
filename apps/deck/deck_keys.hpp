// A described struct as its full keys and their values, to compare two decks key by key.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/params.hpp"

namespace understudy::apps {

/// "flow.reynolds" and "100", in the order of describe(). A list of sections counts its items under its own
/// key.
using DeckKeys = std::vector<std::pair<std::string, std::string>>;

class KeyLister : public core::ParamVisitor {
 public:
  const DeckKeys& keys() const { return keys_; }

 protected:
  void visit(const char* key, core::ValueRef value, const core::ValueInfo& info) override;
  bool begin_group(const char* key, const char*) override {
    outer_.push_back(path(key));
    return true;
  }
  void end_group() override { outer_.pop_back(); }
  std::size_t begin_list(const char* key, std::size_t size, const char*) override;
  void begin_item(std::size_t n) override { outer_.push_back(path(std::to_string(n))); }
  void end_item() override { outer_.pop_back(); }
  void end_list() override { outer_.pop_back(); }

 private:
  std::string path(const std::string& key) const {
    return outer_.empty() ? key : outer_.back() + "." + key;
  }
  DeckKeys keys_;
  std::vector<std::string> outer_;
};

/// describe() takes `params` by reference; nothing is changed.
template <class Params>
DeckKeys keys_of(Params& params) {
  KeyLister lister;
  params.describe(lister);
  return lister.keys();
}

/// Without the keys `names` and all that lies below them ("time", "grid.ranks").
DeckKeys without(const DeckKeys& keys, const std::vector<std::string>& names);

/// The first 16 digits of the SHA-256 of keys and values.
std::string hash_of(const DeckKeys& keys);

/// "flow.reynolds is 100 there and 50 here; ..." of the keys in which the two differ, five at most.
std::string differences(const DeckKeys& there, const DeckKeys& here);

}  // namespace understudy::apps
