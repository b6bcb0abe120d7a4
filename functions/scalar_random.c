/* What nobody can foresee: random, rand_integer, uuid, uuidv7; and is_uuid.
 *
 * Idea: a small generator (SplitMix64) per batch, started from the system's random bytes; UUIDs are
 * those bytes themselves.
 *
 * 1. All but is_uuid are volatile: each row has another value, and a replay after a restart makes
 *    others. A result that must stay the same wants hash(…) of the row. */
#include "functions/kernel.h"

#include "core/uuid.h"

static uint64_t
random_next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t mixed = *state;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return mixed ^ mixed >> 31;
}

static uint64_t
random_start(void)
{
    uint64_t state = 0;
    wr_random_bytes(&state, sizeof(state));
    return state;
}

static void
random_double(wr_call *call)
{
    double *out = call->out->data;
    uint64_t state = random_start();
    for (int i = 0; i < call->n; i++) {
        out[i] = (double)(random_next(&state) >> 11) * 0x1p-53;
    }
}

/* Below `bound` ≥ 1, all alike: numbers of the last, partial round are drawn again. */
static uint64_t
random_below(uint64_t *state, uint64_t bound)
{
    uint64_t rest = (0 - bound) % bound;
    uint64_t drawn = random_next(state);
    while (drawn < rest) {
        drawn = random_next(state);
    }
    return drawn % bound;
}

/* random(low, high): from low to high, both included. */
static void
random_between(wr_call *call)
{
    int64_t *out = call->out->data;
    uint64_t state = random_start();
    for (int i = 0; i < call->n; i++) {
        int64_t low = WR_ARG(call, int64_t, 0, i);
        int64_t high = WR_ARG(call, int64_t, 1, i);
        uint64_t span = (uint64_t)high - (uint64_t)low + 1;
        out[i] = 0;
        if (low > high) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        } else {
            uint64_t drawn = span == 0 ? random_next(&state) : random_below(&state, span);
            out[i] = (int64_t)((uint64_t)low + drawn);
        }
    }
}

/* rand_integer(n): from 0 to n − 1. */
static void
random_integer(wr_call *call)
{
    int64_t *out = call->out->data;
    uint64_t state = random_start();
    for (int i = 0; i < call->n; i++) {
        int64_t bound = WR_ARG(call, int64_t, 0, i);
        out[i] = bound > 0 ? (int64_t)random_below(&state, (uint64_t)bound) : 0;
        wr_call_mark(call, i, bound > 0 ? WR_ROW_OK : WR_REASON_DOMAIN);
    }
}

static void
uuid_rows(wr_call *call, bool is_timed)
{
    size_t size = (size_t)call->n * WR_UUID_BYTES;
    unsigned char *bits = wr_arena_alloc(call->arena, size);
    wr_random_bytes(bits, size);
    for (int i = 0; i < call->n; i++, bits += WR_UUID_BYTES) {
        char *text = wr_arena_bytes(call->arena, WR_UUID_TEXT);
        if (is_timed) {
            wr_uuid_timed(bits, call->now_us);
        } else {
            wr_uuid_random(bits);
        }
        wr_uuid_print(bits, text);
        wr_call_set_view(call, i, (wr_text){text, WR_UUID_TEXT});
    }
}

static void
random_uuid(wr_call *call)
{
    uuid_rows(call, false);
}

static void
random_uuidv7(wr_call *call)
{
    uuid_rows(call, true);
}

static inline uint8_t
is_uuid(wr_view view)
{
    return wr_uuid_valid(wr_view_text(&view));
}

WR_UNARY_KERNEL(random_is_uuid, wr_view, uint8_t, is_uuid)

#define UUID_ENTRY(name, kernel, meaning, example, result) \
    WR_SCALAR(name, TEXT, WR_FN_VOLATILE, kernel, NULL, name "()", meaning, example, result, \
              WR_ARG_NONE)
#define RANDOM_ENTRY(name) \
    WR_SCALAR(name, DOUBLE, WR_FN_VOLATILE, random_double, NULL, name "()", \
              "A number of [0, 1), another one for each row.", name "() < 1.0", "true", \
              WR_ARG_NONE)

static const wr_function random_entries[] = {
    RANDOM_ENTRY("random"),
    RANDOM_ENTRY("rand"),
    WR_SCALAR("random", BIGINT, WR_FN_VOLATILE | WR_FN_CAN_FAIL, random_between, NULL,
              "random(low, high)", "A whole number from low to high.",
              "random(1, 6) BETWEEN 1 AND 6", "true", WR_TYPE_BIGINT, WR_TYPE_BIGINT),
    WR_SCALAR("rand_integer", BIGINT, WR_FN_VOLATILE | WR_FN_CAN_FAIL, random_integer, NULL,
              "rand_integer(n)", "A whole number from 0 to n - 1.", "rand_integer(1)", "0",
              WR_TYPE_BIGINT),
    UUID_ENTRY("uuid", random_uuid, "A random UUID (version 4).", "length(uuid())", "36"),
    UUID_ENTRY("gen_random_uuid", random_uuid, "A random UUID (version 4).",
               "is_uuid(gen_random_uuid())", "true"),
    UUID_ENTRY("uuidv7", random_uuidv7, "A UUID that sorts by time (version 7).",
               "substr(uuidv7(), 15, 1)", "7"),
    WR_SCALAR("is_uuid", BOOLEAN, 0, random_is_uuid, NULL, "is_uuid(s)", "Is the text a UUID?",
              "is_uuid('0190163d-8694-7394-8b3f-2c7e5a4c7a10')", "true", WR_TYPE_TEXT),
};

const wr_function_table wr_functions_random = WR_TABLE(random_entries);
