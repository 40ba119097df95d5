// Frames that are read ahead: in order, within the room, again only where they had to go, errors where they are asked
// for; and the sums that normalise them, over blocks as over all.
#include "surrogates/fields/torch_frame_stream.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/torch_channel_moments.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

float value_of(const FrameStream::Key& key) {
  return static_cast<float>(100 * key.trajectory + key.frame);
}

// Frames of three numbers, and how often each was read.
struct Source {
  std::atomic<int> reads = 0, prepared = 0;
  std::atomic<std::int64_t> fails_at = -1;

  FrameStream::Read read() {
    return [this](const FrameStream::Key& key) {
      if (key.frame == fails_at) throw core::UserError("frame 7 is not there");
      ++reads;
      return std::vector<float>(3, value_of(key));
    };
  }
  FrameStream::Prepare prepare() {
    return [this](const FrameStream::Key&, const std::vector<float>& raw) {
      ++prepared;
      return at::tensor(raw) + 0.5;
    };
  }
};

void expect_frames(FrameStream& stream, const std::vector<FrameStream::Key>& keys) {
  for (const auto& key : keys)
    EXPECT_EQ(stream.frame(key)[1].item<float>(), value_of(key) + 0.5F) << key.frame;
}

std::vector<FrameStream::Key> frames_of(int trajectory, std::int64_t count) {
  std::vector<FrameStream::Key> keys;
  for (std::int64_t n = 0; n < count; ++n) keys.push_back({trajectory, n});
  return keys;
}

TEST(FrameStream, GivesFramesInTheirOrderWithinItsRoom) {
  for (const std::size_t room : {1u, 2u, 7u, 100u}) {
    Source source;
    FrameStream stream(source.read(), source.prepare(), room);
    const auto keys = frames_of(1, 40);
    stream.expect(keys);
    expect_frames(stream, keys);
    EXPECT_EQ(source.reads, 40);
    EXPECT_LE(stream.most_held(), room);
    EXPECT_EQ(stream.bytes_read(), 40 * 3 * 4);
  }
}

TEST(FrameStream, KeepsWhatIsWantedAgainWhileThereIsRoom) {
  // Windows that overlap: 0 1, 1 2, 2 3...
  std::vector<FrameStream::Key> keys;
  for (std::int64_t n = 0; n < 20; ++n) keys.insert(keys.end(), {{0, n}, {0, n + 1}});
  for (const auto& [room, reads] : {std::pair{3u, 21}, {1u, 21}}) {
    Source source;
    FrameStream stream(source.read(), source.prepare(), room);
    stream.expect(keys);
    expect_frames(stream, keys);
    EXPECT_EQ(source.reads, reads) << room;
    EXPECT_EQ(source.prepared, reads) << "once for each time that it was read";
  }
  // The least recently used one goes.
  Source source;
  FrameStream stream(source.read(), source.prepare(), 2);
  const std::vector<FrameStream::Key> wanted{{0, 0}, {0, 1}, {0, 0}, {0, 2}, {0, 0}, {0, 1}};
  expect_frames(stream, wanted);  // none of them was expected
  EXPECT_EQ(source.reads, 4) << "0, 1, 2 and 1 again";
}

TEST(FrameStream, ReadsWhatWasNotExpectedAndGoesOnWithWhatWas) {
  Source source;
  FrameStream stream(source.read(), source.prepare(), 2);
  const auto keys = frames_of(0, 10);
  stream.expect(keys);
  expect_frames(stream, {keys[0], {3, 5}, keys[1], {3, 6}, {3, 5}, keys[2]});
  // Another plan in the middle of one.
  const auto others = frames_of(2, 6);
  stream.expect(others);
  expect_frames(stream, others);
  EXPECT_LE(stream.most_held(), 3u) << "one beyond the room for what was not expected";
  stream.expect(keys);  // and never asked for: the end does not wait
}

TEST(FrameStream, AnErrorIsThrownWhereFramesAreAskedFor) {
  Source source;
  source.fails_at = 7;
  FrameStream stream(source.read(), source.prepare(), 3);
  const auto keys = frames_of(0, 10);
  stream.expect(keys);
  EXPECT_EQ(error_text([&] {
              for (const auto& key : keys) stream.frame(key);
            }),
            "frame 7 is not there");
  EXPECT_EQ(error_text([&] { stream.frame({0, 0}); }), "frame 7 is not there");
}

// More values than are summed at once: 5 frames of 2^22 cells, in blocks of 4.
TEST(ChannelMoments, OfBlocksAreThoseOfAll) {
  constexpr std::int64_t cells = ChannelMoments::at_once / 4, frames = 5;
  const at::Tensor base = at::linspace(-1, 1, cells, at::TensorOptions(at::kFloat));
  std::vector<std::int64_t> asked;
  const auto frame = [&](std::int64_t n) {
    asked.push_back(n);
    return base * static_cast<float>(n + 1) + static_cast<float>(n);
  };
  ChannelMoments moments;
  moments.add(frame, {frames, cells}, {});
  FieldCard card;
  moments.fill(card);
  // Frame n is (n + 1) x + n with x uniform in [-1, 1]: mean n, mean square n^2 + (n + 1)^2 / 3; changes x + 1.
  double mean = 0, square = 0;
  for (int n = 0; n < frames; ++n) {
    mean += n / 5.0;
    square += (n * n + (n + 1) * (n + 1) / 3.0) / 5;
  }
  EXPECT_NEAR(card.mean, mean, 1e-6);
  EXPECT_NEAR(card.std, std::sqrt(square - mean * mean), 1e-5);
  EXPECT_NEAR(card.increment_std, std::sqrt(1 + 1.0 / 3), 1e-5);
  EXPECT_FLOAT_EQ(static_cast<float>(card.lowest), -1);
  EXPECT_FLOAT_EQ(static_cast<float>(card.highest), 9);
  EXPECT_EQ(asked, (std::vector<std::int64_t>{0, 1, 2, 3, 4})) << "each is read once";
  // A block in double precision and as it was read, with the frame before it.
  EXPECT_EQ(ChannelMoments::bytes(frames, cells), 8.0 * (4 + 3) * cells + 4.0 * (4 + 1) * cells);
}

// Of fewer values the sums are LibTorch's over all of them, bit for bit; the square of the mean is taken from that of
// the values as the compiler likes (fused or not).
TEST(ChannelMoments, OfASampleAreTheSumsOverAllOfIt) {
  auto random = generator(3);
  const at::Tensor values = at::randn({9, 31, 17}, random, at::TensorOptions(at::kFloat)) + 100;
  const at::Tensor weights = at::rand({31, 17}, random, at::TensorOptions(at::kFloat)) + 0.5;
  for (const at::Tensor& by : {at::Tensor(), weights}) {
    ChannelMoments moments;
    moments.add([&](std::int64_t n) { return values[n]; }, {9, 31 * 17}, by);
    FieldCard card;
    moments.fill(card);
    const at::Tensor wide = values.to(at::kDouble);
    const auto total = [&](const at::Tensor& t) {
      return (by.defined() ? t * by : t).sum().item<double>();
    };
    const double count = 9 * 31 * 17, mean = total(wide) / count;
    const at::Tensor change = wide.narrow(0, 1, 8) - wide.narrow(0, 0, 8);
    EXPECT_EQ(card.mean, mean);
    EXPECT_NEAR(card.std, std::sqrt(total(wide.square()) / count - mean * mean), 1e-11);
    EXPECT_EQ(card.increment_std, std::sqrt(total(change.square()) / (8.0 * 31 * 17)));
  }
}

}  // namespace

}  // namespace understudy
