#include "core/named_value.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

void NamedValue::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the parameter");
  v.text("unit", unit, "its unit");
  v.real("value", value, {}, "", "its value");
}

double value_of(const std::vector<NamedValue>& values, const std::string& name,
                const std::string& where) {
  std::string known;
  for (const NamedValue& v : values) {
    if (v.name == name || std::ranges::find(v.old_names, name) != v.old_names.end()) return v.value;
    known += (known.empty() ? "" : ", ") + v.name;
  }
  throw core::UserError(core::format("{} has no parameter '{}'; it has {}", where, name,
                                     known.empty() ? "none" : known));
}

}  // namespace understudy::surrogates
