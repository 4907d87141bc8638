// The definitions that those of this folder stand in front of, and what ThreadSanitizer can be
// told.
#ifndef HOMEPORT_THIRD_PARTY_TSAN_NEXT_DEFINITION_H_
#define HOMEPORT_THIRD_PARTY_TSAN_NEXT_DEFINITION_H_

#include <dlfcn.h>

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}

// The symbol at `own` as the next library defines it.
template <typename Function>
Function NextDefinition(void* own) {
  Dl_info info = {};
  dladdr(own, &info);
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, info.dli_sname));
}

#endif  // HOMEPORT_THIRD_PARTY_TSAN_NEXT_DEFINITION_H_
