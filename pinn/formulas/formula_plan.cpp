#include "pinn/formulas/formula_plan.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "core/format.hpp"
#include "core/joined.hpp"
#include "pinn/formulas/formula_region.hpp"
#include "pinn/formulas/formula_values.hpp"
#include "pinn/units.hpp"

namespace understudy::pinn {

namespace {

constexpr std::size_t most_inputs = 3;

using Kind = PlannedTerm::Kind;

class Planner {
 public:
  Planner(const FormulaProblem& problem, const std::map<std::string, double>& constants)
      : problem_(problem), constants_(constants) {
    names_.constants = constants;
  }

  FormulaPlan plan() {
    take_inputs();
    take_fields();
    take_parameters();
    take_columns();
    require_names();
    take_exact();
    take_reference();
    take_equations();
    take_fits();
    take_initial();
    take_evaluation();
    return std::move(plan_);
  }

 private:
  using Place = FormulaPlace;

  // "entry 2 (momentum), formula", counted as the deck's keys are.
  static Place place(const char* key, std::size_t n, const std::string& name, const char* what) {
    return {key, core::format("entry {}{}, {}", n, name.empty() ? "" : " (" + name + ")", what)};
  }

  void require_unit(const std::string& unit, const Place& at) const {
    try {
      pinn::require_unit(unit, "it");
    } catch (const core::UserError& e) {
      at.refuse(e.what());
    }
  }

  // Notes the name; that none stands for two things is asked when all are known.
  void note(const std::string& name, const Place& at) {
    if (!is_formula_name(name))
      at.refuse(core::format(
          "'{}' is no name for formulas; a letter, then letters, digits and _ are valid", name));
    if (is_reserved(name))
      at.refuse(core::format("'{}' has a meaning of its own in formulas", name));
    if (!noted_.insert(name).second)
      at.refuse(core::format("'{}' is the name of something else, too; each needs its own", name));
    places_.emplace_back(name, at);
  }

  void take_inputs() {
    const auto& all = problem_.inputs;
    if (all.empty() || all.size() > most_inputs)
      Place{"inputs", ""}.refuse(
          core::format("there are {}; 1 to {} are valid: inputs: [{{name: x, lower: 0, upper: 1}}]",
                       all.size(), most_inputs));
    int times = 0;
    for (std::size_t n = 0; n < all.size(); ++n) {
      const FormulaInput& in = all[n];
      const auto at = [&](const char* what) { return place("inputs", n, in.name, what); };
      note(in.name, at("name"));
      require_unit(in.unit, at("unit"));
      const double lower = number_of(in.lower, constants_, at("lower")),
                   upper = number_of(in.upper, constants_, at("upper"));
      if (!(upper > lower))
        at("upper").refuse(core::format("is {}; it must be above lower, {}", upper, lower));
      if (in.time && ++times > 1) at("time").refuse("there is a time already; one is valid");
      if (in.time && in.periodic) at("periodic").refuse("the time cannot be periodic");
      plan_.inputs.push_back({in.name, in.unit, lower, upper, in.time});
      plan_.periodic.push_back(in.periodic);
      names_.inputs.push_back(in.name);
    }
  }

  void take_fields() {
    if (problem_.fields.empty())
      Place{"fields", ""}.refuse("there are none; at least one is needed: fields: [{name: u}]");
    for (std::size_t n = 0; n < problem_.fields.size(); ++n) {
      const FormulaField& field = problem_.fields[n];
      note(field.name, place("fields", n, field.name, "name"));
      require_unit(field.unit, place("fields", n, field.name, "unit"));
      plan_.fields.push_back({field.name, field.unit, field.help});
      names_.fields.push_back(field.name);
    }
  }

  void take_parameters() {
    for (std::size_t n = 0; n < problem_.parameters.size(); ++n) {
      const FormulaParameter& p = problem_.parameters[n];
      const auto at = [&](const char* what) { return place("parameters", n, p.name, what); };
      note(p.name, at("name"));
      require_unit(p.unit, at("unit"));
      ParameterInfo info{.name = p.name, .unit = p.unit, .help = p.help};
      info.start = number_of(p.start, constants_, at("start"));
      info.lower = number_of(p.lower, constants_, at("lower"));
      info.upper = number_of(p.upper, constants_, at("upper"));
      info.truth = p.truth.empty() ? std::numeric_limits<double>::quiet_NaN()
                                   : number_of(p.truth, constants_, at("truth"));
      info.tolerance = p.tolerance;
      if (!(info.lower < info.upper))
        at("upper").refuse(
            core::format("is {}; it must be above lower, {}", info.upper, info.lower));
      if (info.start < info.lower || info.start > info.upper)
        at("start").refuse(core::format("is {}, outside of its bounds {} to {}", info.start,
                                        info.lower, info.upper));
      plan_.parameters.push_back(info);
      names_.parameters.push_back(p.name);
    }
  }

