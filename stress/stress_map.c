/* stress_map.c: every kind of map, under every scheme, through every phase, for as long as one likes. */
#include "cycle.h"
#include "history.h"
#include "options.h"
#include "report.h"

#include <cc/alloc.h>

#include <inttypes.h>
#include <stdio.h>

enum { PHASES = 6, KINDS = 6, CYCLE_PATIENCE = 120 };

static const phase_t *const phases[PHASES] = {&phase_linear, &phase_whole,   &phase_sums,
                                              &phase_order,  &phase_threads, &phase_values};
static const map_kind_t *const kinds[KINDS] = {&map_kind_u64, &map_kind_bst64,   &map_kind_bytes,
                                               &map_kind_bst, &map_kind_compare, &map_kind_bst_compare};

/* Long enough to be worth the threads, short enough that every combination comes up; a leaking domain must end
 * before the memory does. */
static double cycle_seconds(const options_t *opt, cc_smr_scheme_t scheme)
{
    double share = opt->seconds / (PHASES * KINDS * opt->scheme_count);
    double longest = scheme == CC_SMR_LEAK ? 0.25 : 1.0;
    return share < 0.02 ? 0.02 : share > longest ? longest : share;
}

static void run_cycle(const options_t *opt, uint64_t number)
{
    const phase_t *phase = phases[number % PHASES];
    cc_smr_scheme_t scheme = opt->schemes[number / PHASES % opt->scheme_count];
    const map_kind_t *kind = kinds[number / (PHASES * opt->scheme_count) % KINDS];
    cycle_t cycle = {.scheme = scheme,
                     .kind = kind,
                     .threads = opt->threads,
                     .keys_max = opt->keys,
                     .jolt_us = opt->jolt_us,
                     .seed = rnd_init(opt->seed, number).state,
                     .seconds = cycle_seconds(opt, scheme)};
    report_place_t place = {number, phase->name, cc_smr_scheme_name(scheme), kind->name, ""};
    snprintf(place.replay, sizeof place.replay,
             "stress_map --seed %" PRIu64 " --first-cycle %" PRIu64
             " --scheme %s --threads %u --keys %u --jolt-us %u --seconds %g",
             opt->seed, number, opt->scheme_arg, opt->threads, opt->keys, opt->jolt_us, opt->seconds);
    report_watchdog(CYCLE_PATIENCE);
    report_enter(&place);
    cycle_result_t result = cycle_run(&cycle, phase);
    report_enter(NULL);
    report_watchdog(0);
    report_add(place.scheme, place.phase, result.ops, result.seconds, result.checks, result.limbo_peak);
}

int main(int argc, char **argv)
{
    options_t opt;
    int exit_code;
    if (!options_parse(argc, argv, &opt, &exit_code))
        return exit_code;
    hist_clock_init();
    report_crashes();
    report_trace_to(opt.trace);
    cc_alloc_info_t alloc = CC_ALLOC_INFO_INIT;
    if (cc_alloc_info(&alloc) != 0)
        give_up("cc_alloc_info failed");
    printf("stress_map: seed %" PRIu64 ", scheme %s, %u threads, %g s, libcc %s over %s, clock %s\n", opt.seed,
           opt.scheme_arg, opt.threads, opt.seconds, cc_version(), alloc.name, hist_clock_name());
    fflush(stdout);
    double start = now_seconds(), done = 0;
    uint64_t least = opt.first_cycle == 0 ? PHASES * KINDS * opt.scheme_count : 1; /* every combination once */
    for (uint64_t n = opt.first_cycle; n - opt.first_cycle < least || done < opt.seconds; n++) {
        report_progress(done, opt.seconds, phases[n % PHASES]->name);
        run_cycle(&opt, n);
        done = now_seconds() - start;
    }
    report_table();
    printf("nothing found\n");
    fflush(stdout); /* LeakSanitizer ends the process with _exit */
    return 0;
}
