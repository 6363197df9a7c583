# shellcheck shell=bash
# Shared by the scripts here: messages, root rights, packages, builds. To be sourced; sets `root`, the top of the tree.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LC_ALL=C.UTF-8

# say TEXT...: one line to the person, on stderr.
say()
{
    printf '%s\n' "$*" >&2
}

# die CODE WHAT HOW: what went wrong, how to mend it, and the exit code.
die()
{
    local code=$1
    say "error: $2"
    [ $# -lt 3 ] || say "  try: $3"
    exit "$code"
}

# packages TIER: the names of Debian packages that a tier needs; each tier holds the one before it.
#   release  what the program needs to be built and run
#   test     and its quick tests
#   ci       and the second compiler, valgrind, coverage, shell lint
packages()
{
    # Ubuntu 24.04 has no Vectorscan, but Hyperscan of before it was closed, with the same interface.
    local patterns=libvectorscan-dev
    [ "$(os_version)" != ubuntu-24.04 ] || patterns=libhyperscan-dev
    echo gcc g++ cmake ninja-build pkg-config libsodium-dev libssl-dev libsimdjson-dev libexpat1-dev \
        liblmdb-dev libcsv-dev "$patterns" libpcre2-dev libprotobuf-c-dev protobuf-c-compiler \
        libsbml5-dev libyaml-dev libzip-dev libnlopt-dev
    [ "$1" = release ] && return
    echo libcmocka-dev
    [ "$1" = test ] && return
    # The compiler's run-time library carries the compiler's number in its name on Debian 12.
    if [ "$(os_version)" = debian-12 ]; then
        echo libclang-rt-14-dev
    else
        echo libclang-rt-dev
    fi
    echo clang valgrind shellcheck ccache gcovr openmpi-bin
}

# os_version: "debian-12", "ubuntu-24.04", ...
os_version()
{
    (
        ID=unknown VERSION_ID=0
        # shellcheck disable=SC1091
        [ ! -r /etc/os-release ] || . /etc/os-release
        printf '%s-%s\n' "$ID" "$VERSION_ID"
    )
}

# missing_packages NAME...: those of them that are not installed.
missing_packages()
{
    local name
    for name in "$@"; do
        dpkg -s "$name" 2>/dev/null | grep -q '^Status: .* installed$' || printf '%s\n' "$name"
    done
}

# as_root COMMAND...: run it with root's rights; 1 when there are none to be had.
as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n -- "$@"
    else
        say "sudo may ask for your password, to install packages"
        sudo -- "$@"
    fi
}

# can_be_root: root, or sudo without a question, or sudo and a terminal to ask on.
can_be_root()
{
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] && [ -t 2 ]
}

# install_packages NAME...: install those that are missing; asks nothing, fetches the lists first.
install_packages()
{
    local -a names apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    mapfile -t names < <(missing_packages "$@")
    [ "${#names[@]}" -gt 0 ] || return 0
    if ! can_be_root; then
        say "Packages are missing and this account may not install them. As root, run this one line, then start again:"
        printf 'apt-get update && apt-get install -y --no-install-recommends %s\n' "${names[*]}"
        exit 9
    fi
    say "installing: ${names[*]}"
    as_root "${apt[@]}" update >&2 </dev/null ||
        die 6 "apt-get update failed" "look at the network and the sources of apt"
    as_root "${apt[@]}" install --no-install-recommends "${names[@]}" >&2 </dev/null ||
        die 6 "apt-get could not install: ${names[*]}" "run 'apt-get install ${names[*]}' by hand and read its answer"
}

# need_tier TIER: see that the packages of a tier are there.
need_tier()
{
    local -a names
    command -v dpkg >/dev/null ||
        die 9 "this is not Debian or Ubuntu" "install by hand what stands for: $(packages "$1" | tr '\n' ' ')"
    read -r -a names <<<"$(packages "$1" | tr '\n' ' ')"
    install_packages "${names[@]}"
}

# build PRESET [CMAKE-ARGUMENT...]: configure and build; the compiler's words on stderr.
build()
{
    local preset=$1
    shift
    (
        cd "$root" &&
            cmake --log-level=NOTICE --preset "$preset" "$@" >&2 </dev/null &&
            cmake --build "build/$preset" >&2 </dev/null
    )
}