  void take_columns() {
    const auto& all = problem_.samples.columns;
    for (std::size_t n = 0; n < all.size(); ++n) {
      note(all[n].name, place("samples", n, all[n].name, "name of the column"));
      require_unit(all[n].unit, place("samples", n, all[n].name, "unit of the column"));
      names_.columns.push_back(all[n].name);
      plan_.columns.push_back(all[n].name);
      plan_.file_columns.push_back(all[n].column.empty() ? all[n].name : all[n].column);
      plan_.column_units.push_back(all[n].unit);
    }
    if (all.empty() ||
        std::ranges::any_of(all, [](const FormulaColumn& c) { return c.formula.empty(); }))
      return;
    plan_.made = Formulas(of_inputs());
    for (std::size_t n = 0; n < all.size(); ++n)
      plan_.made->add(all[n].formula, place("samples", n, all[n].name, "formula of the column"));
  }

  FormulaNames of_inputs() const {
    FormulaNames names;
    names.inputs = names_.inputs;
    names.constants = constants_;
    return names;
  }

  // That no name reads as another one's derivative, and that constants have names of their own.
  void require_names() {
    for (const auto& [name, value] : constants_)
      note(name, {"constants", core::format("'{}'", name)});
    for (const auto& [name, at] : places_)
      for (const auto& field : names_.fields) {
        if (name == field) continue;
        if (!derivative_of(name, field, names_.inputs).empty())
          at.refuse(core::format("'{}' reads as a derivative of the field '{}'; give another name",
                                 name, field));
        if (name == field + "_network")
          at.refuse(core::format("'{}' is what the network of the field '{}' gives", name, field));
      }
  }

  void take_exact() {
    const auto& fields = problem_.fields;
    if (std::ranges::all_of(fields, [](const FormulaField& f) { return f.exact.empty(); })) return;
    FormulaNames names = of_inputs();
    for (const auto& field : fields) names.networks.push_back(field.name + "_network");
    Formulas exact(names);
    for (std::size_t n = 0; n < fields.size(); ++n) {
      if (fields[n].exact.empty()) {
        exact.add_leaf(FormulaOp::network, int(n));
        continue;
      }
      const Place at = place("fields", n, fields[n].name, "exact");
      exact.add(fields[n].exact, at);
      if (!exact.has(exact.roots().back(), {FormulaOp::network}))
        at.refuse(core::format("'{}' leaves nothing to be learnt; it must have {} in it",
                               fields[n].exact, names.networks[n]));
    }
    plan_.exact = std::move(exact);
  }

  void take_reference() {
    for (std::size_t n = 0; n < problem_.fields.size(); ++n) {
      const FormulaField& field = problem_.fields[n];
      Formulas formula(of_inputs());
      const Place at = place("fields", n, field.name, "reference");
      if (!field.reference.empty()) {
        if (!problem_.reference_file.empty())
          at.refuse("is given, and so is reference_file; one of them is valid");
        formula.add(field.reference, at);
      }
      plan_.reference.push_back(std::move(formula));
    }
  }

  // "term.equation", or the equation of the term that it has by itself.
  static std::pair<std::string, std::string> split(const std::string& name, const Place& at,
                                                   const std::string& own_term) {
    const std::size_t dot = name.find('.');
    std::pair<std::string, std::string> parts{own_term, name};
    if (dot != std::string::npos) parts = {name.substr(0, dot), name.substr(dot + 1)};
    for (const auto& part : {parts.first, parts.second})
      if (!is_formula_name(part))
        at.refuse(
            core::format("'{}' is no name; equation or term.equation, of letters, digits and "
                         "_, is valid",
                         name));
    return parts;
  }

  // The term of that name, new or with the same place.
  PlannedTerm& term_of(const PlannedTerm& wanted, const Place& at) {
    const auto found = std::ranges::find(plan_.terms, wanted.name, &PlannedTerm::name);
    if (found == plan_.terms.end()) return plan_.terms.emplace_back(wanted);
    if (found->kind != wanted.kind || found->lower != wanted.lower || found->upper != wanted.upper)
      at.refuse(
          core::format("the term '{}' holds elsewhere in another entry; equations of a term "
                       "share their points, so give another term: name: other.{}",
                       wanted.name, wanted.equations[0]));
    return *found;
  }

  // What a list's entry and its places in the deck are called.
  struct Entry {
    const char* key;
    std::size_t n;
    const FormulaFit& fit;
    Place place(const char* what) const { return Planner::place(key, n, fit.name, what); }
  };

  void add(const Entry& entry, PlannedTerm wanted, const std::string& own_term,
           const FormulaNames& names) {
    const auto [term_name, equation] = split(entry.fit.name, entry.place("name"), own_term);
    wanted.name = term_name;
    wanted.equations = {equation};
    PlannedTerm& term = term_of(wanted, entry.place("name"));
    const bool is_new = term.scales.empty();
    if (is_new)
      term.formulas = Formulas(names);
    else if (std::ranges::find(term.equations, equation) != term.equations.end())
      entry.place("name").refuse(
          core::format("the term '{}' has an equation '{}' already", term_name, equation));
    else
      term.equations.push_back(equation);
    require_unit(entry.fit.unit, entry.place("unit"));
    term.units.push_back(entry.fit.unit);
    const double scale = number_of(entry.fit.scale, constants_, entry.place("scale"));
    if (!(scale > 0)) entry.place("scale").refuse(core::format("is {}; it must be above 0", scale));
    term.scales.push_back(scale);
    term.formulas.add(entry.fit.formula, entry.place("formula"));
    if (!term.formulas.has(term.formulas.roots().back(), {FormulaOp::field, FormulaOp::parameter}))
      entry.place("formula").refuse(
          core::format("'{}' has neither a field nor a parameter in it: nothing can be "
                       "learnt from it; fields are {}",
                       entry.fit.formula, core::joined(names_.fields)));
  }

