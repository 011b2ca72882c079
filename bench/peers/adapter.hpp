// Makes a contender of a C++ class: a map has get, insert, remove, scan, a queue push and pop, whatever of these; the
// contender can do what the class can. A class Self inside, made from (It &, unsigned), lives as long as a thread works.
#pragma once

#include "../contender.h"

#include <cstdlib>
#include <exception>
#include <new>

namespace bench
{

template <class It> struct adapter {
    static void *create(const contender_opts_t *opts)
    {
        try {
            return new It(*opts);
        } catch (const std::exception &) {
            return nullptr;
        }
    }
    static void destroy(void *it)
    {
        delete static_cast<It *>(it);
    }
    static It &of(void *it)
    {
        return *static_cast<It *>(it);
    }
};

// What a thread has of its own.
template <class It> struct threads : adapter<It> {
    using Self = typename It::Self;
    static void *begin(void *it, unsigned number)
    {
        return new Self(adapter<It>::of(it), number);
    }
    static void end(void *, void *self)
    {
        delete static_cast<Self *>(self);
    }
};

template <class It> contender_t base(const char *kind, const char *name, const char *package, const char *note)
{
    contender_t c{};
    c.kind = kind;
    c.name = name;
    c.package = package;
    c.note = note;
    c.create = adapter<It>::create;
    c.destroy = adapter<It>::destroy;
    if constexpr (requires { typename It::Self; }) {
        c.thread_begin = threads<It>::begin;
        c.thread_end = threads<It>::end;
    }
    return c;
}

template <class It> struct map_calls : adapter<It> {
    using adapter<It>::of;
    static bool get(void *it, void *, const bench_key_t *key)
    {
        return of(it).get(*key);
    }
    static bool insert(void *it, void *, const bench_key_t *key)
    {
        return of(it).insert(*key);
    }
    static bool remove(void *it, void *, const bench_key_t *key)
    {
        return of(it).remove(*key);
    }
    static size_t scan(void *it, void *, const bench_key_t *from, size_t n)
    {
        return of(it).scan(*from, n);
    }
};

template <class It>
contender_t map(const char *name, const char *package, const char *note = nullptr, const char *kind = "map")
{
    contender_t c = base<It>(kind, name, package, note);
    c.get = map_calls<It>::get;
    c.insert = map_calls<It>::insert;
    if constexpr (requires(It & it, const bench_key_t &key) { it.remove(key); })
        c.remove = map_calls<It>::remove;
    if constexpr (requires(It & it, const bench_key_t &key) { it.scan(key, size_t{}); })
        c.scan = map_calls<It>::scan;
    return c;
}

template <class It> contender_t queue(const char *name, const char *package, const char *note = nullptr)
{
    contender_t c = base<It>("queue", name, package, note);
    if constexpr (requires { typename It::Self; }) {
        c.push = [](void *it, void *self, void *item) {
            return adapter<It>::of(it).push(*static_cast<typename It::Self *>(self), item);
        };
        c.pop = [](void *it, void *self, void **item) {
            return adapter<It>::of(it).pop(*static_cast<typename It::Self *>(self), *item);
        };
    } else {
        c.push = [](void *it, void *, void *item) { return adapter<It>::of(it).push(item); };
        c.pop = [](void *it, void *, void **item) { return adapter<It>::of(it).pop(*item); };
    }
    return c;
}

// An object of this type, at namespace scope, enters a contender in the list.
struct entered {
    contender_t contender;
    explicit entered(contender_t c) : contender(c)
    {
        contender_enter(&contender);
    }
};

} // namespace bench
