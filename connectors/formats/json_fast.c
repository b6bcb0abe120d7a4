/* Decodes records by prediction. Records of a stream are alike: the bytes between their values
 * repeat. So records are compared with those bytes, a run of them at a time; only the values are
 * read (json_shape.h, json_kernels.h).
 *
 *   records   A A A A B A A A      run of A: 4 fit; B is tried as the other shapes, then the long
 *             └─────┘ │ └───┘      way; the next run of A is as long as this one was
 *
 * Eight shapes are kept, the one that fitted last is tried first.
 *
 * Invariants
 * 1. Whatever is unusual (a number that is none, NULL, an error) makes the attempt fail without a
 *    trace; the long way then decides. So both ways give the same rows and the same errors.
 * 2. Records of which none is like another cost little more than the long way: trying and learning
 *    become rare until they pay.
 * 3. A run that did not fit to its end is followed by one that is no longer than what fitted; so
 *    at most about every second reading is in vain, however shapes alternate. */
#include "connectors/formats/json_fast.h"

#include "connectors/formats/kernels.h"

enum {
    SHAPES = 8,
    CREDIT_PER_RECORD = 8, /* that was predicted; one that was not earns 1 */
    CREDIT_PER_SHAPE = 16 * CREDIT_PER_RECORD,
    CREDIT_MAX = 16 * CREDIT_PER_SHAPE,
    MISSES_TRIED = 32, /* after so many records in a row that fit no shape */
    MISSES_EACH = 8    /* each so manieth is tried */
};

struct wr_json_fast {
    const wr_decode_spec *spec;
    wr_json_shape_read *shape_read;
    wr_json_shape shapes[SHAPES];
    int current, next_to_replace;
    int run_length; /* so many records are tried together */
    int credit;     /* shapes are learned while prediction pays */
    int misses;     /* records since one was predicted or a shape was learned */
};

wr_json_fast *
wr_json_fast_new(wr_arena *arena, const wr_decode_spec *spec)
{
    wr_json_fast *fast = WR_NEW(arena, wr_json_fast);
    fast->spec = spec;
    fast->shape_read = wr_kernels_best()->json_shape_read;
    fast->run_length = WR_RECORDS_MAX;
    fast->credit = CREDIT_MAX;
    for (int i = 0; i < SHAPES; i++) {
        fast->shapes[i].nulls = WR_NEW_ARRAY(arena, int, spec->column_count + 1);
    }
    return fast;
}

/* ── reading by shapes ──────────────────────────────────────────────────────────────────────── */

/* Rows for `count` records whose values are in the columns. */
static void
rows_keep(wr_decode_frame *frame, const wr_json_shape *shape, const uint32_t *index, int count)
{
    wr_decode_out *out = frame->out;
    memcpy(out->source_index + frame->row, index, (size_t)count * sizeof *index);
    for (int i = 0; out->lines && i < count; i++) {
        out->lines[frame->row + i] = frame->line > 0 ? frame->line + i : 0;
    }
    if (shape->null_count == 0) {
        frame->row += count;
        return;
    }
    for (int i = 0; i < count; i++, frame->row++) {
        for (int k = 0; k < shape->null_count; k++) {
            wr_decode_null(frame, shape->nulls[k]);
        }
    }
}

/* Reads up to `count` records from `first` on as one shape, the first that fits any. */
static int
run_read(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first, int count)
{
    int got = 0;
    for (int i = 0; i < SHAPES && got == 0; i++) {
        int index = (fast->current + i) % SHAPES;
        wr_json_shape *shape = &fast->shapes[index];
        if (shape->step_count == 0) {
            continue;
        }
        got = fast->shape_read(shape, frame, records, first, count);
        if (got > 0) {
            fast->current = index;
            rows_keep(frame, shape, records->index + first, got);
        }
        count = got < count ? 1 : count; /* the next shape is tried with one record */
    }
    return got;
}

int
wr_json_fast_run(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first)
{
    int room = WR_BATCH_ROWS - frame->row, left = records->count - first, done = 0;
    left = left < room ? left : room;
    if (left == 0 || (fast->misses > MISSES_TRIED && fast->misses++ % MISSES_EACH != 0)) {
        return 0;
    }
    while (done < left) {
        int wanted = left - done < fast->run_length ? left - done : fast->run_length;
        int got = run_read(fast, frame, records, first + done, wanted);
        if (got == fast->run_length) {
            fast->run_length = got * 2 < WR_RECORDS_MAX ? got * 2 : WR_RECORDS_MAX;
        } else if (got < wanted) {
            fast->run_length = got > 0 ? got : 1;
        }
        if (got == 0) {
            fast->misses++;
            break;
        }
        fast->misses = 0;
        fast->credit += got * CREDIT_PER_RECORD;
        fast->credit = fast->credit < CREDIT_MAX ? fast->credit : CREDIT_MAX;
        frame->line += frame->line > 0 ? got : 0;
        done += got;
    }
    return done;
}

/* ── learning shapes ────────────────────────────────────────────────────────────────────────── */

void
wr_json_fast_learn(wr_json_fast *fast, const wr_json_trace *trace, wr_text record)
{
    if (!trace->usable || fast->credit < CREDIT_PER_SHAPE) {
        fast->credit += fast->credit < CREDIT_MAX;
        return;
    }
    fast->credit -= CREDIT_PER_SHAPE;
    fast->misses = 0;
    for (int i = 0; i < SHAPES; i++) {
        if (wr_json_shape_widen(&fast->shapes[i], fast->spec, trace, record)) {
            fast->current = i;
            return;
        }
    }
    int index = fast->next_to_replace;
    if (wr_json_shape_build(&fast->shapes[index], fast->spec, trace, record)) {
        fast->current = index;
        fast->next_to_replace = (index + 1) % SHAPES;
    }
}
