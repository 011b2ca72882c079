// moodycamel::ConcurrentQueue: keeps the order per producer only. With explicit tokens, as its documentation advises for
// speed, without, and in bulk with them.
#include "adapter.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored                                                                                         \
    "-Wstringop-overflow" // of a load, where it cannot see how large an object of the header is
#endif

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

// As cc's batches are passed (structures/batch.h).
struct bulk {
    static constexpr std::size_t batch = 16;
    struct Self {
        tokens::Self token;
        void *out[batch], *in[batch];
        std::size_t outs = 0, ins = 0, next = 0;
        Self(bulk &it, unsigned number) : token(it.inner, number)
        {
        }
    };
    tokens inner;
    explicit bulk(const contender_opts_t &opts) : inner(opts)
    {
    }
    bool flush(Self &self)
    {
        bool went = inner.queue.enqueue_bulk(self.token.producer, self.out, self.outs);
        self.outs = went ? 0 : self.outs;
        return went;
    }
    bool push(Self &self, void *item)
    {
        if (self.outs == batch && !flush(self))
            return false;
        self.out[self.outs++] = item;
        if (self.outs == batch)
            flush(self);
        return true;
    }
    bool pop(Self &self, void *&item)
    {
        if (self.next == self.ins) {
            self.ins = inner.queue.try_dequeue_bulk(self.token.consumer, self.in, batch);
            self.next = 0;
        }
        if (self.ins == 0) {
            if (self.outs != 0)
                flush(self);
            return false;
        }
        item = self.in[self.next++];
        return true;
    }
};

using namespace bench;
entered without{queue<plain>("moodycamel", "libconcurrentqueue-dev", "order per producer only")};
entered with{queue<tokens>("moodycamel+tokens", "libconcurrentqueue-dev", "order per producer only")};
entered in_bulk{queue<bulk>("moodycamel+bulk", "libconcurrentqueue-dev", "order per producer only; 16 at a time")};

} // namespace
