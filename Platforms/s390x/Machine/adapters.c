// PCI functions that come and go: taking them into use and giving them back through the
// service-call logical processor.
//
// Source: Linux drivers/s390/char/sclp_pci.c (`struct pci_cfg_sccb`, `SCLP_CMDW_*CONFIGURE_PCI`);
// QEMU include/hw/s390x/sclp.h (`SCLP_RECONFIG_PCI_ATPYE`, `SCLP_RC_*`) and
// hw/s390x/s390-pci-bus.c (`s390_pci_sclp_deconfigure`, which ends an unplug that was asked for).
#include "console.h"
#include "include/machine.h"

enum { CONFIGURE = 0x001a0001, DECONFIGURE = 0x001b0001, TYPE_PCI = 2 };

// Byte offsets: a header of 8 bytes with the response code in its last two, then the adapter's
// type, three reserved bytes, and its identifier.
enum { RESPONSE = 6, TYPE = 8, IDENTIFIER = 12, BYTES = 16 };

static uint16_t configure(uint32_t command, uint32_t identifier) {
  static unsigned char page[4096] __attribute__((aligned(4096)));
  for (size_t at = 0; at < BYTES; at++) page[at] = 0;
  page[0] = sizeof page >> 8;
  page[TYPE] = TYPE_PCI;
  for (int at = 0; at < 4; at++)
    page[IDENTIFIER + at] = (unsigned char)(identifier >> (24 - 8 * at));
  serviceCall(command, page);
  return (uint16_t)(page[RESPONSE] << 8 | page[RESPONSE + 1]);
}

uint16_t adapterConfigure(uint32_t identifier) { return configure(CONFIGURE, identifier); }

uint16_t adapterDeconfigure(uint32_t identifier) { return configure(DECONFIGURE, identifier); }
