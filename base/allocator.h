// What glibc's allocator keeps for later (mallopt(3)).
//
// By default it learns to take large blocks from its heaps once some have been freed, and what is
// freed below the top of a heap stays with the process: a service that was busy once would be large
// for ever.
#ifndef HOMEPORT_BASE_ALLOCATOR_H_
#define HOMEPORT_BASE_ALLOCATOR_H_

namespace homeport {

// Large blocks go back to the kernel when they are freed, and threads share heaps. First thing in
// main.
void KeepLittleFreeMemory();

// Gives back what is free in the heaps. Takes milliseconds for many megabytes, in which other
// threads that allocate may have to wait: for a timer, not for a loop's every turn. Any thread.
void ReturnFreeMemory();

}  // namespace homeport

#endif  // HOMEPORT_BASE_ALLOCATOR_H_
