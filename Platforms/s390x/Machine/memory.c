// What compiled Swift asks of a C library: memory, in blocks of powers of two that come back to
// lists of their own, and the functions that move bytes.
//
// Locked as a whole: nothing on the way of an I/O allocates.
#include "include/machine.h"
#include "console.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 4, CLASSES = 40 };

typedef struct Block { struct Block *next; } Block;

// In front of each block that was handed out, by 16 bytes: what it came from.
typedef struct { uint64_t class; void *start; } Header;

// Blocks with a header in front, and those without, which lie at a multiple of their size.
static Block *lists[CLASSES], *plainLists[CLASSES];
static uintptr_t fresh, limit;
static volatile int isTaken;
static uint64_t blocksOut;

static void lock(void) {
  while (__atomic_exchange_n(&isTaken, 1, __ATOMIC_ACQUIRE)) {}
}

static void unlock(void) { __atomic_store_n(&isTaken, 0, __ATOMIC_RELEASE); }

static unsigned classOf(size_t size) {
  unsigned class = SMALLEST;
  while ((size_t)1 << class < size) class++;
  return class;
}

static void *take(Block **from, unsigned class, uintptr_t alignment) {
  lock();
  Block *block = from[class];
  if (block) {
    from[class] = block->next;
  } else {
    if (!fresh) {
      fresh = (uintptr_t)imageEnd;
      limit = machineMemoryBytes();
    }
    uintptr_t size = (uintptr_t)1 << class;
    uintptr_t start = (fresh + alignment - 1) & ~(alignment - 1);
    if (size <= limit && start <= limit - size) {
      block = (Block *)start;
      fresh = start + size;
    }
  }
  if (block) blocksOut++;
  unlock();
  return block;
}

static void give(Block **to, unsigned class, Block *block) {
  lock();
  block->next = to[class];
  to[class] = block;
  blocksOut--;
  unlock();
}

// Swift's allocations: it does not look at the result and would write to address 0.
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < 16) alignment = 16;
  unsigned class = 0;
  void *start = NULL;
  if (size <= (size_t)1 << (CLASSES - 2) && alignment <= (size_t)1 << 24) {
    class = classOf(size + alignment + sizeof(Header));
    start = take(lists, class, 16);
  }
  if (!start) {
    consoleText("FAILED: no memory for 0x");
    consoleHex(size, 16);
    consoleText(" bytes\n");
    machineExit(1);
  }
  uintptr_t at = ((uintptr_t)start + sizeof(Header) + alignment - 1) & ~(uintptr_t)(alignment - 1);
  Header *header = (Header *)at - 1;
  header->class = class;
  header->start = start;
  *result = (void *)at;
  return 0;
}

void free(void *pointer) {
  if (!pointer) return;
  Header *header = (Header *)pointer - 1;
  give(lists, (unsigned)header->class, header->start);
}

uint64_t memoryBlocksOut(void) { return __atomic_load_n(&blocksOut, __ATOMIC_RELAXED); }

void *memset(void *target, int value, size_t count) {
  unsigned char *to = target;
  while (count >= 256) {
    // The byte, then each from the one before it (Principles of Operation, MOVE).
    *to = (unsigned char)value;
    asm volatile("mvc 1(255,%[to]),0(%[to])" : : [to] "a"(to) : "memory");
    to += 256;
    count -= 256;
  }
  for (; count > 0; count--) *to++ = (unsigned char)value;
  return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
  unsigned char *to = target;
  const unsigned char *from = source;
  while (count >= 256) {
    asm volatile("mvc 0(256,%[to]),0(%[from])" : : [to] "a"(to), [from] "a"(from) : "memory");
    to += 256;
    from += 256;
    count -= 256;
  }
  for (; count > 0; count--) *to++ = *from++;
  return target;
}

void *memmove(void *target, const void *source, size_t count) {
  unsigned char *to = target;
  const unsigned char *from = source;
  if (to <= from || to >= from + count) {
    for (size_t at = 0; at < count; at++) to[at] = from[at];
  } else {
    for (size_t at = count; at > 0; at--) to[at - 1] = from[at - 1];
  }
  return target;
}

int memcmp(const void *left, const void *right, size_t count) {
  const unsigned char *a = left, *b = right;
  for (size_t at = 0; at < count; at++)
    if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}

uint64_t pagesTake(uint64_t byteCount, uint64_t alignment) {
  // A block lies at a multiple of its size: every alignment up to that is kept.
  if (byteCount > (uint64_t)1 << (CLASSES - 1)) return 0;
  unsigned class = classOf(byteCount);
  if (alignment > (uint64_t)1 << class) return 0;
  void *start = take(plainLists, class, (uintptr_t)1 << class);
  if (!start) return 0;
  memset(start, 0, byteCount);
  return (uint64_t)start;
}

void pagesGive(uint64_t address, uint64_t byteCount) {
  give(plainLists, classOf(byteCount), (Block *)address);
}

void memoryCopy(uint64_t target, uint64_t source, uint64_t byteCount) {
  memcpy((void *)target, (const void *)source, byteCount);
}
