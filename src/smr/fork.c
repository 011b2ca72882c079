/* fork: only the calling thread exists in the child, which may go on using every domain and structure.
 *
 * The library's locks that are held for a moment only are taken around the fork; a drainer holds one of them while it
 * visits other threads' limbos. The drain lock can be held for long, so it is not waited for: in the child it is made
 * anew, and what the vanished drainer had in hand is a bounded leak. The records of all vanished threads are cleared:
 * reservations, announcements, guards. What they had retired is adopted. What they were in the middle of stays as it is:
 * links are always consistent, but a node that was being linked or removed may never be retired, and cc_..._validate may
 * report it.
 *
 * The kernel copies the memory as of one instant of each processor (it interrupts them to drop their write
 * mappings), so `busy` and the lists it guards fit together. Test: fault/fork_test. */
#include "smr/fork.h"

#include "smr/domain.h"
#include "smr/registry.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool prepared;

static void before(void)
{
    cc__domain_default_lock();
    pthread_mutex_lock(&lock);
    cc__threads_lock();
}

static void in_parent(void)
{
    cc__threads_unlock();
    pthread_mutex_unlock(&lock);
    cc__domain_default_unlock();
}

static void in_child(void)
{
    cc__threads_forget_others(); /* first: the caller has another thread id here */
    for (cc_domain_t *domain = cc__domains_first(); domain != NULL; domain = domain->next_domain)
        cc__registry_inherit(domain);
    in_parent();
}

bool cc__fork_prepared(void)
{
    pthread_mutex_lock(&lock);
    if (!prepared)
        prepared = pthread_atfork(before, in_parent, in_child) == 0;
    bool result = prepared;
    pthread_mutex_unlock(&lock);
    return result;
}

/* Before any thread can hold one of the locks. If there is no memory at load, the first thread and each new domain try
 * again. */
__attribute__((constructor)) static void at_load(void)
{
    (void)cc__fork_prepared();
}
