#include "solvers/weather/moist_box/base_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>

#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/format.hpp"
#include "solvers/weather/moist_box/sounding.hpp"

namespace understudy::solvers::moist {

namespace {

using Profile = std::function<AirAt(double height_m, double exner)>;

double pressure_of(const Air<double>& air, double exner) {
  return air.p0 * std::pow(exner, 1 / air.kappa());
}

Profile weisman_klemp(const Air<double>& air, double largest_vapour) {
  return [air, largest_vapour](double z, double exner) {
    constexpr double tropopause_m = 12000, theta_0 = 300, theta_t = 343, temperature_t = 213;
    const double part = std::pow(std::max(z, 0.0) / tropopause_m, 1.25);
    AirAt at;
    at.theta_k =
        z <= tropopause_m
            ? theta_0 + (theta_t - theta_0) * part
            : theta_t * std::exp(air.gravity * (z - tropopause_m) / (air.cp * temperature_t));
    const double humidity = z <= tropopause_m ? 1 - 0.75 * part : 0.25;
    const double saturated = saturation_ratio(air, at.theta_k * exner, pressure_of(air, exner));
    at.qv = std::min(humidity * saturated, largest_vapour);
    return at;
  };
}

Profile saturated(const Air<double>& air, double theta_e_k, double total) {
  return [=](double, double exner) {
    const double p = pressure_of(air, exner);
    const double t = saturated_temperature(air, theta_e_k, p, total);
    const double qv = std::min(saturation_ratio(air, t, p), total);
    return AirAt{t / exner, qv, total - qv};
  };
}

Profile profile_of(const MoistBoxParams& params, const Air<double>& air,
                   const std::shared_ptr<const Sounding>& sounding) {
  const MoistBoxBaseParams& base = params.base;
  if (base.profile == "stable")
    return [base, g = air.gravity](double z, double) {
      const double n = base.stability_1_s;
      return AirAt{.theta_k = base.theta_k * std::exp(n * n * z / g)};
    };
  if (base.profile == "isothermal")
    return [base](double, double exner) { return AirAt{.theta_k = base.temperature_k / exner}; };
  if (base.profile == "weisman_klemp") return weisman_klemp(air, base.largest_vapour);
  if (base.profile == "saturated") return saturated(air, base.theta_e_k, base.total_water);
  if (base.profile == "file")
    return [sounding](double z, double) {
      const SoundingPoint point = (*sounding)(z);
      return AirAt{point.theta_k, point.vapour, 0};
    };
  return [base](double, double) { return AirAt{.theta_k = base.theta_k}; };
}

double theta_m_of(const Air<double>& air, const AirAt& at) {
  return at.theta_k * (1 + at.qv * air.rv / air.rd);
}

// d exner / dz.
double slope_of(const Air<double>& air, const Profile& profile, double z, double exner) {
  const AirAt at = profile(z, exner);
  return -air.gravity * (1 + at.qv + at.qc) / (air.cp * theta_m_of(air, at));
}

double exner_at(const Air<double>& air, const Profile& profile, double from_m, double exner,
                double to_m) {
  const int steps = std::max(1, int(std::ceil(std::abs(to_m - from_m) / 10)));
  const double h = (to_m - from_m) / steps;
  for (int n = 0; n < steps; ++n) {
    const double z = from_m + n * h;
    const double a = slope_of(air, profile, z, exner);
    const double b = slope_of(air, profile, z + h / 2, exner + h / 2 * a);
    const double c = slope_of(air, profile, z + h / 2, exner + h / 2 * b);
    const double d = slope_of(air, profile, z + h, exner + h * c);
    exner += h / 6 * (a + 2 * b + 2 * c + d);
    if (!(exner > 0.01))
      throw core::UserError(core::format(
          "moist_box.base: no pressure is left at a height of {:.6g} m; a lower lid, or a warmer "
          "or more stable profile, would have some",
          z + h));
  }
  return exner;
}

/// The wind at a height.
class Wind {
 public:
  Wind(const MoistBoxParams& params, const mesh::BoxGrid& grid,
       std::shared_ptr<const Sounding> sounding) {
    const std::size_t horizontal = grid.dimension() - 1;
    const auto& formulas = params.base.wind_m_s;
    if (!formulas.empty() && formulas.size() != horizontal)
      throw core::UserError(
          core::format("moist_box.base.wind_m_s: has {} formulas; the grid has {} horizontal {}",
                       formulas.size(), horizontal, horizontal == 1 ? "axis" : "axes"));
    for (const auto& text : formulas) formulas_.emplace_back(text);
    if (formulas.empty()) sounding_ = std::move(sounding);
  }
  std::array<double, 2> operator()(double z) const {
    std::array<double, 2> wind{0, 0};
    if (sounding_) wind = {(*sounding_)(z).u_m_s, (*sounding_)(z).v_m_s};
    for (std::size_t c = 0; c < formulas_.size(); ++c) {
      wind[c] = formulas_[c](0, 0, z, 0);
      if (!std::isfinite(wind[c]))
        throw core::UserError(core::format("moist_box.base.wind_m_s: '{}' is {} at z = {:.6g} m",
                                           formulas_[c].text(), wind[c], z));
    }
    return wind;
  }

