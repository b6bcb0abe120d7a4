/* Panes of open windows, and what happens when a window closes.
 *
 *   HOPPING size 10 advance 4: panes of gcd = 2      window [4,14) = panes 4 6 8 10 12
 *
 *   panes   (4, first 14) (6, first 14) (6, first 18) (8, first 18) …
 *                                        ▲ rows at 6 or 7 that came when [4,14) … had closed for
 *                                          them: later windows combine them, earlier ones do not
 *
 * A window of 30 panes is not combined from 30: panes before the flip point hold the sums from them
 * to it, `front` holds the sum behind it, so window = one pane + front. When no pane before the
 * flip point is left in the window, its panes are summed up from last to first, and it flips.
 *
 *   panes      a     b     c  │ d     e            window [b, f) = (b+c) + front
 *   hold     a+b+c  b+c    c  │ d     e            window [d, h): flip, d+e+f+g  e+f+g  f+g  g │
 *                        front = d+e
 *
 * A window of which something was spilled, or for whose sums there is no room, is merged from its
 * panes instead (aggregate_merge.c).
 *
 * TUMBLING (and every window under EMIT CHANGES) has one pane that is the window itself.
 *
 * Panes number their groups by one set of keys, so that combining them is adding up arrays. When
 * the set holds more than about twice the keys that panes have lately had, the next pane begins a
 * new one: keys that come no more are forgotten, and arrays stay dense. Of very many keys without
 * panes to combine, a quarter more is too much already.
 *
 * 1. Panes are sorted by (start, first_end); those of one window are neighbours.
 * 2. Window e combines the panes with start in [e − size, e) and first_end ≤ e.
 * 3. A pane goes when its last window has closed. Closed windows never come back: rows are judged
 *    against a watermark that has passed them.
 * 4. A pane that a closing window combines gets no more rows, except late ones in panes of their
 *    own (is_late), which are combined one by one.
 * 5. Which set a pane has changes no result: tables of different sets are combined by key.
 * 6. Windows without rows are never visited: the next end is found from the panes. */
#include "exec/aggregate.h"

#include "core/memory.h"

#include <assert.h>

enum { AGGREGATE_FREE_TABLES = 64, KEYS_LOOK_BACK = 4, KEYS_STALE_MIN = 8, KEYS_LARGE = 1 << 16 };

static wr_group_table *
aggregate_take_table(wr_window_aggregate *aggregate)
{
    if (aggregate->free_table_count > 0) {
        return aggregate->free_tables[--aggregate->free_table_count];
    }
    return wr_group_table_new(aggregate->table_layout);
}

static void
aggregate_return_table(wr_window_aggregate *aggregate, wr_group_table *table)
{
    if (!aggregate->free_tables) {
        aggregate->free_tables = wr_alloc_array(AGGREGATE_FREE_TABLES, sizeof(wr_group_table *));
    }
    if (aggregate->free_table_count == AGGREGATE_FREE_TABLES) {
        wr_group_table_free(table);
        return;
    }
    wr_group_table_reset(table, aggregate->usual_groups);
    aggregate->free_tables[aggregate->free_table_count++] = table;
}

/* The set by which a new pane at `place` numbers its groups. */
static wr_key_set *
aggregate_current_keys(wr_window_aggregate *aggregate, int place)
{
    uint32_t usual = aggregate->usual_groups - aggregate->usual_groups / 4;
    for (int i = place - 1; i >= 0 && i >= place - KEYS_LOOK_BACK; i--) {
        uint32_t count = aggregate->panes[i]->groups->present_count;
        usual = count > usual ? count : usual;
    }
    aggregate->usual_groups = usual;
    bool is_strict = usual >= KEYS_LARGE && !aggregate->has_panes;
    uint64_t limit = (uint64_t)usual + (is_strict ? usual / 4 : usual + 2 * KEYS_STALE_MIN);
    if (!aggregate->keys || aggregate->keys->count > limit) {
        wr_key_set_release(aggregate->keys);
        aggregate->keys = wr_key_set_new(&aggregate->table_layout->keys);
    }
    return aggregate->keys;
}

static wr_pane *
aggregate_take_pane(wr_window_aggregate *aggregate)
{
    if (aggregate->free_pane_count > 0) {
        return aggregate->free_panes[--aggregate->free_pane_count];
    }
    return wr_alloc(sizeof(wr_pane));
}

