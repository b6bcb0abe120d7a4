/* Scans decode what is wanted, and nothing else.
 *
 *     declared  ts, host, p JSON, note      wanted  p→load, host, _offset, CAST(p→n AS BIGINT)
 *     decoded   host, p.load, p.n BIGINT    then pseudo-columns  _offset
 *
 * Invariants
 * 1. Declared columns come first, in their order, then paths as they were wanted, then
 *    pseudo-columns.
 * 2. A path is taken only where bytes are decoded as JSON; else the whole column is decoded.
 * 3. Each path is decoded once: where more than one thing is made of a value, it is the value. */
#include "planner/prune.h"

#include <string.h>

typedef struct scan_layout {
    wr_plan_scan *scan;
    wr_decode_column *decode;
    const wr_expr **derive;
    int *declared_index;
    wr_column *columns;
    int count;
    wr_pseudo *pseudo;
} scan_layout;

/* Only where bytes are decoded: rows come with whole columns. */
static bool
scan_takes_paths(const wr_plan_scan *scan)
{
    return scan->source->needs_format && scan->format && strcmp(scan->format->name, "json") == 0;
}

/* a.b[1] */
static wr_text
column_name(const wr_decode_column *column, wr_arena *arena)
{
    wr_text name = column->path[0];
    for (int i = 1; i < column->path_length; i++) {
        bool is_index = column->path_indexes >> i & 1;
        name = wr_arena_printf(arena, is_index ? "%.*s[%.*s]" : "%.*s.%.*s", WR_TEXT_ARG(name),
                               WR_TEXT_ARG(column->path[i]));
    }
    return name;
}

static void
layout_add(scan_layout *layout, wr_arena *arena, int column, const wr_need *item)
{
    const wr_column *declared = &layout->scan->declared.columns[column];
    wr_text *path = WR_NEW_ARRAY(arena, wr_text, 1 + item->path_length);
    path[0] = declared->name;
    for (int i = 0; i < item->path_length; i++) {
        path[i + 1] = item->path[i];
    }
    wr_decode_column *decode = &layout->decode[layout->count];
    *decode =
        (wr_decode_column){.path = path,
                           .path_length = 1 + item->path_length,
                           .path_indexes = item->indexes << 1,
                           .type = item->derive ? item->derive->type : declared->type,
                           .derived = item->derive != NULL,
                           .not_null = item->path_length == 0 && declared->not_null,
                           .learned = layout->scan->learned && declared->type.id == WR_TYPE_BIGINT};
    layout->declared_index[layout->count] = column;
    layout->columns[layout->count] = *declared;
    layout->columns[layout->count].type = decode->type;
    layout->columns[layout->count].name = column_name(decode, arena);
    layout->derive[layout->count++] = item->derive;
}

/* Is the path of this need wanted in another form, too? The first of those, else itself. */
static int
path_first(const wr_needs *wanted, int number, bool *only)
{
    int first = number;
    *only = true;
    for (int i = wanted->count - 1; i >= 0; i--) {
        if (i != number && wr_need_same_path(&wanted->items[i], &wanted->items[number])) {
            first = i < first ? i : first;
            *only = false;
        }
    }
    return first;
}

/* The path of need `number`, as a column of its own unless one has it already. */
static void
layout_path(scan_layout *layout, wr_needs *wanted, int number)
{
    wr_need *item = &wanted->items[number];
    bool only;
    int first = path_first(wanted, number, &only);
    wr_need plain = *item;
    plain.derive = only ? item->derive : NULL;
    item->absorbed = true;
    item->derived = only;
    item->at = first < number ? wanted->items[first].at : layout->count;
    if (first == number) {
        layout_add(layout, wanted->arena, item->column, &plain);
    }
}

/* Declared columns in order, then paths. */
static void
layout_decoded(scan_layout *layout, wr_needs *wanted)
{
    int declared_count = layout->scan->declared.count;
    bool paths = scan_takes_paths(layout->scan);
    int *now = WR_NEW_ARRAY(wanted->arena, int, declared_count);
    for (int i = 0; i < wanted->count; i++) {
        const wr_need *item = &wanted->items[i];
        if (item->column < declared_count && (item->path_length == 0 || !paths)) {
            now[item->column] = 1;
        }
    }
    wr_need plain = {0};
    for (int c = 0; c < declared_count; c++) {
        if (now[c]) {
            now[c] = layout->count;
            layout_add(layout, wanted->arena, c, &plain);
        }
    }
    for (int i = 0; i < wanted->count; i++) {
        wr_need *item = &wanted->items[i];
        if (item->column >= declared_count) {
            continue;
        }
        if (item->path_length > 0 && paths) {
            layout_path(layout, wanted, i);
            continue;
        }
        item->absorbed = item->derived = false;
        item->at = now[item->column];
    }
}

static void
layout_pseudo(scan_layout *layout, wr_needs *wanted, const wr_schema *before)
{
    wr_plan_scan *scan = layout->scan;
    for (int p = 0; p < WR_PSEUDO_COUNT; p++) {
        bool used = false;
        for (int i = 0; i < wanted->count; i++) {
            wr_need *item = &wanted->items[i];
            if (item->column == scan->declared.count + p) {
                item->at = layout->count;
                item->absorbed = false;
                used = true;
            }
        }
        if (used) {
            layout->columns[layout->count++] = before->columns[scan->declared.count + p];
            layout->pseudo[scan->pseudo_count++] = (wr_pseudo)p;
            scan->pseudo_mask |= 1u << p;
        }
    }
}

void
wr_prune_scan(wr_plan_node *node, wr_needs *wanted)
{
    wr_arena *arena = wanted->arena;
    wr_plan_scan *scan = &node->u.scan;
    wr_needs_of(wanted, scan->event_time);
    size_t capacity = (size_t)wanted->count + 1;
    scan_layout layout = {.scan = scan,
                          .decode = WR_NEW_ARRAY(arena, wr_decode_column, capacity),
                          .derive = WR_NEW_ARRAY(arena, const wr_expr *, capacity),
                          .declared_index = WR_NEW_ARRAY(arena, int, capacity),
                          .columns = WR_NEW_ARRAY(arena, wr_column, capacity),
                          .pseudo = WR_NEW_ARRAY(arena, wr_pseudo, WR_PSEUDO_COUNT)};
    layout_decoded(&layout, wanted);
    scan->decode = layout.decode;
    scan->derive = layout.derive;
    scan->decode_count = layout.count;
    scan->declared_index = layout.declared_index;
    scan->pseudo_mask = 0;
    layout_pseudo(&layout, wanted, &node->schema);
    scan->pseudo = layout.pseudo;
    node->schema = (wr_schema){layout.columns, layout.count};
    scan->event_time = wr_needs_answered(wanted, scan->event_time);
}
