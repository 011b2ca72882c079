/* Snapshots as text: JSON, and what Prometheus reads. The numbers come from the list that makes the struct, CC_SMR_NUMBERS. */
#include "cc/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* As snprintf, call after call: `length` is that of the whole text, of which `size` bytes at most are kept. */
typedef struct {
    char *buffer;
    size_t size, length;
} text_t;

__attribute__((format(printf, 2, 3))) static void put(text_t *text, const char *format, ...)
{
    size_t room = text->size > text->length ? text->size - text->length : 0;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(room != 0 ? text->buffer + text->length : NULL, room, format, args);
    va_end(args);
    text->length += n > 0 ? (size_t)n : 0;
}

/* Bytes of the character that a string begins with, if it is well-formed UTF-8 (RFC 3629, section 4); else 0. */
static int character(const unsigned char *s)
{
    int more = s[0] < 0x80 ? 0 : s[0] < 0xc2 ? -1 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : s[0] < 0xf5 ? 3 : -1;
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool twice = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90); /* a shorter form exists */
    bool none = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return twice || none ? 0 : more + 1;
}

/* Quoted as both formats want it: backslash, quote and line end escaped, what no text may contain replaced. Names are cut where
 * their room ends, in the middle of a character too. */
static void put_quoted(text_t *text, const char *string)
{
    put(text, "\"");
    for (; string != NULL && *string != 0; string++) {
        int length = character((const unsigned char *)string);
        if (*string == '"' || *string == '\\')
            put(text, "\\%c", *string);
        else if (*string == '\n')
            put(text, "\\n");
        else if (length == 0 || (unsigned char)*string < ' ')
            put(text, "?");
        else
            put(text, "%.*s", length, string);
        string += length > 1 ? length - 1 : 0;
    }
    put(text, "\"");
}

static bool usable(const cc_smr_snapshot_t *snapshot, const char *buffer, size_t size)
{
    return snapshot != NULL && snapshot->size >= sizeof *snapshot && (buffer != NULL || size == 0);
}

/* ---- JSON */

static void put_string(text_t *text, const char *key, const char *string)
{
    put(text, "\"%s\":", key);
    if (string != NULL)
        put_quoted(text, string);
    else
        put(text, "null");
    put(text, ",");
}

static void put_buckets(text_t *text, const char *key, const uint64_t buckets[CC_SMR_BUCKETS])
{
    put(text, ",\"%s\":[", key);
    for (int i = 0; i < CC_SMR_BUCKETS; i++)
        put(text, "%s%" PRIu64, i == 0 ? "" : ",", buckets[i]);
    put(text, "]");
}

int64_t cc_smr_stats_json(const cc_smr_snapshot_t *s, char *buffer, size_t size)
{
    text_t text = {buffer, size, 0};
    if (!usable(s, buffer, size))
        return -EINVAL;
    put(&text, "{");
    put_string(&text, "scheme", s->scheme);
    put_string(&text, "name", s->name);
    put_string(&text, "neutralize", s->neutralize);
    put_string(&text, "cap", s->cap);
    put_string(&text, "stall", cc_smr_stall_name(s->stall));
    put_string(&text, "stalled_name", s->stalled_name);
    put(&text, "\"stalled_thread\":%d,\"signal_blocked_thread\":%d", (int)s->stalled_thread,
        (int)s->signal_blocked_thread);
#define JSON(name, kind, help) put(&text, ",\"%s\":%" PRIu64, #name, s->name);
    CC_SMR_NUMBERS(JSON)
#undef JSON
    put_buckets(&text, "reclaim_time", s->reclaim_time);
    put_buckets(&text, "garbage_age", s->garbage_age);
    put(&text, "}");
    return (int64_t)text.length;
}

/* ---- Prometheus */

static void put_labels(text_t *text, const cc_smr_snapshot_t *s)
{
    put(text, "domain=");
    put_quoted(text, s->name);
    put(text, ",scheme=");
    put_quoted(text, s->scheme);
}

/* Several domains: all samples of a metric stand together, below its one heading, as the format demands. */
typedef struct {
    const cc_smr_snapshot_t *first;
    size_t n;
} page_t;

