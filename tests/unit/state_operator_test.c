/* State of operators: an operator that is restored from its checkpoints puts out exactly what the
 * one that went on puts out.
 *
 *   step    1  2  3  mark  5  slice  7 …            the same steps, drawn from a seed
 *   first   o1 o2 o3       o5        o7 …  ┐
 *   second  (restored)     o5        o7 …  ┘ equal
 *
 * 1. Slices are small and lie between steps that change what is not saved yet.
 * 2. The store is a model: segments in order, bases replace, dropped windows go. */
#include "tests/unit/exec_fixture.h"

#include "exec/aggregate.h"
#include "exec/spill.h"
#include "exec/state/segment.h"
#include "tests/lib/random.h"

#include <math.h>

#define MS WR_US_PER_MS

enum { COLUMNS = 7, STEPS = 40, ROWS_MAX = 60, MODEL_MAX = 1024, KEY_SPREAD = 12, ITEMS = 14,
       MOVED_PART = 1000 };

/* ── columns: key a, key b, DOUBLE, BIGINT, TEXT, BOOLEAN, INTERVAL ─────────────────────────── */

static const wr_type_id key_types[] = {WR_TYPE_BIGINT, WR_TYPE_TEXT,    WR_TYPE_DOUBLE,
                                       WR_TYPE_DATE,   WR_TYPE_DECIMAL, WR_TYPE_INTERVAL,
                                       WR_TYPE_BOOLEAN};

static wr_view
random_text(wr_arena *arena, unsigned spread)
{
    static const char *const starts[] = {"", "k", "server-00000", "a-long-name-of-a-machine.at."};
    unsigned pick = random_below(4);
    wr_text text = wr_arena_printf(arena, "%s%u", starts[pick], random_below(spread));
    return wr_view_from(text.data, text.size);
}

static void
random_value(wr_type_id type, unsigned spread, void *to, wr_arena *arena)
{
    int64_t number = (int64_t)random_below(spread) - 2;
    static const double doubles[] = {0.0,    -0.0,   0.1,   1e300,
                                     -1e300, 1e-300, 95.74, (double)INFINITY};
    if (type == WR_TYPE_TEXT) {
        *(wr_view *)to = random_text(arena, spread);
    } else if (type == WR_TYPE_DOUBLE) {
        *(double *)to = random_below(4) ? (double)number / 7 : doubles[random_below(8)];
    } else if (type == WR_TYPE_DATE) {
        *(int32_t *)to = (int32_t)number;
    } else if (type == WR_TYPE_BOOLEAN) {
        *(uint8_t *)to = number & 1;
    } else if (type == WR_TYPE_INTERVAL) {
        /* Equal keys in one form: which form shows of several panes, is anybody's. */
        *(wr_interval *)to = (wr_interval){number, spread == KEY_SPREAD ? 0 : random_below(9)};
    } else if (type == WR_TYPE_DECIMAL) {
        memcpy(to, (int64_t[]){number, number < 0 ? -1 : 0}, 16);
    } else {
        *(int64_t *)to = number;
    }
}

static void
random_column(wr_vector *vector, wr_type type, unsigned spread, int count, wr_arena *arena)
{
    wr_vector_init_flat(vector, type, count, arena);
    size_t width = (size_t)wr_type_width(type.id);
    for (int i = 0; i < count; i++) {
        random_value(type.id, spread, (char *)vector->data + (size_t)i * width, arena);
        if (random_below(9) == 0) {
            wr_vector_set_null(vector, i, count, arena);
        }
    }
}

/* ── one case ───────────────────────────────────────────────────────────────────────────────── */

typedef enum step_kind { STEP_PUSH, STEP_ADVANCE, STEP_FLUSH } step_kind;

typedef struct step {
    step_kind kind;
    wr_batch *batch;
    int64_t watermark_us, now_us;
} step;

