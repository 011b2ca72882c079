#!/bin/sh
# build.sh SOURCE-DIRECTORY BUILD-DIRECTORY OUTPUT: with Debian's crates, no network.
set -e
mkdir -p "$2"
cp "$1/Cargo.toml" "$1/lib.rs" "$2"
cd "$2"
cargo build --quiet --release --offline \
    --config 'source.crates-io.replace-with = "debian"' \
    --config 'source.debian.directory = "/usr/share/cargo/registry"'
cp target/release/libbench_crossbeam.a "$3"