void
wr_aggregate_return_pane(wr_window_aggregate *aggregate, wr_pane *pane)
{
    int max = (int)(sizeof(aggregate->free_panes) / sizeof(aggregate->free_panes[0]));
    aggregate->late_pane_count -= pane->is_late;
    uint32_t count = pane->groups->present_count;
    aggregate->usual_groups =
        count > aggregate->usual_groups ? count : aggregate->usual_groups;
    aggregate_return_table(aggregate, pane->groups);
    if (aggregate->free_pane_count < max) {
        aggregate->free_panes[aggregate->free_pane_count++] = pane;
    } else {
        wr_free(pane);
    }
}

void
wr_aggregate_free_panes(wr_window_aggregate *aggregate)
{
    for (int i = 0; i < aggregate->pane_count; i++) {
        wr_group_table_free(aggregate->panes[i]->groups);
        (void)wr_parts_drop(&aggregate->panes[i]->parts, NULL, NULL);
        wr_free(aggregate->panes[i]);
    }
    for (int i = 0; i < aggregate->free_pane_count; i++) {
        wr_free(aggregate->free_panes[i]);
    }
    for (int i = 0; i < aggregate->free_table_count; i++) {
        wr_group_table_free(aggregate->free_tables[i]);
    }
    wr_group_table_free(aggregate->front);
    wr_key_set_release(aggregate->keys);
    wr_free(aggregate->free_tables);
    wr_free(aggregate->panes);
    aggregate->front = NULL;
    aggregate->keys = NULL;
    aggregate->panes = NULL;
    aggregate->free_tables = NULL;
    aggregate->pane_count = aggregate->free_pane_count = aggregate->free_table_count = 0;
}

void
wr_aggregate_forget_front(wr_window_aggregate *aggregate)
{
    if (aggregate->front) {
        aggregate_return_table(aggregate, aggregate->front);
    }
    aggregate->front = NULL;
    aggregate->front_end_us = aggregate->flip_us;
}

/* ── finding and making ─────────────────────────────────────────────────────────────────────── */

