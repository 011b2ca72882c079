// A queue behind a mutex: std::deque, and a ring of fixed size.
#include "adapter.hpp"

#include <deque>
#include <mutex>
#include <vector>

namespace
{

class deque
{
    std::deque<void *> items;
    std::mutex mutex;

  public:
    explicit deque(const contender_opts_t &)
    {
    }
    bool push(void *item)
    {
        std::lock_guard guard(mutex);
        items.push_back(item);
        return true;
    }
    bool pop(void *&item)
    {
        std::lock_guard guard(mutex);
        if (items.empty())
            return false;
        item = items.front();
        items.pop_front();
        return true;
    }
};

class ring
{
    std::vector<void *> items;
    uint64_t in = 0, out = 0;
    std::mutex mutex;

  public:
    explicit ring(const contender_opts_t &opts) : items(opts.capacity)
    {
    }
    bool push(void *item)
    {
        std::lock_guard guard(mutex);
        if (in - out == items.size())
            return false;
        items[in++ & (items.size() - 1)] = item;
        return true;
    }
    bool pop(void *&item)
    {
        std::lock_guard guard(mutex);
        if (in == out)
            return false;
        item = items[out++ & (items.size() - 1)];
        return true;
    }
};

using namespace bench;
entered of_deque{queue<deque>("std::deque+mutex", "libstdc++-12-dev")};
entered of_ring{queue<ring>("ring+mutex", "libstdc++-12-dev", "bounded: 65536 items")};

} // namespace
