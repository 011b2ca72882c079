#include "base/assert.h"
#include "cc/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void cc__assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "libcc: %s:%d: broken invariant: %s\n", file, line, what);
    abort();
}

void cc__misused(const char *what)
{
    fprintf(stderr, "libcc: %s\n", what);
    abort();
}

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

const char *cc_version(void)
{
    return STRING(CC_VERSION_MAJOR) "." STRING(CC_VERSION_MINOR) "." STRING(CC_VERSION_PATCH);
}

const char *cc_strerror(int err)
{
    switch (err) {
    case 0:
        return "success";
    case -ENOENT:
        return "not there";
    case -EEXIST:
        return "there already";
    case -EAGAIN:
        return "empty or full, try again";
    case -ENOMEM:
        return "out of memory";
    case -ENOSPC:
        return "no room: memory cap, full map or full disk";
    case -EINVAL:
        return "invalid argument";
    case -EBUSY:
        return "busy: still in use, no place left for this thread, or a signal handler was replaced";
    case -EDEADLK:
        return "would wait for the calling thread itself";
    case -ETIMEDOUT:
        return "timed out";
    case -EPIPE:
        return "closed";
    case -ECANCELED:
        return "another value is there, or none could be made";
    case -ENOBUFS:
        return "buffer too small";
    case -EMFILE:
    case -ENFILE:
        return "no descriptor left";
    case -EBADMSG:
        return "damaged, cut off, or not a file of this library";
    case -ENOTSUP:
        return "not supported here";
    default:
        return "unknown error";
    }
}
