// Collectives against what each rank can compute alone.
#include <gtest/gtest.h>

#include <cstring>

#include "core/comm.hpp"
#include "core/error.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include "core/mpi.hpp"
#endif
#include "core/traffic.hpp"

namespace core = understudy::core;

TEST(Comm, ReducesAndBroadcasts) {
  const auto world = core::Comm::world();
  const int n = world.size(), me = world.rank();
  EXPECT_EQ(world.sum(1.0 + me), n * (n + 1) / 2.0);
  EXPECT_EQ(world.min(5.0 - me), 5.0 - (n - 1));
  EXPECT_EQ(world.max(5.0 - me), 5.0);
  EXPECT_EQ(world.sum(static_cast<long long>(me)), n * (n - 1) / 2);
  EXPECT_EQ(world.broadcast(me == n - 1 ? std::string("hello") : std::string(), n - 1), "hello");
}

TEST(Comm, GathersUnequalPieces) {
  const auto world = core::Comm::world();
  const std::string mine(static_cast<std::size_t>(world.rank() + 1), 'a');
  const auto pieces = world.all_gather(std::as_bytes(std::span(mine)));
  ASSERT_EQ(static_cast<int>(pieces.size()), world.size());
  for (int r = 0; r < world.size(); ++r) EXPECT_EQ(static_cast<int>(pieces[r].size()), r + 1);
  const auto at_root = world.gather(std::as_bytes(std::span(mine)));
  EXPECT_EQ(at_root.size(), world.is_root() ? world.size() : 0u);
}

TEST(Comm, SplitsIntoGroups) {
  const auto world = core::Comm::world();
  const auto group = world.split(world.rank() % 2, world.rank());
  EXPECT_EQ(group.size(), (world.size() + 1 - world.rank() % 2) / 2);
}

TEST(Comm, ExchangesAllToAll) {
  const auto world = core::Comm::world();
  const int n = world.size();
  std::vector<double> send(n), receive(n);
  std::vector<std::size_t> bytes(n, sizeof(double)), offsets(n);
  for (int r = 0; r < n; ++r) {
    send[r] = 100 * world.rank() + r;
    offsets[r] = r * sizeof(double);
  }
  world.all_to_all(send.data(), bytes, offsets, receive.data(), bytes, offsets);
  for (int r = 0; r < n; ++r) EXPECT_EQ(receive[r], 100 * r + world.rank());
}

TEST(Comm, OneRanksErrorIsEveryRanksError) {
  const auto world = core::Comm::world();
  const bool mine = world.rank() == world.size() - 1;
  try {
    world.throw_on_all_ranks<core::UserError>(mine ? "disk full" : "");
    FAIL() << "no error was thrown";
  } catch (const core::UserError& error) {
    EXPECT_STREQ(error.what(), "disk full");
  }
  EXPECT_NO_THROW(world.throw_on_all_ranks<core::UserError>(""));
}

#ifdef UNDERSTUDY_WITH_MPI
template <class T>
void sum_in_pieces() {
  const auto world = core::Comm::world();
  const int n = world.size(), me = world.rank();
  for (const std::size_t count : {0UL, 1UL, 9UL, 10UL}) {
    std::vector<T> values(count);
    for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<T>(100 * me + int(k));
    const auto before = core::traffic();
    core::sum_in_pieces(world, std::span<T>(values), 3);
    for (std::size_t k = 0; k < count; ++k)
      EXPECT_EQ(values[k], static_cast<T>(50 * n * (n - 1) + n * int(k))) << k << " of " << count;
    const auto pieces = static_cast<long long>((count + 2) / 3);
    EXPECT_EQ((core::traffic() - before).collectives, n > 1 ? pieces : 0);
    EXPECT_EQ((core::traffic() - before).collective_bytes,
              n > 1 ? static_cast<long long>(count * sizeof(T)) : 0);
  }
}

TEST(Comm, SumsOfManyValuesGoInPieces) {
  sum_in_pieces<double>();
  sum_in_pieces<float>();
}
#endif

TEST(Comm, SumsThatAreBegunAreThereAfterTheWait) {
  const auto world = core::Comm::world();
  std::vector<float> values(1000, static_cast<float>(world.rank() + 1));
  const std::span all(values);
  std::vector<core::Comm::Request> requests;
  // Two at once, on parts of one array.
  requests.push_back(world.begin_sum(all.subspan(500)));
  requests.push_back(world.begin_sum(all.first(500)));
  core::Comm::wait(requests);
  const auto expected = static_cast<float>(world.size() * (world.size() + 1) / 2);
  for (const float value : values) ASSERT_EQ(value, expected);
}
