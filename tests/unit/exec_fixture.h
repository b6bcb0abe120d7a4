/* What the exec tests share: expressions and plan nodes by hand, kernels and aggregates of their
 * own (so that they test exec alone), batches from literals, and a collecting parent operator. */
#ifndef WEIR_TESTS_EXEC_FIXTURE_H
#define WEIR_TESTS_EXEC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hash.h"
#include "core/memory.h"
#include "exec/operator.h"

#include <stdio.h>
#include <stdlib.h>

#define UNUSED __attribute__((unused))

/* ── expressions ────────────────────────────────────────────────────────────────────────────── */

static inline UNUSED const wr_expr *
column_expr(wr_arena *arena, wr_type type, int column)
{
    wr_expr *expr = WR_NEW(arena, wr_expr);
    *expr = (wr_expr){.kind = WR_EXPR_COLUMN, .type = type, .position = -1, .column = column};
    return expr;
}

static inline UNUSED const wr_expr *
bigint_expr(wr_arena *arena, int64_t value)
{
    wr_expr *expr = WR_NEW(arena, wr_expr);
    *expr = (wr_expr){.kind = WR_EXPR_CONSTANT, .type = WR_TYPE(BIGINT), .position = -1};
    wr_vector_init_constant(&expr->constant, WR_TYPE(BIGINT), &value, arena);
    return expr;
}

static inline UNUSED const wr_expr *
call_expr(wr_arena *arena, const wr_function *function, wr_type type, const wr_expr *a,
          const wr_expr *b)
{
    wr_expr *expr = WR_NEW(arena, wr_expr);
    const wr_expr **args = WR_NEW_ARRAY(arena, const wr_expr *, 2);
    args[0] = a;
    args[1] = b;
    *expr = (wr_expr){.kind = WR_EXPR_CALL,
                      .type = type,
                      .position = -1,
                      .function = function,
                      .args = args,
                      .arg_count = b ? 2 : 1};
    return expr;
}

/* ── kernels ────────────────────────────────────────────────────────────────────────────────── */

static inline int64_t
call_bigint(const wr_call *call, int arg, int row)
{
    return ((const int64_t *)call->args[arg].data)[call->args[arg].kind == WR_FLAT ? row : 0];
}

static inline UNUSED void
kernel_add(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        ((int64_t *)call->out->data)[i] =
            (int64_t)((uint64_t)call_bigint(call, 0, i) + (uint64_t)call_bigint(call, 1, i));
    }
}

static inline UNUSED void
kernel_greater(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        ((uint8_t *)call->out->data)[i] = call_bigint(call, 0, i) > call_bigint(call, 1, i);
    }
}

/* a / b; b = 0 is an error of the row. */
static inline UNUSED void
kernel_divide(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        int64_t b = call_bigint(call, 1, i);
        ((int64_t *)call->out->data)[i] = b ? call_bigint(call, 0, i) / b : 0;
        if (b == 0) {
            wr_vector_set_error(call->out, i, call->n, WR_REASON_DOMAIN, call->arena);
        }
    }
}

/* Answers with its argument itself, as a cast that changes nothing may. */
static inline UNUSED void
kernel_same(wr_call *call)
{
    *call->out = call->args[0];
}

static UNUSED const wr_function function_add = {.name = "+", .kernel = kernel_add};
static UNUSED const wr_function function_greater = {.name = ">", .kernel = kernel_greater};
static UNUSED const wr_function function_divide = {.name = "/", .kernel = kernel_divide};
static UNUSED const wr_function function_same = {
    .name = "same", .flags = WR_FN_NULL_AWARE, .kernel = kernel_same};

/* ── aggregates: count(*) and sum(BIGINT) ───────────────────────────────────────────────────── */

static inline UNUSED void
count_update(const wr_aggregate_call *call)
{
    for (int i = 0; i < call->n; i++) {
        ((int64_t *)call->states)[call->groups ? call->groups[i] : 0]++;
    }
}

