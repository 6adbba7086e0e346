// Runs the workloads of a plan on a disk, and prints before and after each what the kernel has
// counted, as the kernel writes it.
//
//     workload DISK PLAN STATISTICS [FILE…]
//
// STATISTICS is the kernel's file on the disk's PCI function; other files are printed with it.
#include "text.h"
#include "workload.h"

enum { ring_bytes = 256 << 20, disk_step_bytes = 1 << 20, warm_up_count = 512 };

/// The files with counters, the statistics first.
static char *const *files;
static size_t file_count;

static char text[16384];

/// The number that `label` has in the statistics, or -1.
static int64_t statistic(const char *label) {
  read_file(files[0], text, sizeof text);
  const char *number = after(text, label);
  return number == NULL ? -1 : (int64_t)next_number(&number);
}

/// Waits until the machine has written down all that it counted, which it does now and then.
static void settle(void) {
  int64_t samples = statistic("Samples:");
  for (int round = 0; statistic("Samples:") == samples; round++) {
    if (round == 1000) fail("no statistics were written after sample", (uint64_t)samples);
    pause_milliseconds(20);
  }
  pause_milliseconds(20);
}

static void put_counters(const char *when, const char *name) {
  put("counters ");
  put(when);
  put(" ");
  put(name);
  put("\n");
  for (size_t at = 0; at < file_count; at++) {
    read_file(files[at], text, sizeof text);
    put(text);
  }
  put("end\n");
}

static void put_outcome(const struct workload *workload, const struct outcome *outcome) {
  const struct {
    const char *name;
    uint64_t number;
  } fields[] = {
    {"depth", workload->depth}, {"reads", outcome->reads}, {"writes", outcome->writes},
    {"bytes", outcome->byte_count}, {"submissions", outcome->submissions},
    {"nanoseconds", outcome->nanoseconds},
  };
  put("outcome ");
  put(workload->name);
  put(workload->is_fresh ? " fresh" : " back");
  for (size_t at = 0; at < sizeof fields / sizeof *fields; at++) {
    put(" ");
    put(fields[at].name);
    put("=");
    put_number(fields[at].number);
  }
  put("\n");
}

/// One loop between two readings. A kernel that counts its refreshes itself may leave some for
/// later: those of the last loop are waited for, those of this one do not count. Where only the
/// machine counts them, its numbers are waited for.
static void measure(const struct workload *workload, struct disk *disk, struct ring *ring) {
  int counts_itself = statistic("Global RPCITs:") >= 0;
  if (counts_itself) pause_milliseconds(1200);
  put_counters("before", workload->name);
  struct outcome outcome = run_loop(workload, workload->count, disk, ring);
  if (!counts_itself) settle();
  put_counters("after", workload->name);
  put_outcome(workload, &outcome);
}

__attribute__((used)) static _Noreturn void begin(const uint64_t *stack) {
  static char plan[4096];
  static struct disk disk;
  static struct ring ring;
  struct workload workload;
  char *const *arguments = (char *const *)(stack + 1);
  if (stack[0] < 4) fail("usage: workload DISK PLAN STATISTICS [FILE...]; words:", stack[0]);
  const char *rest = plan;
  files = arguments + 3;
  file_count = stack[0] - 3;
  read_file(arguments[2], plan, sizeof plan);
  ring = (struct ring){take_memory(ring_bytes), ring_bytes, 0};
  if (ring.start == NULL) fail("no memory for buffers of", ring_bytes);
  open_disk(&disk, arguments[1], ring.start, disk_step_bytes);
  // Once each first, so that what drivers allocate at need is there.
  while (next_workload(&rest, &workload)) run_loop(&workload, warm_up_count, &disk, &ring);
  settle();
  rest = plan;
  while (next_workload(&rest, &workload)) measure(&workload, &disk, &ring);
  pause_milliseconds(1200);
  settle();
  put_counters("last", "-");
  put("done\n");
  for (;;) call(call_exit, 0, 0, 0, 0, 0);
}

// The stack as the kernel leaves it: the number of words, and pointers to them. A function's frame
// needs 160 bytes above it.
__asm__(
  ".globl _start\n"
  "_start: lgr %r2, %r15\n"
  "  aghi %r15, -160\n"
  "  xc 0(8, %r15), 0(%r15)\n"
  "  jg begin\n");
