/* Finding columns by name.
 *
 *     columns  Host  v  │ _key _offset │ window_start          unquoted host → Host
 *                                                              "host" → no exact one, so Host
 *
 * Invariants
 * 1. An unquoted name matches without case; two columns that differ in case only need quotes.
 * 2. A quoted name takes the column that is spelled so; only without one does case not matter.
 * 3. Window columns come before visible ones, pseudo-columns after them. */
#include "planner/scope.h"

#include <string.h>

void
wr_scope_add(wr_scope *scope, wr_arena *arena, wr_scope_column column)
{
    if (scope->count == scope->capacity) {
        scope->capacity = scope->capacity ? 2 * scope->capacity : 16;
        wr_scope_column *grown = WR_NEW_ARRAY(arena, wr_scope_column, scope->capacity);
        if (scope->count > 0) {
            memcpy(grown, scope->columns, (size_t)scope->count * sizeof *grown);
        }
        scope->columns = grown;
    }
    scope->columns[scope->count++] = column;
}

static int
scope_find_kind(const wr_scope *scope, wr_ast_name name, wr_scope_kind kind)
{
    int found = -1;
    bool several = false;
    for (int i = 0; i < scope->count; i++) {
        const wr_scope_column *column = &scope->columns[i];
        if (column->kind != kind || !wr_text_equal_nocase(column->name, name.text)) {
            continue;
        }
        if (name.quoted && wr_text_equal(column->name, name.text)) {
            return i;
        }
        several |= found >= 0;
        found = i;
    }
    return several ? -2 : found;
}

int
wr_scope_find(const wr_scope *scope, wr_ast_name name)
{
    static const wr_scope_kind order[] = {WR_SCOPE_WINDOW, WR_SCOPE_VISIBLE, WR_SCOPE_PSEUDO};
    int found = -1;
    for (int i = 0; i < 3 && found == -1; i++) {
        found = scope_find_kind(scope, name, order[i]);
    }
    return found;
}

void
wr_scope_suggest(const wr_scope *scope, wr_text name, wr_error *err)
{
    enum { NAMES_MAX = 256 };
    wr_text names[NAMES_MAX];
    int count = 0;
    char list[600];
    size_t size = 0;
    for (int i = 0; i < scope->count && count < NAMES_MAX; i++) {
        const wr_scope_column *column = &scope->columns[i];
        names[count++] = column->name;
        if (column->kind == WR_SCOPE_VISIBLE && size + column->name.size + 3 < sizeof list) {
            memcpy(list + size, ", ", 2);
            memcpy(list + size + 2, column->name.data, column->name.size);
            size += column->name.size + 2;
        }
    }
    if (size > 2) {
        wr_error_detail(err, "its columns are %.*s", (int)size - 2, list + 2);
    }
    int near = wr_text_nearest(name, names, count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
}
