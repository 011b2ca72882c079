#include "score.h"

#include "numbers.h"

#include <string.h>

double score_field(struct json_object *answer, const char *name)
{
    struct json_object *value;
    return json_object_object_get_ex(answer, name, &value) ? json_object_get_double(value) : -1;
}

static double median_of(const answers_t *answers, const char *name)
{
    double value[REPEATS_MAX];
    for (size_t i = 0; i < answers->n; i++)
        value[i] = score_field(answers->answer[i], name);
    return numbers_median(value, answers->n);
}

static double most_of(const answers_t *answers, const char *name)
{
    double most = -1;
    for (size_t i = 0; i < answers->n; i++) {
        double value = score_field(answers->answer[i], name);
        most = value > most ? value : most;
    }
    return most;
}

void score_conclude(score_t *score, answers_t *answers, double lost_max)
{
    double sorted[REPEATS_MAX];
    score->measured = answers->n > 0;
    score->repeats = (unsigned)answers->n;
    for (size_t i = 0; i < answers->n; i++) {
        struct json_object *answer = answers->answer[i];
        double seconds = score_field(answer, "seconds");
        score->mops[i] = sorted[i] = seconds > 0 ? score_field(answer, "operations") / seconds * 1e-6 : 0;
        score->disturbed += score_field(answer, "lost") > lost_max;
    }
    score->median = numbers_median(sorted, answers->n);
    score->low = answers->n > 0 ? sorted[0] : 0;
    score->high = answers->n > 0 ? sorted[answers->n - 1] : 0;
    score->fair = median_of(answers, "fair");
    score->lost = median_of(answers, "lost");
    score->cpu = median_of(answers, "cpu");
    score->p50 = median_of(answers, "p50");
    score->p99 = median_of(answers, "p99");
    score->p999 = median_of(answers, "p999");
    score->longest = most_of(answers, "longest");
    score->garbage = most_of(answers, "garbage");
    score->peak = most_of(answers, "peak");
    if (answers->n > 0) {
        json_object_object_get_ex(answers->answer[0], "rss_series", &score->rss_series);
        json_object_object_get_ex(answers->answer[0], "garbage_series", &score->garbage_series);
        json_object_get(score->rss_series);
        json_object_get(score->garbage_series);
    }
    for (size_t i = 0; i < answers->n; i++)
        json_object_put(answers->answer[i]);
    answers->n = 0;
}

void score_release(score_t *score)
{
    json_object_put(score->rss_series);
    json_object_put(score->garbage_series);
}

/* ---- JSON */

static void add(struct json_object *object, const char *name, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", value);
    json_object_object_add(object, name, json_object_new_double_s(value, text));
}

static void add_measured(struct json_object *object, const char *name, double value)
{
    if (value >= 0)
        add(object, name, value);
}

static void add_text(void *object, const char *name, const char *value)
{
    json_object_object_add(object, name, json_object_new_string(value));
}

static void add_number(void *object, const char *name, uint64_t value)
{
    json_object_object_add(object, name, json_object_new_int64((int64_t)value));
}

static void add_real(void *object, const char *name, double value)
{
    add(object, name, value);
}

void score_json(FILE *file, const lane_t *lane, const workload_t *workload, const score_t *score,
                struct json_object *set_up, struct json_object *environment)
{
    static const workload_visitor_t adding = {add_text, add_number, add_real};
    struct json_object *line = json_object_new_object(), *samples = json_object_new_array();
    workload_visit(workload, &adding, line);
    add_text(line, "package", lane->contender->package != NULL ? lane->contender->package : "libcc");
    if (lane->contender->note != NULL)
        add_text(line, "note", lane->contender->note);
    if (lane->preload != NULL)
        add_text(line, "preload", lane->preload);
    for (unsigned i = 0; i < score->repeats; i++) {
        char text[32];
        snprintf(text, sizeof text, "%.6g", score->mops[i]);
        json_object_array_add(samples, json_object_new_double_s(score->mops[i], text));
    }
    json_object_object_add(line, "mops", samples);
    add(line, "median", score->median);
    add(line, "low", score->low);
    add(line, "high", score->high);
    add_number(line, "disturbed", score->disturbed);
    add_number(line, "again", score->again);
    add_measured(line, "fair", score->fair);
    add_measured(line, "cpu", score->cpu);
    add_measured(line, "lost", score->lost);
    add_measured(line, "p50", score->p50);
    add_measured(line, "p99", score->p99);
    add_measured(line, "p999", score->p999);
    add_measured(line, "longest", score->longest);
    add_measured(line, "garbage", score->garbage);
    add_measured(line, "peak", score->peak);
    if (score->rss_series != NULL) {
        json_object_object_add(line, "rss_series", json_object_get(score->rss_series));
        json_object_object_add(line, "garbage_series", json_object_get(score->garbage_series));
    }
    add(line, "entries", score_field(set_up, "entries"));
    add(line, "bytes", score_field(set_up, "bytes"));
    json_object_object_add(line, "environment", json_object_get(environment));
    fprintf(file, "%s\n", json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    fflush(file);
    json_object_put(line);
}
