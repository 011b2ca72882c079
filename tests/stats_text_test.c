/* The contract of the texts of cc/stats.h: complete, cut off as by snprintf, well formed whatever a domain is called. */
#include "test.h"

#include "support/domains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t write_fn(const cc_smr_snapshot_t *snapshot, char *buffer, size_t size);

static int64_t write_page(const cc_smr_snapshot_t *snapshot, char *buffer, size_t size)
{
    return cc_smr_stats_prometheus(snapshot, 1, buffer, size);
}

static cc_domain_t *make_named(const char *name)
{
    cc_domain_opts_t opts = CC_DOMAIN_OPTS_INIT;
    cc_domain_t *domain;
    opts.name = name;
    cr_assert_eq(cc_domain_create(&opts, &domain), 0);
    return domain;
}

/* To be freed. */
static char *text_of(cc_domain_t *domain, write_fn *write)
{
    cc_smr_snapshot_t s = snapshot_of(domain);
    int64_t length = write(&s, NULL, 0);
    cr_assert_gt(length, 0);
    char *text = malloc((size_t)length + 1);
    cr_assert_eq(write(&s, text, (size_t)length + 1), length);
    cr_assert_eq(strlen(text), (size_t)length);
    return text;
}

static void cut_off(write_fn *write)
{
    cc_domain_t *domain = make_named("cut");
    cc_smr_snapshot_t s = snapshot_of(domain);
    char *whole = text_of(domain, write), part[64];
    int64_t length = (int64_t)strlen(whole);
    for (size_t size = 1; size <= sizeof part; size++) {
        memset(part, 'x', sizeof part);
        cr_assert_eq(write(&s, part, size), length);
        cr_assert_eq(strlen(part), size - 1);
        cr_assert_eq(memcmp(part, whole, size - 1), 0);
        cr_assert(size == sizeof part || part[size] == 'x');
    }
    free(whole);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

static void bad_arguments(write_fn *write)
{
    cc_smr_snapshot_t s = CC_SMR_SNAPSHOT_INIT;
    char buffer[8] = "as was";
    cr_assert_eq(write(NULL, buffer, sizeof buffer), -EINVAL);
    cr_assert_eq(write(&s, NULL, 1), -EINVAL);
    s.size--;
    cr_assert_eq(write(&s, buffer, sizeof buffer), -EINVAL);
    cr_assert_str_eq(buffer, "as was");
}

Test(stats_text, is_cut_off_as_by_snprintf)
{
    cut_off(cc_smr_stats_json);
    cut_off(write_page);
}

Test(stats_text, bad_arguments_write_nothing)
{
    bad_arguments(cc_smr_stats_json);
    bad_arguments(write_page);
}

Test(stats_text, has_every_number)
{
    cc_domain_t *domain = make_named("all");
    char *json = text_of(domain, cc_smr_stats_json), *prometheus = text_of(domain, write_page);
#define IN_BOTH(name, kind, help)                                                                                      \
    cr_assert_not_null(strstr(json, "\"" #name "\":"));                                                                \
    cr_assert_not_null(strstr(prometheus, "\ncc_smr_" #name));
    CC_SMR_NUMBERS(IN_BOTH)
#undef IN_BOTH
    free(json);
    free(prometheus);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

Test(stats_text, escapes_names)
{
    cc_domain_t *domain = make_named("a\"b\\c\nd\te");
    char *json = text_of(domain, cc_smr_stats_json), *prometheus = text_of(domain, write_page);
    cr_assert_not_null(strstr(json, "\"name\":\"a\\\"b\\\\c\\nd?e\""));
    cr_assert_not_null(strstr(prometheus, "{domain=\"a\\\"b\\\\c\\nd?e\",scheme=\""));
    free(json);
    free(prometheus);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

static void named_as(const char *name, const char *shown)
{
    char wanted[80];
    cc_domain_t *domain = make_named(name);
    char *json = text_of(domain, cc_smr_stats_json), *prometheus = text_of(domain, write_page);
    snprintf(wanted, sizeof wanted, "\"name\":\"%s\"", shown);
    cr_assert_not_null(strstr(json, wanted), "%s", shown);
    snprintf(wanted, sizeof wanted, "{domain=\"%s\",", shown);
    cr_assert_not_null(strstr(prometheus, wanted), "%s", shown);
    free(json);
    free(prometheus);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* Both formats are UTF-8, and nothing else. */
Test(stats_text, is_utf8_whatever_a_domain_is_called)
{
    named_as("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    named_as("caf\xe9", "caf?");
    named_as("123456789012345678901234567890\xc3\xa9", "123456789012345678901234567890?"); /* cut off */
    named_as("\xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf", "?? ??? ????");                     /* longer than need be */
    named_as("\xed\xa0\x80 \xf4\x90\x80\x80 \xff", "??? ???? ?");                          /* no characters */
    named_as("\x80"
             "a\xe2\x82",
             "?a??");
}

/* Not as the program's locale writes numbers, nor rounded. */
Test(stats_text, prometheus_seconds_are_exact)
{
    cc_domain_t *domain = make_named("exact");
    char *text = text_of(domain, write_page);
    cr_assert_not_null(strstr(text, ",le=\"0.000001\"} "));
    cr_assert_not_null(strstr(text, ",le=\"134.217728\"} "));
    cr_assert_not_null(strstr(text, ",le=\"+Inf\"} "));
    free(text);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* What a reader of Prometheus' format insists on: each line a comment or a sample, buckets that never fall, the last one
 * equal to the count. */
Test(stats_text, prometheus_lines_are_samples)
{
    cc_domain_t *domain = make_named("lines");
    void *node = cc_node_alloc(domain, 64);
    cr_assert_eq(cc_retire(domain, node, 64, NULL, NULL), 0);
    cr_assert_eq(cc_domain_drain(domain, -1), 0);
    char *text = text_of(domain, write_page);
    unsigned long long before = 0, value = 0, samples = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0)
            continue;
        char *end = strrchr(line, '}');
        cr_assert_not_null(end, "%s", line);
        cr_assert_eq(strncmp(line, "cc_smr_", 7), 0, "%s", line);
        samples++;
        if (strstr(line, "_bucket{") != NULL) {
            value = strtoull(end + 1, NULL, 10);
            cr_assert_geq(value, before, "%s", line);
            before = value;
        }
        if (strstr(line, "_seconds_count{") != NULL)
            cr_assert_eq(strtoull(end + 1, NULL, 10), value, "%s", line);
    }
    cr_assert_eq(value, 1);
    cr_assert_gt(samples, CC_SMR_BUCKETS);
    free(text);
    cr_assert_eq(cc_domain_destroy(domain), 0);
}

/* Each metric has one heading, and below it stands one sample of each domain, of the histogram as many as it has. */
static void check_page(char *page)
{
    char heading[128] = "";
    int types = 0, samples = 0, of_two = 0;
    for (char *line = strtok(page, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            cr_assert(heading[0] == 0 || (types == 1 && samples == 2 && of_two == 1), "%s", heading);
            size_t name = strcspn(line + 7, " ");
            cr_assert(strlen(heading) != name || strncmp(heading, line + 7, name) != 0, "%s again", heading);
            snprintf(heading, sizeof heading, "%.*s", (int)name, line + 7);
            types = samples = of_two = 0;
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            cr_assert_eq(strncmp(line + 7, heading, strlen(heading)), 0, "%s", line);
            cr_assert_eq(samples, 0, "%s", line);
            types++;
        } else {
            cr_assert_eq(strncmp(line, heading, strlen(heading)), 0, "%s", line);
            samples++;
            of_two += strstr(line, "{domain=\"two\",") != NULL;
        }
    }
    cr_assert(types == 1 && samples == 2 * of_two && of_two == CC_SMR_BUCKETS + 2, "of the histogram");
}

Test(stats_text, prometheus_page_of_several_domains)
{
    static char page[65536], again[sizeof page];
    cc_domain_t *domains[2] = {make_named("one"), make_named("two")};
    cc_smr_snapshot_t s[2] = {snapshot_of(domains[0]), snapshot_of(domains[1])};
    struct {
        cc_smr_snapshot_t known;
        uint64_t unknown; /* to this version of the library */
    } wide[2] = {{s[0], 0}, {s[1], 0}};
    int64_t length = cc_smr_stats_prometheus(s, 2, page, sizeof page);
    cr_assert(length > 0 && length < (int64_t)sizeof page);
    cr_assert_eq(cc_smr_stats_prometheus(s, 2, again, 1000), length, "it is told if not all of it is there");
    wide[0].known.size = wide[1].known.size = sizeof wide[0];
    cr_assert_eq(cc_smr_stats_prometheus(&wide[0].known, 2, again, sizeof again), length);
    cr_assert_str_eq(again, page);
    check_page(page);
    cr_assert_eq(cc_smr_stats_prometheus(s, 0, page, sizeof page), (int64_t)strlen(page));
    s[1].size++;
    cr_assert_eq(cc_smr_stats_prometheus(s, 2, page, sizeof page), -EINVAL);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(cc_domain_destroy(domains[i]), 0);
}
