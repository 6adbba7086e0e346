// The processors: how they begin, wake each other and end.
//
// Source of orders and condition codes: Principles of Operation, chapter 4, "CPU Signaling and
// Response"; QEMU target/s390x/sigp.c for what it does with them.
#include "processors.h"
#include "../Boot/lowcore.h"
#include "console.h"
#include "include/instructions.h"
#include "include/machine.h"
#include <stdlib.h>

#define AT(type, offset) (*(volatile type *)(uintptr_t)(offset))

enum {
  SENSE = 1,
  EMERGENCY_SIGNAL = 3,
  STOP = 5,
  RESTART = 6,
  INITIAL_RESET = 11,
  SET_PREFIX = 13,
};
enum { ACCEPTED = 0, STATUS_STORED = 1, BUSY = 2, NOT_OPERATIONAL = 3 };
enum { STATUS_STOPPED = 0x40, PROCESSORS_MAX = 64 };

typedef struct {
  int code;
  uint64_t status;
} Response;

// A busy processor, or one that another signals just now, is asked again.
static Response signalProcessor(uint64_t cpu, uint64_t order, uint64_t parameter) {
  uint32_t code;
  register uint64_t status asm("2");
  do {
    register uint64_t given asm("3") = parameter;
    status = 0;
    asm volatile("sigp 2,%[cpu],0(%[order])\n ipm %[code]\n srl %[code],28"
                 : [code] "=d"(code), "+d"(status)
                 : "d"(given), [cpu] "d"(cpu), [order] "a"(order)
                 : "cc", "memory");
  } while (code == BUSY);
  Response response = {(int)code, status};
  return response;
}

// Which processors run, a bit each.
static uint64_t running;

static void noteRunning(uint64_t cpu) {
  __atomic_fetch_or(&running, (uint64_t)1 << cpu, __ATOMIC_SEQ_CST);
}

_Bool machineHasProcessor(uint16_t cpu) {
  return cpu < PROCESSORS_MAX && signalProcessor(cpu, SENSE, 0).code != NOT_OPERATIONAL;
}

_Bool machineStartProcessor(uint16_t cpu) {
  enum { STACK = 256 * 1024, TRAP_STACK = 32 * 1024, FRAME = 160 };
  void *prefix = NULL, *stacks = NULL;
  if (cpu >= PROCESSORS_MAX || posix_memalign(&prefix, LC_BYTES, LC_BYTES) ||
      posix_memalign(&stacks, 4096, STACK + TRAP_STACK))
    return 0;
  // A prefix has 31 bits.
  if ((uint64_t)prefix >> 31) return 0;
  // The same entries for interruptions as this processor has, and stacks of its own.
  for (uint64_t at = 0; at < LC_BYTES; at += 8)
    *(uint64_t *)((char *)prefix + at) = at < 0x200 ? AT(uint64_t, at) : 0;
  uint64_t top = (uint64_t)stacks + STACK;
  *(uint64_t *)((char *)prefix + LC_STACK) = top - FRAME;
  *(uint64_t *)((char *)prefix + LC_TRAP_STACK) = top + TRAP_STACK - FRAME;
  *(uint64_t *)((char *)prefix + LC_CPU) = cpu;
  // The reset stops it and clears its registers; what was stored is seen by it, as the order comes
  // after (chapter 5, "CPU Serialization").
  if (signalProcessor(cpu, INITIAL_RESET, 0).code != ACCEPTED ||
      signalProcessor(cpu, SET_PREFIX, (uint64_t)prefix).code != ACCEPTED)
    return 0;
  noteRunning(cpu);
  return signalProcessor(cpu, RESTART, 0).code == ACCEPTED;
}

void machineSignal(uint16_t cpu) { signalProcessor(cpu, EMERGENCY_SIGNAL, 0); }

uint64_t machineDeviceInterruptions(void) { return AT(uint64_t, LC_DEVICE_COUNT); }

uint64_t machineSignals(void) { return AT(uint64_t, LC_SIGNAL_COUNT); }

uint64_t machineAlarms(void) {
  return AT(uint64_t, LC_EXTERNAL_COUNT) - AT(uint64_t, LC_SIGNAL_COUNT);
}

// Who ends the machine, by its number plus one; 0 while nobody does.
static uint64_t ending;

_Bool processorsEnd(void) {
  uint64_t own = processorAddress(), nobody = 0;
  if (!__atomic_compare_exchange_n(&ending, &nobody, own + 1, 0, __ATOMIC_SEQ_CST,
                                   __ATOMIC_SEQ_CST) &&
      nobody != own + 1)
    return 0;
  uint64_t others = __atomic_load_n(&running, __ATOMIC_SEQ_CST);
  for (uint64_t cpu = 0; cpu < PROCESSORS_MAX; cpu++) {
    if (cpu == own || !((others | 1) >> cpu & 1)) continue;
    if (signalProcessor(cpu, STOP, 0).code != ACCEPTED) continue;
    // It stops between two instructions; until then it may still write.
    Response response;
    do {
      response = signalProcessor(cpu, SENSE, 0);
    } while (response.code == ACCEPTED ||
             (response.code == STATUS_STORED && !(response.status & STATUS_STOPPED)));
  }
  return 1;
}

void machineExit(int64_t code) {
  // Where another one ends the machine, it stops this one; its word counts.
  if (!processorsEnd()) machineFinish(1);
  machineFinish(code);
}
