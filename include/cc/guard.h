/* cc/guard.h: keep a value beyond the call that returned it, or build a lock-free structure of your own.
 *
 * A guard holds single pointers, like hazard pointers: a thread that sleeps inside one pins exactly the
 * objects that it obtained there, nothing else (under CC_SMR_EPOCH: everything retired meanwhile). Nobody
 * needs a guard who only stores integers or never reclaims values.
 *
 *     cc_guard_t *g = cc_guard_enter(domain);
 *     void *value;
 *     if (g != NULL && cc_skiplist64_get(map, 42, &value) == 0)
 *         use(value);            // safe until leave, whatever other threads do
 *     cc_guard_leave(g);
 *
 * The domain is the map's (cc_skiplist_domain(map) and so on). A guard of another domain protects nothing, and
 * cc_guard_enter(NULL) gives no guard.
 *
 * A guard belongs to the thread that entered it, which may sleep, lock and allocate inside. Guards nest; the
 * last one entered is left first. To leave one out of order, twice or by another thread is a bug; where the library
 * notices it, it stops the process, with a line on stderr. A value that a map gives out belongs to the innermost guard of
 * the map's domain that was open at that call. */
#ifndef CC_GUARD_H
#define CC_GUARD_H

#include <cc/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cc_guard cc_guard_t;

/** Opens a guard. Also reserves room for 16 retirements, if there is memory. Once the thread is attached it never waits for
 *  another one. O(guards that the thread has open).
 *  @return the guard; NULL if `domain` is NULL, or if there is no memory and the thread was never attached (cc_thread_attach at
 *          thread start avoids that). */
CC_API CC_NODISCARD cc_guard_t *cc_guard_enter(cc_domain_t *domain);

/** Closes the guard: every pointer obtained in it may be reclaimed from now on. Only by its thread, last
 *  entered first. NULL does nothing. Wait-free apart from garbage reclaimed in passing. */
CC_API void cc_guard_leave(cc_guard_t *guard);

/** As leave and enter: lets go of every pointer obtained in the guard, without giving the guard up. If the thread is in
 *  no other guard of the domain, garbage is reclaimed in passing, callbacks included, as at leave. */
CC_API void cc_guard_refresh(cc_guard_t *guard);

/** Reads `*slot` and holds what it read in the guard until leave, refresh or release: the pointer may be
 *  dereferenced if the object that contains `slot` was still linked when the slot was read (hazard pointer
 *  meaning). The low 4 bits of the pointer may carry marks. A null pointer (marks aside) is returned as it
 *  is. To change a slot: atomic_exchange(&slot, node), or any other atomic operation; in C++ slot.exchange(node).
 *  @return 0 with *out set; -ENOMEM (the guard cannot grow); -EINVAL. Lock-free: it reads again as often as
 *  the slot changes under it. */
CC_API CC_NODISCARD int cc_guard_protect(cc_guard_t *guard, CC_ATOMIC_PTR *slot, void **out);

/** Lets go of one pointer before leave (low 4 bits ignored). A pointer obtained twice in the guard is held
 *  until it was released twice. A pointer that the guard does not hold: nothing happens. O(pointers held), the
 *  most recent first. Under CC_SMR_EPOCH it does nothing. */
CC_API void cc_guard_release(cc_guard_t *guard, void *ptr);

/** A node for a structure of your own: `size` bytes, cache-line aligned, not zeroed. O(1), as the allocator.
 *  @return NULL: no memory, size 0 or overflow, or domain NULL. */
CC_API CC_NODISCARD void *cc_node_alloc(cc_domain_t *domain, size_t size);

/** Frees a node of cc_node_alloc that was never published. NULL does nothing. */
CC_API void cc_node_discard(cc_domain_t *domain, void *node);

/** Makes sure that the next `n` calls of cc_retire by this thread need no memory. A drain beside them, and callbacks that wait
 *  for the end of a guard, can use the reserve up early. O(n). @return 0; -ENOMEM: nothing is kept; -EINVAL. */
CC_API CC_NODISCARD int cc_retire_reserve(cc_domain_t *domain, size_t n);

/** Hands over an object that this thread has just made unreachable for threads that come later. It is
 *  reclaimed when it stands in no guard: reclaim(ptr, ctx) is called, or with `reclaim` NULL the object is
 *  freed as a node of cc_node_alloc. So NULL is for objects of cc_node_alloc only; what malloc returned needs a callback that
 *  calls free.
 *
 *  `ptr` is the pointer that readers store and protect, never an interior one; its low 4 bits are ignored in
 *  comparisons. `size` is the object's size in bytes, for the statistics and the thresholds. To be called
 *  once per object, by the thread whose atomic step removed the last link to it.
 *  @return 0; -EINVAL (NULL handles, size of 2^59 or more). It does not fail for want of memory: if even a scan finds no room, the
 *  object is leaked and counted in the snapshot, never freed early. Amortized O(1). May be called inside a
 *  guard and inside a callback. */
CC_API int cc_retire(cc_domain_t *domain, void *ptr, size_t size, cc_reclaim_fn *reclaim, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