typedef struct model {
    wr_segment segments[MODEL_MAX]; /* their bodies are ours */
    int count;
    wr_buffer meta;
    int from; /* step of the mark */
} model;

typedef struct scenario {
    world own;
    const wr_plan_node *node;
    step steps[STEPS];
} scenario;

static void
show_value(wr_buffer *out, const wr_vector *vector, int row)
{
    if (vector->type.id == WR_TYPE_DOUBLE && !wr_vector_is_null(vector, row)) {
        wr_buffer_printf(out, "%a ", WR_VALUE(vector, double, row));
    } else if (wr_type_width(vector->type.id) == 16 && !wr_type_is_view(vector->type.id)) {
        wr_interval value = WR_VALUE(vector, wr_interval, row);
        bool is_null = wr_vector_is_null(vector, row);
        wr_buffer_printf(out, "%lld/%lld ", is_null ? -99LL : (long long)value.months,
                         is_null ? -99LL : (long long)value.micros);
    } else if (vector->type.id == WR_TYPE_DATE) {
        wr_buffer_printf(out, "%d ",
                         wr_vector_is_null(vector, row) ? -99 : WR_VALUE(vector, int32_t, row));
    } else {
        collect_value(out, vector, row);
        wr_buffer_char(out, ' ');
    }
}

static wr_status
show_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    (void)err;
    wr_buffer *out = &((collector *)op)->text;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        wr_buffer_printf(out, "%d: ", batch->row_ops ? batch->row_ops[row] : 0);
        for (int k = 0; k < batch->column_count; k++) {
            show_value(out, &batch->columns[k], row);
        }
        if (batch->event_time_us) {
            wr_buffer_printf(out, "@%lld %lld", (long long)batch->event_time_us[row],
                             (long long)batch->watermark_us[row]);
        }
        wr_buffer_char(out, '\n');
    }
    return WR_OK;
}

static const wr_operator_ops show_ops = {.name = "show",
                                         .state_bytes = sizeof(collector),
                                         .push = show_push,
                                         .advance = collector_advance,
                                         .flush = collector_flush};

static const wr_aggregate *
find_aggregate(const char *name, wr_type_id argument)
{
    int count = 0;
    const wr_aggregate *const *entries = wr_aggregate_find(wr_text_from(name), &count);
    for (int i = 0; i < count; i++) {
        int pattern = entries[i]->args[0];
        if (argument == WR_TYPE_NULL ? entries[i]->counts_rows
                                     : pattern == WR_ARG_ANY || pattern == (int)argument) {
            return entries[i];
        }
    }
    fail_msg("no aggregate %s", name);
    return NULL;
}

/* Some of all aggregates, over the columns that they take. */
static int
scenario_items(scenario *test, wr_plan_aggregate_item *items, const wr_expr *const *columns)
{
    static const struct {
        const char *name;
        int args[2];
        bool distinct;
    } all[ITEMS] = {
        {"count", {-1, -1}, false},   {"sum", {2, -1}, false},  {"avg", {3, -1}, false},
        {"min", {4, -1}, false},      {"max", {6, -1}, false},  {"min_by", {4, 3}, false},
        {"last", {4, -1}, false},     {"count", {4, -1}, true}, {"sum", {3, -1}, true},
        {"var_samp", {2, -1}, false}, {"corr", {2, 2}, false},  {"bool_and", {5, -1}, false},
        {"max", {3, -1}, false},      {"first", {6, -1}, false}};
    int count = 0;
    for (int i = 0; i < ITEMS; i++) {
        if (random_below(3) != 0) {
            continue;
        }
        const wr_expr **args = WR_NEW_ARRAY(test->own.arena, const wr_expr *, 2);
        int arg_count = 0;
        for (; arg_count < 2 && all[i].args[arg_count] >= 0; arg_count++) {
            args[arg_count] = columns[all[i].args[arg_count]];
        }
        const wr_aggregate *aggregate =
            find_aggregate(all[i].name, arg_count > 0 ? args[0]->type.id : WR_TYPE_NULL);
        if (all[i].distinct) {
            aggregate = wr_aggregate_distinct(aggregate, args[0]->type);
        }
        items[count++] =
            (wr_plan_aggregate_item){.aggregate = aggregate, .args = args, .arg_count = arg_count};
    }
    return count;
}

