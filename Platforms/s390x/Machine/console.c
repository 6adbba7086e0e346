// The console: ASCII text through the service-call logical processor (SCLP), in messages of up to
// a page. Interruptions that tell of completed calls stay disabled, since calls complete at once.
//
// Source: QEMU include/hw/s390x/sclp.h (`SCCB`, `SCLP_CMDW_*`), include/hw/s390x/event-facility.h
// (`WriteEventMask`, `SCLP_EVENT_ASCII_CONSOLE_DATA`), hw/char/sclpconsole.c; Linux
// drivers/s390/char/sclp.h and sclp_vt220.c.
#include "console.h"
#include "include/machine.h"

enum {
  READ_INFORMATION = 0x00020001,
  WRITE_EVENT_DATA = 0x00760005,
  WRITE_EVENT_MASK = 0x00780005,
  ASCII_CONSOLE = 0x1a,
};

// Byte offsets: a header of 8 bytes (length, function code, control mask, response code), then for
// events one of 6 (length, type, flags, two reserved), then text.
enum { HEADER = 8, EVENT = HEADER + 6, TEXT_MAX = 4096 - EVENT };

static unsigned char block[4096] __attribute__((aligned(4096)));
static volatile int blockIsTaken;

static void take(void) {
  while (__atomic_exchange_n(&blockIsTaken, 1, __ATOMIC_ACQUIRE)) {}
}
static void give(void) { __atomic_store_n(&blockIsTaken, 0, __ATOMIC_RELEASE); }

void consoleTakeOver(void) { give(); }

static void put16(size_t at, unsigned value) {
  block[at] = (unsigned char)(value >> 8);
  block[at + 1] = (unsigned char)value;
}

static void begin(size_t length) {
  for (size_t at = 0; at < length; at++) block[at] = 0;
  put16(0, (unsigned)length);
}

void serviceCall(uint32_t command, void *control) {
  uint32_t code;
  do {
    asm volatile(".insn rre,0xb2200000,%[command],%[block]\n ipm %[code]\n srl %[code],28"
                 : [code] "=d"(code)
                 : [command] "d"(command), [block] "a"(control)
                 : "cc", "memory");
  } while (code == 2);
}

void consoleBegin(void) {
  // Mask length 4 at offset 10; then what is received (nothing) and sent, each as the program sees
  // it, and as the machine does.
  enum { LENGTH = HEADER + 4 + 4 * 4 };
  take();
  begin(LENGTH);
  put16(HEADER + 2, 4);
  block[HEADER + 4 + 7] = 1 << (32 - ASCII_CONSOLE);
  serviceCall(WRITE_EVENT_MASK, block);
  give();
}

void consoleWrite(const uint8_t *bytes, size_t count) {
  take();
  while (count > 0) {
    size_t part = count < TEXT_MAX ? count : TEXT_MAX;
    begin(EVENT);
    for (size_t at = 0; at < part; at++) block[EVENT + at] = bytes[at];
    put16(0, (unsigned)(EVENT + part));
    put16(HEADER, (unsigned)(6 + part));
    block[HEADER + 2] = ASCII_CONSOLE;
    serviceCall(WRITE_EVENT_DATA, block);
    bytes += part;
    count -= part;
  }
  give();
}

void consoleText(const char *text) {
  size_t count = 0;
  while (text[count]) count++;
  consoleWrite((const uint8_t *)text, count);
}

void consoleHex(unsigned long value, int digits) {
  uint8_t text[16];
  for (int at = 0; at < digits; at++)
    text[at] = (uint8_t)"0123456789abcdef"[value >> (4 * (digits - 1 - at)) & 15];
  consoleWrite(text, (size_t)digits);
}

uint64_t machineMemoryBytes(void) {
  take();
  begin(4096);
  serviceCall(READ_INFORMATION, block);
  // Increments in two bytes, their size in mebibytes in one.
  uint64_t increments = (uint64_t)block[HEADER] << 8 | block[HEADER + 1];
  uint64_t mebibytes = block[HEADER + 2];
  give();
  return increments * mebibytes << 20;
}
