/* What goes by how often each value is there: mode, histogram, entropy, top_k.
 *
 *   over 'a', 'b', 'a'      set {a: 2, b: 1}      mode a, histogram {"a": 2, "b": 1}
 *
 * 1. All are exact; a state takes memory by its number of different values, as COUNT(DISTINCT).
 * 2. Of values that are equally frequent the least comes first, so no order of rows matters. */
#include "functions/json_column.h"
#include "functions/value_set.h"

#include <math.h>

typedef struct frequency_state {
    wr_value_set *set; /* NULL: no value yet */
    int64_t k;         /* of top_k; 0: no row yet, K_MIXED: rows differ */
} frequency_state;

enum { K_MIXED = -1 };

static void
k_join(frequency_state *state, int64_t k)
{
    state->k = state->k == 0 || state->k == k ? k : K_MIXED;
}

static void
frequency_update(const wr_aggregate_call *call)
{
    const wr_vector *values = &call->args[0];
    frequency_state *states = call->states;
    for (int i = 0; i < call->n; i++) {
        int row = wr_aggregate_row(call, i);
        frequency_state *state = &states[wr_aggregate_group(call, i)];
        if (wr_vector_is_null(values, row)) {
            continue;
        }
        if (!state->set) {
            state->set = wr_value_set_new(values->type, true, call->memory);
        }
        wr_value_set_add(state->set, wr_vector_element(values, wr_vector_slot(values, row)), 1,
                         call->memory);
        if (call->arg_count > 1) {
            int64_t k = WR_VALUE(&call->args[1], int64_t, row);
            bool is_sound = !wr_vector_is_null(&call->args[1], row) && k > 0;
            k_join(state, is_sound ? k : K_MIXED);
        }
    }
}

static inline void
frequency_combine_one(frequency_state *into, const frequency_state *from, wr_arena *memory)
{
    if (from->set) {
        into->set = into->set ? into->set : wr_value_set_new(from->set->values.type, true, memory);
        wr_value_set_merge(into->set, from->set, memory);
        k_join(into, from->k ? from->k : into->k);
    }
}

WR_AGGREGATE_COMBINE(frequency_combine, frequency_state)

static void
set_null(wr_vector *out, int row, int row_count, wr_arena *arena)
{
    memset(wr_vector_element(out, row), 0, (size_t)wr_type_width(out->type.id));
    wr_vector_set_null(out, row, row_count, arena);
}

static inline void
mode_finalize_one(const frequency_state *state, wr_vector *out, int row, int row_count,
                  wr_arena *arena)
{
    const wr_value_set *set = state->set;
    if (!set) {
        set_null(out, row, row_count, arena);
        return;
    }
    wr_type_id type = set->values.type.id;
    int best = 0;
    for (int i = 1; i < set->count; i++) {
        if (set->times[i] > set->times[best] ||
            (set->times[i] == set->times[best] &&
             wr_value_compare(type, wr_vector_element(&set->values, i),
                              wr_vector_element(&set->values, best)) < 0)) {
            best = i;
        }
    }
    void *to = wr_vector_element(out, row);
    memcpy(to, wr_vector_element(&set->values, best), (size_t)wr_type_width(type));
    if (wr_type_is_view(type)) {
        *(wr_view *)to = wr_view_copy(arena, to);
    }
}

WR_AGGREGATE_FINALIZE(mode_finalize, frequency_state)

/* In bits: −Σ p log2 p, by the values' order. */
static inline void
entropy_finalize_one(const frequency_state *state, wr_vector *out, int row, int row_count,
                     wr_arena *arena)
{
    const wr_value_set *set = state->set;
    if (!set) {
        set_null(out, row, row_count, arena);
        return;
    }
    const uint32_t *numbers = wr_value_set_sorted(set, arena);
    double total = 0;
    double entropy = 0;
    for (int i = 0; i < set->count; i++) {
        total += (double)set->times[i];
    }
    for (int i = 0; i < set->count; i++) {
        double share = (double)set->times[numbers[i]] / total;
        entropy -= share * log2(share);
    }
    ((double *)out->data)[row] = entropy > 0 ? entropy : 0;
}

WR_AGGREGATE_FINALIZE(entropy_finalize, frequency_state)

/* ── as JSON ────────────────────────────────────────────────────────────────────────────────── */

/* The values of these numbers as JSON texts. */
static wr_vector
json_of(const wr_value_set *set, const uint32_t *numbers, int count, wr_arena *arena)
{
    size_t width = (size_t)wr_type_width(set->values.type.id);
    wr_vector chosen = set->values;
    chosen.data = wr_arena_alloc(arena, width * (size_t)count);
    for (int i = 0; i < count; i++) {
        memcpy(wr_vector_element(&chosen, i), wr_vector_element(&set->values, (int)numbers[i]),
               width);
    }
    return wr_json_column(&chosen, count, arena);
}

