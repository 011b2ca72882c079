// oneTBB: concurrent_map, which cannot remove beside other threads, and concurrent_queue.
#include "adapter.hpp"

#include <oneapi/tbb/concurrent_map.h>
#include <oneapi/tbb/concurrent_queue.h>
#include <string>
#include <string_view>

namespace
{

struct number {
    using type = uint64_t;
    static type find(const bench_key_t &key)
    {
        return key.number;
    }
    static type make(const bench_key_t &key)
    {
        return key.number;
    }
};

struct bytes {
    using type = std::string;
    static std::string_view find(const bench_key_t &key)
    {
        return {key.data, key.len};
    }
    static type make(const bench_key_t &key)
    {
        return {key.data, key.len};
    }
};

template <class Key> class ordered
{
    tbb::concurrent_map<typename Key::type, void *, std::less<>> map;

  public:
    explicit ordered(const contender_opts_t &)
    {
    }
    bool get(const bench_key_t &key)
    {
        return map.find(Key::find(key)) != map.end();
    }
    bool insert(const bench_key_t &key)
    {
        return map.emplace(Key::make(key), this).second;
    }
    size_t scan(const bench_key_t &from, size_t n)
    {
        size_t seen = 0;
        for (auto at = map.lower_bound(Key::find(from)); at != map.end() && seen < n; ++at)
            seen++;
        return seen;
    }
};

class fifo
{
    tbb::concurrent_queue<void *> items;

  public:
    explicit fifo(const contender_opts_t &)
    {
    }
    bool push(void *item)
    {
        items.push(item);
        return true;
    }
    bool pop(void *&item)
    {
        return items.try_pop(item);
    }
};

using namespace bench;
entered numbers{map<ordered<number>>("tbb::concurrent_map", "libtbb-dev", "cannot remove")};
entered strings{map<ordered<bytes>>("tbb::concurrent_map", "libtbb-dev", "cannot remove", "bytes")};
entered items{queue<fifo>("tbb::concurrent_queue", "libtbb-dev")};

} // namespace
