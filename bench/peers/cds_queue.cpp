// libcds's queues.
#include "cds.hpp"

#include <cds/container/msqueue.h>
#include <cds/container/segmented_queue.h>
#include <cds/container/vyukov_mpmc_cycle_queue.h>

#include <memory>

namespace
{

using namespace bench;
namespace cc = cds::container;

template <class Queue> class of
{
    std::unique_ptr<Queue> queue; // made when the library is ready

  public:
    using Self = attached<of>;
    explicit of(const contender_opts_t &opts)
    {
        cds_ready();
        if constexpr (std::is_constructible_v<Queue, size_t>)
            queue = std::make_unique<Queue>(Queue::needs(opts));
        else
            queue = std::make_unique<Queue>();
    }
    bool push(Self &, void *item)
    {
        return queue->enqueue(item);
    }
    bool pop(Self &, void *&item)
    {
        return queue->dequeue(item);
    }
};

using list = cc::MSQueue<cds::gc::HP, void *>;
struct cycle : cc::VyukovMPMCCycleQueue<void *> {
    using VyukovMPMCCycleQueue::VyukovMPMCCycleQueue;
    static size_t needs(const contender_opts_t &opts)
    {
        return opts.capacity;
    }
};
struct segments : cc::SegmentedQueue<cds::gc::HP, void *> {
    using SegmentedQueue::SegmentedQueue;
    static size_t needs(const contender_opts_t &)
    {
        return 16; // items of a segment, as in the library's own tests
    }
};

entered ms{queue<of<list>>("cds::MSQueue-hp", "libcds-dev")};
entered vyukov{queue<of<cycle>>("cds::VyukovMPMCCycleQueue", "libcds-dev", "bounded: 65536 items")};
entered segmented{queue<of<segments>>("cds::SegmentedQueue-hp", "libcds-dev", "in order up to a window of 16")};

} // namespace
