// What is told where the program is interrupted for a mistake: program checks and machine checks.
// In C, so that it works whatever state Swift code is in.
#include "../Boot/lowcore.h"
#include "console.h"
#include "include/machine.h"
#include "processors.h"

#define AT(type, offset) (*(volatile type *)(uintptr_t)(offset))

// Source: Principles of Operation, chapter 6, "Program-Interruption Conditions".
static const char *programName(unsigned code) {
  switch (code) {
  case 0x01: return "operation (a trap of the compiler is one)";
  case 0x02: return "privileged operation";
  case 0x04: return "protection";
  case 0x05: return "addressing";
  case 0x06: return "specification";
  case 0x07: return "data";
  case 0x08: return "fixed-point overflow";
  case 0x09: return "fixed-point divide";
  case 0x10: return "segment translation";
  case 0x11: return "page translation";
  case 0x13: return "special operation";
  case 0x15: return "operand";
  case 0x1b: return "vector processing";
  default: return "see chapter 6 of the Principles of Operation";
  }
}

static void pair(const char *name, uint64_t value) {
  consoleText(name);
  consoleHex(value, 16);
}

void machineTrap(uint64_t isMachineCheck) {
  // One tells, while all others stand still, whatever they were writing.
  if (!processorsEnd()) machineFinish(1);
  consoleTakeOver();
  uint64_t old = isMachineCheck ? LC_MACHINE_CHECK_OLD : LC_PROGRAM_OLD;
  consoleText("\nTRAP on processor ");
  consoleHex(AT(uint64_t, LC_CPU), 2);
  if (isMachineCheck) {
    pair(": machine check ", AT(uint64_t, LC_MACHINE_CHECK_CODE));
  } else {
    unsigned code = AT(uint16_t, LC_PROGRAM_CODE) & 0xff;
    consoleText(": program interruption 0x");
    consoleHex(code, 2);
    consoleText(", ");
    consoleText(programName(code));
  }
  pair("\n  PSW ", AT(uint64_t, old));
  pair(" ", AT(uint64_t, old + 8));
  pair("\n  translation address ", AT(uint64_t, LC_TRANSLATION_ADDRESS));
  for (int number = 0; number < 16; number++) {
    consoleText(number % 4 == 0 ? "\n  r" : "  r");
    consoleHex((unsigned long)number, 1);
    pair(" ", AT(uint64_t, LC_REGISTERS + 8 * number));
  }
  consoleText("\n");
}
