/* The in-memory catalog: a sorted array of entries, each with an arena of its own that holds the
 * statement's text and tree.
 *
 *     CREATE STREAM Cpu …      entries: [alerts view] [Cpu stream] [hosts table]
 *     SELECT … FROM CPU        found by binary search without case
 *
 * Invariants
 * 1. Entries are sorted by name without case; no two are equal so.
 * 2. An entry owns all that it points to; replacing or dropping it frees its arena. */
#include "planner/catalog.h"

#include "core/memory.h"
#include "parser/parser.h"

#include <assert.h>
#include <string.h>

struct wr_catalog {
    wr_catalog_entry *entries;
    int count, capacity;
};

wr_catalog *
wr_catalog_new(void)
{
    return wr_alloc(sizeof(wr_catalog));
}

void
wr_catalog_free(wr_catalog *catalog)
{
    if (!catalog) {
        return;
    }
    for (int i = 0; i < catalog->count; i++) {
        wr_arena_free(catalog->entries[i].arena);
    }
    wr_free(catalog->entries);
    wr_free(catalog);
}

const char *
wr_catalog_kind_name(wr_catalog_kind kind)
{
    switch (kind) {
    case WR_CATALOG_STREAM: return "stream";
    case WR_CATALOG_TABLE: return "table";
    case WR_CATALOG_VIEW: return "view";
    }
    return "";
}

static int
letter_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
}

int
wr_name_compare(wr_text a, wr_text b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < common; i++) {
        int difference = letter_lower(a.data[i]) - letter_lower(b.data[i]);
        if (difference != 0) {
            return difference;
        }
    }
    return a.size < b.size ? -1 : a.size > b.size;
}

