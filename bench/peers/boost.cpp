// boost::lockfree::queue, unbounded, nodes from its free list.
#include "adapter.hpp"

#include <boost/lockfree/queue.hpp>

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

bench::entered items{bench::queue<fifo>("boost::lockfree::queue", "libboost-dev")};

} // namespace
