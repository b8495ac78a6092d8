/* The packed form of a ctc_config: what the reader keeps in flash and what the link carries.
 *
 * Little endian, fixed size, without gaps:
 *
 *   offset  type       what
 *        0  4 bytes    "CTCS"
 *        4  u16        version of this table, CTC_SETTINGS_VERSION
 *        6  u16        size of the whole, CTC_SETTINGS_BYTES
 *        8  24 bytes   gate_set, printable ASCII, padded with zeros; at 32 calibration, at 56 cutoffs
 *       80  5 u16      corrections, noise_factor, dapi_threshold, ck_threshold, borderline
 *       90  13 u16     gates in the order of ctc_gates
 *      116  80 u16     flat: channel by channel, tile by tile
 *      276  16 i32     spillover, row by row
 *      340  16 u16     spillover_se, row by row
 *      372  i32        line_offset
 *      376  i32        line_slope
 *      380  u16        line_se
 *      382  u16        0
 *      384  u32        line_low
 *      388  u32        line_high
 *      392  3 u32      score_min
 *      404  u32        CRC-32 (ISO-HDLC, as of zlib) of everything before it
 */
#ifndef CTC_SETTINGS_H
#define CTC_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "ctc/config.h"
#include "ctc/error.h"

#define CTC_SETTINGS_VERSION 1u
#define CTC_SETTINGS_BYTES 408u

/* Pack; return the bytes written, CTC_SETTINGS_BYTES. The values are not checked. */
size_t ctc_settings_pack(uint8_t blob[CTC_SETTINGS_BYTES], const ctc_config *config);

/* Unpack, all or nothing. CTC_ERR_SETTINGS: not a settings blob of this version, cut short, damaged, or with a value that
 * ctc_config_check refuses; `config` is unchanged then. */
ctc_error ctc_settings_unpack(ctc_config *config, const uint8_t *blob, size_t size);

#endif
