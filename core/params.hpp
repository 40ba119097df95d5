// Params: each solver, network, gate and verb owns one plain struct; its keys, defaults, bounds,
// units and help texts are written once, in its member
//
//     void describe(core::ParamVisitor& v) {
//       v.real("viscosity_m2_s", viscosity_m2_s, {.above = 0}, "m2/s", "kinematic viscosity");
//       v.choice("convection", convection, {"central", "upwind3"}, "scheme of the convective term");
//       v.group("wall", wall, "a nested struct that describes itself");
//       v.list("bodies", bodies, "a list of structs");
//       v.require(viscosity_m2_s * end_s < 1, "viscosity_m2_s", "says what must hold and why");
//     }
//
// The deck reader, the resolved-deck echo, `check`, the generated deck reference, model cards and
// provenance are all visitors (apps/). A key that is absent keeps the struct's own default.
// Dimensioned keys end in their SI unit: dt_s, dx_m, speed_m_s.
#pragma once

#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace understudy::core {

/// Limits of a number: at_least <= x <= at_most, and above < x < below.
struct Bounds {
  double at_least = -std::numeric_limits<double>::infinity();
  double at_most = std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
};

/// One of `allowed`.
struct Choice {
  std::string& text;
  const std::vector<std::string>& allowed;
};

/// The kinds of values. Another one is a line here, a member of ParamVisitor that names it, and a case in
/// each visitor.
using ValueRef =
    std::variant<double*, long long*, bool*, std::string*, Choice*, std::vector<double>*,
                 std::vector<long long>*, std::vector<std::string>*>;

/// What is said of a value beside its key; what does not apply to its kind keeps its default.
struct ValueInfo {
  Bounds bounds = {};
  const char* unit = "";
  std::size_t count = 0;  ///< of a list's values; 0: any
  const char* help = "";
};

/// What describe() calls. All values come by visit(), the one member in which visitors differ; sections,
/// lists of sections and conditions have members of their own.
class ParamVisitor {
 public:
  virtual ~ParamVisitor() = default;

  void real(const char* key, double& value, Bounds bounds, const char* unit, const char* help) {
    visit(key, &value, {.bounds = bounds, .unit = unit, .help = help});
  }
  void integer(const char* key, long long& value, Bounds bounds, const char* help) {
    visit(key, &value, {.bounds = bounds, .help = help});
  }
  void integer(const char* key, int& value, Bounds bounds, const char* help) {
    long long wide = value;
    if (bounds.at_most > std::numeric_limits<int>::max())
      bounds.at_most = std::numeric_limits<int>::max();
    integer(key, wide, bounds, help);
    value = static_cast<int>(wide);
  }
  void flag(const char* key, bool& value, const char* help) { visit(key, &value, {.help = help}); }
  void text(const char* key, std::string& value, const char* help) {
    visit(key, &value, {.help = help});
  }
  void choice(const char* key, std::string& value, const std::vector<std::string>& allowed,
              const char* help) {
    Choice one{value, allowed};
    visit(key, &one, {.help = help});
  }
  /// A list of numbers; `count` 0: any length, else exactly that many.
  void reals(const char* key, std::vector<double>& value, std::size_t count, Bounds bounds,
             const char* unit, const char* help) {
    visit(key, &value, {bounds, unit, count, help});
  }
  void integers(const char* key, std::vector<long long>& value, std::size_t count, Bounds bounds,
                const char* help) {
    visit(key, &value, {.bounds = bounds, .count = count, .help = help});
  }
  void texts(const char* key, std::vector<std::string>& value, const char* help) {
    visit(key, &value, {.help = help});
  }
  /// v.renamed("warm_up", "warmup_fraction"), written just before the key: what earlier versions called
  /// it. Decks, cards, checkpoints and datasets that have the old name are still read.
  virtual void renamed(const char* /*old_key*/, const char* /*key*/) {}
  /// A condition over several keys; `key` is the one to name when it fails.
  virtual void require(bool, const char* /*key*/, const std::string& /*message*/) {}

  template <class Group>
  void group(const char* key, Group& value, const char* help) {
    if (!begin_group(key, help)) return;
    value.describe(*this);
    end_group();
  }

  template <class Item>
  void list(const char* key, std::vector<Item>& items, const char* help) {
    items.resize(begin_list(key, items.size(), help));
    for (std::size_t n = 0; n < items.size(); ++n) {
      begin_item(n);
      items[n].describe(*this);
      end_item();
    }
    end_list();
  }

 protected:
  virtual void visit(const char* key, ValueRef value, const ValueInfo& info) = 0;
  /// False: the visitor does not enter (nothing to read there).
  virtual bool begin_group(const char* key, const char* help) = 0;
  virtual void end_group() = 0;
  /// Returns how many items the list must have.
  virtual std::size_t begin_list(const char* key, std::size_t size, const char* help) = 0;
  virtual void begin_item(std::size_t index) = 0;
  virtual void end_item() = 0;
  virtual void end_list() = 0;
};

}  // namespace understudy::core
