// What the machine's C part offers to the kernel in Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Byte `index` of the command line that QEMU left, which ends with a zero; below 2,048.
uint8_t commandLineByte(uint64_t index);

/// Behind the last byte of the image.
extern char imageEnd[];

/// Memory for tables and buffers, zeroed; 0 where there is none. The alignment is a power of two,
/// up to that which the bytes need.
uint64_t pagesTake(uint64_t byteCount, uint64_t alignment);

/// Gives back what `pagesTake` gave for as many bytes.
void pagesGive(uint64_t address, uint64_t byteCount);

/// Copies bytes between places that do not overlap.
void memoryCopy(uint64_t target, uint64_t source, uint64_t byteCount);

/// Ends the machine, all its processors: 0 for success.
_Noreturn void machineExit(int64_t code);

/// Waits for an interruption of a device, the clock or another processor; returns with
/// interruptions disabled. One that came before is still pending, and ends the wait at once.
void machineWait(void);

/// The same, but leaves interruptions of devices to other processors.
void machineWaitForSignal(void);

/// Writes bytes to the console.
void consoleWrite(const uint8_t *bytes, size_t count);

/// The machine's memory in bytes.
uint64_t machineMemoryBytes(void);

/// The interruptions of devices that this processor took so far.
uint64_t machineDeviceInterruptions(void);

/// The signals of other processors that this one took so far.
uint64_t machineSignals(void);

/// The interruptions of the clock that this processor took so far.
uint64_t machineAlarms(void);

/// Interrupts the wait of a processor that was started, or its next one if it does not wait.
void machineSignal(uint16_t cpu);

/// Whether there is a processor of this number.
_Bool machineHasProcessor(uint16_t cpu);

/// Starts a stopped processor, which calls `kernelSecondary`; false where it does not start.
_Bool machineStartProcessor(uint16_t cpu);

/// Takes PCI function `identifier` into use, or gives it back to the machine; the response code,
/// `ADAPTER_DONE` where that was done.
uint16_t adapterConfigure(uint32_t identifier);
uint16_t adapterDeconfigure(uint32_t identifier);
enum { ADAPTER_DONE = 0x0020 };

/// The blocks of memory that were handed out and did not come back.
uint64_t memoryBlocksOut(void);
