#!/bin/sh
# compile.sh SOURCE DIRECTORY STAMP
javac -d "$2" "$1" && touch "$3"
