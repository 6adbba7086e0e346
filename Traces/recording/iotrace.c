// iotrace: reads and writes a block device directly, to make DMA mappings that can be recorded.
//
//   iotrace [key=value ...]
//
//   device=PATH     the block device                                     (/dev/nvme0n1)
//   threads=N       threads, each with one request at a time             (1)
//   count=N         requests per thread                                  (1000)
//   sizes=A,B,...   request sizes in KiB, chosen with equal probability  (4)
//   writes=PERCENT  share of writes                                      (0)
//   buffers=N       buffers per thread, used in turn                     (1)
//   pin=0|1         thread I runs only on processor I modulo their count (0)
//   seed=N          of the choice of sizes, offsets and directions       (1)
//
// Each request is one pread or pwrite with O_DIRECT, at an offset that is a multiple of its size. Buffers are page-aligned and
// touched before the first request, but their pages are wherever the kernel put them: a request of several pages may need
// a scatter-gather list. More buffers per thread mean more different physical pages.
//
// The choices depend on nothing but the arguments; when the requests meet depends on the machine.
// Prints one line with what was done. Exits with 1 if any request failed or was short, with 2 for wrong arguments.
//
//   iotrace returns=SYMBOL
//
// prints the offsets of the return instructions of a function of the running s390x kernel, one a line: where to place probes that
// see its result. (A kretprobe would do with less, but loses what an interrupt does while its handler runs.)

#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { maximumSizes = 16, maximumThreads = 256 };

/// What the arguments asked for; not changed once the threads run.
static struct {
  const char *device;
  unsigned long threads, count, writes, buffers, pin, seed;
  unsigned long sizeCount;
  size_t sizes[maximumSizes], largest;  // bytes
  uint64_t capacity;                    // bytes
} plan = {
  .device = "/dev/nvme0n1", .threads = 1, .count = 1000, .buffers = 1, .seed = 1,
  .sizeCount = 1, .sizes = { 4096 }, .largest = 4096,
};

/// One thread and what it did.
struct worker {
  pthread_t thread;
  unsigned long index;
  unsigned long reads, writes, failures;
  uint64_t bytes;
};

static void refuse(const char *what, const char *which) {
  fprintf(stderr, "iotrace: %s: %s\n", what, which);
  exit(2);
}

static void give_up(const char *what) {
  fprintf(stderr, "iotrace: %s: %s\n", what, strerror(errno));
  exit(1);
}

/// The next number of a SplitMix64 sequence.
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static void *work(void *argument) {
  struct worker *me = argument;

  if (plan.pin) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(me->index % (unsigned long)sysconf(_SC_NPROCESSORS_ONLN), &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof set, &set) != 0) refuse("cannot pin", "thread");
  }

  // A file description of its own: threads must not meet in the file's locks rather than in the DMA API.
  int file = open(plan.device, (plan.writes ? O_RDWR : O_RDONLY) | O_DIRECT);
  if (file < 0) give_up(plan.device);

  unsigned char *buffers = mmap(NULL, plan.buffers * plan.largest, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffers == MAP_FAILED) give_up("mmap");
  memset(buffers, (int)(me->index + 1), plan.buffers * plan.largest);

  // Far enough apart that the threads' sequences do not run into each other.
  uint64_t state = plan.seed * 0x632be59bd9b4e019 + ((uint64_t)me->index << 40);
  for (unsigned long i = 0; i < plan.count; i++) {
    size_t size = plan.sizes[next_random(&state) % plan.sizeCount];
    off_t offset = (off_t)(next_random(&state) % (plan.capacity / size) * size);
    int writing = next_random(&state) % 100 < plan.writes;
    unsigned char *buffer = buffers + (i % plan.buffers) * plan.largest;

    ssize_t done = writing ? pwrite(file, buffer, size, offset) : pread(file, buffer, size, offset);
    if (done != (ssize_t)size) {
      me->failures++;
      continue;
    }
    if (writing) me->writes++; else me->reads++;
    me->bytes += size;
  }
  close(file);
  return NULL;
}

/// Reads kernel memory through /proc/kcore, an ELF file whose loadable segments are the kernel's address space.
static void read_kernel(uint64_t address, unsigned char *to, size_t count) {
  int file = open("/proc/kcore", O_RDONLY);
  Elf64_Ehdr header;
  if (file < 0 || pread(file, &header, sizeof header, 0) != sizeof header) give_up("/proc/kcore");
  for (int i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr part;
    off_t at = (off_t)(header.e_phoff + (uint64_t)i * header.e_phentsize);
    if (pread(file, &part, sizeof part, at) != sizeof part) give_up("/proc/kcore");
    if (part.p_type != PT_LOAD || address < part.p_vaddr || address - part.p_vaddr >= part.p_memsz) continue;
    if (pread(file, to, count, (off_t)(part.p_offset + (address - part.p_vaddr))) != (ssize_t)count) give_up("/proc/kcore");
    close(file);
    return;
  }
  refuse("not in the kernel's memory", "address");
}

