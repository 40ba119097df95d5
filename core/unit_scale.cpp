#include "core/unit_scale.hpp"

namespace understudy::core {

namespace {

const SizedQuantity* largest_of(const std::vector<SizedQuantity>& all, const std::string& unit) {
  const SizedQuantity* largest = nullptr;
  for (const SizedQuantity& q : all)
    if (q.unit == unit && q.size > 0 && (!largest || q.size > largest->size)) largest = &q;
  return largest;
}

}  // namespace

std::vector<UnitScale> unit_scales(const std::vector<SizedQuantity>& all) {
  const SizedQuantity* speed = largest_of(all, "m/s");
  std::vector<UnitScale> scales;
  for (const SizedQuantity& q : all) {
    UnitScale scale;
    if (const SizedQuantity* peer = largest_of(all, q.unit)) scale = {peer->size, peer->name};
    const bool kinematic = q.unit == "m2/s2";
    if ((kinematic || q.unit == "Pa") && speed && speed->size * speed->size > scale.size)
      scale = {speed->size * speed->size,
               (kinematic ? "the square of " : "1 kg/m3 times the square of ") + speed->name};
    scales.push_back(std::move(scale));
  }
  return scales;
}

}  // namespace understudy::core
