/* Runs the litmus shapes to the end and compares their outcomes with what is allowed. */
#include "clients.h"
#include "inside.h"

#include <stdio.h>

static int check_list(const model_litmus_t *shape, const char *list, bool wanted)
{
    int wrong = 0;
    unsigned long key;
    for (int used; sscanf(list, "%lu%n", &key, &used) == 1; list += used) {
        bool seen = model_outcomes(key) != 0;
        if (seen != wanted) {
            printf("%s: outcome %04lu %s\n", shape->client.name, key, wanted ? "never seen" : "seen, but forbidden");
            wrong++;
        }
    }
    return wrong;
}

static int check_shapes(const model_litmus_t *shapes)
{
    int wrong = 0;
    for (const model_litmus_t *shape = shapes; shape->client.name != NULL; shape++) {
        uint64_t done;
        model_outcomes_clear();
        bool all = model_run(&shape->client, UINT64_MAX, 60, &done);
        wrong += check_list(shape, shape->allowed, true) + check_list(shape, shape->forbidden, false);
        wrong += !all;
        printf("%-28s %8lu executions%s\n", shape->client.name, (unsigned long)done,
               all ? ", all there are" : ", NOT ALL");
    }
    return wrong;
}

int model_litmus(void)
{
    return check_shapes(model_memory_shapes) + check_shapes(model_signal_shapes);
}