static wr_type
item_result(const wr_plan_aggregate_item *item)
{
    uint8_t result = item->aggregate->result;
    return result == WR_RESULT_SAME ? item->args[0]->type : (wr_type){.id = (wr_type_id)result};
}

static wr_window
random_window(void)
{
    static const wr_window windows[] = {{.kind = WR_WINDOW_NONE},
                                        {WR_WINDOW_TUMBLING, 5 * MS, 5 * MS, 0, 0},
                                        {WR_WINDOW_TUMBLING, 7 * MS, 7 * MS, 1 * MS, 4 * MS},
                                        {WR_WINDOW_HOPPING, 10 * MS, 4 * MS, 0, 0},
                                        {WR_WINDOW_HOPPING, 12 * MS, 3 * MS, 1 * MS, 2 * MS},
                                        {WR_WINDOW_HOPPING, 4 * MS, 6 * MS, 0, 0}};
    return windows[random_below(sizeof(windows) / sizeof(windows[0]))];
}

static void
scenario_columns(scenario *test, wr_type *types, const wr_expr **columns)
{
    size_t kinds = sizeof(key_types) / sizeof(key_types[0]);
    const wr_type_id fixed[] = {key_types[random_below(kinds)],
                                key_types[random_below(kinds)],
                                WR_TYPE_DOUBLE,
                                WR_TYPE_BIGINT,
                                WR_TYPE_TEXT,
                                WR_TYPE_BOOLEAN,
                                WR_TYPE_INTERVAL};
    for (int i = 0; i < COLUMNS; i++) {
        types[i] = (wr_type){.id = fixed[i]};
        columns[i] = column_expr(test->own.arena, types[i], i);
    }
}

static void
scenario_plan_aggregate(scenario *test, const wr_expr *const *columns)
{
    wr_arena *arena = test->own.arena;
    wr_plan_node *node = WR_NEW(arena, wr_plan_node);
    wr_plan_aggregate_item *items = WR_NEW_ARRAY(arena, wr_plan_aggregate_item, ITEMS);
    static const wr_emit emits[] = {{.kind = WR_EMIT_FINAL},
                                    {.kind = WR_EMIT_FINAL},
                                    {.kind = WR_EMIT_CHANGES},
                                    {.kind = WR_EMIT_EVERY, .every_us = 250}};
    wr_window window = random_window();
    int key_count = (int)random_below(3), at = window.kind == WR_WINDOW_NONE ? 0 : 3;
    int item_count = scenario_items(test, items, columns);
    *node = (wr_plan_node){
        .kind = WR_PLAN_AGGREGATE,
        .schema = world_schema(&test->own, at + key_count + item_count, WR_TYPE(TIMESTAMP)),
        .input_count = 1};
    for (int i = 0; i < key_count; i++) {
        node->schema.columns[at++].type = columns[i]->type;
    }
    for (int i = 0; i < item_count; i++) {
        node->schema.columns[at++].type = item_result(&items[i]);
    }
    node->u.aggregate = (wr_plan_aggregate){.window = window,
                                            .emit = emits[random_below(4)],
                                            .keys = columns,
                                            .key_count = key_count,
                                            .items = items,
                                            .item_count = item_count,
                                            .global = key_count == 0};
    test->node = node;
}

