// Assigned storage locations, and what this image keeps in the prefix area besides, from 0x200 on,
// which the architecture leaves to programs up to 0x11ff.
//
// Source: z/Architecture Principles of Operation, chapter 3, "Assigned Storage Locations".
#pragma once

#define LC_EXTERNAL_CODE 0x86
#define LC_PROGRAM_LENGTH 0x8c
#define LC_PROGRAM_CODE 0x8e
#define LC_DATA_CODE 0x90
#define LC_TRANSLATION_ADDRESS 0xa8
#define LC_MACHINE_CHECK_CODE 0xe8
#define LC_EXTERNAL_OLD 0x130
#define LC_PROGRAM_OLD 0x150
#define LC_MACHINE_CHECK_OLD 0x160
#define LC_IO_OLD 0x170
#define LC_RESTART_NEW 0x1a0
#define LC_EXTERNAL_NEW 0x1b0
#define LC_SUPERVISOR_NEW 0x1c0
#define LC_PROGRAM_NEW 0x1d0
#define LC_MACHINE_CHECK_NEW 0x1e0
#define LC_IO_NEW 0x1f0

#define LC_REGISTERS 0x280
#define LC_TRAP_STACK 0x300
#define LC_STACK 0x308
#define LC_CPU 0x310
#define LC_TRAPPING 0x318
#define LC_WAIT_PSW 0x330
// How many interruptions this processor took: of devices, of other processors, of all kinds that
// are external.
#define LC_DEVICE_COUNT 0x340
#define LC_SIGNAL_COUNT 0x348
#define LC_EXTERNAL_COUNT 0x350
#define LC_BYTES 0x2000
