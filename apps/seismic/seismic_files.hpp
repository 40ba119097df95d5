// Gathers and models as files for other programs and for later runs, in the formats that the deck asks for.
#pragma once

#include <span>

#include "apps/seismic/seismic_deck.hpp"
#include "solvers/seismic/earth/earth_model.hpp"
#include "solvers/seismic/survey/gathers.hpp"

namespace understudy::apps::seismic {

/// UserError where output.gathers asks for SEG-Y and its headers do not hold the survey; nothing is computed.
void require_gather_files(const SeismicJob& job, const solvers::seismic::GatherSet& geometry);
/// The same of output.models and the grid.
void require_model_files(const SeismicJob& job);

/// <out>/gathers.h5, <out>/gathers_<quantity>.sgy. Rank 0 only; UserError where one cannot be written.
void write_gather_files(const SeismicJob& job, std::span<const solvers::seismic::GatherSet> sets);
/// <out>/model.h5; <out>/model.sgy (P speed), model_s_speed.sgy, model_density.sgy. Rank 0 only; UserError as before.
void write_model_files(const SeismicJob& job, const solvers::seismic::EarthModel& model);

}  // namespace understudy::apps::seismic
