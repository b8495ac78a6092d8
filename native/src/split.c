#include "split.h"

#include "bitmap.h"
#include "nuclei.h"
#include "run.h"

/* Nuclei near one object, and how many pixels each has in it. */
typedef struct {
    uint16_t nucleus[CTC_MAX_NEAR];
    uint16_t inside[CTC_MAX_NEAR];
    unsigned count;
} near;

/* Shell sort (gaps: Ciura 2001): no recursion, no memory, and fast on what is nearly in order. */
static void sort(ctc_run *runs, unsigned count)
{
    static const uint16_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};

    for (unsigned g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        unsigned gap = gaps[g];
        for (unsigned i = gap; i < count; i++) {
            ctc_run run = runs[i];
            unsigned at = i;
            for (; at >= gap && runs[at - gap] > run; at -= gap) {
                runs[at] = runs[at - gap];
            }
            runs[at] = run;
        }
    }
}

/* The end of the runs that have the label of run `first`. */
static unsigned end_of(const ctc_work *work, unsigned first)
{
    unsigned label = ctc_run_label(work->share.runs[first]);
    unsigned end = first + 1;

    while (end < work->run_count && ctc_run_label(work->share.runs[end]) == label) {
        end++;
    }
    return end;
}

/* The number, within `near`, of the nucleus nearest to a pixel. */
static unsigned nearest(const ctc_work *work, const near *set, unsigned x, unsigned y)
{
    unsigned best = 0;
    int32_t least = 0;

    for (unsigned i = 0; i < set->count; i++) {
        int32_t distance = ctc_nucleus_distance(&work->nuclei[set->nucleus[i]], x, y);
        if (i == 0 || distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

static ctc_error find_near(const ctc_work *work, unsigned first, unsigned end, near *set)
{
    int32_t reach = (int32_t)CTC_NUCLEUS_REACH * 64;
    int32_t x0 = CTC_IMAGE_WIDTH, x1 = 0;
    int32_t y0 = (int32_t)ctc_run_y(work->share.runs[first]) * 64 - reach;
    int32_t y1 = (int32_t)ctc_run_y(work->share.runs[end - 1]) * 64 + reach;

    for (unsigned i = first; i < end; i++) {
        int32_t from = (int32_t)ctc_run_x0(work->share.runs[i]), to = (int32_t)ctc_run_x1(work->share.runs[i]);
        x0 = from < x0 ? from : x0;
        x1 = to > x1 ? to : x1;
    }
    x0 = x0 * 64 - reach;
    x1 = x1 * 64 + reach;
    set->count = 0;
    for (unsigned i = 0; i < work->nucleus_count; i++) {
        const ctc_nucleus *nucleus = &work->nuclei[i];
        if (nucleus->x >= x0 && nucleus->x <= x1 && nucleus->y >= y0 && nucleus->y <= y1) {
            if (set->count == CTC_MAX_NEAR) {
                return CTC_ERR_OBJECTS;
            }
            set->nucleus[set->count] = (uint16_t)i;
            set->inside[set->count++] = 0;
        }
    }
    for (unsigned i = first; i < end && set->count > 0; i++) {
        unsigned y = ctc_run_y(work->share.runs[i]);
        for (unsigned x = ctc_run_x0(work->share.runs[i]); x < ctc_run_x1(work->share.runs[i]); x++) {
            if (ctc_bitmap_get(&work->parts.find.mask, x, y)) {
                set->inside[nearest(work, set, x, y)]++;
            }
        }
    }
    return CTC_OK;
}

/* Keep the nuclei that are the object's; else the one with most pixels in it, which stays nobody's. */
static void choose(ctc_work *work, near *set)
{
    unsigned kept = 0, most = 0;

    for (unsigned i = 1; i < set->count; i++) {
        most = set->inside[i] > set->inside[most] ? i : most;
    }
    uint16_t best = set->count > 0 && set->inside[most] > 0 ? set->nucleus[most] : CTC_NO_NUCLEUS;
    for (unsigned i = 0; i < set->count; i++) {
        ctc_nucleus *nucleus = &work->nuclei[set->nucleus[i]];
        if (2u * set->inside[i] > (nucleus->area & CTC_NUCLEUS_AREA)) {
            nucleus->area |= CTC_NUCLEUS_OWNED;
            set->nucleus[kept++] = set->nucleus[i];
        }
    }
    if (kept == 0) {
        set->nucleus[kept++] = best;
    }
    set->count = kept;
}

/* Give one run's pixels to the nuclei: the run becomes as many as there are changes from pixel to pixel. */
static ctc_error split_run(ctc_work *work, unsigned at, const near *set, const uint8_t *labels)
{
    ctc_run *runs = work->share.runs;
    unsigned y = ctc_run_y(runs[at]), x0 = ctc_run_x0(runs[at]), x1 = ctc_run_x1(runs[at]);
    unsigned owner = nearest(work, set, x0, y);
    int first = 1;

    for (unsigned x = x0 + 1; x <= x1; x++) {
        unsigned next = x < x1 ? nearest(work, set, x, y) : set->count;
        if (next == owner) {
            continue;
        }
        ctc_run run = ctc_run_pack(x0, x, y, labels[owner]);
        if (first) {
            runs[at] = run;
            first = 0;
        } else if (work->run_count == CTC_MAX_RUNS) {
            return CTC_ERR_RUNS;
        } else {
            runs[work->run_count++] = run;
        }
        x0 = x;
        owner = next;
    }
    return CTC_OK;
}

static ctc_error add_part(ctc_work *work, uint16_t nucleus, uint8_t *label)
{
    if (work->object_count == CTC_MAX_OBJECTS) {
        return CTC_ERR_OBJECTS;
    }
    *label = (uint8_t)work->object_count;
    work->parts.find.of.part[work->object_count++] = (ctc_part){.nucleus = nucleus, .flags = CTC_FLAG_SPLIT};
    return CTC_OK;
}

static ctc_error split_component(ctc_work *work, unsigned first, unsigned end)
{
    uint8_t labels[CTC_MAX_NEAR];
    near set;
    ctc_error error = find_near(work, first, end, &set);

    if (error != CTC_OK) {
        return error;
    }
    choose(work, &set);
    labels[0] = (uint8_t)ctc_run_label(work->share.runs[first]);
    work->parts.find.of.part[labels[0]] = (ctc_part){
        .nucleus = set.nucleus[0],
        .flags = set.count > 1 ? CTC_FLAG_SPLIT : 0,
    };
    for (unsigned i = 1; i < set.count; i++) {
        error = add_part(work, set.nucleus[i], &labels[i]);
        if (error != CTC_OK) {
            return error;
        }
    }
    for (unsigned i = first; i < end && set.count > 1; i++) {
        error = split_run(work, i, &set, labels);
        if (error != CTC_OK) {
            return error;
        }
    }
    return CTC_OK;
}

/* A part that the split left further below than a line can say is an object of its own, without nucleus. */
static ctc_error detach(ctc_work *work)
{
    ctc_run *runs = work->share.runs;
    unsigned count = work->run_count, objects = work->object_count;

    for (unsigned i = 1; i < count; i++) {
        unsigned label = ctc_run_label(runs[i]);
        if (label != ctc_run_label(runs[i - 1]) || ctc_run_y(runs[i]) - ctc_run_y(runs[i - 1]) <= CTC_LINE_DOWN_MAX) {
            continue;
        }
        uint8_t fresh;
        ctc_error error = add_part(work, CTC_NO_NUCLEUS, &fresh);
        if (error != CTC_OK) {
            return error;
        }
        for (unsigned rest = i; rest < count && ctc_run_label(runs[rest]) == label; rest++) {
            runs[rest] = ctc_run_relabel(runs[rest], fresh);
        }
    }
    if (work->object_count != objects) {
        sort(runs, count);
    }
    return CTC_OK;
}

ctc_error ctc_split(ctc_work *work)
{
    ctc_run *runs = work->share.runs;
    unsigned found = work->object_count, components = found;

    sort(runs, work->run_count);
    while (work->run_count > 0 && ctc_run_label(runs[work->run_count - 1]) == CTC_NO_LABEL) {
        work->run_count--;
    }
    unsigned all = work->run_count;
    for (unsigned first = 0; first < all && components > 0; components--) {
        unsigned end = end_of(work, first);
        end = end < all ? end : all;
        ctc_error error = split_component(work, first, end);
        if (error != CTC_OK) {
            return error;
        }
        first = end;
    }
    if (work->object_count != found) {
        sort(runs, work->run_count);
        ctc_error error = detach(work);
        if (error != CTC_OK) {
            return error;
        }
    }
    for (unsigned first = 0; first < work->run_count; first = end_of(work, first)) {
        work->parts.find.of.part[ctc_run_label(runs[first])].first = (uint16_t)first;
    }
    return CTC_OK;
}
