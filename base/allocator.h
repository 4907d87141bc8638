// What glibc's allocator keeps for later (mallopt(3)).
//
// By default it learns to take large blocks from its heaps once some have been freed, and what is
// freed below the top of a heap stays with the process: a service that was busy once would be large
// for ever.
//
// Threads: any.
#ifndef HOMEPORT_BASE_ALLOCATOR_H_
#define HOMEPORT_BASE_ALLOCATOR_H_

#include <cstddef>

namespace homeport {

// Large blocks go back to the kernel when they are freed, and threads share heaps. First thing in
// main.
void KeepLittleFreeMemory();

// Says that about so much was freed and may not be needed again soon. Costs nothing.
void NoteFreedMemory(size_t bytes);

// Gives back what is free in the heaps, if enough of that was noted since the last time. Takes
// milliseconds for many megabytes, in which other threads that allocate may have to wait: for a
// timer (base/memory_return.h), not for a loop's every turn.
void ReturnFreeMemory();

}  // namespace homeport

#endif  // HOMEPORT_BASE_ALLOCATOR_H_
