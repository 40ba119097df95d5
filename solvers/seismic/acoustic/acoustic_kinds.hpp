// The two kinds of acoustic operator; make_acoustic_operator chooses. Private to the acoustic solver.
#pragma once

#include "solvers/seismic/acoustic/acoustic_operator.hpp"

namespace understudy::solvers::seismic {

template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_constant_density(const AcousticSetup& setup,
                                                              const core::Comm& comm);
template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_variable_density(const AcousticSetup& setup,
                                                              const core::Comm& comm);

}  // namespace understudy::solvers::seismic