/* As far apart as the caller's structs are. */
static const cc_smr_snapshot_t *snapshot_of(const page_t *page, size_t i)
{
    return (const cc_smr_snapshot_t *)(const void *)((const char *)page->first + i * page->first->size);
}

typedef struct {
    const char *name, *help;
    size_t field; /* its offset in a snapshot */
    bool counter;
} metric_t;

static void put_metric(text_t *text, const page_t *page, const metric_t *metric)
{
    const char *suffix = metric->counter ? "_total" : "";
    put(text, "# HELP cc_smr_%s%s %s\n", metric->name, suffix, metric->help);
    put(text, "# TYPE cc_smr_%s%s %s\n", metric->name, suffix, metric->counter ? "counter" : "gauge");
    for (size_t i = 0; i < page->n; i++) {
        const cc_smr_snapshot_t *s = snapshot_of(page, i);
        uint64_t value;
        memcpy(&value, (const char *)s + metric->field, sizeof value);
        put(text, "cc_smr_%s%s{", metric->name, suffix);
        put_labels(text, s);
        put(text, "} %" PRIu64 "\n", value);
    }
}

/* Not as a floating-point number, whose point is a comma in some locales. */
static void put_seconds(text_t *text, uint64_t microseconds)
{
    put(text, "%" PRIu64 ".%06" PRIu64, microseconds / 1000000, microseconds % 1000000);
}

/* The sum of times is not known, so it is estimated from the buckets' upper ends: an upper bound, as they are. */
static void put_times(text_t *text, const cc_smr_snapshot_t *s, const char *name,
                      const uint64_t buckets[CC_SMR_BUCKETS])
{
    uint64_t count = 0, sum = 0; /* in microseconds */
    for (int i = 0; i < CC_SMR_BUCKETS; i++) {
        uint64_t end = UINT64_C(1) << i;
        count += buckets[i];
        sum += end * buckets[i];
        put(text, "cc_smr_%s_seconds_bucket{", name);
        put_labels(text, s);
        put(text, ",le=\"");
        if (i + 1 < CC_SMR_BUCKETS)
            put_seconds(text, end);
        else
            put(text, "+Inf");
        put(text, "\"} %" PRIu64 "\n", count);
    }
    put(text, "cc_smr_%s_seconds_sum{", name);
    put_labels(text, s);
    put(text, "} ");
    put_seconds(text, sum);
    put(text, "\ncc_smr_%s_seconds_count{", name);
    put_labels(text, s);
    put(text, "} %" PRIu64 "\n", count);
}

static void put_reclaim_times(text_t *text, const page_t *page)
{
    const char *name = "reclaim_time";
    put(text, "# HELP cc_smr_%s_seconds time from retirement to reclamation\n", name);
    put(text, "# TYPE cc_smr_%s_seconds histogram\n", name);
    for (size_t i = 0; i < page->n; i++)
        put_times(text, snapshot_of(page, i), name, snapshot_of(page, i)->reclaim_time);
}

static bool page_usable(const page_t *page, const char *buffer, size_t size)
{
    if (page->first == NULL || (buffer == NULL && size != 0))
        return false;
    for (size_t i = 0; i < page->n; i++) {
        if (!usable(snapshot_of(page, i), buffer, size) || snapshot_of(page, i)->size != page->first->size)
            return false;
    }
    return true;
}

int64_t cc_smr_stats_prometheus(const cc_smr_snapshot_t *snapshots, size_t n, char *buffer, size_t size)
{
    enum { gauge, counter };
#define METRIC(name, kind, help) {#name, help, offsetof(cc_smr_snapshot_t, name), kind == counter},
    static const metric_t metrics[] = {CC_SMR_NUMBERS(METRIC)};
#undef METRIC
    text_t text = {buffer, size, 0};
    page_t page = {snapshots, n};
    if (!page_usable(&page, buffer, size))
        return -EINVAL;
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        put_metric(&text, &page, &metrics[i]);
    put_reclaim_times(&text, &page);
    return (int64_t)text.length;
}
