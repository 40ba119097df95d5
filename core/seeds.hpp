// Seeds made of a deck's seed.
#pragma once

#include <limits>

namespace understudy::core {

/// seed + shift; where that lies beyond 2^63 - 1, the largest that a deck can give, it goes on from 0.
inline long long shifted_seed(long long seed, long long shift) {
  long long sum = 0;
  if (!__builtin_add_overflow(seed, shift, &sum)) return sum;
  constexpr unsigned long long most = std::numeric_limits<long long>::max();
  return static_cast<long long>(
      (static_cast<unsigned long long>(seed) + static_cast<unsigned long long>(shift)) & most);
}

/// seed x factor, in the same way.
inline long long scaled_seed(long long seed, long long factor) {
  long long product = 0;
  if (!__builtin_mul_overflow(seed, factor, &product)) return product;
  constexpr unsigned long long most = std::numeric_limits<long long>::max();
  return static_cast<long long>(
      (static_cast<unsigned long long>(seed) * static_cast<unsigned long long>(factor)) & most);
}

}  // namespace understudy::core