static void
scenario_plan_sort(scenario *test, const wr_type *types, const wr_expr *const *columns)
{
    wr_arena *arena = test->own.arena;
    wr_plan_node *node = WR_NEW(arena, wr_plan_node);
    wr_plan_node **inputs = WR_NEW_ARRAY(arena, wr_plan_node *, 1);
    inputs[0] = WR_NEW(arena, wr_plan_node);
    inputs[0]->changes = random_below(3) == 0;
    wr_plan_sort_key *keys = WR_NEW_ARRAY(arena, wr_plan_sort_key, 2);
    for (int i = 0; i < 2; i++) {
        keys[i] = (wr_plan_sort_key){columns[random_below(COLUMNS)], random_below(2) == 0,
                                     random_below(2) == 0};
    }
    *node = (wr_plan_node){.kind = WR_PLAN_SORT,
                           .schema = world_schema(&test->own, COLUMNS, WR_TYPE(BIGINT)),
                           .inputs = inputs,
                           .input_count = 1};
    for (int i = 0; i < COLUMNS; i++) {
        node->schema.columns[i].type = types[i];
    }
    node->u.sort.keys = keys;
    node->u.sort.key_count = 2;
    node->u.sort.per_window = random_below(2) == 0;
    node->u.sort.limit = random_below(2) == 0 ? 3 : -1;
    test->node = node;
}

static wr_batch *
random_rows(scenario *test, const wr_type *types, int64_t watermark_us, int64_t *offset)
{
    wr_arena *arena = test->own.arena;
    int count = 1 + (int)random_below(ROWS_MAX);
    bool is_sort = test->node->kind == WR_PLAN_SORT;
    wr_batch *batch = wr_batch_new(arena, COLUMNS);
    batch->row_count = batch->selected_count = count;
    for (int i = 0; i < COLUMNS; i++) {
        random_column(&batch->columns[i], types[i], i < 2 ? KEY_SPREAD : 200, count, arena);
    }
    int64_t *times = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t *watermarks = WR_NEW_ARRAY(arena, int64_t, count);
    for (int i = 0; i < count; i++) {
        int64_t before = is_sort ? 0 : 6 * MS;
        times[i] = watermark_us - before + random_below((size_t)(before + 15 * MS));
        watermarks[i] = random_below(3) ? watermark_us : watermark_us + random_below(9 * MS);
        watermarks[i] = is_sort ? watermark_us : watermarks[i];
    }
    wr_origins *origins = WR_NEW(arena, wr_origins);
    *origins = (wr_origins){.partition = (int32_t)random_below(2), .offset = *offset};
    *offset += count;
    batch->event_time_us = times;
    batch->watermark_us = watermarks;
    batch->origins = origins;
    return batch;
}

static void
scenario_steps(scenario *test, const wr_type *types)
{
    int64_t watermark_us = 100 * MS, now_us = 1000, offset = 0;
    for (int i = 0; i < STEPS; i++) {
        step *next = &test->steps[i];
        now_us += random_below(100);
        watermark_us += random_below(3) == 0 ? (int64_t)random_below(5 * MS) : 0;
        *next = (step){(step_kind)random_below(3), NULL, watermark_us, now_us};
        if (next->kind == STEP_PUSH) {
            next->batch = random_rows(test, types, watermark_us, &offset);
        }
    }
    test->steps[STEPS - 1] = (step){STEP_ADVANCE, NULL, WR_TIME_END, now_us};
    test->steps[STEPS - 2].kind = STEP_FLUSH;
}

static void
scenario_begin(scenario *test, uint64_t seed)
{
    static const int vector_rows[] = {1, 3, WR_BATCH_ROWS};
    random_seed(seed);
    world_init(&test->own, vector_rows[random_below(3)]);
    wr_hash_set_zero(random_below(4) == 0);
    wr_type types[COLUMNS];
    const wr_expr **columns = WR_NEW_ARRAY(test->own.arena, const wr_expr *, COLUMNS);
    scenario_columns(test, types, columns);
    if (random_below(5) == 0) {
        scenario_plan_sort(test, types, columns);
    } else {
        scenario_plan_aggregate(test, columns);
    }
    scenario_steps(test, types);
}

