# Sourced by scripts/test and scripts/stress: builds in several ways, stages with a log, the table at the end.
# shellcheck shell=bash

ci=$PWD/build-ci   # all that they build and log
logs=$ci/log       # of the last run
prefix=$ci/prefix  # where it is installed
rm -rf "$logs"
mkdir -p "$logs"

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:history_size=7:report_signal_unsafe=1

# The schemes that reclaim, as the tests list them, without those that are built in by option only.
# shellcheck disable=SC2034 # used by those that source this
mapfile -t reclaiming_schemes < <(sed '/^#ifdef CC_TEST_ADAPTERS/,/^#else/d' tests/schemes.h |
    grep -o 'X([a-z]*, CC_SMR' | sed 's/^X(\([a-z]*\).*/\1/' | grep -v leak)

# ---- builds --------------------------------------------------------------------------------------------------

# configure NAME OPTION...: build-ci/NAME, by the compiler that CC and CXX name.
configure()
{
    local dir=$ci/$1
    shift
    local reconfigure=()
    [ ! -f "$dir/build.ninja" ] || reconfigure=(--reconfigure)
    meson setup "${reconfigure[@]}" "$dir" -Dwerror=true "$@"
}

# build NAME TARGET...: as configured; without a target, everything. Where only some tests are to run, meson builds
# what they need.
build()
{
    local dir=$ci/$1
    shift
    ninja -C "$dir" "$@"
}

# shellcheck disable=SC2054 # one option with two values
asan_options=(-Db_sanitize=address,undefined -Doptimization=1 -Ddebug=true
    -Dc_args='-fno-omit-frame-pointer -fno-sanitize-recover=all'
    -Dcpp_args='-fno-omit-frame-pointer -fno-sanitize-recover=all')
tsan_options=(-Db_sanitize=thread -Doptimization=1 -Ddebug=true
    -Dc_args=-fno-omit-frame-pointer -Dcpp_args=-fno-omit-frame-pointer)

stress_programs=(stress_map stress_map_nervous stress_queue stress_queue_nervous)

# The one that can be installed.
configure_gcc()
{
    CC=gcc CXX=g++ configure gcc --prefix="$prefix" --libdir=lib
}

# build_NAME: the builds that stress programs run in.
build_gcc()
{
    configure_gcc && build gcc "${stress_programs[@]/#/stress/}"
}

build_asan()
{
    configure asan "${asan_options[@]}" && build asan "${stress_programs[@]/#/stress/}"
}

# clang's ThreadSanitizer runs three times as fast as gcc's.
build_tsan()
{
    CC=clang CXX=clang++ configure tsan "${tsan_options[@]}" && build tsan "${stress_programs[@]/#/stress/}"
}

# ThreadSanitizer does not start everywhere with randomized addresses. A container may forbid switching them off.
no_aslr=
if setarch -R true 2>/dev/null; then
    no_aslr="setarch -R"
fi

# stress PROGRAM NAME SCHEME SECONDS SEED [OPTION...]: from build-ci/NAME.
stress()
{
    local program=$1 name=$2 scheme=$3 seconds=$4 seed=$5 wrapper=()
    shift 5
    [ "$name" != tsan ] || [ -z "$no_aslr" ] || read -ra wrapper <<<"$no_aslr"
    [ -f "$ci/$name/build.ninja" ] || "build_$name" || return 1
    build "$name" --quiet "stress/$program" || return 1
    "${wrapper[@]}" "$ci/$name/stress/$program" --scheme "$scheme" --seconds "$seconds" --seed "$seed" "$@"
}

# canaries NAME: the names of the tests whose bugs must be noticed; without them a sanitizer proves nothing.
canaries()
{
    meson test -C "$ci/$1" --list --suite stress | sed -n 's/.* \(canary-[a-z-]*\)$/\1/p' | grep . ||
        { echo "no canaries" >&2; return 1; }
}

# ---- stages --------------------------------------------------------------------------------------------------

# An interrupt ends them all: a stage that handles it itself, as meson does, is not a stage that failed.
trap 'exit 130' INT
trap 'kill $(jobs -p) 2>/dev/null || :' EXIT # the watch

passed=0 failed=0  # stages and meson tests
rows=()            # of the table
counts=            # "passed failed skipped" meson tests of the running stage, written by run_tests
failures=          # what its failed tests printed, written by run_tests

# stage NAME TITLE COMMAND...: runs it with its output in build-ci/log/NAME.log, shows the log if it fails.
stage()
{
    local name=$1 title=$2 log=$logs/$1.log start=$SECONDS status=0 verdict=passed ok bad skipped
    shift 2
    printf '==== %s: %s\n' "$name" "$title"
    counts=$logs/$name.counts
    failures=$logs/$name.failures
    rm -f "$counts" "$failures"
    watch "$name" "$log" &
    ("$@") >"$log" 2>&1 || status=$?
    unwatch $!
    if [ $status -ne 0 ]; then
        verdict=FAILED
        echo "---- the log ($log), last 300 lines"
        tail -n 300 "$log"
        echo "---- end of the log"
        [ -s "$failures" ] || tail -n 20 "$log" >"$failures"
    fi
    ok=0 bad=0 skipped=0
    [ ! -f "$counts" ] || read -r ok bad skipped <"$counts"
    printf '     %s in %d s' "$verdict" $((SECONDS - start))
    [ $((ok + bad + skipped)) -eq 0 ] || printf '; tests: %d passed, %d failed, %d skipped' "$ok" "$bad" "$skipped"
    printf '\n'
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ $status -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    rows+=("$(printf '%-18s %-7s %5d s %7d %7d %8d' "$name" "$verdict" $((SECONDS - start)) "$ok" "$bad" "$skipped")")
    return $status
}

# watch NAME LOG: the time and the last line of the log, again and again, on a terminal only.
watch()
{
    local start=$SECONDS
    while [ -t 2 ]; do
        sleep 1
        printf '\r\033[K%s %d s  %.60s' "$1" $((SECONDS - start)) "$(tail -n 1 "$2" | tr -dc '[:print:]')" >&2
    done
}

# unwatch PID: ends it.
unwatch()
{
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# run_tests NAME OPTION...: meson's tests in build-ci/NAME; no test at all is a failure.
run_tests()
{
    local dir=$ci/$1 status=0 wrapper=()
    [ "$1" != tsan ] || [ -z "$no_aslr" ] || wrapper=(--wrapper "$no_aslr")
    shift
    rm -f "$dir/meson-logs/"testlog*.json # under a wrapper it has another name
    meson test -C "$dir" --print-errorlogs "${wrapper[@]}" "$@" || status=$?
    python3 tools/test-counts.py "$dir/meson-logs/"testlog*.json "$counts" "$failures" || status=1
    return $status
}

# table: the stages, and before it what failed tests printed: many see only the end of a log.
table()
{
    local file
    for file in "$logs"/*.failures; do
        [ ! -s "$file" ] || printf '\n---- failed in %s\n%s\n' "$(basename "$file" .failures)" "$(cat "$file")"
    done
    printf '\n%-18s %-7s %7s %7s %7s %8s\n' stage result time passed failed skipped
    printf '%s\n' "${rows[@]}"
    printf '\n'
}
