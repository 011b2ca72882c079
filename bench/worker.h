/* The worker: the process in which one contender lives. It reads requests from its standard input, a line each, and
 * answers each with a line of JSON:
 *
 *     setup WORD...   makes the contender and fills it       {"entries": ..., "bytes": ...}
 *     run WORD...     measures once, with these words changed {"operations": ..., "seconds": ..., ...}
 *
 * or {"error": "..."}. It ends with its input. A peer in another language is another program that does the same. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

int worker_main(void);

#endif
