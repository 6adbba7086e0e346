#define _GNU_SOURCE
#include "heap.h"
#include <stdatomic.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// The program's own malloc and its relatives, which come before those of the C library and pass
// everything on to them. Swift's runtime allocates through them as well.
#if defined(__GLIBC__)
#include <malloc.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static _Atomic uint64_t calls;
static _Atomic uint64_t bytes;

static void *counted(void *memory) {
  atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
  if (memory) {
    atomic_fetch_add_explicit(&bytes, malloc_usable_size(memory), memory_order_relaxed);
  }
  return memory;
}

static void forget(void *memory) {
  if (memory) {
    atomic_fetch_sub_explicit(&bytes, malloc_usable_size(memory), memory_order_relaxed);
  }
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) {
  return counted(__libc_memalign(alignment, size));
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

void *realloc(void *old, size_t size) {
  size_t before = old ? malloc_usable_size(old) : 0;
  void *memory = __libc_realloc(old, size);
  if (memory || size == 0) atomic_fetch_sub_explicit(&bytes, before, memory_order_relaxed);
  return counted(memory);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void free(void *memory) {
  forget(memory);
  __libc_free(memory);
}

bool heap_is_counted(void) { return true; }
uint64_t heap_calls(void) { return atomic_load_explicit(&calls, memory_order_relaxed); }
uint64_t heap_bytes(void) { return atomic_load_explicit(&bytes, memory_order_relaxed); }
#else
bool heap_is_counted(void) { return false; }
uint64_t heap_calls(void) { return 0; }
uint64_t heap_bytes(void) { return 0; }
#endif

uint64_t heap_available(void) {
  FILE *file = fopen("/proc/meminfo", "r");
  unsigned long long kibibytes = 0;
  char line[128];
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1) break;
  }
  if (file) fclose(file);
  return (uint64_t)kibibytes * 1024;
}
