#!/bin/sh
# usage: check-canary.sh PROGRAM BUG WORDS
# Runs `PROGRAM BUG` and fails unless it was reported: exit code not 0 and WORDS in what it printed.
set -u
if [ $# -ne 3 ]; then
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
fi

# ThreadSanitizer needs an address space that is not too random.
run=
if command -v setarch >/dev/null && setarch -R true 2>/dev/null; then
    run='setarch -R'
fi

export ASAN_OPTIONS='detect_leaks=1'
export TSAN_OPTIONS='halt_on_error=1'
output=$($run "$1" "$2" 2>&1)
code=$?
printf '%s\n' "$output"
if [ $code -eq 0 ]; then
    echo "check-canary: $2 went unnoticed" >&2
    exit 1
fi
case $output in
*"$3"*) echo "check-canary: $2 was noticed (exit code $code)" ;;
*)
    echo "check-canary: $2 ended with $code, but nobody said \"$3\"" >&2
    exit 1
    ;;
esac
