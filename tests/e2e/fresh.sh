#!/usr/bin/env bash
# fresh.sh [SUITE...]: the README's two commands on machines that have nothing but git (run: scripts/test --deep fresh).
#
# For each SUITE (bookworm, trixie and noble when none is named) debootstrap makes a minimal system. In fresh copies of
# it this tree, as committed, is cloned and
#   1. root runs ./scripts/demo and ./scripts/test
#   2. a user with sudo runs both
#   3. a user without sudo is shown the one line to run as root; root runs it; then his ./scripts/demo works
# Needs root, debootstrap, about 3 GB under FRESH_DIR (default /tmp/twinward-fresh; the minimal systems are kept there)
# and the mirror that this machine's apt uses, or debootstrap's own. A suite whose mirror does not answer is skipped.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Mounts are made in a namespace of our own, and every process in it ends with it.
if [ -z "${FRESH_INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || {
        echo "Bail out! fresh.sh makes root file systems: run it as root"
        exit 1
    }
    FRESH_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private bash "${BASH_SOURCE[0]}" "$@"
fi

# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$top/tests/support/tap.sh"

dir=${FRESH_DIR:-/tmp/twinward-fresh}
mkdir -p "$dir"
work=$(mktemp -d "$dir/run.XXXXXX")
chmod 755 "$work"
at_exit()
{
    local code=$?
    umount -l "$work"/*/proc "$work"/*/dev/{shm,pts} "$work"/*/var/cache/apt/archives 2>/dev/null || true
    rm -rf --one-file-system -- "$work"
    (exit "$code")
    tap_at_exit
}
trap at_exit EXIT

note()
{
    printf '# %s %s\n' "$(date +%T)" "$*"
}

# host_mirror FAMILY: the mirror of this machine's apt when it is of that family (debian, ubuntu), or nothing.
host_mirror()
{
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v family="$1" 'tolower($1) == family && $2 !~ /security/ { sub(/\/$/, "", $2); print $2; exit }'
}

# ubuntu_keyring: path of the keys of Ubuntu's archive; Debian 13 has them as a package when this machine has not.
ubuntu_keyring()
{
    local name=ubuntu-archive-keyring.gpg
    if [ -f "/usr/share/keyrings/$name" ]; then
        printf '%s\n' "/usr/share/keyrings/$name"
        return
    fi
    if [ ! -f "$dir/$name" ]; then
        make_base trixie >&2 && fresh trixie keys >&2 || return
        inside keys root 'apt-get -q update && apt-get -q -y install ubuntu-archive-keyring' >&2 || return
        cp "$work/keys/usr/share/keyrings/$name" "$dir/$name"
        drop keys
    fi
    printf '%s\n' "$dir/$name"
}

# make_base SUITE: $dir/SUITE.tar, a minimal system with git, ca-certificates and the apt settings of this machine.
make_base()
{
    local suite=$1 root=$work/base.$1 family=debian parts=main home=/usr/share/debootstrap mirror keyring
    [ ! -f "$dir/$suite.tar" ] || return 0
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    if [ "$suite" = noble ]; then
        family=ubuntu parts=main,universe
        keyring=$(ubuntu_keyring) || return
    fi
    mirror=$(host_mirror "$family")
    if [ ! -e "$home/scripts/$suite" ]; then
        # An older debootstrap does not know this suite by name; it is made like its elders.
        cp -r "$home" "$work/debootstrap" || return
        home=$work/debootstrap
        ln -s gutsy "$home/scripts/$suite" || return
    fi
    DEBOOTSTRAP_DIR=$home debootstrap --variant=minbase --components="$parts" --keyring="$keyring" \
        --include=git,ca-certificates "$suite" "$root" ${mirror:+"$mirror"} || return
    # What this machine tells apt about proxies and dates holds inside as well.
    apt-config dump | grep -E '^Acquire::(https?|ftp|Check|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
    rm -f "$root"/var/cache/apt/archives/*.deb
    tar -C "$root" --one-file-system -cf "$dir/$suite.tar.part" . && mv "$dir/$suite.tar.part" "$dir/$suite.tar" &&
        rm -rf --one-file-system -- "$root"
}

# fresh SUITE NAME: unpack the base into $work/NAME, mount what a running system has, put the tree's bundle in.
fresh()
{
    local root=$work/$2
    mkdir -p "$root" "$dir/$1.debs"
    tar -C "$root" -xf "$dir/$1.tar"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    mount --bind "$dir/$1.debs" "$root/var/cache/apt/archives" # so that a package is fetched once
    cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
    cp "$work/tree.bundle" "$root/tree.bundle"
}

drop()
{
    local root=$work/$1
    umount -l "$root/proc" "$root/dev/shm" "$root/dev/pts" "$root/var/cache/apt/archives"
    rm -rf --one-file-system -- "$root"
}

# inside NAME USER COMMAND: a login shell of USER in the system NAME, in his home, without a terminal.
inside()
{
    chroot "$work/$1" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        su - "$2" -w http_proxy,https_proxy -s /bin/bash -c "$3" </dev/null
}

# clone NAME USER
clone()
{
    inside "$1" "$2" 'git clone -q /tree.bundle twinward'
}

# both NAME USER: the README's two commands.
both()
{
    local suite=${1%%.*} log=$work/$1.log line
    note "$suite: demo as $2"
    tap_ok "$suite: $2 clones" clone "$1" "$2"
    tap_ok "$suite: ./scripts/demo as $2" inside "$1" "$2" 'cd twinward && ./scripts/demo'
    tap_ok "$suite: the demo of $2 left its report" inside "$1" "$2" 'test -s twinward/twinward-demo/report.html'
    note "$suite: test as $2"
    inside "$1" "$2" 'cd twinward && ./scripts/test' >"$log" 2>&1 || true
    line=$(tail -n 1 "$log")
    if [[ "$line" =~ ^[1-9][0-9]*\ passed,\ 0\ failed,\ [0-9]+\ skipped$ ]]; then
        tap_pass "$suite: ./scripts/test as $2: $line"
    else
        tap_fail "$suite: ./scripts/test as $2" "$log"
    fi
}

with_root()
{
    fresh "$1" "$1.root"
    both "$1.root" root
    drop "$1.root"
}

with_sudo()
{
    local name=$1.sudo root=$work/$1.sudo
    fresh "$1" "$name"
    inside "$name" root 'apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        install sudo && useradd -m -s /bin/bash ada' >"$work/$name.log" 2>&1 || {
        tap_fail "$1: a user with sudo is made" "$work/$name.log"
        return
    }
    printf 'ada ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/ada"
    chmod 440 "$root/etc/sudoers.d/ada"
    both "$name" ada
    drop "$name"
}

without_rights()
{
    local name=$1.plain code=0 line
    fresh "$1" "$name"
    inside "$name" root 'useradd -m -s /bin/bash eve'
    tap_ok "$1: eve clones" clone "$name" eve
    note "$1: demo as eve, who has no rights"
    inside "$name" eve 'cd twinward && ./scripts/demo' >"$work/$name.out" 2>"$work/$name.err" || code=$?
    tap_is "$1: without rights the demo ends with 9" 9 "$code"
    tap_is "$1: it prints one line" 1 "$(wc -l <"$work/$name.out")"
    line=$(cat "$work/$name.out")
    tap_ok "$1: root runs that line" inside "$name" root "$line"
    tap_ok "$1: then ./scripts/demo as eve" inside "$name" eve 'cd twinward && ./scripts/demo'
    # Languages that no user needs are not pulled in by the packages of a release run.
    tap_ok "$1: no python, node or go came along" inside "$name" root '! command -v python3 node npm go'
    drop "$name"
}

git -c safe.directory='*' -C "$top" rev-parse -q --verify HEAD >/dev/null || {
    echo "Bail out! nothing is committed, so there is nothing to clone"
    exit 1
}
git -c safe.directory='*' -C "$top" bundle create -q "$work/tree.bundle" HEAD
command -v debootstrap >/dev/null || apt-get -q -y --no-install-recommends install debootstrap >&2
[ $# -gt 0 ] || set -- bookworm trixie noble
for suite in "$@"; do
    note "$suite: minimal system"
    if ! make_base "$suite" >"$work/$suite.log" 2>&1; then
        tail -n 5 "$work/$suite.log" | sed 's/^/# /'
        tap_skip "$suite" "no minimal system could be made: no mirror answered"
        continue
    fi
    with_root "$suite"
    with_sudo "$suite"
    without_rights "$suite"
done
tap_done
