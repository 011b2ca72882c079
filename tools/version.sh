#!/bin/sh
# The version, read from the public header: the one place where it is written.
cd "$(dirname "$0")/.." || exit 1
awk '/#define CC_VERSION_(MAJOR|MINOR|PATCH)/ { v = v sep $3; sep = "." } END { print v }' include/cc/base.h