/* Index of the first entry whose name is not before `name`. */
static int
catalog_lower_bound(const wr_catalog *catalog, wr_text name)
{
    int low = 0, high = catalog->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (wr_name_compare(catalog->entries[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const wr_catalog_entry *
wr_catalog_find(const wr_catalog *catalog, wr_text name)
{
    int at = catalog_lower_bound(catalog, name);
    bool found = at < catalog->count && wr_name_compare(catalog->entries[at].name, name) == 0;
    return found ? &catalog->entries[at] : NULL;
}

int
wr_catalog_count(const wr_catalog *catalog)
{
    return catalog->count;
}

const wr_catalog_entry *
wr_catalog_at(const wr_catalog *catalog, int i)
{
    assert(i >= 0 && i < catalog->count);
    return &catalog->entries[i];
}

/* Kind and name of what a CREATE statement declares. */
static wr_catalog_entry
entry_of(const wr_ast_statement *statement)
{
    if (statement->kind == WR_AST_STATEMENT_CREATE_VIEW) {
        return (wr_catalog_entry){.kind = WR_CATALOG_VIEW, .name = statement->u.view.name.text};
    }
    assert(statement->kind == WR_AST_STATEMENT_CREATE_STREAM ||
           statement->kind == WR_AST_STATEMENT_CREATE_TABLE);
    bool stream = statement->kind == WR_AST_STATEMENT_CREATE_STREAM;
    return (wr_catalog_entry){.kind = stream ? WR_CATALOG_STREAM : WR_CATALOG_TABLE,
                              .name = statement->u.table->name.text};
}

static void
catalog_insert(wr_catalog *catalog, wr_catalog_entry entry)
{
    int at = catalog_lower_bound(catalog, entry.name);
    if (at < catalog->count && wr_name_compare(catalog->entries[at].name, entry.name) == 0) {
        wr_arena_free(catalog->entries[at].arena);
        catalog->entries[at] = entry;
        return;
    }
    catalog->entries =
        wr_grow(catalog->entries, catalog->count, &catalog->capacity, sizeof *catalog->entries);
    memmove(catalog->entries + at + 1, catalog->entries + at,
            (size_t)(catalog->count - at) * sizeof *catalog->entries);
    catalog->entries[at] = entry;
    catalog->count++;
}

wr_status
wr_catalog_put(wr_catalog *catalog, wr_text sql, wr_error *err)
{
    wr_arena *arena = wr_arena_new(4096);
    wr_text text = wr_arena_text(arena, sql);
    size_t consumed;
    wr_ast_statement *statement;
    wr_status status = wr_parse_statement(arena, text, &consumed, &statement, err);
    if (status != WR_OK) {
        wr_arena_free(arena);
        return status;
    }
    wr_catalog_entry entry = entry_of(statement);
    entry.sql = text;
    entry.statement = statement;
    entry.arena = arena;
    catalog_insert(catalog, entry);
    return WR_OK;
}

wr_text
wr_catalog_name_of(const wr_ast_statement *statement)
{
    bool declares = statement->kind == WR_AST_STATEMENT_CREATE_STREAM ||
                    statement->kind == WR_AST_STATEMENT_CREATE_TABLE ||
                    statement->kind == WR_AST_STATEMENT_CREATE_VIEW;
    return declares ? entry_of(statement).name : WR_TEXT_NONE;
}

wr_status
wr_catalog_remember(wr_catalog *catalog, const wr_ast_statement *statement, wr_text sql,
                    wr_catalog_origin origin, wr_error *err)
{
    wr_text name = wr_catalog_name_of(statement);
    if (name.size == 0) {
        return wr_error_set(err, WR_ERR_SQL, "E0101", "it declares nothing");
    }
    if (wr_catalog_find(catalog, name)) {
        return WR_OK;
    }
    WR_TRY(wr_catalog_put(catalog, sql, err));
    wr_catalog_set_origin(catalog, name, origin);
    return WR_OK;
}

void
wr_catalog_set_origin(wr_catalog *catalog, wr_text name, wr_catalog_origin origin)
{
    int at = catalog_lower_bound(catalog, name);
    if (at < catalog->count && wr_name_compare(catalog->entries[at].name, name) == 0) {
        catalog->entries[at].origin = origin;
    }
}

wr_status
wr_catalog_missing(const wr_catalog *catalog, const char *what, wr_text name, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0201", "no %s \"%.*s\"", what, WR_TEXT_ARG(name));
    if (!err || catalog->count == 0) {
        wr_error_detail(err, "nothing is declared yet");
        return WR_ERR_SQL;
    }
    wr_text *names = wr_alloc_array((size_t)catalog->count, sizeof *names);
    char list[400];
    size_t size = 0;
    for (int i = 0; i < catalog->count; i++) {
        names[i] = catalog->entries[i].name;
        if (size + names[i].size + 3 < sizeof list) {
            memcpy(list + size, ", ", 2);
            memcpy(list + size + 2, names[i].data, names[i].size);
            size += names[i].size + 2;
        }
    }
    if (size > 2) {
        wr_error_detail(err, "declared are %.*s", (int)size - 2, list + 2);
    }
    int near = wr_text_nearest(name, names, catalog->count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
    wr_free(names);
    return WR_ERR_SQL;
}

/* Is the entry what DROP STREAM, TABLE or VIEW means? */
static bool
kind_matches(wr_ast_object_kind object, wr_catalog_kind kind)
{
    switch (object) {
    case WR_AST_OBJECT_STREAM: return kind == WR_CATALOG_STREAM;
    case WR_AST_OBJECT_TABLE: return kind == WR_CATALOG_TABLE;
    case WR_AST_OBJECT_VIEW: return kind == WR_CATALOG_VIEW;
    case WR_AST_OBJECT_JOB:
    case WR_AST_OBJECT_SECRET: return false;
    }
    return false;
}

static const char *
object_name(wr_ast_object_kind object)
{
    switch (object) {
    case WR_AST_OBJECT_STREAM: return "stream";
    case WR_AST_OBJECT_TABLE: return "table";
    case WR_AST_OBJECT_VIEW: return "view";
    case WR_AST_OBJECT_JOB: return "job";
    case WR_AST_OBJECT_SECRET: return "secret";
    }
    return "";
}

wr_status
wr_catalog_get(const wr_catalog *catalog, wr_ast_object_kind kind, const wr_ast_name *name,
               const wr_catalog_entry **entry, wr_error *err)
{
    *entry = wr_catalog_find(catalog, name->text);
    if (*entry && kind_matches(kind, (*entry)->kind)) {
        return WR_OK;
    }
    if (*entry) {
        wr_error_set(err, WR_ERR_SQL, "E0201", "\"%.*s\" is a %s, not a %s",
                     WR_TEXT_ARG(name->text), wr_catalog_kind_name((*entry)->kind),
                     object_name(kind));
        wr_error_hint(err, "Say the kind that it has.");
    } else {
        (void)wr_catalog_missing(catalog, object_name(kind), name->text, err);
    }
    wr_error_at(err, name->span.position, name->span.length);
    return WR_ERR_SQL;
}

wr_status
wr_catalog_drop(wr_catalog *catalog, const wr_ast_statement *drop, bool *dropped, wr_error *err)
{
    assert(drop->kind == WR_AST_STATEMENT_DROP);
    const wr_ast_name *name = &drop->u.drop.name;
    const wr_catalog_entry *entry = wr_catalog_find(catalog, name->text);
    *dropped = false;
    if (drop->u.drop.kind == WR_AST_OBJECT_JOB) {
        wr_error_set(err, WR_ERR_SQL, "E0501", "DROP JOB is not supported yet");
        wr_error_at(err, drop->span.position, drop->span.length);
        return WR_ERR_SQL;
    }
    if (!entry && drop->if_exists) {
        return WR_OK;
    }
    WR_TRY(wr_catalog_get(catalog, drop->u.drop.kind, name, &entry, err));
    int at = (int)(entry - catalog->entries);
    wr_arena_free(entry->arena);
    memmove(catalog->entries + at, catalog->entries + at + 1,
            (size_t)(catalog->count - at - 1) * sizeof *catalog->entries);
    catalog->count--;
    *dropped = true;
    return WR_OK;
}
