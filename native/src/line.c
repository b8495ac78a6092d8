#include "line.h"

#include "ctc/frame.h"

#define Q16_BITS 16u
#define GREY_LOG2 6 /* log2(CTC_GREY) */

typedef char grey_is_two_to_the_six[CTC_GREY == 1u << GREY_LOG2 ? 1 : -1];

int32_t ctc_log2(uint32_t value)
{
    uint32_t whole = 31, result;

    if (value == 0) {
        return INT32_MIN;
    }
    while ((value & 0x80000000u) == 0) {
        value <<= 1;
        whole--;
    }
    /* `value` is the mantissa, 1 <= value < 2 in Q31; one digit more than is kept, to round with. */
    result = whole;
    for (unsigned digit = 0; digit <= Q16_BITS; digit++) {
        uint64_t square = (uint64_t)value * value; /* Q62, below 4 */
        result <<= 1;
        if (square >> 63) {
            result |= 1u;
            value = (uint32_t)(square >> 32);
        } else {
            value = (uint32_t)(square >> 31);
        }
    }
    return (int32_t)((result + 1u) >> 1);
}

uint32_t ctc_exp2(int64_t exponent)
{
    /* 2^(2^-k) for k = 1..16, Q31, to the nearest. */
    static const uint32_t power[Q16_BITS] = {
        0xB504F334u, 0x9837F052u, 0x8B95C1E4u, 0x85AAC368u,
        0x82CD8699u, 0x8164D1F4u, 0x80B1ED50u, 0x8058D7D3u,
        0x802C6437u, 0x8016302Fu, 0x800B179Du, 0x80058BAFu,
        0x8002C5D0u, 0x800162E6u, 0x8000B173u, 0x800058B9u,
    };
    int64_t whole = exponent >= 0 ? exponent / 65536 : -((-exponent + 65535) / 65536);
    uint32_t part = (uint32_t)(exponent - whole * 65536);
    uint64_t mantissa = (uint64_t)1 << 31; /* Q31 */

    if (whole >= 32) {
        return UINT32_MAX;
    }
    if (whole < -1) {
        return 0;
    }
    for (unsigned k = 0; k < Q16_BITS; k++) {
        if (part & 0x8000u >> k) {
            mantissa = (mantissa * power[k] + ((uint64_t)1 << 30)) >> 31;
        }
    }
    if (whole == 31) { /* the mantissa is the result, and below 2^32 */
        return mantissa > UINT32_MAX ? UINT32_MAX : (uint32_t)mantissa;
    }
    unsigned shift = (unsigned)(31 - whole);
    return (uint32_t)((mantissa + ((uint64_t)1 << (shift - 1))) >> shift);
}

uint32_t ctc_mesf(const ctc_config *config, uint32_t grey64)
{
    if (grey64 == 0) {
        return 0;
    }
    int64_t grey = (int64_t)ctc_log2(grey64) - GREY_LOG2 * 65536;
    int64_t product = grey * config->line_slope;
    int64_t rise = (product + (product < 0 ? -32768 : 32768)) / 65536;
    return ctc_exp2(config->line_offset + rise);
}
