/* stress_queue.c: every queue, under every scheme, through every phase, for as long as one likes. */
#include "cycle.h"
#include "jolt.h"
#include "options.h"
#include "queue_phases.h"
#include "report.h"

#include <cc/cc.h>

#include <inttypes.h>
#include <stdio.h>

enum { PHASES = 3, CYCLE_PATIENCE = 120 };

static const queue_phase_t *const phases[PHASES] = {&queue_phase_whole, &queue_phase_long, &queue_phase_flow};

static double cycle_seconds(const options_t *opt, cc_smr_scheme_t scheme)
{
    double share = opt->seconds / (PHASES * QUEUE_KINDS * opt->scheme_count);
    double longest = scheme == CC_SMR_LEAK ? 0.1 : 1.0;
    return share < 0.02 ? 0.02 : share > longest ? longest : share;
}

static void run_cycle(const options_t *opt, uint64_t number)
{
    const queue_phase_t *phase = phases[number % PHASES];
    cc_smr_scheme_t scheme = opt->schemes[number / PHASES % opt->scheme_count];
    queue_cycle_t cycle = {.kind = queue_kinds[number / (PHASES * opt->scheme_count) % QUEUE_KINDS],
                           .rnd = rnd_init(opt->seed, number),
                           .seconds = cycle_seconds(opt, scheme)};
    report_place_t place = {number, phase->name, cc_smr_scheme_name(scheme), cycle.kind->name, ""};
    snprintf(place.replay, sizeof place.replay,
             "stress_queue --seed %" PRIu64 " --first-cycle %" PRIu64
             " --scheme %s --threads %u --jolt-us %u --seconds %g",
             opt->seed, number, opt->scheme_arg, opt->threads, opt->jolt_us, opt->seconds);
    cc_domain_opts_t domain_opts = CC_DOMAIN_OPTS_INIT;
    domain_opts.scheme = scheme;
    report_watchdog(CYCLE_PATIENCE);
    report_enter(&place);
    if (cc_domain_create(&domain_opts, &cycle.domain) != 0)
        give_up("a domain could not be created");
    double start = now_seconds();
    crew_start(&cycle.crew, opt->threads, cycle.rnd.state);
    jolt_start(&cycle.crew, opt->jolt_us, cycle.rnd.state);
    phase->run(&cycle);
    uint64_t ops = crew_ops(&cycle.crew), checks = crew_checks(&cycle.crew) + cycle.checks;
    double seconds = now_seconds() - start;
    jolt_stop();
    crew_dismiss(&cycle.crew);
    uint64_t peak = cycle_settle(cycle.domain, scheme);
    if (cc_domain_destroy(cycle.domain) != 0)
        finding("the domain is still in use");
    report_enter(NULL);
    report_watchdog(0);
    report_add(place.scheme, place.phase, ops, seconds, checks, peak);
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
    printf("stress_queue: seed %" PRIu64 ", scheme %s, %u threads, %g s, libcc %s, clock %s\n", opt.seed,
           opt.scheme_arg, opt.threads, opt.seconds, cc_version(), hist_clock_name());
    fflush(stdout);
    double start = now_seconds(), done = 0;
    uint64_t least = opt.first_cycle == 0 ? PHASES * QUEUE_KINDS * opt.scheme_count : 1; /* every combination once */
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
