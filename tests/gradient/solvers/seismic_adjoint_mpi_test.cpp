// The discrete adjoint of the acoustic equations: dot products of forward and adjoint, Taylor test of a
// misfit, the same gradient whatever the memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "support/solvers_seismic_case.hpp"

namespace understudy {
namespace {

using tests::SeismicCase;
namespace seismic = solvers::seismic;

template <class Real>
std::shared_ptr<seismic::AcousticOperator<Real>> make_operator(const SeismicCase& c) {
  std::shared_ptr<seismic::AcousticOperator<Real>> op =
      seismic::make_acoustic_operator<Real>(c.setup(), core::Comm::world());
  op->set_model(c.speed(), c.density());
  return op;
}

constexpr double plenty = 4e9;

// Blocks of four ranks along the vertical axis still hold layer and stencil.
SeismicCase on_four_ranks() {
  SeismicCase c;
  c.cells = 56;
  return c;
}

// |<F s, d> - <s, F^T d>| and |<J dc, d> - <dc, J^T d>| relative to the products' sizes.
template <class Real>
void expect_dot_products(const SeismicCase& c, double tolerance) {
  SCOPED_TRACE(testing::Message() << c.dimension << "-D, order " << c.order << ", density "
                                  << c.variable_density << ", free surface " << c.free_surface);
  const auto op = make_operator<Real>(c);
  auto shots = c.make_shots();
  for (std::size_t s = 0; s < shots.size(); ++s)
    shots[s].wavelet = tests::random_values(shots[s].wavelet.size(), 40 + s);
  seismic::AcousticShots<Real> survey(op, shots);
  const auto data = tests::random_gathers(c, 7);
  const auto reverse = survey.gradient([&](const auto&) { return data; }, plenty);

  const double forward = tests::dot(reverse.traces, data);
  double adjoint = 0, size = 0;
  for (std::size_t s = 0; s < shots.size(); ++s) {
    auto wavelet = shots[s].wavelet;
    wavelet.resize(reverse.wavelet[s].size());
    adjoint += tests::dot(wavelet, reverse.wavelet[s]);
    size += std::sqrt(tests::dot(wavelet, wavelet) *
                      tests::dot(reverse.wavelet[s], reverse.wavelet[s]));
  }
  EXPECT_GT(std::abs(forward), 1e-4 * size);
  EXPECT_LT(std::abs(forward - adjoint), tolerance * size);

  auto dc = tests::random_values(c.count(), 3);
  const auto born = survey.born(dc);
  const double tangent = tests::dot(born, data), transposed = tests::dot(dc, reverse.speed);
  const double born_size = std::sqrt(tests::dot(born, born) * tests::dot(data, data));
  EXPECT_GT(std::abs(tangent), 1e-4 * born_size);
  EXPECT_LT(std::abs(tangent - transposed), tolerance * born_size);
}

TEST(SeismicAdjoint, DotProductsInDoublePrecision) {
  for (const int order : {2, 4, 8})
    for (const bool density : {false, true})
      for (const bool surface : {false, true}) {
        SeismicCase c = on_four_ranks();
        c.order = order;
        c.variable_density = density;
        c.free_surface = surface;
        expect_dot_products<double>(c, 1e-12);
      }
}

TEST(SeismicAdjoint, DotProductsWithAStretchedLayer) {
  for (const bool density : {false, true})
    for (const int order : {4, 8}) {
      SeismicCase c = on_four_ranks();
      c.order = order;
      c.stretch = 4;
      c.variable_density = density;
      c.free_surface = density;
      expect_dot_products<double>(c, 1e-12);
    }
}

TEST(SeismicAdjoint, DotProductsInSinglePrecision) {
  for (const bool density : {false, true}) {
    SeismicCase c = on_four_ranks();
    c.variable_density = density;
    c.free_surface = true;
    expect_dot_products<float>(c, 1e-5);
  }
}

TEST(SeismicAdjoint, DotProductsInThreeDimensions) {
  for (const bool density : {false, true}) {
    SeismicCase c;
    c.dimension = 3;
    c.cells = 32;
    c.layer = 5;
    c.order = 4;
    c.samples = 25;
    c.variable_density = density;
    c.free_surface = density;
    expect_dot_products<double>(c, 1e-12);
  }
}

// J(c + h dc) - J(c) - h <g, dc> falls as h^2 over four decades; J is half the sum of squares.
TEST(SeismicAdjoint, TaylorTestOfTheMisfit) {
  for (const bool density : {false, true}) {
    SeismicCase c = on_four_ranks();
    c.variable_density = density;
    c.shots = 1;
    const auto op = make_operator<double>(c);
    const auto observed = tests::random_gathers(c, 5);
    const double scale = 1e-3;
    const auto residual = [&](std::vector<seismic::Gather> traces) {
      for (std::size_t n = 0; n < traces[0].values.size(); ++n)
        traces[0].values[n] -= scale * observed[0].values[n];
      return traces;
    };
    const auto misfit = [&](const std::vector<seismic::Gather>& traces) {
      const auto r = residual(traces);
      return 0.5 * tests::dot(r, r);
    };
    seismic::AcousticShots<double> survey(op, c.make_shots());
    const auto reverse = survey.gradient(residual, plenty);
    const double start = misfit(reverse.traces);
    const auto speed = c.speed();
    // Not along the gradient alone, and not across it: there the first order would be hidden.
    auto direction = tests::random_values(c.count(), 11);
    double largest = 0;
    for (const double g : reverse.speed) largest = std::max(largest, std::abs(g));
    for (std::size_t n = 0; n < direction.size(); ++n)
      direction[n] = 0.3 * direction[n] + reverse.speed[n] / largest;
    const double slope = tests::dot(direction, reverse.speed);
    std::vector<double> first, second;
    for (double h = 10; h > 0.9e-3; h /= 10) {
      auto moved = speed;
      for (std::size_t n = 0; n < moved.size(); ++n) moved[n] += h * direction[n];
      op->set_model(moved, c.density());
      const double change = misfit(survey.model()) - start;
      first.push_back(std::abs(change));
      second.push_back(std::abs(change - h * slope));
    }
    for (std::size_t n = 1; n < first.size(); ++n) {
      EXPECT_NEAR(std::log10(first[n - 1] / first[n]), 1, 0.1) << n;
      EXPECT_NEAR(std::log10(second[n - 1] / second[n]), 2, 0.1) << n;
    }
  }
}

// Powers of two, so that strong and weak sources give the same digits; in single precision the products of
// two fields would overflow, and be flushed to zero.
TEST(SeismicAdjoint, TheGradientOfSourcesOfAnyStrength) {
  SeismicCase c = on_four_ranks();
  const auto op = make_operator<float>(c);
  const auto same = [](const auto& traces) { return traces; };
  const auto with = [&](double amplitude) {
    auto shots = c.make_shots();
    for (auto& shot : shots)
      for (auto& value : shot.wavelet) value *= amplitude;
    return seismic::AcousticShots<float>(op, shots).gradient(same, plenty);
  };
  const auto plain = with(1);
  for (const int power : {-133, -80, 73, 120}) {
    const double amplitude = std::ldexp(1.0, power);
    const auto other = with(amplitude);
    for (std::size_t n = 0; n < plain.speed.size(); ++n) {
      ASSERT_EQ(other.speed[n], plain.speed[n] * amplitude * amplitude) << power;
      ASSERT_EQ(other.illumination[n], plain.illumination[n] * amplitude * amplitude) << power;
    }
    for (std::size_t n = 0; n < plain.traces[0].values.size(); ++n)
      ASSERT_EQ(other.traces[0].values[n], plain.traces[0].values[n] * amplitude) << power;
    for (std::size_t n = 0; n < plain.wavelet[0].size(); ++n)
      ASSERT_EQ(other.wavelet[0][n], plain.wavelet[0][n] * amplitude) << power;
  }
}

TEST(SeismicAdjoint, TheSameGradientInLittleMemory) {
  SeismicCase c = on_four_ranks();
  c.free_surface = true;
  c.samples = 80;
  const auto op = make_operator<double>(c);
  seismic::AcousticShots<double> survey(op, c.make_shots());
  const auto same = [](const auto& traces) { return traces; };
  const auto whole = survey.gradient(same, plenty);
  EXPECT_EQ(whole.steps, 2 * survey.steps());
  const double step_bytes = double(op->size()) * sizeof(double);
  for (const double steps_kept : {60.0, 25.0, 1.0}) {
    const auto part = survey.gradient(same, steps_kept * step_bytes);
    EXPECT_GT(part.steps, whole.steps);
    EXPECT_EQ(part.speed, whole.speed) << steps_kept;
    EXPECT_EQ(part.traces[0].values, whole.traces[0].values);
  }
  try {
    survey.gradient(same, 0.5 * step_bytes);
    FAIL() << "too little memory was taken";
  } catch (const core::UserError& e) {
    EXPECT_NE(std::string(e.what()).find("at least"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace understudy
