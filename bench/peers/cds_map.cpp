// libcds's ordered maps, by hazard pointers and by general buffered RCU. None has a scan that other threads may run beside.
#include "cds.hpp"

#include <cds/container/bronson_avltree_map_rcu.h>
#include <cds/container/ellen_bintree_map_hp.h>
#include <cds/container/ellen_bintree_map_rcu.h>
#include <cds/container/skip_list_map_hp.h>
#include <cds/container/skip_list_map_rcu.h>

#include <memory>

namespace
{

using namespace bench;
namespace cc = cds::container;

template <class Map, size_t Hazards = 4> class numbers
{
    std::unique_ptr<Map> map; // made when the library is ready

  public:
    using Self = attached<numbers>;
    explicit numbers(const contender_opts_t &)
    {
        cds_ready(Hazards);
        map = std::make_unique<Map>();
    }
    bool get(const bench_key_t &key)
    {
        return map->contains(key.number);
    }
    bool insert(const bench_key_t &key)
    {
        return map->insert(key.number, uint64_t{1});
    }
    bool remove(const bench_key_t &key)
    {
        return map->erase(key.number);
    }
};

using by_number = cds::opt::less<std::less<uint64_t>>;
using skip = cc::skip_list::make_traits<by_number>::type;
// Update descriptors out of a pool, which the tree's documentation advises, were slower here than by malloc.
using tree = cc::ellen_bintree::make_map_traits<by_number>::type;
using avl = cc::bronson_avltree::make_traits<by_number>::type;
using hp = cds::gc::HP;

entered skip_hp{map<numbers<cc::SkipListMap<hp, uint64_t, uint64_t, skip>, 67>>("cds::SkipListMap-hp", "libcds-dev")};
entered skip_rcu{map<numbers<cc::SkipListMap<rcu, uint64_t, uint64_t, skip>>>("cds::SkipListMap-rcu", "libcds-dev")};
entered ellen_hp{
    map<numbers<cc::EllenBinTreeMap<hp, uint64_t, uint64_t, tree>, 9>>("cds::EllenBinTreeMap-hp", "libcds-dev")};
entered ellen_rcu{
    map<numbers<cc::EllenBinTreeMap<rcu, uint64_t, uint64_t, tree>>>("cds::EllenBinTreeMap-rcu", "libcds-dev")};
entered bronson{map<numbers<cc::BronsonAVLTreeMap<rcu, uint64_t, uint64_t, avl>>>("cds::BronsonAVLTreeMap-rcu",
                                                                                  "libcds-dev", "takes locks")};

} // namespace
