/* Threads that go away: in the middle of a guard, with garbage of their own, by cancellation, many at a time, the main
 * thread before the others, and all of them when the process exits. */
#include "exit.h"
#include "scenario.h"

static const scenario_t scenarios[] = {
    {.name = "return", .title = "a thread returns inside guards", .run = exit_by_return},
    {.name = "pthread_exit", .title = "a thread calls pthread_exit inside guards", .run = exit_by_pthread_exit},
    {.name = "cancel", .title = "a thread is cancelled where it waits inside guards", .run = exit_by_cancel},
    {.name = "range", .title = "a thread calls pthread_exit in the visitor of a range", .run = exit_in_range},
    {.name = "drain", .title = "threads are cancelled where they wait inside a drain", .run = exit_in_drain},
    {.name = "pending", .title = "a thread that is to end finishes its calls", .run = exit_pending},
    {.name = "keys", .title = "a process without thread-specific keys at first", .run = exit_keys_at_last},
    {.name = "garbage", .title = "a thread leaves its garbage to others", .run = exit_with_garbage},
    {.name = "destructor-first", .title = "thread-local data dies before our record", .run = exit_destructor_first},
    {.name = "destructor-last", .title = "thread-local data dies after our record", .run = exit_destructor_last},
    {.name = "destructor-again", .title = "thread-local data dies again and again", .run = exit_destructor_again},
    {.name = "many-in-turn", .title = "300 threads, ten at a time", .run = exit_many_in_turn},
    {.name = "many-at-once", .title = "300 threads at once", .run = exit_many_at_once},
    {.name = "at-destroy", .title = "threads exit while their domain is destroyed", .run = exit_at_destroy},
    {.name = "main", .title = "the main thread goes, others stay", .run = exit_of_main},
    {.name = "process", .title = "the process exits in the middle of everything", .run = exit_of_process},
};

int main(int argc, char **argv)
{
    return scenarios_main(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
