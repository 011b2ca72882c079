/* cc/cc.h: everything. */
#ifndef CC_CC_H
#define CC_CC_H

#include <cc/base.h>

#include <cc/alloc.h>
#include <cc/bst.h>
#include <cc/bst64.h>
#include <cc/domain.h>
#include <cc/fifo.h>
#include <cc/frozen.h>
#include <cc/frozen64.h>
#include <cc/guard.h>
#include <cc/lifo.h>
#include <cc/ring.h>
#include <cc/skiplist.h>
#include <cc/skiplist64.h>
#include <cc/stats.h>

#endif
