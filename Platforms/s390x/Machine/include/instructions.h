// Instructions that have no name in C: the compiler puts them in place of the calls.
//
// Source of formats: opcodes and operands of the PCI instructions, which the Principles of
// Operation leave out, as Linux arch/s390/include/asm/pci_insn.h and arch/s390/pci/pci_insn.c use
// them and QEMU target/s390x/tcg/insn-data.h.inc decodes them.
#pragma once
#include <stdint.h>

typedef struct {
  uint64_t value;
  uint8_t conditionCode;
  uint8_t status;
} Answer;

#define CONDITION_CODE "ipm %[code]\n srl %[code],28\n"

static inline Answer answerOf(uint32_t code, uint64_t request, uint64_t value) {
  Answer answer = {value, (uint8_t)code, (uint8_t)(request >> 24)};
  return answer;
}

/// An even-odd pair of registers, the even one first.
static inline unsigned __int128 registerPair(uint64_t even, uint64_t odd) {
  return (unsigned __int128)even << 64 | odd;
}

/// CLP for PCI: the block is 4 KiB, aligned to 8 bytes.
static inline Answer clp(void *block) {
  uint32_t code;
  asm volatile(".insn rrf,0xb9a00000,0,%[block],0,2\n" CONDITION_CODE
               : [code] "=d"(code)
               : [block] "a"(block)
               : "cc", "memory");
  return answerOf(code, 0, 0);
}

static inline Answer mpcifc(uint64_t request, void *block) {
  uint32_t code;
  asm volatile(".insn rxy,0xe300000000d0,%[request],0(%[block])\n" CONDITION_CODE
               : [code] "=d"(code), [request] "+d"(request)
               : [block] "a"(block)
               : "cc", "memory");
  return answerOf(code, request, 0);
}

static inline Answer stpcifc(uint64_t request, void *block) {
  uint32_t code;
  asm volatile(".insn rxy,0xe300000000d4,%[request],0(%[block])\n" CONDITION_CODE
               : [code] "=d"(code), [request] "+d"(request)
               : [block] "a"(block)
               : "cc", "memory");
  return answerOf(code, request, 0);
}

static inline Answer rpcit(uint64_t function, uint64_t address, uint64_t byteCount) {
  uint32_t code;
  unsigned __int128 range = registerPair(address, byteCount);
  asm volatile(".insn rre,0xb9d30000,%[function],%[range]\n" CONDITION_CODE
               : [code] "=d"(code), [function] "+d"(function)
               : [range] "d"(range)
               : "cc", "memory");
  return answerOf(code, function, 0);
}

static inline Answer pcilg(uint64_t request, uint64_t offset) {
  uint32_t code;
  uint64_t value = 0;
  unsigned __int128 pair = registerPair(request, offset);
  asm volatile(".insn rre,0xb9d20000,%[value],%[pair]\n" CONDITION_CODE
               : [code] "=d"(code), [value] "+d"(value), [pair] "+&d"(pair)
               :
               : "cc", "memory");
  return answerOf(code, (uint64_t)(pair >> 64), value);
}

static inline Answer pcistg(uint64_t value, uint64_t request, uint64_t offset) {
  uint32_t code;
  unsigned __int128 pair = registerPair(request, offset);
  asm volatile(".insn rre,0xb9d00000,%[value],%[pair]\n" CONDITION_CODE
               : [code] "=d"(code), [pair] "+&d"(pair)
               : [value] "d"(value)
               : "cc", "memory");
  return answerOf(code, (uint64_t)(pair >> 64), 0);
}

static inline Answer pcistb(const void *data, uint64_t request, uint64_t offset) {
  uint32_t code;
  asm volatile(".insn rsy,0xeb00000000d0,%[request],%[offset],0(%[data])\n" CONDITION_CODE
               : [code] "=d"(code), [request] "+d"(request)
               : [offset] "d"(offset), [data] "a"(data)
               : "cc", "memory");
  return answerOf(code, request, 0);
}

/// Lets adapter interruptions of a subclass come (mode 0: each one; 1: one).
static inline Answer sic(uint16_t mode, uint8_t subclass) {
  uint32_t code;
  uint64_t noBlock[16] = {0};
  asm volatile(".insn rsy,0xeb00000000d1,%[mode],%[subclass],0(%[block])\n" CONDITION_CODE
               : [code] "=d"(code)
               : [mode] "d"((uint64_t)mode), [subclass] "d"((uint64_t)subclass << 27),
                 [block] "a"(noBlock)
               : "cc", "memory");
  return answerOf(code, 0, 0);
}

/// Calls the channel subsystem with the request in a page at `block`, which takes the response;
/// the condition code.
static inline uint8_t chsc(uint64_t block) {
  uint32_t code;
  asm volatile(".insn rre,0xb25f0000,%[block],0\n" CONDITION_CODE
               : [code] "=d"(code)
               : [block] "d"(block)
               : "cc", "memory");
  return (uint8_t)code;
}

/// The time-of-day clock: 4,096 units a microsecond.
static inline uint64_t timeOfDay(void) {
  uint64_t time;
  asm volatile("stckf %[time]" : [time] "=Q"(time) : : "cc", "memory");
  return time;
}

/// Has the clock interrupt a waiting processor from `time` on.
static inline void setClockComparator(uint64_t time) {
  asm volatile("sckc %[time]" : : [time] "Q"(time) : "memory");
}

/// The number of this processor.
static inline uint16_t processorAddress(void) {
  uint16_t address;
  asm volatile("stap %[address]" : [address] "=Q"(address) : : "memory");
  return address;
}

// Memory that devices and other processors share, by its address.

static inline uint64_t loadAcquiring64(uint64_t address) {
  return __atomic_load_n((uint64_t *)address, __ATOMIC_ACQUIRE);
}

static inline void storeReleasing64(uint64_t address, uint64_t value) {
  __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELEASE);
}

static inline uint64_t compareExchange64(uint64_t address, uint64_t expected, uint64_t desired) {
  __atomic_compare_exchange_n((uint64_t *)address, &expected, desired, 0, __ATOMIC_SEQ_CST,
                              __ATOMIC_SEQ_CST);
  return expected;
}

static inline uint32_t loadLittle32(uint64_t address) {
  return __builtin_bswap32(__atomic_load_n((uint32_t *)address, __ATOMIC_ACQUIRE));
}

static inline void storeLittle32(uint64_t address, uint32_t value) {
  __atomic_store_n((uint32_t *)address, __builtin_bswap32(value), __ATOMIC_RELEASE);
}

static inline uint64_t loadLittle64(uint64_t address) {
  return __builtin_bswap64(loadAcquiring64(address));
}

static inline void storeLittle64(uint64_t address, uint64_t value) {
  storeReleasing64(address, __builtin_bswap64(value));
}
