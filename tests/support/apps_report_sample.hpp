// SYNTHETIC data for the tests of the report: made-up numbers and drawn vortices, none of them measured.
#pragma once

#include <cmath>
#include <filesystem>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "apps/simulation/report/report.hpp"
#include "core/atomic_file.hpp"
#include "mesh/io/picture.hpp"
#include "support/scratch.hpp"

namespace understudy::apps::sample {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

#ifdef UNDERSTUDY_WITH_VTK
/// A drawn vortex street, shifted by `shift` wavelengths.
inline mesh::Slice street(double shift) {
  mesh::Slice slice{.width = 256, .height = 96, .values = {}};
  slice.values.resize(256 * 96);
  for (int j = 0; j < slice.height; ++j) {
    for (int i = 0; i < slice.width; ++i) {
      const double x = i / 16.0 - 3, y = (j - 47.5) / 16.0;
      double value = 0;
      for (int n = -12; n < 9; ++n) {
        const double sign = n % 2 ? -1 : 1, cx = 1 + 1.6 * (n + 2 * shift), cy = 0.45 * sign;
        if (cx < 0.6) continue;
        value -= sign * 3 * std::exp(-((x - cx) * (x - cx) + (y - cy) * (y - cy)) / 0.3);
      }
      slice.values[j * 256 + i] = x * x + y * y < 0.25 ? nan : value;
    }
  }
  return slice;
}

inline ReportPictureRow picture_row(double time_s, double shift) {
  const mesh::Slice truth = street(0.09 * time_s), other = street(0.09 * time_s + shift);
  mesh::Slice difference = other;
  for (std::size_t n = 0; n < difference.values.size(); ++n)
    difference.values[n] -= truth.values[n];
  const mesh::PictureStyle style{.lower = -3, .upper = 3}, narrow{.lower = -1.5, .upper = 1.5};
  return {.field = "vorticity",
          .unit = "1/s",
          .time_s = time_s,
          .truth = {mesh::png_bytes(truth, style), "coolwarm", -3, 3},
          .replacement = {mesh::png_bytes(other, style), "coolwarm", -3, 3},
          .difference = {mesh::png_bytes(difference, narrow), "coolwarm", -1.5, 1.5}};
}
#endif

inline surrogates::DiagnosticSeries wave(const std::string& name, double mean, double amplitude,
                                         double drift) {
  surrogates::DiagnosticSeries d;
  d.name = name;
  d.unit = "1";
  for (int n = 0; n <= 120; ++n) {
    const double t = 0.5 * n, phase = 2 * std::numbers::pi * 0.165 * t;
    d.truth.push_back(mean + amplitude * std::sin(phase));
    d.replacement.push_back(mean + amplitude * (1 - drift) * std::sin(phase * (1 + 0.3 * drift)));
  }
  return d;
}

inline void add_curves(surrogates::ComparisonResult& result) {
  surrogates::ErrorSeries velocity, pressure;
  for (int n = 0; n <= 120; ++n) {
    const double t = 0.5 * n;
    result.times_s.push_back(t);
    velocity.rel_l2.push_back(0.03 * (1 - std::exp(-t / 4)) + 4e-4 * t);
    velocity.persistence.push_back(0.25 * std::abs(std::sin(0.5 * t)) + 0.02 * std::min(t, 3.0));
  }
  pressure = velocity;
  velocity.field = "velocity";
  pressure.field = "pressure";
  for (double& value : pressure.rel_l2) value *= 2.4;
  pressure.persistence.clear();
  result.errors = {velocity, pressure};
  surrogates::DiagnosticSeries energy = wave("kinetic energy", 61.2, 0.05, 0.2);
  energy.unit = "J/kg m²";
  surrogates::DiagnosticSeries divergence = wave("divergence", 3e-7, 1e-7, 0.1);
  divergence.unit = "1/s";
  result.diagnostics = {wave("drag coefficient", 1.37, 0.011, 0.1),
                        wave("lift coefficient", 0, 0.34, 0.06), energy, divergence};
  surrogates::Spectrum spectrum;
  spectrum.field = "velocity";
  for (int n = 1; n <= 60; ++n) {
    spectrum.wave_number_per_m.push_back(0.2 * n);
    spectrum.truth.push_back(std::pow(0.2 * n, -3));
    spectrum.replacement.push_back(std::pow(0.2 * n, -3) * std::exp(-0.0004 * n * n));
  }
  result.spectra = {spectrum};
}

inline ReportTraining training() {
  ReportTraining training;
  for (int n = 1; n <= 60; ++n) {
    training.epoch.push_back(n);
    training.train_loss.push_back(0.8 * std::exp(-0.09 * n) +
                                  0.004 * (1 + 0.3 * std::sin(2.1 * n)));
    training.validation_rollout.push_back(n % 5 ? nan : 0.5 * std::exp(-0.05 * n) + 0.02);
  }
  return training;
}

inline surrogates::ComparisonResult measured() {
  using Value = core::Maybe<double>;
  surrogates::ComparisonResult result;
  result.speedups = {Value::of(14.3), Value::of(0.62, "64 × 24"), Value::of(11.2)};
  result.truth_wall_s = 166;
  result.replacement_wall_s = 11.6;
  result.classical = {{"192 × 72", 70, 0.011},
                      {"128 × 48", 22, 0.021},
                      {"64 × 24", 7.2, 0.049},
                      {"32 × 12", 1.1, 0.21},
                      {"failed", nan, nan}};
  add_curves(result);
  for (int n = 0; n < 120; ++n) {
    const bool physics = n < 4 || n % 30 == 0;
    surrogates::WindowRecord window;
    window.time_s = 0.5 * (n + 1);
    window.who = physics ? "simulation" : "surrogate";
    window.why = physics ? (n < 4 ? "among the first 4 windows" : "every 30 windows") : "schedule";
    window.trust = physics ? 1.0 : 0.9 - 0.01 * (n % 30);
    result.windows.push_back(window);
  }
  return result;
}

inline ReportData page_on(const surrogates::ComparisonResult& result) {
  ReportData data(result);
  data.title = "Cylinder wake <Re 80–160> & co";
  data.verb = "study";
  data.app = "flow";
  data.deck_path = "inputs/flow/cylinder_wake.yaml";
  data.deck_text = "app: flow\n# </script><script>alert(1)</script>\ngrid: {cells: [256, 96]}\n";
  data.deck_hash = "0123456789abcdef";
  data.version = "0.1.0";
  data.git = "deadbeef0123-dirty";
  data.started = "2020-01-01T00:00:00Z";
  data.command = "understudy study inputs/flow/cylinder_wake.yaml --set 'title=<b>'";
  data.case_text = "SYNTHETIC TEST DATA: cylinder at Re 130, not in the training set";
  data.hardware = {
      "Sample CPU @ 2.0 GHz", "samplehost", 1, 2, "OpenMP", "2.6.0", "cpu", "float32", 2, "double"};
  data.window_s = 0.5;
  data.windows = 120;
  data.periods = 9.9;
  data.data_core_s = 1240;
  data.training_core_s = 2210;
  data.costs = {{"data: 8 simulations", 620, 1240, "training ensemble, 256 × 96"},
                {"training: 60 epochs", 1105, 2210, "412 k weights"},
                {"one run, simulation", 166, 332, ""},
                {"one run, replacement", 11.6, 23.2, ""}};
  data.metrics = {{"Strouhal number", "1", 0.165, 0.168, 0.165, "Williamson 1989", ""},
                  {"mean drag coefficient", "1", 1.37, 1.369, std::nullopt, "", "last 6 periods"},
                  {"lift amplitude", "1", 0.34, nan, std::nullopt, "", "no periodic lift"}};
  data.portraits = {{"drag coefficient", "lift coefficient", "Phase portrait"}};
  data.training = training();
#ifdef UNDERSTUDY_WITH_VTK
  data.pictures = {picture_row(0.5, 0.005), picture_row(30, 0.02), picture_row(60, 0.05)};
#endif
  data.swap_policy = "schedule";
  data.model_card = {{"architecture", "U-Net, 4 levels, 24 channels"},
                     {"weights", "412 345"},
                     {"fields", "velocity, pressure"},
                     {"window", "0.5 s"},
                     {"trained on", "Re 80, 100, 120, 140, 160"},
                     {"seed", "1"}};
  data.model_card_yaml = "network:\n  kind: unet\n";
  data.warnings = {"Reynolds number 170 lies outside the training envelope 80 to 160."};
  data.method_notes = {
      "Lift amplitude is half the distance of the extremes over the last 6 periods."};
  return data;
}

/// A study in which the surrogate wins on the same grid and loses at equal error.
struct Study {
  Study() = default;
  Study(const Study&) = delete;  // the page refers to the result
  surrogates::ComparisonResult result = measured();
  ReportData data = page_on(result);
};

/// The page as text.
inline std::string page_of(const ReportData& data) {
  const tests::Scratch folder;
  const std::filesystem::path path = folder / "report.html";
  write_report(path, data);
  return core::read_file(path);
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace understudy::apps::sample