  void take_equations() {
    FormulaNames names = names_;
    names.columns.clear();
    if (problem_.residuals.empty() && problem_.conditions.empty() &&
        problem_.samples.residuals.empty())
      Place{"residuals", ""}.refuse(
          "there are none; an equation is needed: residuals: [{name: balance, formula: "
          "\"u_t - k*u_xx\"}]");
    for (const bool inside : {true, false}) {
      const auto& all = inside ? problem_.residuals : problem_.conditions;
      for (std::size_t n = 0; n < all.size(); ++n) {
        const FormulaEquation& e = all[n];
        const FormulaFit fit{e.name, e.formula, e.unit, e.scale};
        const Entry entry{inside ? "residuals" : "conditions", n, fit};
        const FormulaRegion region = region_of(e.at, plan_.inputs, constants_, entry.place("at"));
        PlannedTerm wanted;
        wanted.lower = region.lower;
        wanted.upper = region.upper;
        if (!inside && region.held == 0)
          entry.place("at").refuse(
              "holds no input at a place, as a condition must: x = -1; what "
              "holds inside of the box is a residual");
        if (!inside) wanted.kind = region.is_start ? Kind::initial : Kind::boundary;
        const bool named = e.name.find('.') != std::string::npos;
        if (inside || region.is_start)
          add(entry, wanted, inside ? "interior" : "initial", names);
        else if (named)
          add(entry, wanted, "", names);
        else  // `left` is a term with one equation
          add({entry.key, n, {e.name + ".value", e.formula, e.unit, e.scale}}, wanted, "", names);
      }
    }
  }

  void take_fits() {
    const auto& all = problem_.samples.residuals;
    if (!all.empty() && names_.columns.empty())
      Place{"samples", ""}.refuse(
          "has residuals and no columns; name what was measured: columns: "
          "[{name: u_seen, column: u}]");
    if (all.empty() && !names_.columns.empty())
      Place{"samples", ""}.refuse(
          core::format("has columns and no residuals; say what vanishes: residuals: [{{name: fit, "
                       "formula: \"{} = {}\"}}]",
                       names_.fields[0], names_.columns[0]));
    for (std::size_t n = 0; n < all.size(); ++n) {
      PlannedTerm wanted;
      wanted.kind = Kind::data;
      add({"samples", n, all[n]}, wanted, "samples", names_);
    }
  }

  // u = g of inputs, one for each field: what windows of time begin with.
  void take_initial() {
    const PlannedTerm* start = nullptr;
    for (const PlannedTerm& term : plan_.terms)
      if (term.kind == Kind::initial) {
        if (start) return;
        start = &term;
      }
    if (!start || start->equations.size() != names_.fields.size()) return;
    std::vector<std::string> values(names_.fields.size());
    Formulas initial(of_inputs());
    std::vector<int> order(names_.fields.size(), -1);
    for (std::size_t e = 0; e < start->equations.size(); ++e) {
      const auto value = start->formulas.given(start->formulas.roots()[e]);
      if (!value || order[std::size_t(value->first)] >= 0) return;
      order[std::size_t(value->first)] = int(e);
    }
    for (const int e : order)
      initial.add_part(start->formulas,
                       start->formulas.given(start->formulas.roots()[std::size_t(e)])->second);
    plan_.initial = std::move(initial);
  }

  void take_evaluation() {
    const std::size_t count = plan_.inputs.size();
    if (!problem_.evaluation.empty() && problem_.evaluation.size() != count)
      Place{"evaluation", ""}.refuse(
          core::format("has {} numbers; one for each of the inputs {} is needed",
                       problem_.evaluation.size(), core::joined(names_.inputs)));
    plan_.evaluation.assign(problem_.evaluation.begin(), problem_.evaluation.end());
    constexpr std::array<int, most_inputs> usual{201, 101, 41};
    if (plan_.evaluation.empty()) plan_.evaluation.assign(count, usual[count - 1]);
  }

  const FormulaProblem& problem_;
  const std::map<std::string, double>& constants_;
  FormulaPlan plan_;
  FormulaNames names_;
  std::set<std::string> noted_;
  std::vector<std::pair<std::string, Place>> places_;
};

}  // namespace

FormulaPlan plan(const FormulaProblem& problem, const std::map<std::string, double>& constants) {
  return Planner(problem, constants).plan();
}

}  // namespace understudy::pinn