static inline UNUSED void
sum_update(const wr_aggregate_call *call)
{
    for (int i = 0; i < call->n; i++) {
        int row = call->rows ? call->rows[i] : i;
        if (!wr_vector_is_null(&call->args[0], row)) {
            ((int64_t *)call->states)[call->groups ? call->groups[i] : 0] +=
                WR_VALUE(&call->args[0], int64_t, row);
        }
    }
}

static inline UNUSED void
int64_combine(void *into, const uint32_t *groups, const void *from, uint32_t n, wr_arena *memory)
{
    (void)memory;
    for (uint32_t i = 0; i < n; i++) {
        ((int64_t *)into)[groups ? groups[i] : i] += ((const int64_t *)from)[i];
    }
}

static inline UNUSED void
int64_finalize(const void *states, const uint32_t *groups, int n, wr_vector *out, wr_arena *arena)
{
    (void)arena;
    for (int i = 0; i < n; i++) {
        ((int64_t *)out->data)[i] = ((const int64_t *)states)[groups[i]];
    }
}

static UNUSED const wr_aggregate aggregate_count = {.name = "count",
                                                    .result = WR_TYPE_BIGINT,
                                                    .state_bytes = 8,
                                                    .counts_rows = true,
                                                    .update = count_update,
                                                    .combine = int64_combine,
                                                    .finalize = int64_finalize};
static UNUSED const wr_aggregate aggregate_sum = {.name = "sum",
                                                  .result = WR_TYPE_BIGINT,
                                                  .state_bytes = 8,
                                                  .update = sum_update,
                                                  .combine = int64_combine,
                                                  .finalize = int64_finalize};

/* ── batches ────────────────────────────────────────────────────────────────────────────────── */

static inline UNUSED void
fill_bigints(wr_vector *vector, const int64_t *values, int count, wr_arena *arena)
{
    wr_vector_init_flat(vector, WR_TYPE(BIGINT), count, arena);
    if (count > 0) {
        memcpy(vector->data, values, (size_t)count * sizeof(*values));
    }
}

/* One BIGINT column per array. */
static inline UNUSED wr_batch *
bigint_batch(wr_arena *arena, int row_count, int column_count, const int64_t *const *columns)
{
    wr_batch *batch = wr_batch_new(arena, column_count);
    batch->row_count = batch->selected_count = row_count;
    for (int i = 0; i < column_count; i++) {
        fill_bigints(&batch->columns[i], columns[i], row_count, arena);
    }
    return batch;
}

/* ── a parent that writes down what it is given ─────────────────────────────────────────────── */

typedef struct collector {
    wr_operator op;
    wr_buffer text; /* a line per row and per watermark */
    int64_t watermark_us;
    bool shows_watermarks;
    int flush_count;
} collector;

static inline UNUSED void
collect_value(wr_buffer *out, const wr_vector *vector, int row)
{
    if (wr_vector_error(vector, row)) {
        wr_buffer_text(out, WR_TEXT("error"));
    } else if (wr_vector_is_null(vector, row)) {
        wr_buffer_text(out, WR_TEXT("NULL"));
    } else if (wr_type_is_view(vector->type.id)) {
        wr_buffer_text(out, wr_view_text(&WR_VALUE(vector, wr_view, row)));
    } else if (vector->type.id == WR_TYPE_DOUBLE) {
        wr_buffer_printf(out, "%g", WR_VALUE(vector, double, row));
    } else if (vector->type.id == WR_TYPE_BOOLEAN) {
        wr_buffer_text(out, WR_VALUE(vector, uint8_t, row) ? WR_TEXT("true") : WR_TEXT("false"));
    } else {
        wr_buffer_printf(out, "%lld", (long long)WR_VALUE(vector, int64_t, row));
    }
}

