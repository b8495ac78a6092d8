// The reader's settings of MicroPython's rp2 port. Values that the reader's own code or the bench also
// need are in board.toml; board_generated.h is made from it by firmware/tools/build.py.
#include "board_generated.h"

#define MICROPY_HW_BOARD_NAME "CTC_READER"

#define MICROPY_HW_USB_VID (CTC_BOARD_VID)
#define MICROPY_HW_USB_PID (CTC_BOARD_PID)
#define MICROPY_HW_USB_MANUFACTURER_STRING CTC_BOARD_MANUFACTURER
#define MICROPY_HW_USB_PRODUCT_FS_STRING CTC_BOARD_PRODUCT

// Everything behind the base belongs to rp2.Flash: slots, result log, settings.
#define MICROPY_HW_FLASH_STORAGE_BASE (CTC_FLASH_BASE_SIZE)
#define MICROPY_HW_FLASH_STORAGE_BYTES (CTC_FLASH_BYTES - CTC_FLASH_BASE_SIZE)

// One core, one thread of control: a second interpreter thread has no use here.
#define MICROPY_PY_THREAD (0)
