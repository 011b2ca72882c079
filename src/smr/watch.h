/* The stall watchdog: who is in the way, since when, and how much waits for it. */
#ifndef CC_SMR_WATCH_H
#define CC_SMR_WATCH_H

#include "smr/round.h"

/* After the verdicts of a round, owner lock held: what waits for whom is put down to them. */
void cc__watch_settle(cc__rec_t *rec, cc__round_t *round);

/* What the record's last round put down to others waits elsewhere now, or not at all. */
void cc__watch_forget(cc__rec_t *rec);

/* The record gets another owner: neither what it shows nor what others have noted about it is true any more. */
void cc__watch_reset(cc__rec_t *rec);

/* For how long the thread has been seen where it stands, ns; 0: it moves. */
int64_t cc__watch_age(const cc__rec_t *rec, int64_t now);

/* After the round, outside the owner lock: tells the domain's on_stall of threads that have been in the way for too long. */
void cc__watch_report(cc__rec_t *rec, const cc__round_t *round);

/* What the last rounds of all threads put down to this one. */
void cc__watch_pinned(const cc__rec_t *by, uint64_t *objects, uint64_t *bytes);

/* The name of a thread of this process; "": there is none. */
void cc__thread_name(pid_t tid, char name[16]);

#endif
