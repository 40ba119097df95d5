// The products of narrow layers against the library's, over the shapes where their blocks end.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "pinn/engine/small_matmul.hpp"
#include "pinn/engine/small_matmul_kernels.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

struct Shape {
  long long rows, columns, inner;
  bool add, transposed;
};

// Relative to the sum of magnitudes, which bounds what rounding can do.
template <class Real>
double difference(const Shape& s) {
  const auto type = c10::CppTypeToScalarType<Real>::value;
  const Tensor a =
      at::randn(s.transposed ? at::IntArrayRef{s.inner, s.rows} : at::IntArrayRef{s.rows, s.inner},
                at::TensorOptions().dtype(type));
  const Tensor b = at::randn({s.inner, s.columns}, a.options());
  // What is there at first: to be added to, or to be overwritten, whatever it is.
  const Tensor before =
      s.add ? at::randn({s.rows, s.columns}, a.options())
            : at::full({s.rows, s.columns}, std::numeric_limits<double>::quiet_NaN(), a.options());
  // A row more on either side shows what is written beyond the result.
  Tensor memory = at::full({s.rows + 2, s.columns}, 7, a.options());
  memory.narrow(0, 1, s.rows).copy_(before);
  const SmallProduct<Real> p{a.template const_data_ptr<Real>(),
                             b.template const_data_ptr<Real>(),
                             memory.template data_ptr<Real>() + s.columns,
                             s.rows,
                             s.columns,
                             s.inner,
                             s.transposed ? 1 : s.inner,
                             s.transposed ? s.rows : 1,
                             s.add};
  EXPECT_TRUE(is_small(p)) << s.rows << " x " << s.columns << " x " << s.inner;
  multiply(p);
  EXPECT_EQ(memory[0].eq(7).all().template item<bool>(), true);
  EXPECT_EQ(memory[s.rows + 1].eq(7).all().template item<bool>(), true);
  const Tensor left = (s.transposed ? a.t() : a).to(at::kDouble), right = b.to(at::kDouble);
  Tensor truth = at::mm(left, right), size = at::mm(left.abs(), right.abs());
  if (s.add) {
    truth = truth + before.to(at::kDouble);
    size = size + before.abs().to(at::kDouble);
  }
  const Tensor error = (memory.narrow(0, 1, s.rows).to(at::kDouble) - truth).abs() / size;
  return error.max().template item<double>();
}

template <class Real>
void check(long long lanes, double bound) {
  at::manual_seed(5);
  for (long long rows = 1; rows <= 13; ++rows)  // blocks of 6, 2 and 1 rows
    for (const long long vectors : {1, 3, 4, 5, 8})
      for (const long long inner : {1, 7, 64, 65, 150})
        for (const bool add : {false, true})
          for (const bool transposed : {false, true}) {
            if (vectors * lanes > 128) continue;
            EXPECT_LT(difference<Real>({rows, vectors * lanes, inner, add, transposed}), bound)
                << rows << " x " << vectors * lanes << " x " << inner << (add ? ", added" : "")
                << (transposed ? ", transposed" : "");
          }
}

// Sums of up to 150 products: each rounding is at most half a unit in the last place of the sum of
// magnitudes.
TEST(PinnSmallProduct, IsTheLibrarysInDouble) { check<double>(8, 150 * 1.2e-16); }
TEST(PinnSmallProduct, IsTheLibrarysInSingle) { check<float>(16, 150 * 6e-8); }

// C by vectors of `bytes`, from numbers that round.
template <class Real, int bytes>
std::vector<Real> by_width(long long rows, long long columns, long long inner) {
  std::vector<Real> a(rows * inner), b(inner * columns), c(rows * columns, Real(0.3));
  for (std::size_t n = 0; n < a.size(); ++n) a[n] = Real(1) / Real(n % 97 + 3);
  for (std::size_t n = 0; n < b.size(); ++n) b[n] = Real(1) / Real(n % 89 + 7) - Real(0.05);
  small_matmul::multiply_by<bytes>(
      SmallProduct<Real>{a.data(), b.data(), c.data(), rows, columns, inner, inner, 1, true});
  return c;
}

template <class Real>
void expect_same_bits(long long rows, long long columns, long long inner) {
  const std::vector<Real> narrow = by_width<Real, 16>(rows, columns, inner);
  for (const auto& wide :
       {by_width<Real, 32>(rows, columns, inner), by_width<Real, 64>(rows, columns, inner)})
    EXPECT_EQ(std::memcmp(narrow.data(), wide.data(), narrow.size() * sizeof(Real)), 0)
        << rows << " x " << columns << " x " << inner;
  // The last of them against a plain loop.
  double last = 0.3;
  for (long long k = 0; k < inner; ++k)
    last += 1.0 / double(((rows - 1) * inner + k) % 97 + 3) *
            (1.0 / double((k * columns + columns - 1) % 89 + 7) - 0.05);
  EXPECT_NEAR(narrow.back(), last, 150 * 6e-8);
}

TEST(PinnSmallProduct, IsTheSameToTheLastBitWithVectorsOfEveryWidth) {
  for (const long long rows : {1, 2, 6, 13})
    for (const long long inner : {1, 64, 150}) {
      for (const long long columns : {16, 48, 64, 80, 128})
        expect_same_bits<float>(rows, columns, inner);
      for (const long long columns : {8, 24, 32, 40, 128})
        expect_same_bits<double>(rows, columns, inner);
    }
}

TEST(PinnSmallProduct, LeavesTheOthersToTheLibrary) {
  const auto small = [](long long rows, long long columns, long long inner) {
    return is_small(
        SmallProduct<double>{nullptr, nullptr, nullptr, rows, columns, inner, inner, 1, false});
  };
  EXPECT_TRUE(small(5000, 64, 64));
  EXPECT_TRUE(small(64, 64, 5000));     // gradients of weights
  EXPECT_FALSE(small(5000, 12, 64));    // part of a vector of the widest processors
  EXPECT_FALSE(small(5000, 256, 64));   // wide
  EXPECT_FALSE(small(5000, 64, 5000));  // big
}

}  // namespace

}  // namespace understudy::pinn