static inline UNUSED wr_status
collector_push(wr_operator *op, int input, const wr_batch *batch, wr_error *err)
{
    (void)input;
    (void)err;
    collector *own = (collector *)op;
    static const char *const ops[] = {"", "-U ", "+U ", "-D "};
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        if (batch->row_ops) {
            wr_buffer_text(&own->text, wr_text_from(ops[batch->row_ops[row]]));
        }
        for (int k = 0; k < batch->column_count; k++) {
            if (k > 0) {
                wr_buffer_char(&own->text, ' ');
            }
            collect_value(&own->text, &batch->columns[k], row);
        }
        wr_buffer_char(&own->text, '\n');
        if (batch->event_time_us) { /* a FINAL result is never late downstream */
            assert_true(batch->event_time_us[row] >= own->watermark_us);
            assert_true(batch->watermark_us[row] <= own->watermark_us);
        }
    }
    return WR_OK;
}

static inline UNUSED wr_status
collector_advance(wr_operator *op, int input, int64_t watermark_us, wr_error *err)
{
    (void)input;
    (void)err;
    collector *own = (collector *)op;
    assert_true(watermark_us >= own->watermark_us);
    own->watermark_us = watermark_us;
    if (own->shows_watermarks) {
        wr_buffer_printf(&own->text, "W %s%lld\n", watermark_us == WR_TIME_END ? "END " : "",
                         watermark_us == WR_TIME_END ? 0LL : (long long)watermark_us);
    }
    return WR_OK;
}

static inline UNUSED wr_status
collector_flush(wr_operator *op, wr_error *err)
{
    (void)err;
    ((collector *)op)->flush_count++;
    return WR_OK;
}

static UNUSED const wr_operator_ops collector_ops = {.name = "collector",
                                                     .state_bytes = sizeof(collector),
                                                     .push = collector_push,
                                                     .advance = collector_advance,
                                                     .flush = collector_flush};

/* ── an operator with its world ─────────────────────────────────────────────────────────────── */

typedef struct world {
    wr_arena *arena;
    wr_exec_context context;
    wr_clock clock;
    wr_operator *op;
    collector parent;
    wr_plan_node parent_node;
    int64_t late_count, bad_count;
} world;

static inline UNUSED void
world_on_late(void *context, int64_t row_count)
{
    ((world *)context)->late_count += row_count;
}

static inline UNUSED void
world_on_bad(void *context, wr_reason reason, wr_text where)
{
    (void)reason;
    (void)where;
    ((world *)context)->bad_count++;
}

static inline UNUSED void
world_init(world *own, int vector_rows)
{
    *own = (world){.arena = wr_arena_new(0)};
    own->context = (wr_exec_context){.query_arena = own->arena,
                                     .batch_arena = wr_arena_new(0),
                                     .clock = &own->clock,
                                     .on_late = world_on_late,
                                     .on_bad_result = world_on_bad,
                                     .callback_context = own,
                                     .vector_rows = vector_rows};
    own->clock.manual = true;
    own->parent_node.input_count = 1;
    own->parent.op = (wr_operator){
        .ops = &collector_ops, .node = &own->parent_node, .context = &own->context};
    own->parent.watermark_us = WR_TIME_NONE;
    wr_buffer_init(&own->parent.text);
}

static inline UNUSED void
world_open(world *own, const wr_plan_node *node)
{
    own->op = wr_operator_new(node, &own->context);
    own->op->parent = &own->parent.op;
    assert_int_equal(own->op->ops->open(own->op, NULL), WR_OK);
}

static inline UNUSED void
world_fini(world *own)
{
    if (own->op && own->op->ops->close) {
        own->op->ops->close(own->op);
    }
    wr_buffer_fini(&own->parent.text);
    wr_arena_free(own->context.batch_arena);
    wr_arena_free(own->arena);
}

static inline UNUSED void
world_expect(world *own, const char *text)
{
    assert_string_equal(wr_buffer_cstr(&own->parent.text), text);
    wr_buffer_reset(&own->parent.text);
}

static inline UNUSED wr_schema
world_schema(world *own, int count, wr_type type)
{
    wr_schema schema = {WR_NEW_ARRAY(own->arena, wr_column, count), count};
    for (int i = 0; i < count; i++) {
        schema.columns[i] = (wr_column){.name = WR_TEXT("c"), .type = type};
    }
    return schema;
}

#endif
