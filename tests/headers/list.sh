#!/bin/sh
# The public headers below the folder, one per line, as a user includes them.
cd "$1" && find cc -name '*.h' | LC_ALL=C sort
