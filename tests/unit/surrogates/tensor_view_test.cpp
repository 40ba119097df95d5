// The tensor view: layout, type, device and lifetime.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy {

using surrogates::interior_of;
using surrogates::tensor_of;

template <class Real>
class TensorView : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(TensorView, Reals);

TYPED_TEST(TensorView, HasTheViewsLayoutAndType) {
  const mesh::Array4<TypeParam> view("v", 2, 3, 4, 5);
  const auto host = Kokkos::create_mirror_view(view);
  for (int c = 0; c < 2; ++c)
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 4; ++j)
        for (int i = 0; i < 5; ++i) host(c, k, j, i) = 1000 * c + 100 * k + 10 * j + i;
  Kokkos::deep_copy(view, host);
  const at::Tensor tensor = tensor_of(view);
  EXPECT_EQ(tensor.sizes(), (at::IntArrayRef{2, 3, 4, 5}));
  EXPECT_EQ(tensor.scalar_type(), (std::is_same_v<TypeParam, float> ? at::kFloat : at::kDouble));
  EXPECT_EQ(tensor.device().is_cpu(), mesh::on_host);
  EXPECT_EQ(tensor.data_ptr(), static_cast<void*>(view.data()));
  EXPECT_EQ(tensor[1][2][3][4].template item<double>(), 1234);
  EXPECT_EQ(tensor[0][2][0][3].template item<double>(), 203);
}

TYPED_TEST(TensorView, InteriorIsStridedOverTheStatesMemory) {
  const auto grid = tests::carrier_grid(true, core::Comm::self());
  tests::Carrier<TypeParam> stepper(grid);
  mesh::State<TypeParam> state(grid, stepper.fields());
  const auto& q = state["q"];
  const at::Tensor interior = interior_of(q, *grid);
  EXPECT_EQ(interior.sizes(), (at::IntArrayRef{1, 1, grid->local_cells(1), grid->local_cells(0)}));
  EXPECT_FALSE(interior.is_contiguous());
  interior.fill_(7);
  // What torch writes, Kokkos sees: the interior and nothing else.
  const auto component = q.component();
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), component);
  double sum = 0;
  for (std::size_t j = 0; j < host.extent(1); ++j)
    for (std::size_t i = 0; i < host.extent(2); ++i) sum += host(0, j, i);
  EXPECT_EQ(sum, 7.0 * grid->global_cell_count());
  EXPECT_EQ(host(0, grid->ghosts(1), grid->ghosts(0)), 7);
  EXPECT_EQ(host(0, grid->ghosts(1), grid->ghosts(0) - 1), 0);
}

TYPED_TEST(TensorView, HoldsTheMemoryAfterTheViewIsGone) {
  at::Tensor tensor;
  {
    mesh::Array3<TypeParam> view("short-lived", 2, 3, 4);
    Kokkos::deep_copy(view, TypeParam(5));
    EXPECT_EQ(view.use_count(), 1);
    tensor = tensor_of(view);
    EXPECT_GE(view.use_count(), 2);
  }
  EXPECT_EQ(tensor.sum().template item<double>(), 5 * 24);
  const mesh::Array3<TypeParam> kept("kept", 2, 2, 2);
  {
    const at::Tensor other = tensor_of(kept);
    EXPECT_GE(kept.use_count(), 2);
  }
  EXPECT_EQ(kept.use_count(), 1) << "the tensor's end must free its reference";
}

}  // namespace understudy
