#include "session.h"

#include "compare.h"
#include "environment.h"
#include "progress.h"
#include "score.h"
#include "sheet.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Cells that share a set-up, and the lanes that compete in them. */
enum { CELLS_MAX = 512 };

typedef struct {
    session_t *session;
    struct json_object *environment;
    size_t lanes, cells;
    lane_t lane[LANES_MAX];
    struct json_object *set_up[LANES_MAX]; /* NULL: this lane is out */
    workload_t cell[CELLS_MAX];
    score_t (*score)[LANES_MAX];  /* by cell */
    answers_t answers[LANES_MAX]; /* of the running cell */
    double begun, steps, done;    /* for the progress bar */
} race_t;

/* ---- who competes */

static bool wanted(const list_t *patterns, const contender_t *contender)
{
    const char *side = contender->package == NULL ? "libcc" : "peers";
    for (size_t i = 0; i < patterns->n; i++) {
        if (fnmatch(patterns->word[i], contender->name, 0) == 0 || strcmp(patterns->word[i], side) == 0)
            return true;
    }
    return patterns->n == 0;
}

static void add_lane(race_t *race, const contender_t *contender, const char *scheme, const char *program)
{
    if (race->lanes == LANES_MAX)
        return;
    const char *preload = contender->package != NULL ? race->session->peer_malloc : NULL;
    if (contender->preload != NULL)
        preload = contender->preload;
    race->lane[race->lanes++] =
        (lane_t){.contender = contender, .scheme = scheme, .program = program, .preload = preload};
}

/* With another build to compare with, its lane comes first. */
static void add_builds(race_t *race, const contender_t *contender, const char *scheme)
{
    if (race->session->against != NULL)
        add_lane(race, contender, scheme, race->session->against);
    add_lane(race, contender, scheme, race->session->program);
}

static void choose_lanes(race_t *race, const workload_t *workload)
{
    const session_t *session = race->session;
    for (const contender_t *c = contender_first(); c != NULL; c = c->next) {
        if (strcmp(c->kind, workload_contender_kind(workload)) != 0 || !wanted(&session->contenders, c) ||
            (session->against != NULL && c->package != NULL))
            continue;
        if (!c->schemes)
            add_builds(race, c, "-");
        for (size_t i = 0; c->schemes && i < session->schemes.n; i++)
            add_builds(race, c, session->schemes.word[i]);
    }
}

/* ---- the cells */

static bool set_mix(workload_t *cell, const char *mix)
{
    uint64_t part[4] = {0};
    size_t n = 0;
    for (; n < 4; n++) {
        char *end;
        part[n] = strtoull(mix, &end, 10);
        mix = end + (*end == '/');
        if (*end != '/')
            break;
    }
    cell->get = part[0], cell->insert = part[1], cell->remove = part[2], cell->scan = part[3];
    return *mix == '\0' && n >= 2 && n < 4 && part[0] + part[1] + part[2] + part[3] == 100;
}

static bool add_cell(race_t *race, const workload_t *base, const char *column, const char *threads, const char *stall)
{
    workload_t *cell = &race->cell[race->cells++];
    *cell = *base;
    bool map = strcmp(base->kind, "map") == 0;
    if (workload_set(cell, "threads", threads) && workload_set(cell, "stall", stall) &&
        (map ? set_mix(cell, column) : workload_set(cell, "shape", column)))
        return true;
    fprintf(stderr, "ccbench: threads %s, %s: no such thing\n", threads, column);
    return false;
}

static bool choose_cells(race_t *race, const workload_t *base)
{
    session_t *session = race->session;
    const list_t *columns = strcmp(base->kind, "map") == 0 ? &session->mixes : &session->shapes;
    bool good = columns->n * session->threads.n * session->stalls.n <= CELLS_MAX;
    for (size_t c = 0; good && c < columns->n; c++) {
        for (size_t t = 0; good && t < session->threads.n; t++) {
            for (size_t s = 0; good && s < session->stalls.n; s++)
                good = add_cell(race, base, columns->word[c], session->threads.word[t], session->stalls.word[s]);
        }
    }
    return good;
}

/* ---- measuring */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void step(race_t *race, const char *what)
{
    race->done++;
    progress_show(what, race->done / race->steps, now() - race->begun);
}

