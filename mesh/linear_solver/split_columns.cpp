#include "mesh/linear_solver/split_columns.hpp"

#include <algorithm>
#include <cmath>

namespace understudy::mesh::detail {

Span share(int n, int part, int parts) {
  return {static_cast<int>(1LL * n * part / parts), static_cast<int>(1LL * n * (part + 1) / parts)};
}

SplitColumns::SplitColumns(const core::Comm& comm, const ColumnEquation& equation,
                           const std::vector<Span>& rows, int modes,
                           const std::function<double(int)>& eigenvalue)
    : comm_(comm),
      modes_(modes),
      circle_(equation.lower == LinearBoundary::periodic),
      mine_(share(modes, comm.rank(), comm.size())),
      first_(modes),
      last_(modes),
      before_(modes),
      after_(modes) {
  for (int q = 0; q < comm.size(); ++q)
    if (rows[q].size() > 0) chain_.push_back({.rank = q});
  std::ranges::sort(chain_, {}, [&](const Link& link) { return rows[link.rank].begin; });
  std::vector<ColumnPart> parts;
  for (const Link& link : chain_) {
    ColumnPart part{.rows = rows[link.rank].size(), .rhs_scale = equation.rhs_scale};
    if (!circle_ && &link == &chain_.front()) part.lower_diagonal = end_diagonal(equation.lower);
    if (!circle_ && &link == &chain_.back()) part.upper_diagonal = end_diagonal(equation.upper);
    parts.push_back(part);
    if (link.rank == comm.rank()) part_ = part;
  }
  if (rows[comm.rank()].size() == 0) part_.rows = 0;

  const std::size_t count = mine_.size();
  for (Link& link : chain_)
    for (auto* list : {&link.to_before, &link.across, &link.inverse, &link.a, &link.b, &link.g,
                       &link.c, &link.d, &link.e})
      list->assign(count, 0.0);
  for (auto* list :
       {&closing_.one_minus_g, &closing_.one_minus_q, &closing_.b, &closing_.s, &closing_.inverse})
    list->assign(count, 0.0);
  for (std::size_t m = 0; m < count; ++m) {
    const int mode = mine_.begin + static_cast<int>(m);
    if (mode > 0 || !equation.singular) set_coefficients(m, parts, eigenvalue(mode));
  }

  std::size_t offset = 0;
  for (int q = 0; q < comm.size(); ++q) {
    owner_bytes_.push_back(2 * sizeof(double) * share(modes, q, comm.size()).size());
    owner_offsets_.push_back(offset);
    rank_bytes_.push_back(2 * sizeof(double) * count);
    rank_offsets_.push_back(q * rank_bytes_.back());
    offset += owner_bytes_.back();
  }
  by_owner_.resize(2UL * modes);
  by_rank_.resize(2UL * count * comm.size());
}

void SplitColumns::set_coefficients(std::size_t m, const std::vector<ColumnPart>& parts,
                                    double eigenvalue) {
  double b = 0, g = circle_ ? 1 : 0;  // of the link before
  for (std::size_t n = 0; n < chain_.size(); ++n) {
    Link& link = chain_[n];
    const PartResponse of = part_response(parts[n], eigenvalue);
    link.to_before[m] = of.first_to_before;
    link.across[m] = of.across;
    link.inverse[m] = 1 / (1 - of.first_to_before * b);
    link.d[m] = of.across * link.inverse[m];
    link.e[m] = of.first_to_before * g * link.inverse[m];
    g = of.across * (g + b * link.e[m]);
    b = of.last_to_after + of.across * b * link.d[m];
    link.b[m] = b;
    link.g[m] = g;
  }
  if (!circle_) return;
  // first_0 = p + q first_0 + s z and z = a + b first_0 + g z, with a, b, g of the last link.
  double q = 1, s = 0;
  for (std::size_t n = chain_.size(); n-- > 0;) {
    q *= chain_[n].d[m];
    s = chain_[n].d[m] * s + chain_[n].e[m];
  }
  closing_.one_minus_g[m] = 1 - g;
  closing_.one_minus_q[m] = 1 - q;
  closing_.b[m] = b;
  closing_.s[m] = s;
  closing_.inverse[m] = 1 / ((1 - g) * (1 - q) - b * s);
}

void SplitColumns::reduce() {
  pack();
  comm_.all_to_all(by_owner_.data(), owner_bytes_, owner_offsets_, by_rank_.data(), rank_bytes_,
                   rank_offsets_);
  solve_chain();
  comm_.all_to_all(by_rank_.data(), rank_bytes_, rank_offsets_, by_owner_.data(), owner_bytes_,
                   owner_offsets_);
  unpack();
}

void SplitColumns::pack() {
  double* to = by_owner_.data();
  for (int q = 0; q < comm_.size(); ++q) {
    const Span modes = share(modes_, q, comm_.size());
    to = std::copy_n(first_.data() + modes.begin, modes.size(), to);
    to = std::copy_n(last_.data() + modes.begin, modes.size(), to);
  }
}

void SplitColumns::unpack() {
  const double* from = by_owner_.data();
  for (int q = 0; q < comm_.size(); ++q) {
    const Span modes = share(modes_, q, comm_.size());
    std::copy_n(from, modes.size(), before_.data() + modes.begin);
    std::copy_n(from + modes.size(), modes.size(), after_.data() + modes.begin);
    from += 2 * modes.size();
  }
}

void SplitColumns::solve_chain() {
  const std::size_t count = mine_.size();
  for (std::size_t n = 0; n < chain_.size(); ++n) {
    Link& link = chain_[n];
    const double* first = by_rank_.data() + 2 * count * link.rank;
    const double* last = first + count;
    for (std::size_t m = 0; m < count; ++m) {
      const double a = n == 0 ? 0 : chain_[n - 1].a[m], b = n == 0 ? 0 : chain_[n - 1].b[m];
      link.c[m] = (first[m] + link.to_before[m] * a) * link.inverse[m];
      link.a[m] = last[m] + link.across[m] * (a + b * link.c[m]);
    }
  }
  std::vector<double> next(count, 0.0),
      z(count, 0.0);  // first of the link after; the circle's last
  if (circle_) {
    for (std::size_t m = 0; m < count; ++m) {
      double p = 0;
      for (std::size_t n = chain_.size(); n-- > 0;) p = chain_[n].c[m] + chain_[n].d[m] * p;
      const double a = chain_.back().a[m];
      z[m] = (a * closing_.one_minus_q[m] + closing_.b[m] * p) * closing_.inverse[m];
      next[m] = (closing_.one_minus_g[m] * p + closing_.s[m] * a) * closing_.inverse[m];
    }
  }
  for (std::size_t n = chain_.size(); n-- > 0;) {
    const Link& link = chain_[n];
    double* before = by_rank_.data() + 2 * count * link.rank;
    double* after = before + count;
    for (std::size_t m = 0; m < count; ++m) {
      after[m] = next[m];
      next[m] = link.c[m] + link.d[m] * next[m] + link.e[m] * z[m];
      before[m] =
          n == 0 ? z[m]
                 : chain_[n - 1].a[m] + chain_[n - 1].b[m] * next[m] + chain_[n - 1].g[m] * z[m];
    }
  }
}

}  // namespace understudy::mesh::detail
