#ifndef CC_SMR_FORK_H
#define CC_SMR_FORK_H

#include <stdbool.h>

/* Makes sure that the handlers are installed; called before the first domain exists. False: no memory. */
bool cc__fork_prepared(void);

#endif
