#!/usr/bin/env bash
# Packs the functions for Lambda: one zip with the file `bootstrap` in it, the same bytes for the same program.
#
#   assets/deploy/package.sh [x86_64|arm64] [OUT.zip]
#
# On a Linux of the same architecture Rust and a C compiler are enough, if its C library is no newer than Lambda's, which is
# looked at. For the other architecture, and everywhere else, `cargo lambda` builds it (pip install cargo-lambda). It is not
# linked statically: glibc would still load Lambda's modules for looking hosts up, and those are made for Lambda's own.
set -euo pipefail

die() { printf '%s\n' "$*" >&2; exit 1; }

# What `provided.al2023` brings along: Amazon Linux 2023 has glibc 2.34.
newest=2.34

here=$(uname -m)
[ "$here" = aarch64 ] && here=arm64
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
# Which version of the C library this machine links against; nothing where that is another one.
own=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2 || true)

# Whether the newest version of the C library that a program asks for is one that Lambda has.
starts() {
    local asked
    asked=$(grep -aoE 'GLIBC_2\.[0-9]+' "$1" | sort -uV | tail -n 1 | cut -d_ -f2)
    [ "$(printf '%s\n' "$asked" "$newest" | sort -V | tail -n 1)" = "$newest" ]
}

binary=
if [ "$architecture" = "$here" ] && [ "$(uname -s)" = Linux ] && [ -n "$own" ] && ! cargo lambda --version >/dev/null 2>&1; then
    cargo build --locked --release --bin bootstrap --target "$target"
    binary=$folder/$target/release/bootstrap
    starts "$binary" || die "What this machine builds asks for a newer C library than Lambda's provided.al2023 has ($newest)" \
        "and would not start there. Install cargo lambda (pip install cargo-lambda), and do the same again."
elif cargo lambda --version >/dev/null 2>&1; then
    cargo lambda build --locked --release --bin bootstrap --target "$target" --lambda-dir "$folder/lambda-$architecture" \
        --flatten bootstrap
    binary=$folder/lambda-$architecture/bootstrap
    starts "$binary" || die "$binary asks for a newer C library than Lambda's provided.al2023 has ($newest)."
else
    die "This machine ($(uname -s), $here) does not build for Lambda's $architecture by itself. Install cargo lambda" \
        "(pip install cargo-lambda), which does, and do the same again."
fi

# The byte of the ELF header that names the machine.
[ "$(od -An -tx1 -j18 -N1 "$binary" | tr -d ' ')" = "$machine" ] || die "$binary is not for $architecture."

# The times in it are always the same, and nothing tells who packed it.
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
printf '%s: %s, %s bytes; packed %s.\n' "$out" "$architecture" "$(wc -c <"$binary")" "$(wc -c <"$out")"
