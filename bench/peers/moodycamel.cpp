// moodycamel::ConcurrentQueue: keeps the order per producer only. With explicit tokens, as its documentation advises for
// speed, and without.
#include "adapter.hpp"

#include <concurrentqueue/concurrentqueue.h>

namespace
{

using list = moodycamel::ConcurrentQueue<void *>;

struct plain {
    list queue;
    explicit plain(const contender_opts_t &)
    {
    }
    bool push(void *item)
    {
        return queue.enqueue(item);
    }
    bool pop(void *&item)
    {
        return queue.try_dequeue(item);
    }
};

struct tokens {
    struct Self {
        moodycamel::ProducerToken producer;
        moodycamel::ConsumerToken consumer;
        Self(tokens &it, unsigned) : producer(it.queue), consumer(it.queue)
        {
        }
    };
    list queue;
    explicit tokens(const contender_opts_t &)
    {
    }
    bool push(Self &self, void *item)
    {
        return queue.enqueue(self.producer, item);
    }
    bool pop(Self &self, void *&item)
    {
        return queue.try_dequeue(self.consumer, item);
    }
};

using namespace bench;
entered without{queue<plain>("moodycamel", "libconcurrentqueue-dev", "order per producer only")};
entered with{queue<tokens>("moodycamel+tokens", "libconcurrentqueue-dev", "order per producer only")};

} // namespace