/* The place of the first pane that is not before (start, first_end). */
static int
aggregate_pane_place(const wr_window_aggregate *aggregate, int64_t start_us, int64_t first_end_us)
{
    int low = 0, high = aggregate->pane_count;
    while (low < high) {
        int middle = (low + high) / 2;
        const wr_pane *pane = aggregate->panes[middle];
        bool is_before = pane->start_us != start_us ? pane->start_us < start_us
                                                    : pane->first_end_us < first_end_us;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

static void
aggregate_insert_pane(wr_window_aggregate *aggregate, int place, wr_pane *pane)
{
    aggregate->panes = wr_grow(aggregate->panes, aggregate->pane_count, &aggregate->pane_capacity,
                               sizeof(*aggregate->panes));
    memmove(&aggregate->panes[place + 1], &aggregate->panes[place],
            (size_t)(aggregate->pane_count - place) * sizeof(*aggregate->panes));
    aggregate->panes[place] = pane;
    aggregate->pane_count++;
}

/* Rows with which watermarks have this first window: those for which it is the first that is not
 * closed. For the pane's earliest window there is no lower bound. */
static void
pane_set_admission(const wr_window_aggregate *aggregate, wr_pane *pane)
{
    const wr_window *window = &aggregate->plan->window;
    pane->is_late = pane->first_end_us != wr_window_first_end(window, pane->start_us);
    pane->admit_until_us = wr_time_add_saturated(pane->first_end_us, window->grace_us);
    pane->admit_from_us =
        pane->is_late ? pane->admit_until_us - window->advance_us : WR_TIME_NONE;
}

wr_pane *
wr_aggregate_pane(wr_window_aggregate *aggregate, int64_t start_us, int64_t first_end_us,
                  int64_t last_end_us)
{
    int place = aggregate_pane_place(aggregate, start_us, first_end_us);
    if (place < aggregate->pane_count) {
        wr_pane *found = aggregate->panes[place];
        if (found->start_us == start_us && found->first_end_us == first_end_us) {
            return found;
        }
    }
    wr_pane *pane = aggregate_take_pane(aggregate);
    *pane = (wr_pane){.start_us = start_us,
                      .end_us = WR_TIME_END,
                      .first_end_us = first_end_us,
                      .last_end_us = last_end_us,
                      .admit_from_us = WR_TIME_NONE,
                      .admit_until_us = WR_TIME_END,
                      .segment = -1,
                      .groups = aggregate_take_table(aggregate)};
    if (aggregate->is_windowed) {
        pane->end_us = start_us + aggregate->pane_us;
        pane_set_admission(aggregate, pane);
    }
    if (!pane->is_late && aggregate->shares_keys) {
        wr_group_table_use_keys(pane->groups, aggregate_current_keys(aggregate, place));
    }
    aggregate->late_pane_count += pane->is_late;
    aggregate_insert_pane(aggregate, place, pane);
    return pane;
}

/* ── closing ────────────────────────────────────────────────────────────────────────────────── */

/* The end of the first window that holds rows and is not closed; WR_TIME_END: none. Behind the
 * first pane that is not late, first ends only grow. */
static int64_t
aggregate_next_end(const wr_window_aggregate *aggregate)
{
    int64_t best_us = WR_TIME_END;
    int64_t after_us = wr_window_first_end(&aggregate->plan->window, aggregate->closed_end_us);
    bool is_last = false;
    for (int i = 0; i < aggregate->pane_count && !is_last; i++) {
        const wr_pane *pane = aggregate->panes[i];
        int64_t first_us = pane->first_end_us;
        int64_t next_us = first_us > after_us ? first_us : after_us;
        best_us = next_us < best_us ? next_us : best_us;
        is_last = !pane->is_late || best_us == after_us;
    }
    return best_us;
}

/* What a window's panes are summed up in: the table of one that goes with the window, which costs
 * no copy, or else one of its own. */
typedef struct window_sum {
    wr_group_table *table; /* NULL: nothing yet */
    wr_group_table *own;   /* to be returned; NULL: none was needed */
    bool is_spent;         /* nobody needs the table as it was */
} window_sum;

static void
window_sum_add(wr_window_aggregate *aggregate, window_sum *sum, wr_group_table *more,
               bool more_is_spent)
{
    wr_group_table *before = sum->table;
    if (!before || (!sum->is_spent && more_is_spent)) {
        sum->table = more;
        sum->is_spent = more_is_spent;
        more = before;
    } else if (!sum->is_spent) {
        sum->table = sum->own = aggregate_take_table(aggregate);
        sum->is_spent = true;
        wr_group_table_combine(sum->own, before);
    }
    if (more) {
        wr_group_table_combine(sum->table, more);
    }
}

/* The panes from `start_us` on become sums up to `end_us`, which is where it flips. */
static void
aggregate_flip(wr_window_aggregate *aggregate, int place, int64_t end_us)
{
    const wr_pane *behind = NULL;
    for (int i = aggregate_pane_place(aggregate, end_us, WR_TIME_NONE) - 1; i >= place; i--) {
        wr_pane *pane = aggregate->panes[i];
        if (pane->is_late) {
            continue;
        }
        if (behind) {
            wr_aggregate_settle_pane(aggregate, pane);
            wr_group_table_combine(pane->groups, behind->groups);
        }
        behind = pane;
    }
    aggregate->flip_us = end_us;
    wr_aggregate_forget_front(aggregate);
}

/* `front` takes in the panes that this window has and the one before it had not. */
static void
aggregate_extend_front(wr_window_aggregate *aggregate, int64_t end_us)
{
    int i = aggregate_pane_place(aggregate, aggregate->front_end_us, WR_TIME_NONE);
    for (; i < aggregate->pane_count && aggregate->panes[i]->start_us < end_us; i++) {
        if (!aggregate->panes[i]->is_late) {
            aggregate->front = aggregate->front ? aggregate->front
                                                : aggregate_take_table(aggregate);
            wr_group_table_combine(aggregate->front, aggregate->panes[i]->groups);
        }
    }
    aggregate->front_end_us = end_us;
}

/* Emits the window from sums of its panes. */
static wr_status
aggregate_emit_sums(wr_window_aggregate *aggregate, int place, int64_t end_us, wr_error *err)
{
    int64_t start_us = end_us - aggregate->plan->window.size_us;
    if (start_us >= aggregate->flip_us) {
        aggregate_flip(aggregate, place, end_us);
    } else {
        aggregate_extend_front(aggregate, end_us);
    }
    window_sum sum = {.table = aggregate->front};
    bool has_back = false;
    for (int i = place; i < aggregate->pane_count; i++) {
        if (has_back && aggregate->late_pane_count == 0) {
            break;
        }
        wr_pane *pane = aggregate->panes[i];
        if (pane->start_us >= end_us) {
            break;
        }
        bool is_back = !pane->is_late && !has_back && pane->start_us < aggregate->flip_us;
        has_back = has_back || is_back;
        if (is_back || (pane->is_late && pane->first_end_us <= end_us)) {
            bool is_spent = pane->last_end_us <= end_us;
            if (is_spent) {
                wr_aggregate_settle_pane(aggregate, pane);
            }
            window_sum_add(aggregate, &sum, pane->groups, is_spent);
        }
    }
    wr_status status =
        sum.table ? wr_aggregate_emit_all(aggregate, sum.table, end_us, err) : WR_OK;
    if (sum.own) {
        aggregate_return_table(aggregate, sum.own);
    }
    return status;
}

/* Are all its panes in memory, and if it flips, is there room for the sums? */
static bool
window_has_sums(wr_window_aggregate *aggregate, int place, int64_t end_us)
{
    bool has_parts = false;
    int i = place;
    for (; i < aggregate->pane_count && aggregate->panes[i]->start_us < end_us; i++) {
        has_parts = has_parts || aggregate->panes[i]->parts;
    }
    bool flips = end_us - aggregate->plan->window.size_us >= aggregate->flip_us;
    return !has_parts && (!flips || wr_aggregate_has_room(aggregate, i - place));
}

/* Emits the window from its panes one by one, without `front`. */
static wr_status
aggregate_merge_panes(wr_window_aggregate *aggregate, int place, int64_t end_us, wr_error *err)
{
    wr_pane **panes = wr_alloc_array((size_t)(aggregate->pane_count - place), sizeof(*panes));
    int count = 0;
    bool has_back = false;
    for (int i = place; i < aggregate->pane_count && aggregate->panes[i]->start_us < end_us; i++) {
        wr_pane *pane = aggregate->panes[i];
        bool is_back = !pane->is_late && pane->start_us < aggregate->flip_us;
        if (pane->is_late ? pane->first_end_us <= end_us : !(is_back && has_back)) {
            panes[count++] = pane;
        }
        has_back = has_back || is_back;
    }
    wr_status status = wr_aggregate_emit_merged(aggregate, panes, count, end_us, err);
    wr_free(panes);
    return status;
}

/* Emits the window from its panes. */
static wr_status
aggregate_emit_panes(wr_window_aggregate *aggregate, int64_t end_us, wr_error *err)
{
    int64_t start_us = end_us - aggregate->plan->window.size_us;
    int place = aggregate_pane_place(aggregate, start_us, WR_TIME_NONE);
    return window_has_sums(aggregate, place, end_us)
               ? aggregate_emit_sums(aggregate, place, end_us, err)
               : aggregate_merge_panes(aggregate, place, end_us, err);
}

/* Emits the window whose one pane is itself. */
static wr_status
aggregate_emit_whole(wr_window_aggregate *aggregate, int64_t end_us, wr_error *err)
{
    int64_t start_us = end_us - aggregate->plan->window.size_us;
    int place = aggregate_pane_place(aggregate, start_us, end_us);
    assert(place < aggregate->pane_count && aggregate->panes[place]->first_end_us == end_us);
    wr_pane *pane = aggregate->panes[place];
    if (pane->parts) {
        return wr_aggregate_emit_merged(aggregate, &pane, 1, end_us, err);
    }
    return aggregate->layout.tracks_changes
               ? wr_aggregate_emit_changes(aggregate, pane, end_us, err)
               : wr_aggregate_emit_all(aggregate, pane->groups, end_us, err);
}

/* Last ends grow with starts: the panes that have closed come first. */
static wr_status
aggregate_drop_closed(wr_window_aggregate *aggregate, wr_error *err)
{
    int closed = 0;
    wr_status status = WR_OK;
    while (closed < aggregate->pane_count && status == WR_OK &&
           aggregate->panes[closed]->last_end_us <= aggregate->closed_end_us) {
        status = wr_parts_drop(&aggregate->panes[closed]->parts, aggregate->op.context->spill, err);
        wr_aggregate_leave_pane(aggregate, aggregate->panes[closed++]);
    }
    if (closed > 0) {
        aggregate->pane_count -= closed;
        memmove(aggregate->panes, aggregate->panes + closed,
                (size_t)aggregate->pane_count * sizeof(*aggregate->panes));
    }
    return status;
}

wr_status
wr_aggregate_close_windows(wr_window_aggregate *aggregate, int64_t watermark_us, wr_error *err)
{
    int64_t grace_us = aggregate->plan->window.grace_us;
    for (;;) {
        int64_t end_us = aggregate_next_end(aggregate);
        if (end_us == WR_TIME_END || wr_time_add_saturated(end_us, grace_us) > watermark_us) {
            return WR_OK;
        }
        WR_TRY(aggregate->has_panes ? aggregate_emit_panes(aggregate, end_us, err)
                                    : aggregate_emit_whole(aggregate, end_us, err));
        aggregate->closed_end_us = end_us;
        WR_TRY(aggregate_drop_closed(aggregate, err));
    }
}
