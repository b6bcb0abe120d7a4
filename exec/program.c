/* Expression programs.
 *
 *   a * 2 + b > 10         value 0 column a    1 constant 2    3 column b    5 constant 10
 *     step 0: value 2 = "*"(0, 1)   slot A
 *     step 1: value 4 = "+"(2, 3)   slot B        (A is free from here on)
 *     step 2: value 6 = ">"(4, 5)   slot C
 *
 * Compiling walks the trees with a stack of its own, so a chain of 100,000 ORs is no problem, and
 * gives each step's result a slot (its memory) that is reused as soon as nobody needs it.
 *
 * 1. A step's slot differs from those of its arguments: kernels may assume no aliasing.
 * 2. Slots of results (outputs) are never reused.
 * 3. A strict kernel never sees the difference between a NULL and a value: its result's valid bits
 *    and errors are merged before it runs; an error wins over a NULL.
 * 4. Arguments are flat or constant; all constant only with one row. */
#include "exec/program.h"

#include <assert.h>

enum { PROGRAM_SHARE_DEPTH = 32, VALUE_FOREVER = INT32_MAX };

typedef struct program_slot {
    int width;
    void *data;
    uint64_t *valid;
    uint8_t *errors; /* made when first needed */
} program_slot;

typedef struct program_step {
    const wr_function *function;
    const void *prepared;
    wr_type type;
    int out, slot;
    int arg_count;
    const int *args;
} program_step;

/* Where a value comes from; steps fill theirs in eval. */
typedef struct program_value {
    int column;   /* ≥ 0: a column of the batch */
    int step;     /* ≥ 0: result of this step */
    int last_use; /* number of the last step that reads it */
} program_value;

struct wr_program {
    wr_arena *arena;
    program_value *sources;
    wr_vector *values;
    int value_count, value_capacity;
    program_step *steps;
    int step_count, step_capacity;
    program_slot *slots;
    int slot_count, slot_capacity;
    int *outputs;
    int output_count;
    wr_vector *args; /* of the step that runs */
    int args_max;
};

/* ── compiling ──────────────────────────────────────────────────────────────────────────────── */

/* Doubles an array that lives in the arena. */
static void *
array_grow(wr_arena *arena, const void *items, int count, int *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return (void *)(uintptr_t)items;
    }
    *capacity = *capacity ? 2 * *capacity : 16;
    void *grown = wr_arena_zalloc(arena, (size_t)*capacity * item_bytes);
    if (count) {
        memcpy(grown, items, (size_t)count * item_bytes);
    }
    return grown;
}

static int
program_add_value(wr_program *program, program_value source, const wr_vector *constant)
{
    int capacity = program->value_capacity;
    program->sources = array_grow(program->arena, program->sources, program->value_count,
                                  &capacity, sizeof(*program->sources));
    program->values = array_grow(program->arena, program->values, program->value_count,
                                 &program->value_capacity, sizeof(*program->values));
    program->sources[program->value_count] = source;
    if (constant) {
        program->values[program->value_count] = *constant;
    }
    return program->value_count++;
}

static bool
constant_equal(const wr_vector *a, const wr_vector *b)
{
    return wr_type_equal(a->type, b->type) && !a->valid && !b->valid && !a->errors && !b->errors &&
           !wr_type_is_view(a->type.id) &&
           memcmp(a->data, b->data, (size_t)wr_type_width(a->type.id)) == 0;
}

static int
program_leaf(wr_program *program, const wr_expr *expr)
{
    int first = program->value_count - PROGRAM_SHARE_DEPTH;
    for (int i = program->value_count - 1; i >= 0 && i >= first; i--) {
        const program_value *source = &program->sources[i];
        if (expr->kind == WR_EXPR_COLUMN) {
            if (source->column == expr->column) {
                return i;
            }
        } else if (source->column < 0 && source->step < 0 &&
                   constant_equal(&program->values[i], &expr->constant)) {
            return i;
        }
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        return program_add_value(program, (program_value){expr->column, -1, -1}, NULL);
    }
    assert(expr->kind == WR_EXPR_CONSTANT && expr->constant.kind == WR_CONSTANT);
    return program_add_value(program, (program_value){-1, -1, -1}, &expr->constant);
}

static bool
step_equal(const program_step *a, const program_step *b)
{
    return a->function == b->function && a->prepared == b->prepared &&
           wr_type_equal(a->type, b->type) && a->arg_count == b->arg_count &&
           memcmp(a->args, b->args, (size_t)a->arg_count * sizeof(*a->args)) == 0;
}

