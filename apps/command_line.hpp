// understudy VERB [DECK] [options]: what was typed, as values.
#pragma once

#include <span>
#include <string>

#include "apps/export_model.hpp"
#include "apps/points/import.hpp"
#include "apps/simulation/plan.hpp"
#include "apps/study/study.hpp"

namespace understudy::apps {

struct CommandLine {
  JobOptions job;  ///< verb: a verb of some app, check, import, export or list
  int threads = 0;
  std::string log_level = "info";
  bool deck_reference = false;
  ImportOptions imported;
  ExportOptions exported;
  PlanOptions plan;
  std::string refused;  ///< why it cannot be taken; empty: it can
  bool done = false;    ///< help was asked for, and printed
  int exit_code = 0;    ///< of done
};

/// The verbs are those of all apps, and check, import, export, list. Throws nothing.
CommandLine parse_command_line(int argc, char** argv, std::span<const App> apps);

}  // namespace understudy::apps
