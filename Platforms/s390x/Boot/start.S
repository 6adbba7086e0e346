// Where the image begins, on the first processor and on those that it starts.
//
// Source of formats: z/Architecture Principles of Operation (SA22-7832-13), chapter 4 "Control",
// figure 4-3 (control registers), chapter 3 "Storage", "Assigned Storage Locations". The place of
// the command line: QEMU hw/s390x/ipl.c, `KERN_PARM_AREA`, which it fills for an image at 0x10000.

#include "lowcore.h"

// The interruption code of an emergency signal (chapter 6, "External Interruption").
#define EMERGENCY_SIGNAL 0x1201

  .section .text.start, "ax"
  .globl _start
_start:
  j begin

  // How long a command line may be, and where it goes.
  .org 0x430
  .quad 2048
  .org 0x480
  .globl commandLine
commandLine:
  .space 2048

begin:
  // New PSWs for everything that can interrupt.
  larl %r1, restartEntry
  stg %r1, LC_RESTART_NEW + 8
  larl %r1, externalEntry
  stg %r1, LC_EXTERNAL_NEW + 8
  larl %r1, trapEntry
  stg %r1, LC_SUPERVISOR_NEW + 8
  stg %r1, LC_PROGRAM_NEW + 8
  larl %r1, machineCheckEntry
  stg %r1, LC_MACHINE_CHECK_NEW + 8
  larl %r1, interruptEntry
  stg %r1, LC_IO_NEW + 8
  larl %r1, basicMask
  lg %r1, 0(%r1)
  stg %r1, LC_RESTART_NEW
  stg %r1, LC_EXTERNAL_NEW
  stg %r1, LC_SUPERVISOR_NEW
  stg %r1, LC_PROGRAM_NEW
  stg %r1, LC_MACHINE_CHECK_NEW
  stg %r1, LC_IO_NEW
  larl %r1, bootTrapStack
  stg %r1, LC_TRAP_STACK
  larl %r15, bootStack
  stg %r15, LC_STACK
  xc LC_DEVICE_COUNT(24), LC_DEVICE_COUNT
  xc LC_TRAPPING(8), LC_TRAPPING
  xc LC_CPU(8), LC_CPU
  brasl %r14, loadControls
  brasl %r14, machineBegin
  brasl %r14, kernelMain
  // The exit code is all that is left to say.
  brasl %r14, machineExit

// A processor that was started: its prefix area holds what it needs.
restartEntry:
  lg %r15, LC_STACK
  brasl %r14, loadControls
  lg %r2, LC_CPU
  brasl %r14, kernelSecondary
  // The machine goes on without it.
  lghi %r2, 0
  brasl %r14, machineFinish

loadControls:
  larl %r1, control0
  lctlg %c0, %c0, 0(%r1)
  larl %r1, control6
  lctlg %c6, %c6, 0(%r1)
  br %r14

// Waits enabled for I/O and external interruptions; returns after one, disabled again. One that
// came before is still pending, so that none is missed.
  .globl machineWait
machineWait:
  larl %r1, waitMask
  j 1f

// The same, enabled for external interruptions alone: those of devices are left to others.
  .globl machineWaitForSignal
machineWaitForSignal:
  larl %r1, signalMask
1:
  lg %r1, 0(%r1)
  stg %r1, LC_WAIT_PSW
  larl %r1, 2f
  stg %r1, LC_WAIT_PSW + 8
  lpswe LC_WAIT_PSW
2:
  br %r14

// Interruptions come in the waits alone, where nothing has to be saved. The old PSW is where this
// program cannot write.
interruptEntry:
  agsi LC_DEVICE_COUNT, 1
  mvc LC_WAIT_PSW(16), LC_IO_OLD
  j goOn

externalEntry:
  agsi LC_EXTERNAL_COUNT, 1
  clhhsi LC_EXTERNAL_CODE, EMERGENCY_SIGNAL
  jne 1f
  agsi LC_SIGNAL_COUNT, 1
1:
  mvc LC_WAIT_PSW(16), LC_EXTERNAL_OLD
goOn:
  // Neither enabled for I/O and external interruptions nor waiting any more.
  ni LC_WAIT_PSW, 0xfc
  ni LC_WAIT_PSW + 1, 0xfd
  lpswe LC_WAIT_PSW

trapEntry:
  stmg %r0, %r15, LC_REGISTERS
  lghi %r2, 0
trap:
  // A trap while one is told would say nothing new.
  lghi %r1, 1
  cg %r1, LC_TRAPPING
  je 1f
  stg %r1, LC_TRAPPING
  lg %r15, LC_TRAP_STACK
  brasl %r14, machineTrap
1:
  lghi %r2, 1
  brasl %r14, machineFinish

machineCheckEntry:
  stmg %r0, %r15, LC_REGISTERS
  lghi %r2, 1
  j trap

// Stops this processor for good, with an address that tells QEMU whether all went well: it ends
// when every processor is in such a wait, or stopped, and takes the last one's word.
  .globl machineFinish
machineFinish:
  larl %r1, doneMask
  lg %r1, 0(%r1)
  stg %r1, LC_WAIT_PSW
  lghi %r1, 0xfff
  ltgr %r2, %r2
  je 1f
  lghi %r1, 0xbad
1:
  stg %r1, LC_WAIT_PSW + 8
  lpswe LC_WAIT_PSW

  .section .rodata.start, "a"
  .balign 8
// 64-bit addressing, everything disabled.
basicMask: .quad 0x0000000180000000
// The same, waiting, enabled for I/O and external interruptions.
waitMask:  .quad 0x0302000180000000
// The same, waiting, enabled for external interruptions.
signalMask: .quad 0x0102000180000000
// The same, waiting for nothing.
doneMask:  .quad 0x0002000180000000
// Control register 0: no stores to the first 512 bytes, where new PSWs are and where a null pointer
// points; vector and floating-point registers; interruptions of the clock comparator and of other
// processors' emergency signals.
control0:  .quad 0x0000000010064800
// Control register 6: I/O interruptions of every subclass.
control6:  .quad 0x00000000ff000000

  .section .bss.stack, "aw", @nobits
  .balign 4096
  .space 512 * 1024
// Behind each stack, the 160 bytes that a callee may save registers in (ELF ABI).
bootStack: .space 160
  .space 32 * 1024
bootTrapStack: .space 160
