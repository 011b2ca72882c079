// boost::lockfree: the queue, unbounded, nodes from its free list; the ring for one producer and one consumer.
#include "adapter.hpp"

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

namespace
{

class fifo
{
    boost::lockfree::queue<void *> items{2048};

  public:
    explicit fifo(const contender_opts_t &)
    {
    }
    bool push(void *item)
    {
        return items.push(item);
    }
    bool pop(void *&item)
    {
        return items.pop(item);
    }
};

class pipe
{
    boost::lockfree::spsc_queue<void *> items;

  public:
    explicit pipe(const contender_opts_t &opts) : items{opts.capacity}
    {
    }
    bool push(void *item)
    {
        return items.push(item);
    }
    bool pop(void *&item)
    {
        return items.pop(item);
    }
};

contender_t for_two(contender_t contender)
{
    contender.pipe = true;
    return contender;
}

bench::entered items{bench::queue<fifo>("boost::lockfree::queue", "libboost-dev")};
bench::entered pipes{
    for_two(bench::queue<pipe>("boost::lockfree::spsc_queue", "libboost-dev", "bounded: 65536 items"))};

} // namespace
