// What all of libcds's structures need: the library set up, collectors of garbage made, threads attached.
#pragma once

#include "adapter.hpp"

#include <cds/gc/hp.h>
#include <cds/init.h>
#include <cds/urcu/general_buffered.h>

namespace bench
{

using rcu = cds::urcu::gc<cds::urcu::general_buffered<>>;

// One of each per process; the thread that sets up stays attached. A thread keeps two retired objects for each hazard
// pointer of each possible thread before it frees any, so a structure gets about as many pointers as it needs; the number
// of threads is the library's default.
inline void cds_ready(size_t pointers = 4)
{
    static struct whole {
        struct initialized {
            initialized()
            {
                cds::Initialize();
            }
        } first;
        cds::gc::HP hazards;
        rcu sections{1024};
        explicit whole(size_t pointers) : hazards{pointers, 100}
        {
            cds::threading::Manager::attachThread();
        }
    } *ready = new whole(pointers); // never undone: the worker ends at once
    (void)ready;
}

template <class It> struct attached {
    attached(It &, unsigned)
    {
        cds::threading::Manager::attachThread();
    }
    ~attached()
    {
        cds::threading::Manager::detachThread();
    }
};

} // namespace bench
