#include "ctc/settings.h"

#include <string.h>

#define CRC_AT (CTC_SETTINGS_BYTES - 4u)

static const uint8_t magic[4] = {'C', 'T', 'C', 'S'};

/* CRC-32 as zlib computes it (ISO-HDLC: polynomial 0x04C11DB7 reflected), bit by bit: it is for 404 bytes. */
static uint32_t crc32(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

static uint8_t *put16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    return put16(put16(to, (uint16_t)value), (uint16_t)(value >> 16));
}

static const uint8_t *get16(const uint8_t *from, uint16_t *value)
{
    *value = (uint16_t)(from[0] | (unsigned)from[1] << 8);
    return from + 2;
}

static const uint8_t *get32(const uint8_t *from, uint32_t *value)
{
    *value = from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
    return from + 4;
}

static const uint8_t *get_signed(const uint8_t *from, int32_t *value)
{
    uint32_t bits;

    from = get32(from, &bits);
    *value = bits <= INT32_MAX ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1;
    return from;
}

size_t ctc_settings_pack(uint8_t blob[CTC_SETTINGS_BYTES], const ctc_config *config)
{
    const ctc_gates *gates = &config->gates;
    const uint16_t words[] = {
        config->corrections,   config->noise_factor,     config->dapi_threshold, config->ck_threshold,
        config->borderline,    gates->ck_min,            gates->ck_snr_min,      gates->nucleus_min,
        gates->dapi_min,       gates->cd45_max,          gates->cd45_share_max,  gates->area_min,
        gates->area_max,       gates->shape_max,         gates->eccentricity_max, gates->overlap_min,
        gates->focus_min,      gates->saturated_max,
    };
    uint8_t *to = blob;

    memcpy(to, magic, sizeof magic);
    to = put16(to + sizeof magic, CTC_SETTINGS_VERSION);
    to = put16(to, CTC_SETTINGS_BYTES);
    memcpy(to, config->gate_set, CTC_ID_BYTES);
    memcpy(to + CTC_ID_BYTES, config->calibration, CTC_ID_BYTES);
    memcpy(to + 2 * CTC_ID_BYTES, config->cutoffs, CTC_ID_BYTES);
    to += 3 * CTC_ID_BYTES;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        to = put16(to, words[i]);
    }
    for (unsigned channel = 0; channel < 4; channel++) {
        for (unsigned tile = 0; tile < CTC_TILES; tile++) {
            to = put16(to, config->flat[channel][tile]);
        }
    }
    for (unsigned i = 0; i < 16; i++) {
        to = put32(to, (uint32_t)config->spillover[i / 4][i % 4]);
    }
    for (unsigned i = 0; i < 16; i++) {
        to = put16(to, config->spillover_se[i / 4][i % 4]);
    }
    to = put32(to, (uint32_t)config->line_offset);
    to = put32(to, (uint32_t)config->line_slope);
    to = put16(to, config->line_se);
    to = put16(to, 0);
    to = put32(to, config->line_low);
    to = put32(to, config->line_high);
    for (unsigned i = 0; i < 3; i++) {
        to = put32(to, config->score_min[i]);
    }
    to = put32(to, crc32(blob, CRC_AT));
    return (size_t)(to - blob);
}

static void unpack(ctc_config *config, const uint8_t *from)
{
    ctc_gates *gates = &config->gates;
    uint16_t *const words[] = {
        &config->corrections,   &config->noise_factor,     &config->dapi_threshold, &config->ck_threshold,
        &config->borderline,    &gates->ck_min,            &gates->ck_snr_min,      &gates->nucleus_min,
        &gates->dapi_min,       &gates->cd45_max,          &gates->cd45_share_max,  &gates->area_min,
        &gates->area_max,       &gates->shape_max,         &gates->eccentricity_max, &gates->overlap_min,
        &gates->focus_min,      &gates->saturated_max,
    };
    uint16_t reserved;

    memcpy(config->gate_set, from, CTC_ID_BYTES);
    memcpy(config->calibration, from + CTC_ID_BYTES, CTC_ID_BYTES);
    memcpy(config->cutoffs, from + 2 * CTC_ID_BYTES, CTC_ID_BYTES);
    from += 3 * CTC_ID_BYTES;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        from = get16(from, words[i]);
    }
    for (unsigned channel = 0; channel < 4; channel++) {
        for (unsigned tile = 0; tile < CTC_TILES; tile++) {
            from = get16(from, &config->flat[channel][tile]);
        }
    }
    for (unsigned i = 0; i < 16; i++) {
        from = get_signed(from, &config->spillover[i / 4][i % 4]);
    }
    for (unsigned i = 0; i < 16; i++) {
        from = get16(from, &config->spillover_se[i / 4][i % 4]);
    }
    from = get_signed(from, &config->line_offset);
    from = get_signed(from, &config->line_slope);
    from = get16(from, &config->line_se);
    from = get16(from, &reserved);
    from = get32(from, &config->line_low);
    from = get32(from, &config->line_high);
    for (unsigned i = 0; i < 3; i++) {
        from = get32(from, &config->score_min[i]);
    }
}

ctc_error ctc_settings_unpack(ctc_config *config, const uint8_t *blob, size_t size)
{
    uint16_t version, length;
    uint32_t crc;
    ctc_config read;

    if (size != CTC_SETTINGS_BYTES || memcmp(blob, magic, sizeof magic) != 0) {
        return CTC_ERR_SETTINGS;
    }
    get16(blob + 4, &version);
    get16(blob + 6, &length);
    get32(blob + CRC_AT, &crc);
    if (version != CTC_SETTINGS_VERSION || length != CTC_SETTINGS_BYTES || crc != crc32(blob, CRC_AT)) {
        return CTC_ERR_SETTINGS;
    }
    memset(&read, 0, sizeof read);
    unpack(&read, blob + 8);
    ctc_error error = ctc_config_check(&read);
    if (error == CTC_OK) {
        *config = read;
    }
    return error;
}
