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

static bool
node_has_state(const wr_plan_node *node)
{
    const wr_operator_ops *ops = wr_operator_ops_of(node->kind);
    return !ops || ops->mark; /* a scan is no operator of the list */
}

static void
names_add(const wr_plan_node *node, wr_state_name *names, int *count, wr_arena *arena)
{
    for (int i = 0; i < node->input_count; i++) {
        names_add(node->inputs[i], names, count, arena);
    }
    if (!node_has_state(node)) {
        return;
    }
    int number = 1;
    for (int i = 0; i < *count; i++) {
        number += names[i].node->kind == node->kind;
    }
    wr_buffer text;
    wr_buffer_init(&text);
    wr_state_name *name = &names[(*count)++];
    name->node = node;
    name->name = wr_arena_printf(arena, "%s %d", wr_plan_node_name(node), number);
    wr_plan_fingerprint(node, &text);
    name->fingerprint =
        wr_arena_printf(arena, "%016" PRIx64, wr_checksum(text.data, text.size));
    wr_buffer_reset(&text);
    wr_plan_describe_node(node, &text);
    name->description = wr_arena_text(arena, (wr_text){text.data, text.size});
    wr_buffer_fini(&text);
}

wr_state_name *
wr_state_names(const wr_plan *plan, wr_arena *arena, int *count)
{
    wr_state_name *names = WR_NEW_ARRAY(arena, wr_state_name, plan->node_count);
    *count = 0;
    for (int i = 0; i < plan->root_count; i++) {
        names_add(plan->roots[i], names, count, arena);
    }
    return names;
}

/* Who runs the node. */
static wr_holder
holder_of(const wr_state_name *name, wr_operator *const *operators, int operator_count,
          wr_scan *const *scans, int scan_count)
{
    wr_holder holder = {.name = *name};
    for (int i = 0; i < operator_count; i++) {
        holder.op = operators[i]->node == name->node ? operators[i] : holder.op;
    }
    for (int i = 0; i < scan_count; i++) {
        holder.scan = scans[i]->op.node == name->node ? scans[i] : holder.scan;
    }
    holder.op = holder.scan ? &holder.scan->op : holder.op;
    return holder;
}

wr_holders
wr_holders_find(const wr_plan *plan, wr_arena *arena, wr_operator *const *operators,
                int operator_count, wr_scan *const *scans, int scan_count)
{
    wr_holders holders = {0};
    const wr_state_name *names = wr_state_names(plan, arena, &holders.count);
    holders.items = WR_NEW_ARRAY(arena, wr_holder, holders.count);
    for (int i = 0; i < holders.count; i++) {
        holders.items[i] = holder_of(&names[i], operators, operator_count, scans, scan_count);
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
                    WR_TEXT_ARG(from->description), WR_TEXT_ARG(holder->name.description));
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
        if (wr_text_equal(holders->items[i].name.name, name)) {
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
        if (!wr_text_equal(holder->name.fingerprint, from->fingerprint)) {
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
