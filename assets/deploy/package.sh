#!/usr/bin/env bash
# Packs the functions for Lambda: one zip with the file `bootstrap` in it, the same bytes for the same code.
#
#   assets/deploy/package.sh [x86_64|arm64] [OUT.zip]
#
# For the machine's own architecture Rust and a C compiler are enough. Where `cargo lambda` is installed it is used: it
# builds for the other architecture too, and for a C library that is as old as Lambda's wherever it runs.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

here=$(uname -m)
case "$here" in aarch64 | arm64) here=arm64 ;; esac
architecture=${1:-$here}
case "$architecture" in
    x86_64) target=x86_64-unknown-linux-gnu machine=3e ;;
    arm64) target=aarch64-unknown-linux-gnu machine=b7 ;;
    *) die "'$architecture' is no architecture of Lambda: x86_64 or arm64." ;;
esac
out=${2:-rekotui-functions-$architecture.zip}
case "$out" in /*) ;; *) out=$PWD/$out ;; esac

cd "$(dirname "$0")/../.."
folder=${CARGO_TARGET_DIR:-target}

# What `provided.al2023` brings along (Amazon Linux 2023 has glibc 2.34).
newest=2.34

# The newest GLIBC_x.y that a binary asks for.
glibc_of() { grep -aoE 'GLIBC_2\.[0-9]+' "$1" | sort -uV | tail -n 1 | cut -d_ -f2; }

# The byte of the ELF header that names the machine.
machine_of() { od -An -tx1 -j18 -N1 "$1" | tr -d ' '; }

if cargo lambda --version >/dev/null 2>&1; then
    flags=()
    [ "$architecture" = arm64 ] && flags=(--arm64)
    cargo lambda build --locked --release --bin bootstrap --lambda-dir "$folder/lambda" \
        --target "$target.$newest" ${flags[@]+"${flags[@]}"} >&2 2>/dev/null \
        || cargo lambda build --locked --release --bin bootstrap --lambda-dir "$folder/lambda" --target "$target.$newest" >&2
    binary=$(find "$folder/lambda" -name bootstrap -type f -newer Cargo.toml | head -n 1)
    [ -n "$binary" ] || binary=$(find "$folder/lambda" -name bootstrap -type f | head -n 1)
elif [ "$architecture" = "$here" ] && [ "$(uname -s)" = Linux ]; then
    cargo build --locked --release --bin bootstrap --target "$target" >&2
    binary=$folder/$target/release/bootstrap
else
    die "This machine ($(uname -s), $here) builds for itself only. Install cargo lambda (pip install cargo-lambda), which" \
        "builds for $architecture too, and do the same again."
fi

[ "$(machine_of "$binary")" = "$machine" ] || die "$binary is not for $architecture."
asked=$(glibc_of "$binary")
if [ -n "$asked" ] && [ "$(printf '%s\n' "$asked" "$newest" | sort -V | tail -n 1)" != "$newest" ]; then
    die "$binary asks for glibc $asked, and Lambda's provided.al2023 has $newest: it would not start there. Install" \
        "cargo lambda (pip install cargo-lambda), which builds for that version, or build on a Linux with glibc $newest."
fi

# The times in it are always the same, and nothing of this machine's users is in it.
python3 - "$binary" "$out" <<'PACK'
import sys
import zipfile

binary, out = sys.argv[1:]
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
entry.create_system = 3
with zipfile.ZipFile(out, "w") as file, open(binary, "rb") as code:
    file.writestr(entry, code.read(), compresslevel=9)
PACK
say "$out: bootstrap for $architecture, glibc ${asked:-none}, $(wc -c <"$binary") bytes, packed $(wc -c <"$out")."
