#include "base/allocator.h"

#include <malloc.h>

namespace homeport {
namespace {

constexpr int kLargeBytes = 64 << 10;
constexpr int kHeaps = 4;

}  // namespace

void KeepLittleFreeMemory() {
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, kLargeBytes);
  mallopt(M_ARENA_MAX, kHeaps);
}

void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace homeport
