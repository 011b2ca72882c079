// What all of libcds's structures need: the library set up, collectors of garbage made, threads attached.
#pragma once

#include "adapter.hpp"

#include <cds/gc/hp.h>
#include <cds/init.h>
#include <cds/urcu/general_buffered.h>

namespace bench
{

using rcu = cds::urcu::gc<cds::urcu::general_buffered<>>;

// One of each per process; the thread that sets up stays attached. A skip list needs 67 hazard pointers.
inline void cds_ready()
{
    static struct whole {
        struct initialized {
            initialized()
            {
                cds::Initialize();
            }
        } first;
        cds::gc::HP hazards{72, 300};
        rcu sections{1024};
        whole()
        {
            cds::threading::Manager::attachThread();
        }
    } *ready = new whole; // never undone: the worker ends at once
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
