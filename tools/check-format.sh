#!/bin/sh
# All C and C++ sources are formatted by .clang-format as clang-format 14 understands it. Another version formats
# differently, so without that one the check is skipped (exit code 77).
#   check-format.sh [--self-test]
cd "$(dirname "$0")/.." || exit 1

for formatter in clang-format-14 clang-format none; do
    case "$($formatter --version 2>/dev/null)" in *"version 14."*) break ;; esac
done
if [ "$formatter" = none ]; then
    echo "clang-format 14 is not installed (package clang-format)"
    exit 77
fi

check()
{
    "$formatter" --style=file:.clang-format --dry-run -Werror "$@"
}

if [ "$1" = --self-test ]; then
    planted=$(mktemp --suffix=.c) || exit 1 # outside the tree, where no other lint meets it
    trap 'rm -f "$planted"' EXIT
    printf 'int f(void)\n{\n    return 1;\n}\n' >"$planted"
    check "$planted" || { echo "WRONG a formatted file is rejected"; exit 1; }
    echo "ok    a formatted file"
    printf 'int f(void) {\n  return 1; }\n' >"$planted"
    check "$planted" 2>/dev/null && { echo "WRONG a misformatted file is accepted"; exit 1; }
    echo "ok    a misformatted file"
    exit 0
fi

# In a checkout the tracked files; in a release archive all there are.
if git rev-parse --git-dir >/dev/null 2>&1; then
    files=$(git ls-files '*.c' '*.h' '*.cpp')
else
    files=$(find include src tests stress bench examples -name '*.c' -o -name '*.h' -o -name '*.cpp')
fi
[ -n "$files" ] || { echo "no sources found"; exit 1; }
# shellcheck disable=SC2086 # the project's file names hold no blanks
check $files
