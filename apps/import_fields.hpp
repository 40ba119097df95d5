// `understudy import MODEL --card CARD --out FOLDER` of a model of fields: a card with `takes: fields`
// (surrogates/fields/field_import.hpp). Cards of points are apps/points/import.hpp's.
#pragma once

#include <string>
#include <vector>

#include "apps/points/import.hpp"
#include "surrogates/fields/field_import.hpp"

namespace understudy::apps {

struct FieldImportDeck {
  std::string takes = "fields", name, dataset;
  surrogates::ImportedFunction function;
  long long stride = 1;
  int skip_windows = 0;
  bool constrain = true;
  std::vector<std::string> conserve;
  void describe(core::ParamVisitor& v);
};

/// Whatever `understudy import` was told: a model of points, of fields, --convert or --trust. Collective. UserError.
void import_any(const ImportOptions& options);

}  // namespace understudy::apps