/* What the lane does in a cell. The burden is this build's only. */
static workload_t workload_of(const race_t *race, size_t c, size_t i)
{
    workload_t workload = race->cell[c];
    const lane_t *lane = &race->lane[i];
    workload_set(&workload, "contender", lane->contender->name);
    workload_set(&workload, "scheme", lane->scheme);
    if (lane->program == race->session->against)
        workload.burden = 0;
    return workload;
}

/* Why a lane has no answer. That it refuses a workload is no failure. */
static void complain(race_t *race, const lane_t *lane, const char *why)
{
    progress_clear();
    fprintf(stderr, "ccbench: %s %s: %s\n", lane->contender->name, lane->scheme, why);
    race->session->failed += lane->died;
}

static void set_up(race_t *race, size_t i)
{
    lane_t *lane = &race->lane[i];
    workload_t workload = workload_of(race, 0, i);
    const char *why = "cannot be started";
    lane->died = !lane_open(lane);
    if (!lane->died)
        race->set_up[i] = lane_ask(lane, "setup", &workload, &why);
    if (race->set_up[i] == NULL)
        complain(race, lane, why);
}

static void tear_down(race_t *race, size_t i)
{
    lane_close(&race->lane[i]);
    json_object_put(race->set_up[i]);
    race->set_up[i] = NULL;
}

/* One run that was not disturbed, or the least disturbed of those that were tried. NULL: cannot be run. */
static struct json_object *run_once(race_t *race, lane_t *lane, const workload_t *workload, score_t *score)
{
    const session_t *session = race->session;
    struct json_object *best = NULL;
    for (unsigned try = 0; try <= session->retries; try++) {
        const char *why;
        struct json_object *answer = lane_ask(lane, "run", workload, &why);
        if (lane->died) {
            complain(race, lane, why);
            lane_close(lane); /* what it was set up with stays, for the cells that it was measured in */
        }
        if (answer == NULL)
            break;
        score->again += try > 0;
        if (best == NULL || score_field(answer, "lost") < score_field(best, "lost")) {
            json_object_put(best);
            best = answer;
        } else {
            json_object_put(answer);
        }
        if (score_field(best, "lost") <= session->lost)
            break;
    }
    return best;
}

static struct json_object *take_turn(race_t *race, size_t c, size_t i)
{
    workload_t workload = workload_of(race, c, i);
    lane_t *lane = &race->lane[i];
    step(race, lane->contender->name);
    if (race->session->against != NULL) { /* where memory happens to lie is a matter of chance as well */
        tear_down(race, i);
        set_up(race, i);
    }
    if (race->set_up[i] == NULL || lane->died)
        return NULL;
    return run_once(race, lane, &workload, &race->score[c][i]);
}

/* Each lane's turn. Two builds are compared pair by pair, so of those both answers are kept or none. */
static void take_turns(race_t *race, size_t c)
{
    struct json_object *answer[LANES_MAX];
    for (size_t i = 0; i < race->lanes; i++)
        answer[i] = take_turn(race, c, i);
    for (size_t i = 0; i < race->lanes; i++) {
        answers_t *answers = &race->answers[i];
        if (answer[i] != NULL && (race->session->against == NULL || answer[i ^ 1] != NULL))
            answers->answer[answers->n++] = json_object_get(answer[i]);
    }
    for (size_t i = 0; i < race->lanes; i++)
        json_object_put(answer[i]);
}

static void run_cell(race_t *race, size_t c)
{
    for (unsigned repeat = 0; repeat < race->session->repeats; repeat++)
        take_turns(race, c);
    for (size_t i = 0; i < race->lanes; i++) {
        score_conclude(&race->score[c][i], &race->answers[i], race->session->lost);
        race->session->measured += race->score[c][i].measured;
    }
}

static void write_json(race_t *race, size_t c)
{
    for (size_t i = 0; i < race->lanes; i++) {
        workload_t workload = workload_of(race, c, i);
        if (race->score[c][i].measured)
            score_json(race->session->json, &race->lane[i], &workload, &race->score[c][i], race->set_up[i],
                       race->environment);
    }
}

