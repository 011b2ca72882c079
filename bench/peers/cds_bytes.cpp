// libcds's skip list with byte strings as keys; looks them up without building a string.
#include "cds.hpp"

#include <cds/container/skip_list_map_rcu.h>

#include <memory>
#include <string>
#include <string_view>

namespace
{

using namespace bench;

struct compare {
    int operator()(std::string_view a, std::string_view b) const
    {
        return a.compare(b);
    }
};
struct less {
    bool operator()(std::string_view a, std::string_view b) const
    {
        return a < b;
    }
};

class strings
{
    using traits = cds::container::skip_list::make_traits<cds::opt::compare<compare>>::type;
    using list = cds::container::SkipListMap<rcu, std::string, uint64_t, traits>;
    std::unique_ptr<list> map;

    static std::string_view view(const bench_key_t &key)
    {
        return {key.data, key.len};
    }

  public:
    using Self = attached<strings>;
    explicit strings(const contender_opts_t &)
    {
        cds_ready();
        map = std::make_unique<list>();
    }
    bool get(const bench_key_t &key)
    {
        return map->contains(view(key), less());
    }
    bool insert(const bench_key_t &key)
    {
        return map->insert(std::string(view(key)), uint64_t{1});
    }
    bool remove(const bench_key_t &key)
    {
        return map->erase_with(view(key), less());
    }
};

entered skip_bytes{map<strings>("cds::SkipListMap-rcu", "libcds-dev", nullptr, "bytes")};

} // namespace
