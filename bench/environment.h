/* Where and with what it was measured: every result carries it. */
#ifndef BENCH_ENVIRONMENT_H
#define BENCH_ENVIRONMENT_H

#include <json-c/json.h>

/* Processor, kernel, compiler, flags, versions, commit. The caller puts it. */
struct json_object *environment_json(void);

#endif
