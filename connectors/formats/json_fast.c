/* Decodes records by prediction. Records of a stream are alike: the bytes between their values
 * repeat. So records are compared with those bytes, a run of them at a time; only the values are
 * read (json_shape.h, json_kernels.h).
 *
 *   records   A A A A B A A A      run of A: 4 fit; B is tried as the other shapes, then the long
 *             └─────┘ │ └───┘      way; the next run of A is as long as this one was
 *
 * Records that fit no shape may still have known keys, in another order (json_member_kernels.h).
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

#include "connectors/formats/json_members.h"
#include "connectors/formats/kernels.h"

enum {
    SHAPES = 8,
    CREDIT_PER_RECORD = 8, /* that was predicted; one that was not earns 1 */
    CREDIT_PER_SHAPE = 16 * CREDIT_PER_RECORD,
    CREDIT_MAX = 16 * CREDIT_PER_SHAPE,
    MISSES_TRIED = 32, /* after so many more failures than successes */
    MISSES_EACH = 8    /* each so manieth record is tried */
};

/* Is a way of predicting worth trying? */
typedef struct wr_json_trial {
    int misses; /* failures minus successes, from 0 to just beyond MISSES_TRIED */
    int waited; /* records since one was tried */
} wr_json_trial;

struct wr_json_fast {
    const wr_decode_spec *spec;
    wr_json_shape_read *shape_read;
    wr_json_members_read *members_read;
    wr_arena *arena;
    wr_json_shape *shapes[SHAPES]; /* NULL: not needed yet */
    int current, next_to_replace;
    int run_length; /* so many records are tried together */
    int credit;     /* shapes are learned while prediction pays */
    wr_json_trial shape_trial, member_trial;
    wr_json_members members;
};

wr_json_fast *
wr_json_fast_new(wr_arena *arena, const wr_decode_spec *spec)
{
    wr_json_fast *fast = WR_NEW(arena, wr_json_fast);
    fast->spec = spec;
    fast->arena = arena;
    fast->shape_read = wr_kernels_best()->json_shape_read;
    fast->members_read = wr_kernels_best()->json_members_read;
    fast->run_length = WR_RECORDS_MAX;
    fast->credit = CREDIT_MAX;
    wr_json_members_init(&fast->members, spec, arena);
    return fast;
}

/* ── trials ─────────────────────────────────────────────────────────────────────────────────── */

static bool
trial_due(wr_json_trial *trial)
{
    if (trial->misses > MISSES_TRIED && ++trial->waited < MISSES_EACH) {
        return false;
    }
    trial->waited = 0;
    return true;
}

static void
trial_note(wr_json_trial *trial, int got)
{
    int misses = trial->misses + (got == 0) - got;
    trial->misses = misses < 0 ? 0 : misses <= MISSES_TRIED ? misses : MISSES_TRIED + 1;
}

/* ── reading by shapes ──────────────────────────────────────────────────────────────────────── */

/* Rows for `count` records whose values are in the columns. */
static void
rows_keep(wr_decode_frame *frame, const uint32_t *index, int count)
{
    wr_decode_out *out = frame->out;
    memcpy(out->source_index + frame->row, index, (size_t)count * sizeof *index);
    for (int i = 0; out->lines && i < count; i++) {
        out->lines[frame->row + i] = frame->line > 0 ? frame->line + i : 0;
    }
    frame->row += count;
}

/* The columns that records of this shape do not have, in the last `count` rows. */
static void
rows_fill(wr_decode_frame *frame, const wr_json_shape *shape, int count)
{
    const int behind = frame->row;
    for (int k = 0; k < shape->null_count; k++) {
        for (frame->row = behind - count; frame->row < behind; frame->row++) {
            wr_decode_null(frame, shape->nulls[k]);
        }
    }
    frame->row = behind;
}

/* Reads up to `count` records from `first` on as one shape, the first that fits any. */
static int
run_read(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first, int count)
{
    int got = 0;
    for (int i = 0; i < SHAPES && got == 0; i++) {
        int index = (fast->current + i) % SHAPES;
        wr_json_shape *shape = fast->shapes[index];
        if (!shape || shape->step_count == 0) {
            continue;
        }
        got = fast->shape_read(shape, frame, records, first, count);
        if (got > 0) {
            fast->current = index;
            rows_keep(frame, records->index + first, got);
            rows_fill(frame, shape, got);
        }
        count = got < count ? 1 : count; /* the next shape is tried with one record */
    }
    return got;
}

/* Reads records from `first` on by shapes as far as they fit. */
static int
shapes_run(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first, int left)
{
    int done = 0, got = 1;
    while (done < left && got > 0) {
        int wanted = left - done < fast->run_length ? left - done : fast->run_length;
        got = run_read(fast, frame, records, first + done, wanted);
        if (got == fast->run_length) {
            fast->run_length = got * 2 < WR_RECORDS_MAX ? got * 2 : WR_RECORDS_MAX;
        } else if (got < wanted) {
            fast->run_length = got > 0 ? got : 1;
        }
        trial_note(&fast->shape_trial, got);
        done += got;
    }
    return done;
}

/* Reads up to `left` records by their keys: one, as long as shapes are tried for the next. */
static int
members_run(wr_json_fast *fast, wr_decode_frame *frame, const wr_records *records, int first,
            int left)
{
    int wanted = fast->shape_trial.misses <= MISSES_TRIED ? 1 : WR_JSON_MEMBER_RECORDS_MAX;
    wanted = left < wanted ? left : wanted;
    int got = fast->members_read(&fast->members, frame, records, first, wanted);
    rows_keep(frame, records->index + first, got);
    trial_note(&fast->member_trial, got);
    return got;
}

int
wr_json_fast_run(wr_json_fast *fast, wr_decode_frame *frame, wr_records *records, int first)
{
    int room = WR_BATCH_ROWS - frame->row, left = records->count - first, done = 0;
    left = left < room ? left : room;
    while (done < left) {
        bool by_shape = trial_due(&fast->shape_trial);
        int got = by_shape ? shapes_run(fast, frame, records, first + done, left - done) : 0;
        if (got > 0) {
            fast->credit += got * CREDIT_PER_RECORD;
        } else if (by_shape && fast->credit >= CREDIT_PER_SHAPE) {
            break; /* shapes are learned from what is decoded the long way */
        } else if (trial_due(&fast->member_trial)) {
            got = members_run(fast, frame, records, first + done, left - done);
            fast->credit += got;
        }
        if (got == 0) {
            break;
        }
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
    wr_json_members_learn(&fast->members, trace);
    if (!trace->usable || fast->credit < CREDIT_PER_SHAPE) {
        fast->credit += fast->credit < CREDIT_MAX;
        return;
    }
    fast->credit -= CREDIT_PER_SHAPE;
    for (int i = 0; i < SHAPES; i++) {
        if (fast->shapes[i] && wr_json_shape_widen(fast->shapes[i], fast->spec, trace, record)) {
            fast->current = i;
            return;
        }
    }
    int index = fast->next_to_replace;
    if (!fast->shapes[index]) {
        fast->shapes[index] = WR_NEW(fast->arena, wr_json_shape);
        fast->shapes[index]->nulls =
            WR_NEW_ARRAY(fast->arena, int, fast->spec->column_count + 1);
    }
    if (wr_json_shape_build(fast->shapes[index], fast->spec, trace, record)) {
        fast->current = index;
        fast->next_to_replace = (index + 1) % SHAPES;
    }
}
