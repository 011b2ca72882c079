/* What a thread does while it gives another one a moment. */
#ifndef CC_BASE_BACKOFF_H
#define CC_BASE_BACKOFF_H

static inline void cc__pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

#endif
