# Builds what runs in the guest, the workload and an initial file system with it, and boots the
# machine; sourced by `run`.

# Makes sure that there is a QEMU whose IBM Z machine has an NVMe controller.
require_machine() {
  command -v qemu-system-s390x >/dev/null ||
    die 69 "there is no qemu-system-s390x: install 10.0 or later"
  [[ $(qemu-system-s390x -device help 2>/dev/null) == *'name "nvme"'* ]] ||
    die 69 "this qemu-system-s390x has no NVMe controller: 10.0 or later is needed"
}

# Compiles the workload with the Swift toolchain's clang and linker.
build_workload() {
  local bin
  command -v swiftc >/dev/null || die 69 "there is no swiftc: install Swift"
  bin=$(dirname "$(readlink -f "$(command -v swiftc)")")
  nice "$bin/clang" -target s390x-unknown-linux-gnu -march=z13 -std=c17 -O2 -Wall -Wextra -Werror \
    -ffreestanding -fno-builtin -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
    -static -nostdlib -fuse-ld=lld "$here"/workload/*.c -o "$cache/workload"
}

# Makes the initial file system for a kernel, with the plan of workloads.
make_file_system() {
  local kernel=$1 output=$2 root=$work/root
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/dev" "$root/modules"
  cp "$cache/busybox" "$cache/workload" "$root/bin/"
  cp "$cache/$kernel/modules"/*.ko "$root/modules/"
  cp "$here/init" "$root/init"
  chmod +x "$root/init"
  print_plan >"$root/plan"
  (cd "$root" && find . -print0 | LC_ALL=C sort -z |
    cpio --quiet --null --create --format=newc --owner=0:0) >"$output"
}

# Boots a kernel on the machine that the project's own image runs on, with a new disk; what the
# guest prints goes to standard output.
boot() {
  local kernel=$1 file_system=$2 parameters=$3 disk=$work/disk
  rm -f "$disk"
  truncate -s "$disk_bytes" "$disk"
  nice timeout --foreground "$seconds_max" qemu-system-s390x \
    -M s390-ccw-virtio -accel tcg -smp 1 -m "$memory" \
    -display none -monitor none -serial stdio -no-reboot \
    -kernel "$cache/$kernel/kernel" -initrd "$file_system" \
    -append "loglevel=1 panic=-1 $parameters" \
    -drive "file=$disk,if=none,id=n,format=raw,cache=unsafe" \
    -device zpci,uid=1,fid=1,target=nv -device nvme,serial=x,drive=n,id=nv </dev/null
}