/// Prints where the function returns: `br` instructions (bcr 15,R with R not 0). A compiler may use one for a jump table too, which
/// the functions of interest here do not have. Kernels built to return through a thunk have none.
static int print_returns(const char *symbol) {
  FILE *file = fopen("/proc/kallsyms", "r");
  if (!file) give_up("/proc/kallsyms");
  uint64_t start = 0, end = UINT64_MAX;
  char line[512], name[256];
  // Twice over the list: the end of the function is the next symbol's start, wherever in the list that is.
  for (int pass = 0; pass < 2; pass++) {
    unsigned long long address;
    for (rewind(file); fgets(line, sizeof line, file);) {
      if (sscanf(line, "%llx %*c %255s", &address, name) != 2) continue;
      if (pass == 0 && !strcmp(name, symbol)) start = address;
      if (pass == 1 && address > start && address < end) end = address;
    }
  }
  fclose(file);
  static unsigned char code[65536];
  if (!start || end - start > sizeof code) refuse("no such function", symbol);
  read_kernel(start, code, end - start);

  // The two leftmost bits of an instruction tell its length.
  int found = 0;
  for (uint64_t at = 0; at + 1 < end - start; at += code[at] < 0x40 ? 2 : code[at] < 0xc0 ? 4 : 6) {
    if (code[at] != 0x07 || code[at + 1] >> 4 != 0xf || (code[at + 1] & 0xf) == 0) continue;
    printf("0x%llx\n", (unsigned long long)at);
    found++;
  }
  return found == 0;
}

static unsigned long number(const char *text, unsigned long least, unsigned long most, const char *argument) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (end == text || *end || errno || value < least || value > most) refuse("not a number in range", argument);
  return value;
}

static void read_sizes(char *text, const char *argument) {
  plan.sizeCount = 0;
  plan.largest = 0;
  for (char *rest = text, *word; (word = strsep(&rest, ","));) {
    if (plan.sizeCount == maximumSizes) refuse("too many sizes", argument);
    size_t size = number(word, 1, 65536, argument) * 1024;
    plan.sizes[plan.sizeCount++] = size;
    if (size > plan.largest) plan.largest = size;
  }
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    char *value = strchr(arguments[i], '='), *copy = strdup(arguments[i]);
    if (!value) refuse("not key=value", copy);
    *value++ = 0;
    const char *key = arguments[i];
    if (!strcmp(key, "returns")) return print_returns(value);
    else if (!strcmp(key, "device")) plan.device = value;
    else if (!strcmp(key, "threads")) plan.threads = number(value, 1, maximumThreads, copy);
    else if (!strcmp(key, "count")) plan.count = number(value, 0, 100000000, copy);
    else if (!strcmp(key, "sizes")) read_sizes(value, copy);
    else if (!strcmp(key, "writes")) plan.writes = number(value, 0, 100, copy);
    else if (!strcmp(key, "buffers")) plan.buffers = number(value, 1, 4096, copy);
    else if (!strcmp(key, "pin")) plan.pin = number(value, 0, 1, copy);
    else if (!strcmp(key, "seed")) plan.seed = number(value, 0, ~0ul, copy);
    else refuse("unknown argument", copy);
    free(copy);
  }

  int file = open(plan.device, O_RDONLY);
  if (file < 0 || ioctl(file, BLKGETSIZE64, &plan.capacity) != 0) give_up(plan.device);
  close(file);
  if (plan.capacity < plan.largest) refuse("smaller than the largest request", plan.device);

  static struct worker workers[maximumThreads];
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  for (unsigned long i = 0; i < plan.threads; i++) {
    workers[i].index = i;
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) refuse("cannot start", "thread");
  }
  struct worker sum = { 0 };
  for (unsigned long i = 0; i < plan.threads; i++) {
    pthread_join(workers[i].thread, NULL);
    sum.reads += workers[i].reads;
    sum.writes += workers[i].writes;
    sum.failures += workers[i].failures;
    sum.bytes += workers[i].bytes;
  }
  clock_gettime(CLOCK_MONOTONIC, &after);

  double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
  printf("reads %lu writes %lu failures %lu bytes %llu seconds %.3f requests per second %.0f\n", sum.reads, sum.writes,
         sum.failures, (unsigned long long)sum.bytes, seconds,
         seconds > 0 ? (double)(sum.reads + sum.writes) / seconds : 0);
  return sum.failures != 0;
}
