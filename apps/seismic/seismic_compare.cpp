#include "apps/seismic/seismic_verbs.hpp"
#include "core/error.hpp"

namespace understudy::apps::seismic {

void compare(SeismicJob&, Summary&) { throw core::UserError("compare: not yet"); }

}  // namespace understudy::apps::seismic
