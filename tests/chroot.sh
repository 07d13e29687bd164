#!/usr/bin/env bash
# The README's two commands in a minimal Debian 12, so that nothing this machine happens to have is relied on:
# debootstrap makes a root with git and ca-certificates and nothing else, the last commit is cloned into it, and
# `./dev demo` (until its page answers, then Ctrl-C) and `./dev test` run there. Needs root, the network for
# packages, port 8080, and about 4 GB in /var/tmp, all of which it gives back. --keep leaves the root behind.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || { echo "chroot: this needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { apt-get update -qq; apt-get install -y -qq debootstrap >/dev/null; }
[ -z "$(git status --porcelain)" ] || echo "chroot: there are uncommitted changes; the last commit is tested" >&2

root=$(mktemp -d /var/tmp/firstbyte-chroot.XXXXXX)
chmod 755 "$root"  # apt fetches as a user of its own
[ "${1:-}" = --keep ] || trap 'rm -rf --one-file-system "$root"' EXIT

echo "chroot: making a minimal Debian 12 in $root"
debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" >"$root.log" 2>&1 ||
  { tail "$root.log" >&2; exit 1; }
rm -f "$root.log"

# All that the new root takes over is how to fetch packages: name servers, apt's settings, local authorities.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
grep -ls '^Acquire' /etc/apt/apt.conf.d/* | xargs -r cp -t "$root/etc/apt/apt.conf.d"
if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
git clone -q --no-hardlinks . "$root/root/firstbyte"

cat >"$root/root/try" <<'EOF'
#!/bin/bash
set -euo pipefail
cd /root/firstbyte
begin=$SECONDS
# A background job of a script ignores Ctrl-C unless it has a process group of its own.
set -m
./dev demo >/root/said &
demo=$!
set +m
until grep -q '^http://127.0.0.1:8080$' /root/said; do
  kill -0 $demo 2>/dev/null || { cat /root/said; echo "the demo ended by itself" >&2; exit 1; }
  sleep 1
done
python3 -c 'import urllib.request as u; assert b"Firstbyte" in u.urlopen("http://127.0.0.1:8080/").read()'
echo "demo: the page answers after $((SECONDS - begin)) s, packages and build included"
kill -INT -- -$demo
wait $demo
echo "demo: Ctrl-C ended it with status 0"
left=$(cat /proc/[0-9]*/comm | grep -E 'firstbyte|nginx|dnsmasq|bird' || true)
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
begin=$SECONDS
./dev test
echo "test: passed after $((SECONDS - begin)) s"
EOF
chmod +x "$root/root/try"

unshare --mount --pid --fork --kill-child bash -euc '
  mount --make-rprivate /
  mount --bind "$1" "$1"  # the lab makes mounts of its own, for which / has to be one
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount --rbind /sys "$1/sys"
  exec chroot "$1" /usr/bin/env -i HOME=/root USER=root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt /root/try' chroot "$root"
echo "chroot: both commands passed"
