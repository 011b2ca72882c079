/* src/base/fence.h for the model checker: the pair is a primitive of its own. */
#ifndef CC_BASE_FENCE_H
#define CC_BASE_FENCE_H

#include "base/atomic.h"

#define cc__fence_is_asymmetric() model_is_asymmetric()

#define cc__fence_light()                                                                                              \
    ({                                                                                                                 \
        MODEL_SITE("fence_light");                                                                                     \
        model_fence_light(&model_site);                                                                                \
    })
#define cc__fence_heavy()                                                                                              \
    ({                                                                                                                 \
        MODEL_SITE("fence_heavy");                                                                                     \
        model_fence_heavy(&model_site);                                                                                \
    })

#endif