/* {"value": count, …} by the values' order; keys that are no strings get quotes. */
static inline void
histogram_finalize_one(const frequency_state *state, wr_vector *out, int row, int row_count,
                       wr_arena *arena)
{
    const wr_value_set *set = state->set;
    if (!set) {
        set_null(out, row, row_count, arena);
        return;
    }
    const uint32_t *numbers = wr_value_set_sorted(set, arena);
    wr_vector keys = json_of(set, numbers, set->count, arena);
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_char(&text, '{');
    for (int i = 0; i < set->count && text.size <= WR_RESULT_BYTES_MAX; i++) {
        wr_text key = wr_view_text(&((const wr_view *)keys.data)[i]);
        wr_buffer_append(&text, ", ", i > 0 ? 2 : 0);
        if (key.size > 0 && key.data[0] == '"') {
            wr_buffer_text(&text, key);
        } else {
            wr_buffer_json_string(&text, key);
        }
        wr_buffer_printf(&text, ": %lld", (long long)set->times[numbers[i]]);
    }
    wr_buffer_char(&text, '}');
    wr_aggregate_set_text(&text, WR_REASON_NONE, out, row, row_count, arena);
    wr_buffer_fini(&text);
}

WR_AGGREGATE_FINALIZE(histogram_finalize, frequency_state)

/* The k most frequent, of equally frequent ones the least: `numbers` come by the values' order, and
 * each choice takes the first of the highest count. */
static int
choose_top(const wr_value_set *set, uint32_t *numbers, int64_t k)
{
    int chosen = 0;
    for (; chosen < k && chosen < set->count; chosen++) {
        int best = chosen;
        for (int i = chosen + 1; i < set->count; i++) {
            if (set->times[numbers[i]] > set->times[numbers[best]]) {
                best = i;
            }
        }
        uint32_t number = numbers[best];
        memmove(&numbers[chosen + 1], &numbers[chosen], (size_t)(best - chosen) * sizeof(number));
        numbers[chosen] = number;
    }
    return chosen;
}

static inline void
top_k_finalize_one(const frequency_state *state, wr_vector *out, int row, int row_count,
                   wr_arena *arena)
{
    enum { K_MAX = 1000 };
    const wr_value_set *set = state->set;
    if (!set) {
        set_null(out, row, row_count, arena);
        return;
    }
    if (state->k == K_MIXED || state->k > K_MAX) {
        ((wr_view *)out->data)[row] = wr_view_from(NULL, 0);
        wr_vector_set_error(out, row, row_count, WR_REASON_DOMAIN, arena);
        return;
    }
    uint32_t *numbers = wr_value_set_sorted(set, arena);
    int count = choose_top(set, numbers, state->k);
    wr_vector values = json_of(set, numbers, count, arena);
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_char(&text, '[');
    for (int i = 0; i < count; i++) {
        wr_text value = wr_view_text(&((const wr_view *)values.data)[i]);
        wr_buffer_append(&text, ", ", i > 0 ? 2 : 0);
        wr_buffer_text(&text, WR_TEXT("{\"value\": "));
        wr_buffer_text(&text, value);
        wr_buffer_printf(&text, ", \"count\": %lld}", (long long)set->times[numbers[i]]);
    }
    wr_buffer_char(&text, ']');
    wr_aggregate_set_text(&text, WR_REASON_NONE, out, row, row_count, arena);
    wr_buffer_fini(&text);
}

WR_AGGREGATE_FINALIZE(top_k_finalize, frequency_state)

/* ── checkpoints ────────────────────────────────────────────────────────────────────────────── */

enum { K_WORD = offsetof(frequency_state, k) / sizeof(uint64_t) };

static void
frequency_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, K_WORD, 1, out);
    wr_value_sets_save(call, offsetof(frequency_state, set), out);
}

static wr_status
frequency_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, K_WORD, 1, bytes, err));
    return wr_value_sets_load(call, offsetof(frequency_state, set), call->args[0], true, bytes,
                              err);
}

#define FREQUENCY_ENTRY(name, result, finalize, signature, meaning, example, shown, ...) \
    WR_AGGREGATE(name, result, frequency_state, frequency, finalize, frequency_save, \
                 frequency_load, signature, meaning, example, shown, __VA_ARGS__)
#define TOP_K_ENTRY(name) \
    FREQUENCY_ENTRY(name, WR_TYPE_JSON, top_k_finalize, name "(x, k)", \
                    "The k ≤ 1000 most frequent values with their counts, exact.", \
                    name "(x, 1) over 'a', 'b', 'a'", "[{\"value\": \"a\", \"count\": 2}]", \
                    WR_ARG_ANY, WR_TYPE_BIGINT)

static const wr_aggregate frequency_entries[] = {
    FREQUENCY_ENTRY("mode", WR_RESULT_SAME, mode_finalize, "mode(x)",
                    "The most frequent value; of several the least.", "mode(x) over 3, 1, 3", "3",
                    WR_ARG_ANY),
    FREQUENCY_ENTRY("histogram", WR_TYPE_JSON, histogram_finalize, "histogram(x)",
                    "An object of the values and how often each was there.",
                    "histogram(x) over 'b', 'a', 'b'", "{\"a\": 1, \"b\": 2}", WR_ARG_ANY),
    FREQUENCY_ENTRY("entropy", WR_TYPE_DOUBLE, entropy_finalize, "entropy(x)",
                    "Shannon's entropy of the values, in bits.", "entropy(x) over 1, 2, 1, 2", "1",
                    WR_ARG_ANY),
    TOP_K_ENTRY("top_k"),
    TOP_K_ENTRY("approx_top_k"),
};

const wr_aggregate_table wr_aggregates_frequency = WR_TABLE(frequency_entries);
