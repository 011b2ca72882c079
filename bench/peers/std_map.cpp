// std::map behind a read-write lock or a mutex: what one writes without thinking.
#include "adapter.hpp"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace
{

struct nothing {
    void lock()
    {
    }
    void unlock()
    {
    }
    void lock_shared()
    {
    }
    void unlock_shared()
    {
    }
};

// A mutex is locked as if there were no readers.
struct exclusive : std::mutex {
    void lock_shared()
    {
        lock();
    }
    void unlock_shared()
    {
        unlock();
    }
};

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

template <class Key, class Lock> class locked_map
{
    std::map<typename Key::type, void *, std::less<>> map;
    Lock lock;

  public:
    explicit locked_map(const contender_opts_t &)
    {
    }
    bool get(const bench_key_t &key)
    {
        std::shared_lock guard(lock);
        return map.find(Key::find(key)) != map.end();
    }
    bool insert(const bench_key_t &key)
    {
        auto sought = Key::find(key);
        std::unique_lock guard(lock);
        auto at = map.lower_bound(sought);
        if (at != map.end() && at->first == sought)
            return false;
        map.emplace_hint(at, Key::make(key), this);
        return true;
    }
    bool remove(const bench_key_t &key)
    {
        std::unique_lock guard(lock);
        auto at = map.find(Key::find(key));
        if (at == map.end())
            return false;
        map.erase(at);
        return true;
    }
    size_t scan(const bench_key_t &from, size_t n)
    {
        std::shared_lock guard(lock);
        size_t seen = 0;
        for (auto at = map.lower_bound(Key::find(from)); at != map.end() && seen < n; ++at)
            seen++;
        return seen;
    }
};

contender_t alone(contender_t c)
{
    c.one_thread = true;
    return c;
}

using namespace bench;
entered rwlock{map<locked_map<number, std::shared_mutex>>("std::map+rwlock", "libstdc++-12-dev")};
entered mutex{map<locked_map<number, exclusive>>("std::map+mutex", "libstdc++-12-dev")};
entered unlocked{
    alone(map<locked_map<number, nothing>>("std::map", "libstdc++-12-dev", "one thread, no lock: a mark"))};
entered rwlock_bytes{
    map<locked_map<bytes, std::shared_mutex>>("std::map+rwlock", "libstdc++-12-dev", nullptr, "bytes")};
entered unlocked_bytes{
    alone(map<locked_map<bytes, nothing>>("std::map", "libstdc++-12-dev", "one thread, no lock: a mark", "bytes"))};

} // namespace
