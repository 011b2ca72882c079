/* Names of things that are compiled once per variant: VARIANT_OF(cc__skiplist_ops, u64, ibr) is
 * cc__skiplist_ops_u64_ibr. */
#ifndef CC_BASE_NAMES_H
#define CC_BASE_NAMES_H

#define VARIANT_OF_(name, key, scheme) name##_##key##_##scheme
#define VARIANT_OF(name, key, scheme)  VARIANT_OF_(name, key, scheme)

/* In a file that is compiled for one key and one scheme. */
#define VARIANT(name) VARIANT_OF(name, KEY_NAME, SMR_NAME)

/* In one that is compiled for a scheme only: cc__fifo_ops_ibr. */
#define SCHEME_VARIANT_(name, scheme)   name##_##scheme
#define SCHEME_VARIANT_OF(name, scheme) SCHEME_VARIANT_(name, scheme)
#define SCHEME_VARIANT(name)            SCHEME_VARIANT_OF(name, SMR_NAME)

#endif