/* ── the store ──────────────────────────────────────────────────────────────────────────────── */

static bool
window_equal(const wr_window_id *a, const wr_window_id *b, bool any_part)
{
    return a->operator_id == b->operator_id && a->start_us == b->start_us &&
           a->first_end_us == b->first_end_us && a->last_end_us == b->last_end_us &&
           (any_part || a->part == b->part);
}

static void
model_remove(model *store, const wr_window_id *window, bool any_part)
{
    int kept = 0;
    for (int i = 0; i < store->count; i++) {
        if (window_equal(&store->segments[i].window, window, any_part)) {
            wr_buffer_fini(&store->segments[i].body);
        } else {
            store->segments[kept++] = store->segments[i];
        }
    }
    store->count = kept;
}

static void
model_commit(model *store, wr_commit *commit, wr_buffer *meta, int from, wr_spill *spill)
{
    for (int i = 0; i < commit->dropped_count; i++) {
        model_remove(store, &commit->dropped[i], commit->dropped[i].part < 0);
    }
    for (int i = 0; i < commit->segment_count; i++) {
        wr_segment *segment = &commit->segments[i];
        if (segment->is_base) {
            model_remove(store, &segment->window, false);
        }
        assert_true(store->count < MODEL_MAX && segment->row_count > 0);
        if (segment->id > 0) {
            assert_int_equal(wr_spill_read(spill, segment->id, &segment->body, NULL), WR_OK);
        }
        store->segments[store->count] = *segment;
        wr_buffer_init(&segment->body);
        store->count++;
    }
    wr_buffer_reset(&store->meta);
    wr_buffer_append(&store->meta, meta->data, meta->size);
    store->from = from;
    wr_commit_free(commit);
}

static void
model_fini(model *store)
{
    for (int i = 0; i < store->count; i++) {
        wr_buffer_fini(&store->segments[i].body);
    }
    wr_buffer_fini(&store->meta);
}

/* ── running ────────────────────────────────────────────────────────────────────────────────── */

static void
scenario_open(scenario *test, bool keeps_state)
{
    world *own = &test->own;
    own->context.keeps_state = keeps_state;
    own->context.now_us = 1000;
    own->parent.op.ops = &show_ops;
    own->parent.watermark_us = WR_TIME_NONE;
    wr_buffer_reset(&own->parent.text);
    world_open(own, test->node);
    own->op->state_id = 7;
}

static void
scenario_step(scenario *test, int at)
{
    world *own = &test->own;
    const step *next = &test->steps[at];
    own->context.now_us = next->now_us;
    switch (next->kind) {
    case STEP_PUSH: assert_int_equal(wr_operator_push(own->op, 0, next->batch, NULL), WR_OK); break;
    case STEP_ADVANCE:
        assert_int_equal(wr_operator_advance(own->op, 0, next->watermark_us, NULL), WR_OK);
        break;
    case STEP_FLUSH: assert_int_equal(wr_operator_flush(own->op, NULL), WR_OK); break;
    }
    wr_arena_reset(own->context.batch_arena);
}

/* Memory is short now and then. */
static void
scenario_shrink(scenario *test)
{
    wr_operator *op = test->own.op;
    if (op->context->spill && op->ops->shrink && random_below(4) == 0) {
        assert_int_equal(op->ops->shrink(op, 0, NULL), WR_OK);
    }
}

/* All output so far, with the places where each step's begins. */
static void
scenario_run_plain(scenario *test, wr_buffer *out, size_t *places)
{
    scenario_open(test, false);
    for (int i = 0; i < STEPS; i++) {
        places[i] = test->own.parent.text.size;
        scenario_step(test, i);
    }
    wr_buffer_append(out, test->own.parent.text.data, test->own.parent.text.size);
    test->own.op->ops->close(test->own.op);
}

