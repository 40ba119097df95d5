#include "surrogates/fields/torch_imported_network.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/provenance.hpp"

namespace understudy::surrogates {

namespace {

template <class Card>
std::int64_t place_of(const std::vector<Card>& cards, const auto& fits) {
  return std::ranges::find_if(cards, fits) - cards.begin();
}

// One side's cells beyond it, of an axis of x.
at::Tensor beyond(const at::Tensor& x, std::int64_t axis, bool upper, SideKind kind,
                  std::int64_t cells) {
  const std::int64_t n = x.size(axis);
  if (kind == SideKind::periodic) return x.narrow(axis, upper ? 0 : n - cells, cells);
  if (kind == SideKind::wall) return x.narrow(axis, upper ? n - 1 - cells : 1, cells).flip({axis});
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape[static_cast<std::size_t>(axis)] = cells;
  return x.narrow(axis, upper ? n - 1 : 0, 1).expand(shape);
}

void require_room(std::int64_t has, SideKind kind, std::int64_t cells, int axis) {
  if ((kind == SideKind::periodic && cells > has) || (kind == SideKind::wall && cells >= has))
    throw core::UserError(core::format(
        "pad_cells: {} cells cannot be added to the {} along {}, whose sides are {}; at most {}",
        cells, has, "xyz"[axis], to_string(kind), kind == SideKind::wall ? has - 1 : has));
}

}  // namespace

at::Tensor pad_by_sides(const at::Tensor& x, const SideKinds& sides, std::int64_t cells) {
  at::Tensor y = x;
  for (int axis = 0; cells > 0 && axis < static_cast<int>(sides.size()) / 2; ++axis) {
    const SideKind lower = sides[2 * axis], upper = sides[2 * axis + 1];
    const std::int64_t at = y.dim() - 1 - axis;
    for (const SideKind kind : {lower, upper}) require_room(y.size(at), kind, cells, axis);
    y = at::cat({beyond(y, at, false, lower, cells), y, beyond(y, at, true, upper, cells)}, at);
  }
  return y;
}

at::Tensor ImportedNetwork::Scaling::operator()(const at::Tensor& x) const {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[1] = static_cast<std::int64_t>(factors.size());
  const auto along = [&](const std::vector<double>& numbers) {
    return at::tensor(numbers, at::kDouble).to(x.device(), x.scalar_type()).view(shape);
  };
  return x * along(factors) + along(shifts);
}

// The program's (value - mean) / std of a value that the network sees as (value - m) / s is one product and one sum,
// whose numbers are made in double: means far above their deviations cost no digits.
ImportedNetwork::ImportedNetwork(const ModelCard& card, std::filesystem::path file,
                                 std::string sha256)
    : file_(std::move(file)),
      sha256_(std::move(sha256)),
      function_(card.imported),
      sides_(card.shape().boundaries),
      fields_(static_cast<std::int64_t>(card.fields.size())),
      fixed_(static_cast<std::int64_t>(card.fixed.size())) {
  places_.resize(card.fields.size());
  const bool state = function_.prediction == "state";
  for (std::size_t n = 0; n < function_.channels.size(); ++n) {
    const FunctionChannel& c = function_.channels[n];
    const std::int64_t place = place_of(card.fields, [&](const FieldCard& f) {
      return f.name == c.name && f.component == c.component;
    });
    const FieldCard& f = card.fields.at(static_cast<std::size_t>(place));
    channels_.push_back(place);
    places_[static_cast<std::size_t>(place)] = static_cast<std::int64_t>(n);
    in_.factors.push_back(f.std / c.std);
    in_.shifts.push_back((f.mean - c.mean) / c.std);
    out_.factors.push_back(state ? c.std / f.std : c.change_std / f.increment_std);
    out_.shifts.push_back(state ? (c.mean - f.mean) / f.std : c.change_mean / f.increment_std);
  }
  for (const FunctionParameter& p : function_.parameters) {
    const std::int64_t place =
        place_of(card.parameters, [&](const ParameterCard& k) { return k.name == p.name; });
    const ParameterCard& k = card.parameters.at(static_cast<std::size_t>(place));
    parameters_.push_back(place);
    told_.factors.push_back(k.std / p.std);
    told_.shifts.push_back((k.mean - p.mean) / p.std);
  }
}

void ImportedNetwork::prepare() const {
  if (program_) return;
  const std::string bytes = core::read_file(file_);
  if (core::sha256(bytes) != sha256_)
    throw core::UserError(file_.string() + " changed while the model was loaded");
  program_ = load_program(function_.engine, file_, bytes);
}

at::Tensor ImportedNetwork::padded(const at::Tensor& x) const {
  return pad_by_sides(x, sides_, function_.pad_cells);
}

// Its own inverse.
at::Tensor ImportedNetwork::in_its_axes(const at::Tensor& x) const {
  if (function_.axes == "zyx") return x;
  std::vector<std::int64_t> order{0, 1};
  for (std::int64_t axis = x.dim(); axis-- > 2;) order.push_back(axis);
  return x.permute(order);
}

std::vector<at::Tensor> ImportedNetwork::arguments(const at::Tensor& input) const {
  const auto chosen = [&](const at::Tensor& x, const std::vector<std::int64_t>& places) {
    return x.index_select(1, at::tensor(places, at::kLong).to(x.device()));
  };
  std::vector<at::Tensor> channels{in_(chosen(input.narrow(1, 0, fields_), channels_))}, more;
  if (function_.fixed != "none")
    (function_.fixed == "channels" ? channels : more).push_back(input.narrow(1, fields_, fixed_));
  for (at::Tensor& x : more) x = in_its_axes(padded(x)).contiguous();
  if (!parameters_.empty()) {
    const at::Tensor behind = input.narrow(1, fields_ + fixed_, input.size(1) - fields_ - fixed_);
    const at::Tensor told = told_(chosen(behind, parameters_));
    if (function_.parameters_as == "channels")
      channels.push_back(told);
    else
      more.push_back(told.flatten(2).select(2, 0).contiguous());
  }
  std::vector<at::Tensor> all{in_its_axes(padded(at::cat(channels, 1))).contiguous()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

at::Tensor ImportedNetwork::of_the_grid(const at::Tensor& y, const std::vector<at::Tensor>& given,
                                        const at::Tensor& input) const {
  std::vector<std::int64_t> wanted = input.sizes().vec();
  wanted[1] = fields_;
  std::vector<std::int64_t> with_padding = wanted;
  for (std::size_t axis = 2; axis < wanted.size(); ++axis)
    with_padding[axis] += 2 * function_.pad_cells;
  if (y.dim() == input.dim()) {
    at::Tensor x = in_its_axes(y);
    if (x.sizes() == at::IntArrayRef(wanted)) return x;
    if (x.sizes() == at::IntArrayRef(with_padding)) {
      for (std::int64_t axis = 2; axis < x.dim(); ++axis)
        x = x.narrow(axis, function_.pad_cells, wanted[static_cast<std::size_t>(axis)]);
      return x;
    }
  }
  if (function_.axes == "xyz") {
    std::reverse(wanted.begin() + 2, wanted.end());
    std::reverse(with_padding.begin() + 2, with_padding.end());
  }
  throw core::UserError(core::format(
      "{} maps {} to {}; the card's channels and the grid want {}{}", file_.string(),
      shapes_text(given), c10::str(y.sizes()), c10::str(at::IntArrayRef(wanted)),
      function_.pad_cells > 0 ? " or, with the padding, " + c10::str(at::IntArrayRef(with_padding))
                              : ""));
}

at::Tensor ImportedNetwork::forward(const at::Tensor& input, const std::vector<at::Tensor>&) const {
  prepare();
  const std::vector<at::Tensor> given = arguments(input.contiguous());
  const at::Tensor y = program_->call(given);
  const at::Tensor x = of_the_grid(y, given, input).to(input.device(), input.scalar_type());
  return out_(x).index_select(1, at::tensor(places_, at::kLong).to(x.device()));
}

FieldModel imported_model(const ModelCard& card, const std::filesystem::path& file,
                          const std::string& sha256) {
  FieldModel model{
      card, std::make_shared<Network>(
                card.network, std::make_unique<ImportedNetwork>(card, file, sha256), card.seed)};
  model.network->impl().shape = card.shape();
  return model;
}

}  // namespace understudy::surrogates
