/* The command lines of the sub-commands that measure. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "session.h"

/* Fills the session for a sub-command, whose name is argv[0]; prints help or a complaint and exits if need be. */
void options_parse(int argc, char **argv, session_t *session);

#endif
