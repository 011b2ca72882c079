/* Two files of JSON lines, line by line: what was measured in both is compared. */
#include "compare.h"

#include "workload.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULTS_MAX = 4096, SAMPLES_MAX = 200, LABEL_MAX = 512 };

typedef struct {
    char *key;   /* what was measured, without when and by whom */
    char *label; /* the same for eyes */
    double mops[SAMPLES_MAX];
    size_t n;
} entry_t;

typedef struct {
    size_t n;
    entry_t *entry;
} file_t;

static const char *text(struct json_object *line, const char *name)
{
    struct json_object *value;
    return json_object_object_get_ex(line, name, &value) ? json_object_get_string(value) : "";
}

/* All that the workload says, because it is the workload that must be the same. */
static bool describe(struct json_object *line, entry_t *entry)
{
    char key[4096] = "", *at = key;
#define ADD(name, unused) at += snprintf(at, (size_t)(key + sizeof key - at), "%s ", text(line, #name));
    WORKLOAD_FIELDS(ADD, ADD, ADD)
#undef ADD
    char label[LABEL_MAX];
    bool map = strcmp(text(line, "kind"), "map") == 0;
    if (map)
        snprintf(label, sizeof label, "%.40s %.10s %s keys %.10s %s/%s/%s/%s, %s threads", text(line, "contender"),
                 text(line, "scheme"), text(line, "range"), text(line, "keys"), text(line, "get"), text(line, "insert"),
                 text(line, "remove"), text(line, "scan"), text(line, "threads"));
    else
        snprintf(label, sizeof label, "%.40s %.10s %.10s, %s threads", text(line, "contender"), text(line, "scheme"),
                 text(line, "shape"), text(line, "threads"));
    entry->key = strdup(key);
    entry->label = strdup(label);
    return entry->key != NULL && entry->label != NULL;
}

static entry_t *counterpart(const file_t *file, const entry_t *wanted)
{
    for (size_t i = 0; i < file->n; i++) {
        if (strcmp(file->entry[i].key, wanted->key) == 0)
            return &file->entry[i];
    }
    return NULL;
}

static void forget(entry_t *entry)
{
    free(entry->key);
    free(entry->label);
    *entry = (entry_t){0};
}

/* A file may hold several sessions, since --json appends: what was measured again has more values. */
static bool add(file_t *file, const char *text_line)
{
    struct json_object *line = json_tokener_parse(text_line), *mops;
    entry_t *entry = &file->entry[file->n], *earlier;
    bool good = json_object_object_get_ex(line, "mops", &mops) && describe(line, entry);
    if (good && (earlier = counterpart(file, entry)) != NULL) {
        forget(entry);
        entry = earlier;
    } else {
        file->n += good;
    }
    for (size_t i = 0; good && i < json_object_array_length(mops) && entry->n < SAMPLES_MAX; i++)
        entry->mops[entry->n++] = json_object_get_double(json_object_array_get_idx(mops, i));
    json_object_put(line);
    return good;
}

static bool load(file_t *file, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    FILE *stream = fopen(path, "r");
    file->n = 0;
    file->entry = calloc(RESULTS_MAX + 1, sizeof *file->entry);
    while (stream != NULL && file->entry != NULL && good && file->n <= RESULTS_MAX && getline(&line, &room, stream) > 0)
        good = add(file, line);
    if (stream == NULL || !good)
        fprintf(stderr, "ccbench: %s: cannot be read, or is not what --json writes\n", path);
    if (file->n > RESULTS_MAX) {
        fprintf(stderr, "ccbench: %s: more than %d different results\n", path, RESULTS_MAX);
        good = false;
    }
    free(line);
    if (stream != NULL)
        fclose(stream);
    return stream != NULL && good && file->entry != NULL;
}

static void unload(file_t *file)
{
    for (size_t i = 0; i < file->n; i++)
        forget(&file->entry[i]);
    free(file->entry);
}

static int compare(const file_t *old, const file_t *new, double tolerance)
{
    size_t common = 0, regressed = 0;
    printf("%-70s %6s  95 %% confidence\n", "new / old", "ratio");
    for (size_t i = 0; i < old->n; i++) {
        const entry_t *a = &old->entry[i], *b = counterpart(new, a);
        if (b == NULL)
            continue;
        if (a->n < COMPARE_SAMPLES_MIN || b->n < COMPARE_SAMPLES_MIN) {
            printf("%-70s too few repeats to tell\n", a->label);
            continue;
        }
        verdict_t verdict = compare_samples(a->mops, a->n, b->mops, b->n);
        compare_print(a->label, &verdict, tolerance);
        regressed += compare_regressed(&verdict, tolerance);
        common++;
    }
    printf("%zu compared, %zu slower beyond chance and %g %%\n", common, regressed, tolerance * 100);
    return common == 0 ? 2 : regressed > 0 ? 1 : 0;
}

int compare_main(int argc, char **argv)
{
    double tolerance = 0.15; /* how much one session differs from the next */
    file_t old = {0}, new = {0};
    int result = 2;
    if (argc > 2 && strcmp(argv[1], "--tolerance") == 0) {
        tolerance = strtod(argv[2], NULL);
        argc -= 2, argv += 2;
    }
    if (argc != 3) {
        fputs("usage: ccbench compare [--tolerance SHARE] OLD.jsonl NEW.jsonl\n"
              "To tell anything takes 8 repeats or more in each: ccbench map --repeats 9 --json ...\n"
              "To compare two builds that take turns: ccbench map --against OTHER-CCBENCH ...\n",
              stderr);
        return 2;
    }
    if (load(&old, argv[1]) && load(&new, argv[2]))
        result = compare(&old, &new, tolerance);
    unload(&old);
    unload(&new);
    return result;
}
