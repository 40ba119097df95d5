// Ranks that read different models are told so, all of them.
#include <gtest/gtest.h>

#include "apps/study/model_folder.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

TEST(SameModel, IsReadByAllRanksOrTheRunEnds) {
  const auto comm = core::Comm::world();
  surrogates::ModelCard card;
  card.name = "wake";
  card.weights_hash = "0123456789abcdef";
  EXPECT_NO_THROW(require_same_model("out/model", card, comm));
  if (comm.size() == 1) return;
  // The same card beside other weights, on the last rank's machine.
  if (comm.rank() == comm.size() - 1) card.weights_hash = "f123456789abcdef";
  std::string text = "no error";
  try {
    require_same_model("out/model", card, comm);
  } catch (const core::UserError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("another model in out/model than rank 0"), std::string::npos) << text;
  EXPECT_NE(text.find("rank " + std::to_string(comm.size() - 1)), std::string::npos) << text;
}

}  // namespace
}  // namespace understudy::apps
