/* Runs fields from standard input through the core, for tests under the sanitizers: the vectors, byte for byte.
 *
 * A field: CTC_SETTINGS_BYTES bytes of settings (zeros: the built-in ones), its number (one byte), one byte with bit c set when
 * channel c has a frame, the frames. What comes of it is printed as run_vectors.py does, rows always in full. */
#include <stdio.h>
#include <stdlib.h>

#include "ctc/ctc.h"

static const char *const names[CTC_CHANNELS] = {"dark", "dapi", "ck", "cd45", "her2"};

static void field(ctc_work *work, uint32_t *frame, const ctc_config *config, unsigned number, unsigned channels)
{
    uint8_t *rows = malloc(CTC_MAX_OBJECTS * CTC_ROW_BYTES);
    unsigned objects = 0, copied = 0;
    ctc_error error = ctc_begin(work, number, config);

    for (unsigned channel = 0; channel < CTC_CHANNELS; channel++) {
        if ((channels >> channel & 1) == 0) {
            continue;
        }
        if (fread(frame, 1, CTC_FRAME_BYTES, stdin) != CTC_FRAME_BYTES) {
            exit(2);
        }
        if (error != CTC_OK) {
            continue;
        }
        error = ctc_analyse(work, channel, frame);
        for (unsigned item = 0; error == CTC_OK && item < CTC_QUALITY_ITEMS; item++) {
            uint32_t value = 0;
            ctc_quality(work, item, &value);
            printf("%s%lu%s", item ? "," : "", (unsigned long)value, item + 1 < CTC_QUALITY_ITEMS ? "" : " ");
        }
        if (error == CTC_OK) {
            printf("%s\n", names[channel]);
        }
    }
    if (error == CTC_OK) {
        error = ctc_end(work, &objects);
    }
    if (error == CTC_OK) {
        error = ctc_rows(work, rows, CTC_MAX_OBJECTS * CTC_ROW_BYTES, 0, &copied);
    }
    if (error != CTC_OK) {
        printf("error %d\n", (int)error);
    } else {
        printf("rows ");
        for (size_t i = 0; i < copied * CTC_ROW_BYTES; i++) {
            printf("%02x", rows[i]);
        }
        printf("\n");
    }
    free(rows);
}

int main(void)
{
    ctc_work *work = malloc(sizeof *work);
    uint32_t *frame = malloc(CTC_FRAME_BYTES);
    uint8_t blob[CTC_SETTINGS_BYTES];

    while (fread(blob, 1, sizeof blob, stdin) == sizeof blob) {
        ctc_config config = ctc_config_default;
        int number = getchar(), channels = getchar();
        if (blob[0] != 0 && ctc_settings_unpack(&config, blob, sizeof blob) != CTC_OK) {
            return 2;
        }
        field(work, frame, &config, (unsigned)number, (unsigned)channels);
    }
    free(frame);
    free(work);
    return 0;
}
