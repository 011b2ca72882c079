// The library as a C++17 program sees it: everything included, linked, and a map put to use.
#include <cc/cc.h>

#include <cstdio>
#include <cstring>

extern "C" bool macros_work(void); // macros.c, compiled as C: both languages must agree on every size

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                             \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

static bool count_entry(cc_bytes_t key, void *value, void *ctx)
{
    *static_cast<int *>(ctx) += std::memcmp(key.data, value, key.len) == 0;
    return true;
}

int main()
{
    CHECK(macros_work());

    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    domain_opts.name = "c++";
    cc_domain_t *domain;
    CHECK(cc_domain_create(&domain_opts, &domain) == 0);

    cc_map_opts_t map_opts = CC_MAP_OPTS_INIT;
    cc_skiplist_t *map;
    CHECK(cc_skiplist_create(domain, &map_opts, &map) == 0);

    char one[] = "one", two[] = "two";
    CHECK(cc_skiplist_put(map, cc_bytes_t{one, 3}, one, nullptr) == 0);
    CHECK(cc_skiplist_put(map, cc_bytes_t{two, 3}, two, nullptr) == 0);

    cc_guard_t *guard = cc_guard_enter(domain);
    CHECK(guard != nullptr);
    void *value = nullptr;
    CHECK(cc_skiplist_get(map, cc_bytes_t{"one", 3}, &value) == 0 && value == one);
    CC_ATOMIC_PTR slot{two};
    CHECK(cc_guard_protect(guard, &slot, &value) == 0 && value == two);
    cc_guard_leave(guard);

    int matching = 0;
    CHECK(cc_skiplist_range(map, cc_bytes_t{nullptr, 0}, CC_BYTES_MAX, count_entry, &matching) == 2);
    CHECK(matching == 2);

    map_opts.value_inline = true;
    map_opts.value_size = sizeof(int);
    cc_bst64_t *copies;
    int in = 7, out = 0;
    CHECK(cc_bst64_create(domain, &map_opts, &copies) == 0);
    CHECK(cc_bst64_put(copies, 1, &in, CC_INTO(&out)) == 0 && out == 0);
    CHECK(cc_bst64_get(copies, 1, CC_INTO(&out)) == 0 && out == 7);
    CHECK(cc_bst64_destroy(copies) == 0);

    cc_smr_snapshot_t snapshot = CC_SMR_SNAPSHOT_INIT;
    CHECK(cc_smr_stats_snapshot(domain, &snapshot) == 0 && snapshot.guards == 0);
    CHECK(cc_skiplist_destroy(map) == 0 && cc_domain_destroy(domain) == 0);
}
