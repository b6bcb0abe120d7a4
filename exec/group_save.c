/* What of a group table a checkpoint has to save.
 *
 *   rows ─▶ DIRTY          mark: DIRTY ─▶ PENDING          saved, slice by slice or just before it
 *                                                          changes: PENDING ─▶ ·
 *
 *   flags   P  PD P  PD    mark    P  PW P  PW    a row for group 1: saved first   P  PD P  PW
 *
 * A byte a group is enough, and a mark is one loop over bytes, 50 µs for a million of them.
 *
 * 1. PENDING groups still have the state of the mark: whoever changes groups takes those of them
 *    that are pending, and saves them, before.
 * 2. DIRTY and PENDING groups are PRESENT. Counts hold at all times. */
#include "exec/group_table.h"

#include <assert.h>

void
wr_group_table_begin_save(wr_group_table *table, bool all)
{
    uint8_t *flags = table->flags;
    const uint8_t chosen = all ? WR_GROUP_PRESENT : WR_GROUP_DIRTY | WR_GROUP_PENDING;
    uint32_t pending_count = 0;
    for (uint32_t i = 0; i < table->limit; i++) {
        uint8_t is_chosen = (flags[i] & chosen) != 0;
        flags[i] = (uint8_t)((flags[i] & WR_GROUP_PRESENT) | is_chosen * WR_GROUP_PENDING);
        pending_count += is_chosen;
    }
    table->pending_count = pending_count;
    table->dirty_count = 0;
    wr_group_table_unmark(table);
}

void
wr_group_table_is_saved(wr_group_table *table)
{
    for (uint32_t i = 0; i < table->limit; i++) {
        table->flags[i] &= WR_GROUP_PRESENT;
    }
    table->dirty_count = table->pending_count = 0;
    wr_group_table_unmark(table);
}

/* The first place from `at` on where eight flags are not all without PENDING. */
static uint32_t
skip_saved(const wr_group_table *table, uint32_t at)
{
    const uint64_t pending = 0x0101010101010101u * WR_GROUP_PENDING;
    for (uint64_t flags; at + sizeof(flags) <= table->limit; at += sizeof(flags)) {
        memcpy(&flags, table->flags + at, sizeof(flags));
        if (flags & pending) {
            break;
        }
    }
    return at;
}

int
wr_group_table_take_pending(wr_group_table *table, uint32_t *from, int max, uint32_t *taken)
{
    int count = 0;
    uint32_t at = *from;
    while (count < max && table->pending_count > (uint32_t)count) {
        at = skip_saved(table, at);
        assert(at < table->limit);
        uint32_t end = at + 8 < table->limit ? at + 8 : table->limit;
        for (; at < end && count < max; at++) {
            taken[count] = at;
            count += (table->flags[at] & WR_GROUP_PENDING) != 0;
            table->flags[at] &= (uint8_t)~WR_GROUP_PENDING;
        }
    }
    table->pending_count -= (uint32_t)count;
    *from = at;
    return count;
}

int
wr_group_table_take_pending_of(wr_group_table *table, const uint32_t *groups, int count,
                               uint32_t *taken)
{
    int taken_count = 0;
    for (int i = 0; i < count; i++) {
        uint8_t *flags = &table->flags[groups[i]];
        taken[taken_count] = groups[i];
        taken_count += (*flags & WR_GROUP_PENDING) != 0;
        *flags &= (uint8_t)~WR_GROUP_PENDING;
    }
    table->pending_count -= (uint32_t)taken_count;
    return taken_count;
}
