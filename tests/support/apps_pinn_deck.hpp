// Small decks of physics-informed networks as texts, for the tests of their keys: the job that one is read as, and the
// message that one is refused with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "apps/catalog.hpp"
#include "apps/pinn/pinn_verbs.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {

/// Messages name it sample.yaml.
inline apps::PinnJob read_pinn_deck(const std::string& text,
                                    const std::vector<std::string>& settings = {}) {
  const Scratch scratch;
  spit(scratch / "sample.yaml", text);
  const apps::OpenStudy open = apps::open_study(
      {.verb = "check", .deck = scratch / "sample.yaml", .settings = settings}, apps::apps());
  return dynamic_cast<const apps::PinnStudy&>(*open.study).job(open.job);
}

/// Its UserError has all these parts.
inline void expect_pinn_deck_error(const std::string& text, const std::vector<std::string>& parts,
                                   const std::vector<std::string>& settings = {}) {
  std::string error = "no error";
  try {
    read_pinn_deck(text, settings);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  for (const auto& part : parts) EXPECT_NE(error.find(part), std::string::npos) << error;
}

}  // namespace understudy::tests
