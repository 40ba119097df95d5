// How many bytes of tensors are held in the host's memory, counted where LibTorch takes them.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace understudy::tests {

/// Hands out what another allocator has, and counts.
class CountingAllocator : public c10::Allocator {
 public:
  explicit CountingAllocator(c10::Allocator* inner) : inner_(inner) {}
  c10::DataPtr allocate(std::size_t bytes) override {
    auto* piece = new Piece{inner_->allocate(bytes), static_cast<long long>(bytes)};
    const long long now = held += piece->bytes;
    for (long long before = most; before < now && !most.compare_exchange_weak(before, now);) {
    }
    return {piece->data.get(), piece, &release, piece->data.device()};
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
  static inline std::atomic<long long> held = 0, most = 0;

 private:
  struct Piece {
    c10::DataPtr data;
    long long bytes;
  };
  static void release(void* piece) {
    held -= static_cast<Piece*>(piece)->bytes;
    delete static_cast<Piece*>(piece);
  }
  c10::Allocator* inner_;
};

/// Counts the tensors that are made while this lives, by any thread; one at a time.
class HeldTensors {
 public:
  HeldTensors() : before_(c10::GetCPUAllocator()) {
    // Kept: tensors may outlive this, and LibTorch wants what made them.
    static auto* counting = new CountingAllocator(before_);
    CountingAllocator::most = CountingAllocator::held.load();
    first_ = CountingAllocator::held;
    c10::SetCPUAllocator(counting);
  }
  ~HeldTensors() { c10::SetCPUAllocator(before_); }
  HeldTensors(const HeldTensors&) = delete;
  HeldTensors& operator=(const HeldTensors&) = delete;

  /// The most bytes that were held at once.
  double most() const { return static_cast<double>(CountingAllocator::most - first_); }

 private:
  c10::Allocator* before_;
  long long first_ = 0;
};

}  // namespace understudy::tests