/* Windows that are combined when they are loaded: parts that nobody spilled here. */
static void
model_move_parts(const scenario *test, model *store)
{
    if (test->node->kind != WR_PLAN_AGGREGATE ||
        test->node->u.aggregate.emit.kind != WR_EMIT_FINAL) {
        return;
    }
    for (int i = 0; i < store->count; i++) {
        wr_window_id window = store->segments[i].window;
        if (store->segments[i].is_base && window.part == 0 && random_below(3) == 0) {
            for (int k = 0; k < store->count; k++) {
                bool is_same = window_equal(&store->segments[k].window, &window, false);
                store->segments[k].window.part += is_same ? MOVED_PART : 0;
            }
        }
    }
}

static void
scenario_restore(scenario *test, const model *store)
{
    wr_operator *op = test->own.op;
    wr_error err;
    if (store->meta.size > 0) {
        wr_text meta = {store->meta.data, store->meta.size};
        assert_int_equal(op->ops->restore(op, meta, &err), WR_OK);
    }
    for (int i = 0; i < store->count; i++) {
        assert_int_equal(op->ops->load(op, &store->segments[i], &err), WR_OK);
    }
}

/* From the last checkpoint on, with more of them; it "crashes" at a step, and the store has the
 * last one that was complete then. */
static void
scenario_run_saving(scenario *test, model *store, int crash_at)
{
    scenario_open(test, true);
    scenario_restore(test, store);
    wr_operator *op = test->own.op;
    wr_commit *commit = NULL;
    wr_buffer meta;
    wr_buffer_init(&meta);
    int marked_at = 0;
    for (int i = store->from; i < crash_at && i < STEPS; i++) {
        if (!commit && random_below(3) == 0) {
            commit = wr_commit_new(1);
            wr_buffer_reset(&meta);
            op->ops->mark(op, commit, random_below(9) == 0, &meta);
            marked_at = i;
        }
        for (int k = (int)random_below(3); commit && k > 0; k--) {
            if (!op->ops->save(op, commit, 1 + random_below(20))) {
                model_commit(store, commit, &meta, marked_at, test->own.context.spill);
                commit = NULL;
            }
        }
        scenario_step(test, i);
        scenario_shrink(test);
    }
    wr_commit_free(commit);
    wr_buffer_fini(&meta);
    op->ops->close(op);
}

/* What is left to do, from the last checkpoint on. */
static void
scenario_run_restored(scenario *test, const model *store)
{
    scenario_open(test, true);
    scenario_restore(test, store);
    for (int i = store->from; i < STEPS; i++) {
        scenario_step(test, i);
        scenario_shrink(test);
    }
}

static void
check_seed(uint64_t seed)
{
    scenario *test = wr_alloc(sizeof(*test));
    model *store = wr_alloc(sizeof(*store));
    scenario_begin(test, seed);
    wr_buffer plain;
    wr_buffer_init(&plain);
    wr_buffer_init(&store->meta);
    size_t places[STEPS];
    scenario_run_plain(test, &plain, places);
    test->own.context.spill = random_below(2) == 0 ? wr_spill_new(NULL) : NULL;
    for (int crash = 0; crash < 3; crash++) {
        scenario_run_saving(test, store, store->from + 1 + (int)random_below(STEPS / 2));
        model_move_parts(test, store);
    }
    scenario_run_restored(test, store);
    const char *expected = wr_buffer_cstr(&plain) + places[store->from];
    const char *shown = wr_buffer_cstr(&test->own.parent.text);
    if (strcmp(shown, expected) != 0) {
        fail_msg("seed %llu, from step %d:\n%s\nexpected\n%s", (unsigned long long)seed,
                 store->from, shown, expected);
    }
    wr_buffer_fini(&plain);
    model_fini(store);
    wr_spill *spill = test->own.context.spill;
    world_fini(&test->own);
    wr_spill_free(spill);
    wr_free(store);
    wr_free(test);
    wr_hash_set_zero(false);
}

static void
restored_equals_undisturbed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        check_seed(seed * 2654435761u);
    }
}

