#include "workload.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool set_text(char *field, const char *value)
{
    size_t len = strlen(value);
    if (len >= WORD_MAX || strpbrk(value, " \n") != NULL)
        return false;
    memcpy(field, value, len + 1);
    return true;
}

static bool set_number(uint64_t *field, const char *value)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || *value == '-')
        return false;
    *field = number;
    return true;
}

static bool set_real(double *field, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end != '\0' || !(number >= 0 && number < 1e9))
        return false;
    *field = number;
    return true;
}

#define DEFAULT_TEXT(name, value)   set_text(workload->name, value);
#define DEFAULT_NUMBER(name, value) workload->name = value;

void workload_defaults(workload_t *workload)
{
    memset(workload, 0, sizeof *workload);
    WORKLOAD_FIELDS(DEFAULT_TEXT, DEFAULT_NUMBER, DEFAULT_NUMBER)
}

#define TRY_TEXT(field, unused)                                                                                        \
    if (strcmp(name, #field) == 0)                                                                                     \
        return set_text(workload->field, value);
#define TRY_NUMBER(field, unused)                                                                                      \
    if (strcmp(name, #field) == 0)                                                                                     \
        return set_number(&workload->field, value);
#define TRY_REAL(field, unused)                                                                                        \
    if (strcmp(name, #field) == 0)                                                                                     \
        return set_real(&workload->field, value);

bool workload_set(workload_t *workload, const char *name, const char *value)
{
    WORKLOAD_FIELDS(TRY_TEXT, TRY_NUMBER, TRY_REAL)
    return false;
}

bool workload_parse(workload_t *workload, char *line, const char **bad)
{
    char *rest = line;
    for (char *word; (word = strtok_r(rest, " \n", &rest)) != NULL;) {
        char *equals = strchr(word, '=');
        *bad = word;
        if (equals == NULL)
            return false;
        *equals = '\0';
        if (!workload_set(workload, word, equals + 1))
            return false;
    }
    return true;
}

typedef struct {
    char *at;
    size_t room;
} printer_t;

#define APPEND(ctx, ...)                                                                                               \
    do {                                                                                                               \
        printer_t *out_ = ctx;                                                                                         \
        int n_ = snprintf(out_->at, out_->room, __VA_ARGS__);                                                          \
        assert(n_ >= 0 && (size_t)n_ < out_->room);                                                                    \
        out_->at += n_, out_->room -= (size_t)n_;                                                                      \
    } while (0)

static void print_text(void *ctx, const char *name, const char *value)
{
    APPEND(ctx, " %s=%s", name, value);
}

static void print_number(void *ctx, const char *name, uint64_t value)
{
    APPEND(ctx, " %s=%" PRIu64, name, value);
}

static void print_real(void *ctx, const char *name, double value)
{
    APPEND(ctx, " %s=%.9g", name, value);
}

void workload_print(const workload_t *workload, char *line, size_t size)
{
    static const workload_visitor_t printing = {print_text, print_number, print_real};
    printer_t out = {line, size};
    workload_visit(workload, &printing, &out);
}

const char *workload_contender_kind(const workload_t *workload)
{
    bool numbers = strcmp(workload->keys, "dense") == 0 || strcmp(workload->keys, "spread") == 0;
    return strcmp(workload->kind, "map") == 0 && !numbers ? "bytes" : workload->kind;
}

#define VISIT_TEXT(field, unused)   visitor->text(ctx, #field, workload->field);
#define VISIT_NUMBER(field, unused) visitor->number(ctx, #field, workload->field);
#define VISIT_REAL(field, unused)   visitor->real(ctx, #field, workload->field);

void workload_visit(const workload_t *workload, const workload_visitor_t *visitor, void *ctx)
{
    WORKLOAD_FIELDS(VISIT_TEXT, VISIT_NUMBER, VISIT_REAL)
}
