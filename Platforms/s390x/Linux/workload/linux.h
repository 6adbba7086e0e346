// The system calls of 64-bit Linux on IBM Z that the workload needs, without a C library.
// Numbers and layouts: Linux's headers for programs, asm/unistd.h and linux/aio_abi.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { call_exit = 1, call_read = 3, call_write = 4, call_open = 5, call_close = 6 };
enum { call_ioctl = 54, call_mmap = 90, call_nanosleep = 162, call_pwrite = 181 };
enum { call_io_setup = 243, call_io_getevents = 245, call_io_submit = 246 };
enum { call_clock_gettime = 260 };

enum { open_read_write = 2, open_direct = 0x4000 };
enum { io_read = 0, io_write = 1 };
enum { page_bytes = 4096 };

/// A request as io_submit takes it, on a big-endian machine.
struct io_request {
  uint64_t data;
  uint32_t flags;
  uint32_t key;
  uint16_t operation;
  int16_t priority;
  uint32_t file;
  uint64_t buffer;
  uint64_t byte_count;
  int64_t offset;
  uint64_t reserved;
  uint32_t more_flags;
  uint32_t event_file;
};

/// A completion as io_getevents gives it.
struct io_event {
  uint64_t data;
  uint64_t request;
  int64_t result;
  int64_t result2;
};

struct time {
  int64_t seconds;
  int64_t nanoseconds;
};

/// A system call: the number in register 1, arguments from register 2 on, the result in 2, which
/// is a negated error number where it failed.
static inline long call(
  long number, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth
) {
  register long number_ __asm__("1") = number;
  register uint64_t first_ __asm__("2") = first;
  register uint64_t second_ __asm__("3") = second;
  register uint64_t third_ __asm__("4") = third;
  register uint64_t fourth_ __asm__("5") = fourth;
  register uint64_t fifth_ __asm__("6") = fifth;
  __asm__ volatile("svc 0"
    : "+d"(first_)
    : "d"(number_), "d"(second_), "d"(third_), "d"(fourth_), "d"(fifth_)
    : "memory", "cc");
  return (long)first_;
}

/// Memory of the process, all of it there already and zero; NULL where there is not so much.
static inline void *take_memory(uint64_t byte_count) {
  // Readable and writable; private, anonymous and populated. This call takes a list of arguments.
  uint64_t arguments[6] = {0, byte_count, 3, 0x8022, (uint64_t)-1, 0};
  long address = call(call_mmap, (uint64_t)arguments, 0, 0, 0, 0);
  return address < 0 && address > -page_bytes ? NULL : (void *)address;
}

static inline uint64_t now(void) {
  struct time time;
  call(call_clock_gettime, 1, (uint64_t)&time, 0, 0, 0);
  return (uint64_t)time.seconds * 1000000000 + (uint64_t)time.nanoseconds;
}

static inline void pause_milliseconds(int64_t milliseconds) {
  struct time time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  call(call_nanosleep, (uint64_t)&time, 0, 0, 0, 0);
}
