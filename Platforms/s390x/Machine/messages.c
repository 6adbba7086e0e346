// The text of a failed precondition, which code that is not optimised writes before it traps.
#include "include/machine.h"

int putchar(int character);

int putchar(int character) {
  uint8_t byte = (uint8_t)character;
  consoleWrite(&byte, 1);
  return character;
}
