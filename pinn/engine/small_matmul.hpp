// Products of a tall matrix with a small one on one core of the host, for the layers of narrow networks:
// a register block of 6 rows by four vectors of columns (two where there are 16 registers), vectors as wide
// as the processor's, the small matrix in the first-level cache, no packing (Goto & van de Geijn 2008 give the reasons; libraries lose a quarter of their speed on such
// shapes to packing and checks). Wider ones are the library's.
#pragma once

namespace understudy::pinn {

/// C [rows, columns] (=, or += where `add`) A B with A(r, k) = a[r * a_row + k * a_inner], B [inner, columns]
/// and C [rows, columns] without gaps.
template <class Real>
struct SmallProduct {
  const Real *a, *b;
  Real* c;
  long long rows, columns, inner;
  long long a_row, a_inner;
  bool add;
};

/// Whether multiply() takes it and is faster than the library.
template <class Real>
bool is_small(const SmallProduct<Real>& product);
template <class Real>
void multiply(const SmallProduct<Real>& product);

}  // namespace understudy::pinn
