/* Names of state, and how a plan finds its own again.
 *
 *   plan                          name           fingerprint
 *     aggregate avg(v) by host    aggregate 1    8 hex digits × 2 of all that decides its meaning
 *       scan kafka('cpu')         scan 1
 *
 * A plan whose text has changed finds its state by name, and goes on with it if the fingerprint is
 * the same: what stands above an operator may change, what it counts may not.
 *
 * 1. Names count the operators of a kind in order of the plan's nodes.
 * 2. An operator keeps the number that the store knows it by. */
#include "exec/state/identity.h"

#include "core/checksum.h"
#include "exec/scan_state.h"
#include "planner/fingerprint.h"

#include <inttypes.h>

static void
holder_name(wr_holder *holder, const wr_holders *before, wr_arena *arena)
{
    const wr_plan_node *node = holder->op->node;
    int number = 1;
    for (int i = 0; i < before->count; i++) {
        number += before->items[i].op->node->kind == node->kind;
    }
    holder->name = wr_arena_printf(arena, "%s %d", wr_plan_node_name(node), number);
    wr_buffer text;
    wr_buffer_init(&text);
    wr_plan_fingerprint(node, &text);
    uint64_t hash = wr_checksum(text.data, text.size);
    holder->fingerprint = wr_arena_printf(arena, "%016" PRIx64, hash);
    wr_buffer_reset(&text);
    wr_plan_describe_node(node, &text);
    holder->description = wr_arena_text(arena, (wr_text){text.data, text.size});
    wr_buffer_fini(&text);
}

static void
holders_add(wr_holders *holders, wr_operator *op, wr_scan *scan)
{
    int place = holders->count++;
    for (; place > 0 && holders->items[place - 1].op->node->id > op->node->id; place--) {
        holders->items[place] = holders->items[place - 1];
    }
    holders->items[place] = (wr_holder){.op = op, .scan = scan};
}

wr_holders
wr_holders_find(wr_arena *arena, wr_operator *const *operators, int operator_count,
                wr_scan *const *scans, int scan_count)
{
    wr_holders holders = {WR_NEW_ARRAY(arena, wr_holder, operator_count + scan_count + 1), 0};
    for (int i = 0; i < operator_count; i++) {
        if (operators[i]->ops->mark) {
            holders_add(&holders, operators[i], NULL);
        }
    }
    for (int i = 0; i < scan_count; i++) {
        holders_add(&holders, &scans[i]->op, scans[i]);
    }
    for (int i = 0; i < holders.count; i++) {
        wr_holders before = {holders.items, i};
        holder_name(&holders.items[i], &before, arena);
        holders.items[i].op->state_id = i + 1;
    }
    return holders;
}

/* ── restoring ──────────────────────────────────────────────────────────────────────────────── */

static wr_status
holder_unknown(const wr_operator_state *from, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0912", "the state holds \"%.*s\", which the query has not",
                 WR_TEXT_ARG(from->name));
    wr_error_detail(err, "it was: %.*s", WR_TEXT_ARG(from->description));
    wr_error_hint(err, "run the job as it was, or start this one under a new name");
    return WR_ERR_STATE;
}

static wr_status
holder_differs(const wr_operator_state *from, const wr_holder *holder, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0912", "the saved state of \"%.*s\" means something else",
                 WR_TEXT_ARG(from->name));
    wr_error_detail(err, "it was: %.*s; it is: %.*s (or what it reads has changed)",
                    WR_TEXT_ARG(from->description), WR_TEXT_ARG(holder->description));
    wr_error_hint(err, "run the job as it was, or start this one under a new name");
    return WR_ERR_STATE;
}

static wr_status
holder_load(const wr_holder *holder, wr_store *store, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_segment *segments = NULL;
    int count = 0;
    wr_status status = wr_store_list_segments(store, holder->op->state_id, arena, &segments,
                                              &count, err);
    for (int i = 0; i < count && status == WR_OK; i++) {
        wr_buffer_init(&segments[i].body);
        status = wr_store_read_segment(store, segments[i].id, &segments[i].body, err);
        status = status == WR_OK ? holder->op->ops->load(holder->op, &segments[i], err) : status;
        wr_buffer_fini(&segments[i].body);
    }
    wr_arena_free(arena);
    return status;
}

static wr_status
holder_restore(const wr_holder *holder, const wr_operator_state *from, wr_store *store,
               wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    holder->op->state_id = from->operator_id;
    if (holder->scan) {
        return wr_scan_restore(holder->scan, from->meta, job->positions, job->position_count, err);
    }
    WR_TRY(holder->op->ops->restore(holder->op, from->meta, err));
    return holder->op->ops->load ? holder_load(holder, store, err) : WR_OK;
}

static const wr_holder *
holders_by_name(const wr_holders *holders, wr_text name)
{
    for (int i = 0; i < holders->count; i++) {
        if (wr_text_equal(holders->items[i].name, name)) {
            return &holders->items[i];
        }
    }
    return NULL;
}

wr_status
wr_holders_restore(const wr_holders *holders, wr_store *store, wr_error *err)
{
    const wr_store_job *job = wr_store_job_of(store);
    int found_count = 0;
    for (int i = 0; i < job->operator_count; i++) {
        const wr_operator_state *from = &job->operators[i];
        const wr_holder *holder = holders_by_name(holders, from->name);
        if (!holder) {
            return holder_unknown(from, err);
        }
        if (!wr_text_equal(holder->fingerprint, from->fingerprint)) {
            return holder_differs(from, holder, err);
        }
        WR_TRY(holder_restore(holder, from, store, err));
        found_count++;
    }
    if (job->epoch > 0 && found_count < holders->count) {
        wr_error_set(err, WR_ERR_STATE, "E0912",
                     "the query has operators with state that the saved one had not");
        wr_error_hint(err, "run the job as it was, or start this one under a new name");
        return WR_ERR_STATE;
    }
    return WR_OK;
}