 private:
  std::vector<core::Expression> formulas_;
  std::shared_ptr<const Sounding> sounding_;
};

void check_dry(const MoistBoxParams& params, const AirAt& here) {
  if (params.moisture == "none" && (here.qv > 0 || here.qc > 0))
    throw core::UserError(core::format(
        "moist_box.base: profile {} has water, but moisture is none; choose cloud or rain",
        params.base.profile));
}

void append(const Air<double>& air, const AirAt& here, double exner,
            const std::array<double, 2>& wind, BaseState& base) {
  base.exner.push_back(exner);
  base.pressure.push_back(pressure_of(air, exner));
  base.theta.push_back(here.theta_k);
  base.theta_m.push_back(theta_m_of(air, here));
  base.qv.push_back(here.qv);
  base.qc.push_back(here.qc);
  base.rho_d.push_back(base.pressure.back() / (air.rd * base.theta_m.back() * exner));
  base.u.push_back(wind[0]);
  base.v.push_back(wind[1]);
}

std::shared_ptr<const Sounding> sounding_of(const MoistBoxParams& params,
                                            const std::string& directory, double bottom_m,
                                            double top_m) {
  if (params.base.profile != "file") return nullptr;
  return std::make_shared<Sounding>((std::filesystem::path(directory) / params.base.file).string(),
                                    "moist_box.base.file", bottom_m, top_m);
}

/// exner at any height between two, by cubic Hermite interpolation.
class ExnerColumn {
 public:
  ExnerColumn(const Air<double>& air, const Profile& profile, double surface, double bottom_m,
              double top_m) {
    constexpr double finest_m = 2;
    // The height 0 is one of the points: the integration starts there.
    first_ = -long(std::ceil(std::max(-bottom_m, 0.0) / finest_m)) - 1;
    const long last = std::max(0L, long(std::ceil(top_m / finest_m))) + 1;
    step_m_ = finest_m;
    exner_.resize(last - first_ + 1);
    slope_.resize(exner_.size());
    const auto set = [&](long n, double exner) {
      exner_[n - first_] = exner;
      slope_[n - first_] = slope_of(air, profile, n * step_m_, exner);
    };
    set(0, surface);
    for (long n = 1; n <= last; ++n)
      set(n, exner_at(air, profile, (n - 1) * step_m_, exner_[n - 1 - first_], n * step_m_));
    for (long n = -1; n >= first_; --n)
      set(n, exner_at(air, profile, (n + 1) * step_m_, exner_[n + 1 - first_], n * step_m_));
  }
  double operator()(double z) const {
    const double place = z / step_m_ - double(first_);
    const auto n = std::size_t(place);
    const double t = place - double(n), s = 1 - t;
    return s * s * ((1 + 2 * t) * exner_[n] + t * step_m_ * slope_[n]) +
           t * t * ((1 + 2 * s) * exner_[n + 1] - s * step_m_ * slope_[n + 1]);
  }

