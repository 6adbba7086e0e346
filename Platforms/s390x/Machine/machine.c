// The processors: how they begin, who runs where, what they have for memory.
#include "include/machine.h"
#include "../Boot/lowcore.h"
#include "console.h"
#include "include/instructions.h"
#include <stdlib.h>

void kernelSecondary(uint64_t cpu);

#define AT(type, offset) (*(volatile type *)(uintptr_t)(offset))

// Orders of SIGNAL PROCESSOR (Principles of Operation, chapter 4, "CPU Signaling and Response").
enum { SENSE = 1, RESTART = 6, SET_PREFIX = 13 };

static int signalProcessor(uint16_t cpu, uint64_t order, uint64_t parameter) {
  register uint64_t status asm("2") = 0;
  register uint64_t given asm("3") = parameter;
  uint32_t code;
  asm volatile("sigp 2,%[cpu],0(%[order])\n ipm %[code]\n srl %[code],28"
               : [code] "=d"(code), "+d"(status)
               : "d"(given), [cpu] "d"((uint64_t)cpu), [order] "a"(order)
               : "cc", "memory");
  return (int)code;
}

extern const uint8_t commandLine[2048];

uint8_t commandLineByte(uint64_t index) { return index < 2048 ? commandLine[index] : 0; }

void machineBegin(void) { consoleBegin(); }

void machineSecondary(uint64_t cpu) { kernelSecondary(cpu); }

uint64_t machineWakeups(void) { return AT(uint64_t, LC_WAKEUPS); }

_Bool machineHasProcessor(uint16_t cpu) {
  // 3: there is no such processor; 1: it told its status, such as being stopped.
  return signalProcessor(cpu, SENSE, 0) != 3;
}

_Bool machineStartProcessor(uint16_t cpu) {
  enum { STACK = 256 * 1024, TRAP_STACK = 16 * 1024, FRAME = 160 };
  void *prefix = NULL, *stacks = NULL;
  if (posix_memalign(&prefix, LC_BYTES, LC_BYTES) ||
      posix_memalign(&stacks, 4096, STACK + TRAP_STACK))
    return 0;
  // The same entries for interruptions as this processor has, and stacks of its own.
  for (uint64_t at = 0; at < LC_BYTES; at += 8)
    *(uint64_t *)((char *)prefix + at) = at < 0x200 ? AT(uint64_t, at) : 0;
  uint64_t top = (uint64_t)stacks + STACK;
  *(uint64_t *)((char *)prefix + LC_STACK) = top - FRAME;
  *(uint64_t *)((char *)prefix + LC_TRAP_STACK) = top + TRAP_STACK - FRAME;
  *(uint64_t *)((char *)prefix + LC_CPU) = cpu;
  return signalProcessor(cpu, SET_PREFIX, (uint64_t)prefix) == 0 &&
         signalProcessor(cpu, RESTART, 0) == 0;
}