/* ── operators whose state is a few numbers ─────────────────────────────────────────────────── */

static void
mark_and_restore(world *own, const wr_plan_node *node)
{
    wr_buffer meta;
    wr_buffer_init(&meta);
    wr_commit *commit = wr_commit_new(1);
    own->op->ops->mark(own->op, commit, false, &meta);
    assert_int_equal(commit->segment_count, 0);
    if (own->op->ops->close) {
        own->op->ops->close(own->op);
    }
    world_open(own, node);
    wr_error err;
    wr_text bytes = {meta.data, meta.size};
    assert_int_equal(own->op->ops->restore(own->op, bytes, &err), WR_OK);
    bytes.size--;
    assert_int_equal(own->op->ops->restore(own->op, bytes, &err), WR_ERR_STATE);
    wr_commit_free(commit);
    wr_buffer_fini(&meta);
}

static void
limit_counts_on(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    wr_plan_node node = {.kind = WR_PLAN_LIMIT, .input_count = 1};
    node.u.limit.limit = 2;
    node.u.limit.offset = 1;
    world_open(&own, &node);
    wr_batch *rows = bigint_batch(own.arena, 2, 1, (const int64_t *[]){(const int64_t[]){7, 8}});
    assert_int_equal(wr_operator_push(own.op, 0, rows, NULL), WR_OK);
    world_expect(&own, "8\n");
    mark_and_restore(&own, &node);
    assert_int_equal(wr_operator_push(own.op, 0, rows, NULL), WR_OK);
    world_expect(&own, "7\nW END 0\n");
    mark_and_restore(&own, &node);
    own.parent.watermark_us = WR_TIME_NONE;
    assert_int_equal(wr_operator_advance(own.op, 0, 5, NULL), WR_OK);
    assert_int_equal(wr_operator_push(own.op, 0, rows, NULL), WR_OK);
    world_expect(&own, "W END 0\n"); /* as in the run before */
    world_fini(&own);
}

static void
union_and_assign_know_their_time(void **state)
{
    (void)state;
    world own;
    world_init(&own, WR_BATCH_ROWS);
    own.parent.shows_watermarks = true;
    wr_plan_node all = {.kind = WR_PLAN_UNION, .input_count = 2};
    world_open(&own, &all);
    assert_int_equal(wr_operator_advance(own.op, 0, 10, NULL), WR_OK);
    assert_int_equal(wr_operator_advance(own.op, 1, 7, NULL), WR_OK);
    world_expect(&own, "W 7\n");
    mark_and_restore(&own, &all);
    assert_int_equal(wr_operator_advance(own.op, 1, 7, NULL), WR_OK);
    world_expect(&own, "");
    assert_int_equal(wr_operator_advance(own.op, 1, 12, NULL), WR_OK);
    world_expect(&own, "W 10\n");
    world_fini(&own);

    world_init(&own, WR_BATCH_ROWS);
    wr_plan_node assign = {.kind = WR_PLAN_WINDOW_ASSIGN, .input_count = 1};
    assign.schema = world_schema(&own, 4, WR_TYPE(BIGINT));
    assign.u.window = (wr_window){WR_WINDOW_TUMBLING, 5 * MS, 5 * MS, 0, 0};
    world_open(&own, &assign);
    assert_int_equal(wr_operator_advance(own.op, 0, 6 * MS, NULL), WR_OK);
    mark_and_restore(&own, &assign);
    wr_batch *rows = bigint_batch(own.arena, 1, 1, (const int64_t *[]){(const int64_t[]){7}});
    rows->event_time_us = (const int64_t[]){4 * MS};
    assert_int_equal(wr_operator_push(own.op, 0, rows, NULL), WR_OK);
    assert_int_equal(own.late_count, 1);
    world_fini(&own);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restored_equals_undisturbed),
        cmocka_unit_test(limit_counts_on),
        cmocka_unit_test(union_and_assign_know_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
