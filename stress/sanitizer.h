/* STRESS_SANITIZED: AddressSanitizer or ThreadSanitizer is on, and knows better what is freed and what is alive. */
#ifndef STRESS_SANITIZER_H
#define STRESS_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STRESS_SANITIZED 1
#endif
#endif

#ifndef STRESS_SANITIZED
#define STRESS_SANITIZED 0
#endif

#endif
