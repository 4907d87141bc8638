// Abseil's search for locks that are taken in an order that could deadlock.
//
// Threads: any.
#ifndef HOMEPORT_BASE_LOCK_ORDER_H_
#define HOMEPORT_BASE_LOCK_ORDER_H_

namespace homeport {

// Debian's Abseil, which gRPC uses too, looks at every lock. That finds mistakes in tests, which do
// not call this, and costs a program a few percent of its CPU. First thing in main.
void DoNotCheckLockOrder();

}  // namespace homeport

#endif  // HOMEPORT_BASE_LOCK_ORDER_H_