/* The value of a call whose arguments are values already. */
static int
program_call(wr_program *program, const wr_expr *expr, const int *args)
{
    program_step step = {.function = expr->function,
                         .prepared = expr->prepared,
                         .type = expr->type,
                         .arg_count = expr->arg_count,
                         .args = args};
    int first = program->step_count - PROGRAM_SHARE_DEPTH;
    bool is_volatile = expr->function->flags & WR_FN_VOLATILE;
    for (int i = program->step_count - 1; !is_volatile && i >= 0 && i >= first; i--) {
        if (step_equal(&program->steps[i], &step)) {
            return program->steps[i].out;
        }
    }
    program->steps = array_grow(program->arena, program->steps, program->step_count,
                                &program->step_capacity, sizeof(*program->steps));
    step.out = program_add_value(program, (program_value){-1, program->step_count, -1}, NULL);
    program->steps[program->step_count++] = step;
    if (step.arg_count > program->args_max) {
        program->args_max = step.arg_count;
    }
    return step.out;
}

typedef struct compile_frame {
    const wr_expr *expr;
    int *args;
    int next; /* argument to compile next */
} compile_frame;

static int
program_compile(wr_program *program, const wr_expr *root)
{
    compile_frame *stack = NULL;
    int depth = 0, capacity = 0, value = -1;
    const wr_expr *enter = root;
    for (;;) {
        if (enter && enter->kind == WR_EXPR_CALL) {
            stack = array_grow(program->arena, stack, depth, &capacity, sizeof(*stack));
            stack[depth++] = (compile_frame){
                enter, WR_NEW_ARRAY(program->arena, int, enter->arg_count), 0};
        } else if (enter) {
            value = program_leaf(program, enter);
            if (depth > 0) {
                stack[depth - 1].args[stack[depth - 1].next++] = value;
            }
        }
        if (depth == 0) {
            return value;
        }
        compile_frame *top = &stack[depth - 1];
        if (top->next < top->expr->arg_count) {
            enter = top->expr->args[top->next];
            continue;
        }
        value = program_call(program, top->expr, top->args);
        enter = NULL;
        depth--;
        if (depth > 0) {
            stack[depth - 1].args[stack[depth - 1].next++] = value;
        }
    }
}

static void
program_find_last_uses(wr_program *program)
{
    for (int i = 0; i < program->step_count; i++) {
        const program_step *step = &program->steps[i];
        for (int k = 0; k < step->arg_count; k++) {
            program->sources[step->args[k]].last_use = i;
        }
    }
    for (int i = 0; i < program->output_count; i++) {
        program->sources[program->outputs[i]].last_use = VALUE_FOREVER;
    }
}

/* A free slot of this width, or a new one. */
static int
program_take_slot(wr_program *program, int width, int *free_slots, int *free_count)
{
    for (int i = *free_count - 1; i >= 0; i--) {
        int slot = free_slots[i];
        if (program->slots[slot].width == width) {
            free_slots[i] = free_slots[--*free_count];
            return slot;
        }
    }
    program->slots = array_grow(program->arena, program->slots, program->slot_count,
                                &program->slot_capacity, sizeof(*program->slots));
    program_slot *slot = &program->slots[program->slot_count];
    slot->width = width;
    slot->data = wr_arena_zalloc(program->arena, (size_t)width * WR_BATCH_ROWS);
    slot->valid = WR_NEW_ARRAY(program->arena, uint64_t, wr_bits_words(WR_BATCH_ROWS));
    return program->slot_count++;
}

static void
program_assign_slots(wr_program *program)
{
    int *free_slots = WR_NEW_ARRAY(program->arena, int, program->step_count);
    int free_count = 0;
    for (int i = 0; i < program->step_count; i++) {
        program_step *step = &program->steps[i];
        step->slot = program_take_slot(program, wr_type_width(step->type.id), free_slots,
                                       &free_count);
        for (int k = 0; k < step->arg_count; k++) {
            program_value *arg = &program->sources[step->args[k]];
            if (arg->step >= 0 && arg->last_use == i) {
                free_slots[free_count++] = program->steps[arg->step].slot;
                arg->last_use = -1; /* freed once, though it may be an argument twice */
            }
        }
    }
}

wr_program *
wr_program_new(wr_arena *arena, const wr_expr *const *exprs, int count)
{
    wr_program *program = WR_NEW(arena, wr_program);
    program->arena = arena;
    program->outputs = WR_NEW_ARRAY(arena, int, count);
    program->output_count = count;
    for (int i = 0; i < count; i++) {
        program->outputs[i] = program_compile(program, exprs[i]);
    }
    program_find_last_uses(program);
    program_assign_slots(program);
    program->args = WR_NEW_ARRAY(arena, wr_vector, program->args_max);
    return program;
}

/* ── running ────────────────────────────────────────────────────────────────────────────────── */

typedef struct program_run {
    int row_count;
    int64_t now_us;
    wr_arena *arena;
} program_run;

