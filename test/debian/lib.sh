# Programs that tests drive, from Debian's packages, unpacked side by side below
# .cache with the C library and everything else they were built against. The
# machine's own packages are neither used nor changed, and root is not needed.
# Sourced, from the root of the tree, by test/NAME/fetch, which
#
#   has give_up MESSAGE          what is said and done if there is nothing to test with
#   calls begin NAME             returns if .cache/NAME is not what this script makes
#   calls get ROOT PACKAGE...    into $new/ROOT, of the suite that ROOT is called after
#   calls launcher ROOT NAME PROGRAM [ARGUMENT...] < LINES
#   calls finish                 puts $new into .cache/NAME
# shellcheck shell=bash

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

begin() {
  name=$1
  dir=$PWD/.cache/$name
  stamp=$(cat "test/$name/fetch" test/debian/lib.sh | sha256sum)
  mkdir -p .cache
  exec 9> ".cache/$name.lock" # two runs in one tree take turns
  flock 9
  [ "$(cat "$dir/stamp" 2> /dev/null)" != "$stamp" ] || exit 0

  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null && [ -r $keyring ] ||
    give_up "only Debian's packages can be fetched, and this is not a Debian system"
  [ "$(dpkg --print-architecture)" = amd64 ] ||
    give_up "only amd64 packages can be fetched, and this machine is $(dpkg --print-architecture)"
  # The mirror this machine already uses.
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/*$' || true)}
  [ -n "$mirror" ] || give_up "apt knows no Debian mirror; name one in DEBIAN_MIRROR"

  new=$dir.new
  rm -rf "$new"
  trap 'rm -rf "$new"' EXIT
  mkdir "$new"
}

# get ROOT PACKAGE...: with all that they depend on, but for what the extended
# regular expression $without matches as a whole.
get() {
  local root=$new/$1 suite=${1##*/} attempt deb
  shift
  mkdir -p "$root"/apt/{lists,cache/archives}/partial "$root/apt/debs"
  : > "$root/apt/status" # nothing is installed, so apt resolves every dependency
  echo "deb [signed-by=$keyring] $mirror $suite main" > "$root/apt/sources.list"
  for attempt in 1 2 3 4; do
    ! download "$root/apt" "$@" || break
    [ $attempt -lt 4 ] || give_up "the mirror did not deliver $* in 4 attempts; try again later"
    echo "$name: the mirror did not deliver $*; trying again in $((attempt * 10)) s" >&2
    sleep $((attempt * 10))
  done
  echo "$name: unpacking Debian $suite's $* ($(du -sm "$root/apt/debs" | cut -f 1) MB)"
  for deb in "$root"/apt/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar -x -C "$root" --no-same-owner --keep-directory-symlink --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*' --exclude='./etc/*'
  done
  rm -rf "$root/apt"
  cp "$root"/usr/lib/*-linux-gnu*/ld-linux-*.so.* "$root/usr/bin/loader"
}

# A mirror that is just being synchronised has indexes that name files it has
# not got yet: each attempt starts from the index.
download() {
  local root=$1 packages
  shift
  apt "$root" update && packages=$(apt "$root" install --simulate "$@" | awk '/^Inst / { print $2 }') &&
    packages=$(grep -vxE "${without:-}" <<< "$packages") &&
    (cd "$root/debs" && apt "$root" download $packages)
}

apt() {
  local root=$1
  shift
  apt-get -qq -y --no-install-recommends \
    -o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$root/lists" -o Dir::State::status="$root/status" \
    -o Dir::Cache="$root/cache" -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::Retries=2 -o Debug::NoLocking=1 "$@"
}

# launcher ROOT NAME PROGRAM [ARGUMENT...]: makes $new/ROOT/NAME, which runs the
# PROGRAM of ROOT by ROOT's own loader. The loader lies in usr/bin, since for
# the system it is the program, beside which some look for their data. LINES of
# sh come first, on standard input; they know $root, and $lib, where libraries
# are looked for.
launcher() {
  local root=$new/$1 file=$new/$1/$2
  shift 2
  {
    echo '#!/bin/sh'
    echo 'root=$(cd "$(dirname "$0")" && pwd)'
    echo 'lib=$(echo "$root"/usr/lib/*-linux-gnu*)'
    cat
    echo "set -- \"\$root/$1\" ${*:2} \"\$@\""
    echo 'exec "$root/usr/bin/loader" --library-path "$lib" "$@"'
  } > "$file"
  chmod +x "$file"
  "$file" "${version:---version}" > "$new/version" 2>&1 || give_up "what was fetched does not run: $(tail -n 1 "$new/version")"
  head -n 1 "$new/version"
}

finish() {
  rm -rf "$dir" "$new/version"
  mv "$new" "$dir"
  echo "$stamp" > "$dir/stamp"
}
