#include "base/allocator.h"

#include <malloc.h>

#include <atomic>

namespace homeport {
namespace {

constexpr int kLargeBytes = 64 << 10;
constexpr int kHeaps = 4;
// Less is not worth looking through the heaps.
constexpr size_t kWorthReturningBytes = 64 << 10;

std::atomic<size_t> freed_bytes{0};

}  // namespace

void KeepLittleFreeMemory() {
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, kLargeBytes);
  mallopt(M_ARENA_MAX, kHeaps);
}

void NoteFreedMemory(size_t bytes) { freed_bytes.fetch_add(bytes, std::memory_order_relaxed); }

void ReturnFreeMemory() {
  if (freed_bytes.load(std::memory_order_relaxed) < kWorthReturningBytes) return;
  freed_bytes.store(0, std::memory_order_relaxed);
  malloc_trim(0);
}

}  // namespace homeport
