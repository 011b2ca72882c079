/* The parts of exit_test. */
#ifndef FAULT_EXIT_H
#define FAULT_EXIT_H

/* One thread. */
void exit_by_return(void);
void exit_by_pthread_exit(void);
void exit_by_cancel(void);
void exit_in_range(void);
void exit_in_drain(void);
void exit_pending(void);
void exit_keys_at_last(void);
void exit_with_garbage(void);
void exit_destructor_first(void);
void exit_destructor_last(void);
void exit_destructor_again(void);

/* Many, or the process. */
void exit_many_in_turn(void);
void exit_many_at_once(void);
void exit_at_destroy(void);
void exit_of_main(void);
void exit_of_process(void);

#endif
