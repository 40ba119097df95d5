#include "surrogates/fields/torch_frame_stream.hpp"

#include <algorithm>
#include <utility>

namespace understudy::surrogates {

FrameStream::FrameStream(Read read, Prepare prepare, std::size_t room)
    : read_(std::move(read)), prepare_(std::move(prepare)), room_(std::max<std::size_t>(1, room)) {}

FrameStream::~FrameStream() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  to_read_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FrameStream::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
}

void FrameStream::expect(std::vector<Key> next) {
  {
    const std::lock_guard lock(mutex_);
    plan_ = std::move(next);
    next_ = used_ = 0;
    ++plans_;
    for (auto& [key, entry] : held_) {
      if (entry.wanted == 0) continue;
      entry.wanted = 1;
      release(key, entry);
    }
  }
  start();
  to_read_.notify_all();
}

at::Tensor FrameStream::frame(const Key& key) {
  start();
  std::unique_lock lock(mutex_);
  const bool planned = used_ < plan_.size() && plan_[used_] == key;
  if (planned) {
    was_read_.wait(lock, [&] { return error_ || next_ > used_; });
  } else if (const auto found = held_.find(key); found != held_.end()) {
    keep(found->second);
  } else {
    urgent_ = key;
    to_read_.notify_all();
    was_read_.wait(lock, [&] { return error_ || !urgent_; });
  }
  if (error_) std::rethrow_exception(error_);
  Entry& entry = held_.at(key);  // stays: it is wanted
  if (planned) ++used_;
  if (!entry.ready.defined()) {
    std::vector<float> raw = std::move(entry.raw);
    lock.unlock();
    at::Tensor ready = prepare_(key, std::move(raw));
    lock.lock();
    entry.ready = std::move(ready);
    entry.raw = {};
  }
  at::Tensor result = entry.ready;
  release(key, entry);
  lock.unlock();
  to_read_.notify_all();
  return result;
}

double FrameStream::bytes_read() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t FrameStream::most_held() const {
  const std::lock_guard lock(mutex_);
  return most_;
}

void FrameStream::keep(Entry& entry) {
  if (entry.wanted++ == 0) idle_.erase(entry.idle);
}

void FrameStream::release(const Key& key, Entry& entry) {
  if (--entry.wanted > 0) return;
  entry.idle = ++uses_;
  idle_[entry.idle] = key;
}

bool FrameStream::may_read() const {
  return urgent_ || (next_ < plan_.size() && (held_.contains(plan_[next_]) || has_room()));
}

void FrameStream::work() {
  std::unique_lock lock(mutex_);
  try {
    for (;;) {
      to_read_.wait(lock, [&] { return stop_ || may_read(); });
      if (stop_) return;
      read_next(lock);
      was_read_.notify_all();
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    error_ = std::current_exception();
    was_read_.notify_all();
  }
}

void FrameStream::read_next(std::unique_lock<std::mutex>& lock) {
  const bool urgent = urgent_.has_value();  // kept for who asks; else as often as it is expected
  const Key key = urgent ? *urgent_ : plan_[next_];
  const std::uint64_t plan = plans_;
  if (!held_.contains(key)) {
    while (held_.size() >= room_ && !idle_.empty()) {
      held_.erase(idle_.begin()->second);
      idle_.erase(idle_.begin());
    }
    lock.unlock();
    std::vector<float> values = read_(key);
    lock.lock();
    bytes_ += static_cast<double>(values.size() * sizeof(float));
    Entry& entry = held_[key];
    entry.raw = std::move(values);
    entry.wanted = 1;
    release(key, entry);
    most_ = std::max(most_, held_.size());
  }
  if (!urgent && plan != plans_) return;  // it is no longer expected
  keep(held_.at(key));
  if (urgent)
    urgent_.reset();
  else
    ++next_;
}

}  // namespace understudy::surrogates
