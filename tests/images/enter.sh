#!/usr/bin/env bash
# Runs a program in an image's root folder, as a container runtime does: enter.sh has to be started in
# mount and process namespaces of its own (unshare --mount --pid --fork) and becomes the program.
#
#   enter.sh ROOT BUNDLE MOUNTED rw|ro UID:GID NAME=VALUE… -- PROGRAM ARGUMENT…
#
# BUNDLE is mounted read-only at /var/tmp/coder and MOUNTED at /run/homeport. With ro the root file
# system is read-only: only /dev/shm can be written to.
set -euo pipefail

root=$1 bundle=$2 mounted=$3 mode=$4 user=$5
shift 5
environment=()
while [[ $1 != -- ]]; do
  environment+=("$1")
  shift
done
shift

mount --bind -- "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755,size=1m dev "$root/dev"
make_device() { mknod -m 666 -- "$root/dev/$1" c "$2" "$3"; }
make_device null 1 3
make_device zero 1 5
make_device full 1 7
make_device random 1 8
make_device urandom 1 9
make_device tty 5 0
mkdir -- "$root/dev/pts" "$root/dev/shm"
mount -t tmpfs -o mode=1777,size=64m shm "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount --bind -- "$bundle" "$root/var/tmp/coder"
mount -o remount,bind,ro -- "$root/var/tmp/coder"
mount --bind -- "$mounted" "$root/run/homeport"
if [[ $mode == ro ]]; then mount -o remount,bind,ro -- "$root"; fi

cd /
chroot=$(command -v chroot)
exec env -i "${environment[@]}" "$chroot" --userspec="$user" --groups= -- "$root" "$@"
