/* The parts of oom_test. */
#ifndef FAULT_OOM_H
#define FAULT_OOM_H

#include "sweep.h"

extern const sweep_suite_t oom_map_u64;   /* every call of cc_skiplist64 */
extern const sweep_suite_t oom_map_bytes; /* and of cc_skiplist */
extern const sweep_suite_t oom_map_bst64;
extern const sweep_suite_t oom_map_bst;
extern const sweep_suite_t oom_copies_u64; /* of maps with inline values */
extern const sweep_suite_t oom_copies_bytes;
extern const sweep_suite_t oom_copies_bst64;
extern const sweep_suite_t oom_copies_bst;
extern const sweep_suite_t oom_domain; /* domains, threads, guards, retirement */
extern const sweep_suite_t oom_queue;  /* fifo, lifo, ring */

/* What a thread can still do that never gets any memory. */
void oom_no_record(cc_smr_scheme_t scheme);
void oom_fork_without_record(void);
void oom_shared_frames(cc_smr_scheme_t scheme);
void oom_leak_rather_than_free(cc_smr_scheme_t scheme);

/* Rounds that cannot remember all they see. */
void oom_many_slots(void);
void oom_many_readers(void);
void oom_default_domain(void);

#endif
