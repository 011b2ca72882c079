/* src/base/fence.h for the model checker: the pair is a primitive of its own. */
#ifndef CC_BASE_FENCE_H
#define CC_BASE_FENCE_H

#include "base/atomic.h"

#define cc__fence_light()                                                                                              \
    model_fence_light(&(const model_site_t){.file = __FILE__, .line = __LINE__, .text = "fence_light"})
#define cc__fence_heavy()                                                                                              \
    model_fence_heavy(&(const model_site_t){.file = __FILE__, .line = __LINE__, .text = "fence_heavy"})

#endif
