/* A driver for the fuzz target where there is no libFuzzer: the corpus, then mutations of it.
 *
 *     drive SECONDS RUNS FILE...
 *
 * It stops after RUNS mutations or SECONDS, whichever is first; the mutations are the same every time. Before each run the
 * input is written to `last-input`, so that a crash leaves its cause behind. It prints how many inputs were run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INPUT_MAX 512u
#define POOL_MAX 256u

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

typedef struct {
    uint8_t bytes[INPUT_MAX];
    size_t size;
} sample;

static uint32_t random_state = 88172645u;

static uint32_t next(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (uint32_t)((uint64_t)random_state * below >> 32);
}

static void run(const sample *from)
{
    uint8_t *exact = malloc(from->size + (from->size == 0)); /* reading beyond the input is caught */
    FILE *last = fopen("last-input", "wb");

    if (last == NULL || fwrite(from->bytes, 1, from->size, last) != from->size || fclose(last) != 0 || exact == NULL) {
        fputs("last-input cannot be written\n", stderr);
        exit(2);
    }
    memcpy(exact, from->bytes, from->size);
    LLVMFuzzerTestOneInput(exact, from->size);
    free(exact);
}

static sample mutated(const sample *pool, unsigned count)
{
    sample new = pool[next(count)];
    unsigned changes = 1 + next(6);

    for (unsigned i = 0; i < changes; i++) {
        const sample *other = &pool[next(count)];
        size_t length = 1 + next(21), from = next((uint32_t)other->size + 1), to = next((uint32_t)new.size + 1);
        switch (next(5)) {
        case 0: /* one byte */
            new.bytes[to < INPUT_MAX ? to : 0] = (uint8_t)next(256);
            new.size += to == new.size && to < INPUT_MAX;
            break;
        case 1: /* one bit */
            new.bytes[to < INPUT_MAX ? to : 0] ^= (uint8_t)(1u << next(8));
            new.size += to == new.size && to < INPUT_MAX;
            break;
        case 2: /* a stretch of another, over what is there or at the end */
            length = from + length > other->size ? other->size - from : length;
            length = to + length > INPUT_MAX ? INPUT_MAX - to : length;
            memcpy(new.bytes + to, other->bytes + from, length);
            new.size = to + length > new.size ? to + length : new.size;
            break;
        case 3: /* cut short */
            new.size = to;
            break;
        default: /* random bytes at the end */
            while (length-- > 0 && new.size < INPUT_MAX) {
                new.bytes[new.size++] = (uint8_t)next(256);
            }
        }
    }
    return new;
}

int main(int argc, char **argv)
{
    static sample pool[POOL_MAX];
    unsigned count = 0;
    long runs = 0;

    if (argc < 4) {
        fputs("drive SECONDS RUNS FILE...\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc && count < POOL_MAX / 2; i++, count++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            fprintf(stderr, "%s cannot be read\n", argv[i]);
            return 2;
        }
        pool[count].size = fread(pool[count].bytes, 1, INPUT_MAX, file);
        fclose(file);
        run(&pool[count]);
    }
    time_t end = time(NULL) + atol(argv[1]);
    for (; runs < atol(argv[2]) && time(NULL) < end; runs++) {
        sample new = mutated(pool, count);
        run(&new);
        if (count < POOL_MAX) {
            pool[count++] = new;
        } else {
            pool[POOL_MAX / 2 + next(POOL_MAX / 2)] = new;
        }
    }
    printf("%ld inputs\n", runs + argc - 3);
    return 0;
}
