# Gets Debian's s390x packages and unpacks them; sourced by `run`. Nothing is installed, and apt's
# own lists, settings and caches stay as they are: each suite has an apt root of its own below
# $cache/apt, with the mirror of the machine's settings, and signatures are checked as always.

readonly keyrings=(/usr/share/keyrings/debian-archive-keyring.{gpg,pgp})

# The mirror from which this machine gets Debian itself.
debian_mirror() {
  if [[ -n ${SWIFT_IOMMU_DEBIAN_MIRROR:-} ]]; then
    echo "$SWIFT_IOMMU_DEBIAN_MIRROR"
    return
  fi
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 ~ /^(bookworm|trixie|forky|sid|stable|oldstable|testing|unstable)$/ && $2 == "main" &&
      !found { print $3; found = 1 }'
}

# Makes the apt root of a suite: settings, one source, no installed packages.
make_apt_root() {
  local suite=$1 root=$cache/apt/$1 mirror=$2 keyring=''
  for file in "${keyrings[@]}"; do [[ ! -f $file ]] || keyring=$file; done
  [[ -n $keyring ]] || die 69 "no ${keyrings[0]}: install debian-archive-keyring"
  mkdir -p "$root"/state/lists/partial "$root"/cache/archives/partial
  : >"$root/state/status"
  echo "deb [arch=s390x signed-by=$keyring] $mirror $suite main" >"$root/sources.list"
  {
    # How the machine reaches its mirror, such as through a proxy; none of its hooks.
    apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' || true
    echo "Acquire::Languages { \"none\"; };"
    echo "APT::Architecture \"s390x\";"
    echo "APT::Architectures { \"s390x\"; };"
    echo "Dir::State \"$root/state\";"
    echo "Dir::State::status \"$root/state/status\";"
    echo "Dir::Cache \"$root/cache\";"
    echo "Dir::Etc::main \"/dev/null\";"
    echo "Dir::Etc::parts \"/dev/null\";"
    echo "Dir::Etc::sourcelist \"$root/sources.list\";"
    echo "Dir::Etc::sourceparts \"/dev/null\";"
    echo "Dir::Etc::preferences \"/dev/null\";"
    echo "Dir::Etc::preferencesparts \"/dev/null\";"
  } >"$root/apt.conf"
}

# An apt command in the root of a suite. Where root's folder cannot be read by the user that apt
# downloads as, apt says so and goes on.
in_suite() {
  local suite=$1
  shift
  APT_CONFIG=$cache/apt/$suite/apt.conf nice "$@" 2> >(grep -v 'unsandboxed as root' >&2)
}

# The package that the suite's newest kernel for this machine is in.
kernel_package() {
  in_suite "$1" apt-cache show --no-all-versions linux-image-s390x |
    sed -nE 's/^Depends:.*(linux-image-[0-9][^ ,]*-s390x).*/\1/p'
}

# The file that changed last.
newest() { ls -t -- "$@" | sed -n 1p; }

# Downloads packages into a folder, and says before how much that is.
download() {
  local suite=$1 folder=$2 megabytes
  shift 2
  mkdir -p "$folder"
  megabytes=$(in_suite "$suite" apt-get download --print-uris "$@" |
    awk '{ sum += $3 } END { printf "%.1f", sum / 1e6 }')
  say "downloading $* of $suite: $megabytes MB, a few seconds to minutes"
  (cd "$folder" && in_suite "$suite" apt-get download -qq "$@")
}

# Prints the module NAME, whose file the list tells, as it is without compression.
print_module() {
  local file
  file=$(awk -F/ -v name="$2" \
    '{ file = $NF; sub(/\.ko.*/, "", file); gsub(/-/, "_", file) } file == name' "$1")
  case $file in
    *.ko.xz) xz -dc "$file" ;;
    *.ko) cat "$file" ;;
    *) die 69 "the kernel's package has no module $2" ;;
  esac
}

# The modules that a module needs, itself last, as names with underscores.
needed_modules() {
  local needs needed
  needs=$(print_module "$1" "$2" | tr '\0' '\n' | sed -n 's/^depends=//p' | tr ',-' ' _')
  for needed in $needs; do needed_modules "$1" "$needed"; done
  echo "$2"
}

# Unpacks a kernel into $cache/NAME: `kernel`, `package`, and modules/ with the NVMe driver and what
# it needs, numbered in the order in which they have to be loaded.
unpack_kernel() {
  local deb=$1 to=$2 scratch=$2.partial list=$2.partial/list name order=10
  rm -rf "$scratch" "$to"
  mkdir -p "$scratch/all" "$scratch/modules"
  dpkg-deb --showformat '${Package} ${Version}\n' --show "$deb" >"$scratch/package"
  dpkg-deb --fsys-tarfile "$deb" |
    tar -x -C "$scratch/all" --wildcards '*/vmlinuz-*' '*/modules/*/kernel/*'
  mv "$scratch/all/boot"/vmlinuz-* "$scratch/kernel"
  find "$scratch/all" -name '*.ko*' >"$list"
  for name in $(needed_modules "$list" nvme | awk '!seen[$0]++'); do
    print_module "$list" "$name" >"$scratch/modules/$order-$name.ko"
    order=$((order + 1))
  done
  rm -rf "$scratch/all" "$list"
  mv "$scratch" "$to"
}

unpack_busybox() {
  dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards '*/bin/busybox' >"$cache/busybox.partial"
  chmod +x "$cache/busybox.partial"
  mv "$cache/busybox.partial" "$cache/busybox"
}

# Makes sure that the kernel NAME of a suite, and busybox, are in the cache.
get_kernel() {
  local suite=$1 name=$2 debs=$cache/debs mirror kernel=''
  local -a wanted=()
  [[ ! -f $cache/$name/kernel ]] || [[ ! -x $cache/busybox ]] || return 0
  mirror=$(debian_mirror)
  [[ -n $mirror ]] ||
    die 69 "apt knows no mirror of Debian here: set SWIFT_IOMMU_DEBIAN_MIRROR to one's URI"
  say "reading the list of $suite's packages for s390x: about 10 MB, 10 s"
  make_apt_root "$suite" "$mirror"
  in_suite "$suite" apt-get update -qq || die 69 "apt cannot read $suite"
  if [[ ! -f $cache/$name/kernel ]]; then
    kernel=$(kernel_package "$suite")
    [[ $kernel == "linux-image-$name."* ]] || die 69 "$suite has no kernel $name, but: $kernel"
    wanted+=("$kernel")
  fi
  [[ -x $cache/busybox ]] || wanted+=(busybox-static)
  download "$suite" "$debs" "${wanted[@]}"
  [[ -z $kernel ]] || unpack_kernel "$(newest "$debs/$kernel"_*_s390x.deb)" "$cache/$name"
  [[ -x $cache/busybox ]] || unpack_busybox "$(newest "$debs"/busybox-static_*_s390x.deb)"
  # The list and apt's index of it take more room than the packages.
  rm -rf "$cache/apt/$suite"
}