 private:
  double step_m_;
  long first_;  // of the points, in steps
  std::vector<double> exner_, slope_;
};

// The base's own part of upwind_flux at the lower face of each level.
void add_faces(const MoistBoxParams& params, BaseState& base) {
  const int levels = int(base.theta_m.size());
  base.face.assign(levels, 0);
  base.slope.assign(levels, 0);
  const auto q = [&](int n) { return base.theta_m[std::clamp(n, 0, levels - 1)]; };
  for (int n = 0; n < levels; ++n) {
    if (params.advection_order == 5) {
      base.face[n] =
          (37 * (q(n) + q(n - 1)) - 8 * (q(n + 1) + q(n - 2)) + q(n + 2) + q(n - 3)) / 60;
      base.slope[n] =
          (10 * (q(n) - q(n - 1)) - 5 * (q(n + 1) - q(n - 2)) + q(n + 2) - q(n - 3)) / 60;
    } else {
      base.face[n] = (7 * (q(n) + q(n - 1)) - q(n + 1) - q(n - 2)) / 12;
      base.slope[n] = (3 * (q(n) - q(n - 1)) - q(n + 1) + q(n - 2)) / 12;
    }
  }
}

}  // namespace

Air<double> air_of(const MoistBoxAirParams& params) {
  Air<double> air;
  air.cp = params.heat_capacity_j_kg_k;
  air.rd = params.gas_constant_j_kg_k;
  air.gravity = params.gravity_m_s2;
  return air;
}

double saturated_temperature(const Air<double>& air, double theta_e_k, double pressure_pa,
                             double total) {
  double low = 150, high = 350;
  for (int n = 0; n < 60; ++n) {
    const double t = (low + high) / 2;
    const double qv = std::min(saturation_ratio(air, t, pressure_pa), total);
    (wet_equivalent_theta(air, t, pressure_pa, qv, total) < theta_e_k ? low : high) = t;
  }
  return (low + high) / 2;
}

BaseState make_base(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                    const std::string& directory) {
  const Air<double> air = air_of(params.air);
  const int up = grid.dimension() - 1, ghosts = grid.ghosts(up), levels = grid.extent(up);
  const auto height = [&](int n) { return grid.coordinate(mesh::Location::cell, up, n); };
  const auto sounding = sounding_of(params, directory, height(ghosts), height(levels - ghosts - 1));
  const Wind wind(params, grid, sounding);
  const Profile profile = profile_of(params, air, sounding);
  const double surface = std::pow(params.base.surface_pressure_pa / air.p0, air.kappa());
  BaseState base;
  double at_m = 0, exner = surface;
  for (int n = 0; n < levels; ++n) {
    const double z = height(n);
    if (z < 0) {
      at_m = 0;
      exner = surface;
    }
    exner = exner_at(air, profile, at_m, exner, z);
    at_m = z;
    const AirAt here = profile(z, exner);
    check_dry(params, here);
    append(air, here, exner, wind(z), base);
    if (z < 0 && n + 1 < levels && height(n + 1) >= 0) {
      at_m = 0;
      exner = surface;
    }
  }
  add_faces(params, base);
  return base;
}

BaseState make_base_at(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                       const std::vector<double>& heights_m, const std::string& directory) {
  const Air<double> air = air_of(params.air);
  const core::Comm& comm = grid.comm();
  const auto [least, most] = std::ranges::minmax(heights_m);
  // The same on all ranks; a sounding need not reach the ghosts below the ground and beyond the lid.
  const double bottom_m = comm.min(least), top_m = comm.max(most);
  const auto sounding = sounding_of(params, directory, std::max(bottom_m, 0.0),
                                    std::min(top_m, grid.upper(grid.dimension() - 1)));
  const Wind wind(params, grid, sounding);
  const Profile profile = profile_of(params, air, sounding);
  const double surface = std::pow(params.base.surface_pressure_pa / air.p0, air.kappa());
  const ExnerColumn exner(air, profile, surface, bottom_m, top_m);
  BaseState base;
  std::string fault;  // other ranks have other heights
  try {
    for (const double z : heights_m) {
      const double here = exner(z);
      const AirAt at = profile(z, here);
      check_dry(params, at);
      append(air, at, here, wind(z), base);
    }
  } catch (const core::UserError& error) {
    fault = error.what();
  }
  comm.throw_on_all_ranks<core::UserError>(fault);
  return base;
}

}  // namespace understudy::solvers::moist