/* A constant argument that decides the whole result: NULL or an error. */
static bool
merge_constants(const program_step *step, const wr_vector *args, wr_vector *out)
{
    for (int i = 0; i < step->arg_count; i++) {
        const wr_vector *arg = &args[i];
        bool is_error = wr_vector_error(arg, 0) != WR_REASON_NONE;
        if (arg->kind == WR_CONSTANT && (is_error || wr_vector_is_null(arg, 0))) {
            out->kind = WR_CONSTANT;
            out->valid = is_error ? NULL : arg->valid;
            out->errors = is_error ? arg->errors : NULL;
            memset(out->data, 0, (size_t)wr_type_width(out->type.id));
            return true;
        }
    }
    return false;
}

static void
merge_valid(program_slot *slot, const wr_vector *arg, int row_count, wr_vector *out)
{
    size_t words = wr_bits_words(row_count);
    if (!out->valid) {
        memcpy(slot->valid, arg->valid, words * sizeof(uint64_t));
        out->valid = slot->valid;
        return;
    }
    for (size_t i = 0; i < words; i++) {
        out->valid[i] &= arg->valid[i];
    }
}

static void
merge_errors(wr_program *program, program_slot *slot, const wr_vector *arg, int row_count,
             wr_vector *out)
{
    if (!slot->errors) {
        slot->errors = WR_NEW_ARRAY(program->arena, uint8_t, WR_BATCH_ROWS);
    }
    if (!out->errors) {
        memcpy(slot->errors, arg->errors, (size_t)row_count);
        out->errors = slot->errors;
        return;
    }
    for (int i = 0; i < row_count; i++) {
        out->errors[i] = out->errors[i] ? out->errors[i] : arg->errors[i];
    }
}

static bool
vectors_share(const wr_vector *out, const wr_vector *arg)
{
    return arg->kind != WR_DICTIONARY &&
           (out->data == arg->data || (out->valid && out->valid == arg->valid) ||
            (out->errors && out->errors == arg->errors));
}

/* A kernel may answer with a vector that borrows from an argument, whose slot may be reused soon:
 * copy it into our own slot. */
static void
step_unshare(const program_step *step, const wr_vector *args, const program_run *run,
             wr_vector *out)
{
    for (int i = 0; i < step->arg_count; i++) {
        if (vectors_share(out, &args[i])) {
            uint16_t *rows = wr_arena_alloc(run->arena, sizeof(*rows) * (size_t)run->row_count);
            for (int k = 0; k < run->row_count; k++) {
                rows[k] = (uint16_t)k;
            }
            *out = wr_vector_gather(out, rows, run->row_count, run->arena);
            return;
        }
    }
}

static void
step_run(wr_program *program, const program_step *step, const program_run *run)
{
    wr_vector *args = program->args;
    bool all_constant = step->arg_count > 0;
    for (int i = 0; i < step->arg_count; i++) {
        args[i] = program->values[step->args[i]];
        if (args[i].kind == WR_DICTIONARY) {
            args[i] = wr_vector_flatten(&args[i], run->row_count, run->arena);
        }
        all_constant = all_constant && args[i].kind == WR_CONSTANT;
    }
    program_slot *slot = &program->slots[step->slot];
    wr_vector *out = &program->values[step->out];
    int row_count = all_constant ? 1 : run->row_count;
    *out = (wr_vector){.type = step->type, .kind = WR_FLAT, .data = slot->data};
    if (!(step->function->flags & WR_FN_NULL_AWARE)) {
        if (merge_constants(step, args, out)) {
            return;
        }
        for (int i = 0; i < step->arg_count; i++) {
            if (args[i].kind == WR_FLAT && args[i].valid) {
                merge_valid(slot, &args[i], row_count, out);
            }
            if (args[i].kind == WR_FLAT && args[i].errors) {
                merge_errors(program, slot, &args[i], row_count, out);
            }
        }
    }
    wr_call call = {.n = row_count,
                    .arg_count = step->arg_count,
                    .args = args,
                    .out = out,
                    .arena = run->arena,
                    .now_us = run->now_us,
                    .prepared = step->prepared};
    step->function->kernel(&call);
    if (all_constant) {
        *out = wr_vector_flatten(out, 1, run->arena);
        out->kind = WR_CONSTANT;
    }
    if (out->data != slot->data) {
        step_unshare(step, args, &(program_run){row_count, run->now_us, run->arena}, out);
        out->kind = all_constant ? WR_CONSTANT : out->kind;
    }
}

void
wr_program_eval(wr_program *program, const wr_batch *batch, int64_t now_us, wr_arena *arena,
                wr_vector *outs)
{
    assert(batch->row_count <= WR_BATCH_ROWS);
    program_run run = {batch->row_count, now_us, arena};
    for (int i = 0; i < program->value_count; i++) {
        int column = program->sources[i].column;
        if (column >= 0) {
            assert(column < batch->column_count);
            program->values[i] = batch->columns[column];
        }
    }
    for (int i = 0; i < program->step_count; i++) {
        step_run(program, &program->steps[i], &run);
    }
    for (int i = 0; i < program->output_count; i++) {
        outs[i] = program->values[program->outputs[i]];
    }
}