/* Adds to the session's regressions. False: there was nothing to compare. */
static bool compare_builds(race_t *race)
{
    bool compared = false;
    char label[128];
    printf("this build / the other\n");
    for (size_t c = 0; c < race->cells; c++) {
        for (size_t i = 0; i + 1 < race->lanes; i += 2) {
            const score_t *old = &race->score[c][i], *new = &race->score[c][i + 1];
            if (!old->measured || !new->measured)
                continue;
            size_t n = old->repeats < new->repeats ? old->repeats : new->repeats;
            verdict_t verdict = compare_pairs(old->mops, new->mops, n);
            sheet_name(&race->lane[i], &race->cell[c], label, sizeof label);
            compare_print(label, &verdict, race->session->tolerance);
            race->session->regressed += compare_regressed(&verdict, race->session->tolerance);
            compared = true;
        }
    }
    return compared;
}

static void print_race(const race_t *race)
{
    sheet_title(&race->cell[0]);
    sheet_head(race->cell, race->cells);
    for (size_t i = 0; i < race->lanes; i++) {
        if (race->set_up[i] == NULL)
            continue;
        sheet_label(race->lane[i].contender->name, race->lane[i].scheme);
        for (size_t c = 0; c < race->cells; c++)
            sheet_cell(&race->score[c][i]);
        sheet_memory(score_field(race->set_up[i], "entries"), score_field(race->set_up[i], "bytes"));
    }
    for (size_t i = 0; i < race->lanes && race->cell[0].series > 0; i++) {
        for (size_t c = 0; c < race->cells; c++)
            sheet_series(&race->lane[i], &race->cell[c], &race->score[c][i]);
    }
    if (race->cell[0].sample == 0)
        return;
    for (size_t i = 0; i < race->lanes; i++) {
        for (size_t c = 0; c < race->cells && race->set_up[i] != NULL; c++) {
            if (race->score[c][i].measured && race->score[c][i].p50 >= 0)
                sheet_latency(&race->lane[i], &race->cell[c], &race->score[c][i]);
        }
    }
}

static bool run_race(session_t *session, const workload_t *base, struct json_object *environment)
{
    race_t *race = calloc(1, sizeof *race);
    if (race == NULL)
        return false;
    race->session = session;
    race->environment = environment;
    choose_lanes(race, base);
    bool good = choose_cells(race, base);
    race->score = calloc(race->cells + 1, sizeof *race->score);
    if (good && race->lanes == 0)
        fprintf(stderr, "ccbench: nobody to measure\n");
    good = good && race->lanes > 0 && race->score != NULL;
    if (good) {
        race->begun = now();
        race->steps = (double)race->lanes * (1 + (double)race->cells * session->repeats);
        for (size_t i = 0; i < race->lanes; i++) {
            step(race, race->lane[i].contender->name);
            set_up(race, i);
        }
        for (size_t c = 0; c < race->cells; c++) {
            run_cell(race, c);
            if (session->json != NULL)
                write_json(race, c);
        }
        progress_clear();
        print_race(race);
        if (session->against != NULL)
            good = compare_builds(race);
    }
    for (size_t i = 0; i < race->lanes; i++)
        tear_down(race, i);
    for (size_t c = 0; race->score != NULL && c < race->cells; c++) {
        for (size_t i = 0; i < race->lanes; i++)
            score_release(&race->score[c][i]);
    }
    free(race->score);
    free(race);
    return good;
}

int session_run(session_t *session)
{
    struct json_object *environment = environment_json();
    bool good = true;
    signal(SIGPIPE, SIG_IGN); /* a worker that dies is missed by its answer */
    for (size_t k = 0; good && k < session->keys.n; k++) {
        for (size_t r = 0; good && r < session->ranges.n; r++) {
            for (size_t d = 0; good && d < session->distributions.n; d++) {
                workload_t base = session->base;
                good = workload_set(&base, "keys", session->keys.word[k]) &&
                       workload_set(&base, "range", session->ranges.word[r]) &&
                       workload_set(&base, "distribution", session->distributions.word[d]) &&
                       run_race(session, &base, environment);
            }
        }
    }
    json_object_put(environment);
    if (session->measured == 0)
        fputs("ccbench: nothing was measured\n", stderr);
    return good && session->failed == 0 && session->measured > 0 && session->regressed == 0 ? 0 : 1;
}

void session_list(const char *kind)
{
    for (const contender_t *c = contender_first(); c != NULL; c = c->next) {
        bool shown = strcmp(c->kind, kind) == 0 || (strcmp(kind, "map") == 0 && strcmp(c->kind, "bytes") == 0);
        if (shown)
            printf("%-6s %-28s %-24s %s\n", c->kind, c->name, c->package != NULL ? c->package : "libcc",
                   c->note != NULL ? c->note : "");
    }
}
