// The misfit of an inversion by waves, estimated by a few simultaneous shots of random signs
// (source_encoding.hpp). The computed traces of a supershot are compared with its shots' superposed data
// by least squares.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "solvers/seismic/inversion/inversion.hpp"

namespace understudy::solvers::seismic {

template <class Real>
class EncodedObjective : public InversionObjective {
 public:
  struct Encoding {
    int supershots = 1;
    std::uint64_t seed = 1;
  };
  /// `whole`: of all shots, by least squares (std::invalid_argument else); `modelling` as its own was made
  /// of. The supershots are dealt over the ranks of `world` as shots are. UserError as require_encoding.
  /// Collective.
  EncodedObjective(std::shared_ptr<WaveformObjective<Real>> whole, const ModellingSetup& modelling,
                   const Encoding& encoding, const core::Comm& world);

  void set_stage(double max_frequency_hz) override;
  bool is_estimate() const override { return true; }
  void renew(int stage, int renewal) override;
  /// std::logic_error where no draw was made since set_stage().
  Evaluation evaluate(std::span<const double> speed_m_s) override;
  double whole_misfit(std::span<const double> speed_m_s) override;
  std::string name() const override { return "wave equation, encoded sources"; }
  Work work() const override;

  /// The draw in use.
  const SourceEncoding& drawn() const { return modelling_.plan().encoding; }

 private:
  std::shared_ptr<WaveformObjective<Real>> whole_;
  Encoding encoding_;
  SurveyModelling<Real> modelling_;
  Misfit misfit_;
  std::vector<Gather> data_;  ///< [supershot]; empty: no draw yet
  double simulations_ = 0;
};

}  // namespace understudy::solvers::seismic
