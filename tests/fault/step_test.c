/* A thread stops at each of its accesses in turn, in the middle of each call (step.h), and the others go on. */
#include "scenario.h"
#include "step_scenes.h"

#include "../schemes.h"

#define SCENE(name, scheme, scene)                                                                                     \
    static void scene##_##name(void)                                                                                   \
    {                                                                                                                  \
        step_##scene(scheme);                                                                                          \
    }
#ifndef FAULT_BST /* what has no map in it */
EACH_RECLAIMING_SCHEME(SCENE, protect)
EACH_RECLAIMING_SCHEME(SCENE, queue)
EACH_RECLAIMING_SCHEME(SCENE, batch)
EACH_RECLAIMING_SCHEME(SCENE, eliminate)
#endif
EACH_RECLAIMING_SCHEME(SCENE, get)
EACH_RECLAIMING_SCHEME(SCENE, inline)
EACH_RECLAIMING_SCHEME(SCENE, stall)
EACH_RECLAIMING_SCHEME(SCENE, fork)

#define ROW(scheme_name, scheme, name_, title_, scene)                                                                 \
    {                                                                                                                  \
        .name = name_ "-" #scheme_name, .title = title_, .run = scene##_##scheme_name                                  \
    }

static const scenario_t scenarios[] = {
#ifndef FAULT_BST
    LIST_RECLAIMING_SCHEMES(ROW, "protect", "what it protects is exchanged and reclaimed", protect),
    LIST_RECLAIMING_SCHEMES(ROW, "queue", "it stands still in a call of a queue, the others go on", queue),
    LIST_RECLAIMING_SCHEMES(ROW, "batch", "it wants several items, and others come between", batch),
    LIST_RECLAIMING_SCHEMES(ROW, "eliminate", "a push and a pop that never get the top meet beside it", eliminate),
#endif
    LIST_RECLAIMING_SCHEMES(ROW, "get", "what it gets is replaced or removed, and reclaimed", get),
    LIST_RECLAIMING_SCHEMES(ROW, "inline", "the inline value that it copies is replaced or removed, and reclaimed",
                            inline),
    LIST_RECLAIMING_SCHEMES(ROW, "stall", "it stands still in a call, the others go on", stall),
    LIST_RECLAIMING_SCHEMES(ROW, "fork", "another one forks: in the child it has vanished there", fork),
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
