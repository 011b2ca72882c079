/* Every macro of the public headers that users write in their own code, used once. Compiled as C11 and as
 * C++17: a macro that only one of the two languages understands is a bug. */
#include <cc/cc.h>

bool macros_work(void);

bool macros_work(void)
{
    cc_domain_opts_t domain = CC_DOMAIN_OPTS_INIT;
    cc_map_opts_t map = CC_MAP_OPTS_INIT;
    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    cc_alloc_info_t allocator = CC_ALLOC_INFO_INIT;
    cc_bytes_t highest = CC_BYTES_MAX, literal = CC_BYTES("a\0b");
    cc_fifo_opts_t fifo = CC_FIFO_OPTS_INIT;
    cc_lifo_opts_t lifo = CC_LIFO_OPTS_INIT;
    cc_ring_opts_t ring = CC_RING_OPTS_INIT;
    cc_ring_info_t ring_info = CC_RING_INFO_INIT;
    cc_queue_snapshot_t queue = CC_QUEUE_SNAPSHOT_INIT;
    CC_ATOMIC_PTR slot;

    return domain.size == sizeof domain && domain.scheme == CC_SMR_DEFAULT && domain.name == NULL &&
           map.size == sizeof map && map.value_reclaim == NULL && map.compare_ctx == NULL &&
           snapshot.size == sizeof snapshot && snapshot.scheme == NULL && snapshot.stalled_thread == 0 &&
           snapshot.stall == CC_STALL_NONE && highest.data == NULL && highest.len > CC_KEY_LEN_MAX &&
           literal.len == 3 && allocator.size == sizeof allocator && allocator.host_malloc == NULL &&
           CC_CACHE_LINE_SIZE == 64 && fifo.size == sizeof fifo && fifo.segment_items == 0 && !fifo.statistics &&
           lifo.size == sizeof lifo && lifo.elimination == 0 && !lifo.statistics && ring.size == sizeof ring &&
           ring.item_reclaim == NULL && !ring.statistics && !ring.wait_free && ring_info.size == sizeof ring_info &&
           !ring_info.wait_free && queue.size == sizeof queue && queue.waits == 0 && CC_RING_CAPACITY_MAX > 0 &&
           sizeof slot == sizeof(void *) && CC_VERSION_MAJOR + CC_VERSION_MINOR + CC_VERSION_PATCH > 0;
}
