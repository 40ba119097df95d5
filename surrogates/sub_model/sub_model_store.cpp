#include "surrogates/sub_model/sub_model_store.hpp"

#include "core/log.hpp"
#include "core/provenance.hpp"

namespace understudy::sub_model {

void PointStore::append(const std::vector<double>& inputs, const std::vector<double>& outputs,
                        long long rows, double cost_core_s) {
  try {
    if (!writer_)
      writer_ = std::make_unique<surrogates::PointWriter>(
          options_.dataset,
          surrogates::PointsInfo{options_.name, options_.inputs, options_.outputs},
          core::describe_build_and_host("sub-model " + options_.name), options_.comm.rank());
    writer_->add_cost(cost_core_s);  // first: a full block is written at once, and with its cost
    stored_ += writer_->append(inputs.data(), outputs.data(), rows);
  } catch (const std::exception& error) {
    if (options_.policy != SubModelPolicy::gate) throw;
    failed_ = true;
    core::log::error("sub-model {}: no more points are stored: {}", options_.name, error.what());
  }
}

void PointStore::flush() {
  if (writer_) writer_->flush();
  failed_ = false;
}

}  // namespace understudy::sub_model
