/* Windows against one pixel after the other: components by flood fill, erosion by neighbours. Built with the sanitizers. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"
#include "window.h"

#define SIDE ((int)CTC_WINDOW)

typedef struct {
    uint8_t at[CTC_WINDOW][CTC_WINDOW];
} pixels;

static int get(const pixels *map, int x, int y)
{
    return x >= 0 && x < SIDE && y >= 0 && y < SIDE && map->at[y][x];
}

static void put(ctc_window *window, const pixels *map)
{
    for (int y = 0; y < SIDE; y++) {
        window->rows[y] = 0;
        for (int x = 0; x < SIDE; x++) {
            window->rows[y] |= (uint64_t)(map->at[y][x] != 0) << x;
        }
    }
}

static int same(const ctc_window *window, const pixels *map, ctc_span span)
{
    for (unsigned y = span.y0; y < span.y1; y++) {
        for (unsigned x = 0; x < CTC_WINDOW; x++) {
            if ((window->rows[y] >> x & 1) != (map->at[y][x] != 0)) {
                return 0;
            }
        }
    }
    return 1;
}

/* Move what is eight-connected to the pixels of `part` from `mask` to `part`, until nothing moves. */
static void flood(pixels *mask, pixels *part)
{
    for (int moved = 1; moved;) {
        moved = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int near = 0;
                for (int i = 0; i < 9; i++) {
                    near |= get(part, x + i % 3 - 1, y + i / 3 - 1);
                }
                if (near && mask->at[y][x]) {
                    mask->at[y][x] = 0;
                    part->at[y][x] = 1;
                    moved = 1;
                }
            }
        }
    }
}

static void draw(pixels *map, unsigned kind)
{
    memset(map, 0, sizeof *map);
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            unsigned ring = (unsigned)(x > 32 ? x - 32 : 32 - x), row = (unsigned)(y > 32 ? y - 32 : 32 - y);
            unsigned box = ring > row ? ring : row;
            switch (kind % 6) {
            case 0: /* noise */
                map->at[y][x] = xorshift() % 256 < kind * 8;
                break;
            case 1: /* a serpentine: the longest way */
                map->at[y][x] = y % 4 == 0 || (y % 2 && x == (y / 4 % 2 ? 0 : SIDE - 1))
                    || (y % 4 == 2 && x == (y / 4 % 2 ? 0 : SIDE - 1));
                break;
            case 2: /* rings in rings */
                map->at[y][x] = box % 3 == 0;
                break;
            case 3: /* full, with holes */
                map->at[y][x] = xorshift() % 100 != 0;
                break;
            case 4: /* corners alone */
                map->at[y][x] = (x + y) % 2 == 0;
                break;
            default: /* blobs */
                map->at[y][x] = (x / 7 + y / 5) % 3 != 0 || xorshift() % 8 == 0;
            }
        }
    }
}

/* Components of the pixels in `span` and `columns`, in the order of their first one there. */
static void test_take(const pixels *drawn, ctc_span span, unsigned x0, unsigned x1)
{
    pixels left = *drawn;
    ctc_window *from = malloc(sizeof *from), *part = malloc(sizeof *part);
    uint64_t columns = UINT64_MAX >> (CTC_WINDOW - (x1 - x0)) << x0;
    ctc_span all = {0, CTC_WINDOW}, rows;

    put(from, &left);
    for (unsigned y = span.y0; y < span.y1; y++) {
        for (unsigned x = x0; x < x1; x++) {
            if (!left.at[y][x]) {
                continue;
            }
            pixels component = {{{0}}};
            component.at[y][x] = 1;
            left.at[y][x] = 0;
            flood(&left, &component);
            memset(part, 0xA5, sizeof *part); /* only the component's rows are written */
            CHECK(ctc_window_take(from, span, columns, part, &rows));
            CHECK(rows.y0 <= y && rows.y1 > y && rows.y1 <= CTC_WINDOW);
            CHECK(same(part, &component, rows) && part->rows[rows.y0] != 0 && part->rows[rows.y1 - 1] != 0);
            CHECK(rows.y1 == CTC_WINDOW || part->rows[rows.y1] == UINT64_C(0xA5A5A5A5A5A5A5A5));
            CHECK(rows.y0 == 0 || part->rows[rows.y0 - 1] == UINT64_C(0xA5A5A5A5A5A5A5A5));
            CHECK(same(from, &left, all));
        }
    }
    CHECK(!ctc_window_take(from, span, columns, part, &rows));
    free(from);
    free(part);
}

static void test_grow(const pixels *drawn)
{
    ctc_window mask, seed;
    ctc_span all = {0, CTC_WINDOW};
    pixels rest = *drawn, start = {{{0}}};

    put(&mask, drawn);
    for (int i = 0; i < 3; i++) {
        unsigned x = xorshift() % CTC_WINDOW, y = xorshift() % CTC_WINDOW;
        start.at[y][x] = drawn->at[y][x];
        rest.at[y][x] = 0;
    }
    put(&seed, &start);
    flood(&rest, &start);
    ctc_window_grow(&seed, &mask, all);
    CHECK(same(&seed, &start, all));
}

static void test_erode(const pixels *drawn)
{
    ctc_window from, to;
    ctc_span all = {0, CTC_WINDOW};

    put(&from, drawn);
    for (int round = 0; round < 2; round++) {
        pixels inner = {{{0}}};
        int left = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int whole = 1;
                for (int i = 0; i < 9; i++) {
                    whole &= (!round && i % 2 == 0 && i != 4) || get(drawn, x + i % 3 - 1, y + i / 3 - 1);
                }
                inner.at[y][x] = (uint8_t)whole;
                left |= whole;
            }
        }
        CHECK(ctc_window_erode(&to, &from, all, round) == left);
        CHECK(same(&to, &inner, all));
    }
}

int main(void)
{
    pixels *drawn = malloc(sizeof *drawn);

    for (unsigned kind = 0; kind < 36; kind++) {
        draw(drawn, kind);
        test_take(drawn, (ctc_span){0, CTC_WINDOW}, 0, CTC_WINDOW);
        test_take(drawn, (ctc_span){12, 52}, 12, 52);
        test_grow(drawn);
        test_erode(drawn);
    }
    free(drawn);
    return failures != 0;
}
