/* Declarations that outlast the process: kept as a script in a state directory.
 *
 *     weir_catalog_open   DIR/weir.db ──script──▶ catalog, secrets
 *     CREATE, DROP        catalog, secrets ──script──▶ DIR/weir.db, before the statement returns
 *     weir_start_job      the catalog that the job was made with ──script──▶ its weir.db, beside
 *                         what is kept there and not declared anew
 *
 * 1. A script that holds a password is not kept; SECRET n in its place is.
 * 2. What is declared already is not replaced when a directory is opened.
 * 3. The directory is locked while it is written, no longer: a job that runs there has it. Two
 *    programs that declare in turn do not overwrite each other: who has not seen the other's
 *    declarations is told so. */
#include "engine/engine.h"

#include "core/memory.h"
#include "parser/parser.h"

#include <stdio.h>
#include <string.h>

/* ── the script ─────────────────────────────────────────────────────────────────────────────── */

static bool
has_password(wr_arena *arena, wr_text sql)
{
    return !wr_text_equal(wr_secrets_hide(arena, sql), sql);
}

static void
secrets_append(const wr_secrets *secrets, wr_buffer *out)
{
    for (int i = 0; i < wr_secrets_count(secrets); i++) {
        wr_text name, reference;
        wr_secret_kind kind;
        if (wr_secrets_at(secrets, i, &name, &kind, &reference)) {
            wr_buffer_text(out, WR_TEXT("CREATE SECRET "));
            wr_ast_print_name(name, out);
            wr_buffer_printf(out, " (%s = ", wr_secret_kind_name(kind));
            wr_ast_print_string(reference, out);
            wr_buffer_text(out, WR_TEXT(");\n"));
        }
    }
}

/* `all`: what a job may have used, wherever it was declared; else only what is kept. */
static void
entries_append(const wr_catalog *catalog, bool all, wr_buffer *out)
{
    wr_arena *arena = wr_arena_new(0);
    for (int i = 0; i < wr_catalog_count(catalog); i++) {
        const wr_catalog_entry *entry = wr_catalog_at(catalog, i);
        if ((all || entry->origin == WR_CATALOG_KEPT) && !has_password(arena, entry->sql)) {
            wr_buffer_text(out, entry->sql);
            wr_buffer_text(out, WR_TEXT(";\n"));
        }
    }
    wr_arena_free(arena);
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

/* What is done with a declaration of a script; `sql` is its text. */
typedef wr_status statement_use(void *context, const wr_ast_statement *statement, wr_text sql,
                                wr_error *err);

static wr_status
script_walk(wr_text script, const char *dir, statement_use *use, void *context, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_status status = WR_OK;
    wr_error cause;
    wr_error_clear(&cause);
    while (status == WR_OK && script.size > 0) {
        wr_ast_statement *statement = NULL;
        size_t consumed = 0;
        status = wr_parse_statement(arena, script, &consumed, &statement, &cause);
        if (status == WR_OK && statement) {
            wr_text sql = {script.data + statement->span.position,
                           (size_t)statement->span.length};
            status = use(context, statement, sql, &cause);
        }
        script = (wr_text){script.data + consumed, script.size - consumed};
    }
    wr_arena_free(arena);
    if (status == WR_OK) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_STATE, "E0904", "a declaration in %s/weir.db cannot be read: %s", dir,
                 cause.message);
    wr_error_hint(err, "Restore a savepoint, or declare anew in another directory.");
    return WR_ERR_STATE;
}

static wr_status
statement_take(void *context, const wr_ast_statement *statement, wr_text sql, wr_error *err)
{
    weir_db *db = context;
    bool created = false;
    if (statement->kind == WR_AST_STATEMENT_CREATE_SECRET) {
        wr_ast_statement quiet = *statement;
        quiet.if_not_exists = true;
        return db->catalog_is_fixed
                   ? WR_OK
                   : wr_secrets_create(db->secrets, &quiet, true, &created, err);
    }
    wr_catalog_origin origin = db->catalog_is_fixed ? WR_CATALOG_REMEMBERED : WR_CATALOG_KEPT;
    return wr_catalog_remember(db->catalog, statement, sql, origin, err);
}

/* What is kept in the directory; nothing when there is no state yet. */
static wr_status
catalog_read(weir_db *db, wr_arena *arena, wr_text *script, wr_error *err)
{
    wr_store *store = NULL;
    wr_store_config config = {.dir = db->catalog_dir, .read_only = true};
    *script = WR_TEXT("");
    wr_status status = wr_store_open(&config, &store, err);
    if (status != WR_OK && err && strcmp(err->code, "E0906") == 0) {
        wr_error_clear(err);
        return WR_OK;
    }
    WR_TRY(status);
    status = wr_store_read_catalog(store, arena, script, err);
    wr_store_close(store);
    return status;
}

static void
script_seen(weir_db *db, wr_text script)
{
    wr_free(db->catalog_script);
    db->catalog_script = wr_strndup(script.data, script.size);
}

static wr_status
catalog_open(weir_db *db, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    wr_text script;
    wr_status status = catalog_read(db, arena, &script, err);
    if (status == WR_OK) {
        script_seen(db, script);
        status = script_walk(script, db->catalog_dir, statement_take, db, err);
    }
    wr_arena_free(arena);
    return status;
}

int
weir_catalog_open(weir_db *db, const char *state_dir, int read_only, weir_error **err)
{
    if (!db || !state_dir || !state_dir[0] || db->catalog_dir) {
        return wr_engine_misuse(NULL, err,
                                "weir_catalog_open needs a database without one, and a "
                                "state directory");
    }
    wr_error error;
    wr_error_clear(&error);
    pthread_mutex_lock(&db->lock);
    db->catalog_dir = wr_strndup(state_dir, strlen(state_dir));
    db->catalog_is_fixed = read_only != 0;
    wr_status status = catalog_open(db, &error);
    if (status != WR_OK) {
        wr_engine_catalog_close(db);
    }
    pthread_mutex_unlock(&db->lock);
    return status == WR_OK ? WEIR_OK : wr_engine_fail(&error, err);
}

void
wr_engine_catalog_close(weir_db *db)
{
    wr_free(db->catalog_dir);
    wr_free(db->catalog_script);
    db->catalog_dir = db->catalog_script = NULL;
}

/* ── keeping ────────────────────────────────────────────────────────────────────────────────── */

static void
notice_password(const weir_db *db, wr_text name)
{
    char line[256];
    snprintf(line, sizeof line,
             "\"%.*s\" holds a password and is not kept in %s; name a secret instead: CREATE "
             "SECRET",
             name.size < 64 ? (int)name.size : 64, name.data, db->catalog_dir);
    if (db->options.log) {
        db->options.log(db->options.log_context, 0, line);
    }
}

/* The entry that was just declared is one of those that are kept. */
static void
entry_keep(weir_db *db, wr_text name)
{
    const wr_catalog_entry *entry = wr_catalog_find(db->catalog, name);
    wr_arena *arena = wr_arena_new(0);
    if (entry && has_password(arena, entry->sql)) {
        notice_password(db, name);
    }
    wr_catalog_set_origin(db->catalog, name, WR_CATALOG_KEPT);
    wr_arena_free(arena);
}

static wr_status
script_changed(const weir_db *db, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0907", "another program has declared something in %s",
                 db->catalog_dir);
    wr_error_hint(err, "Open it again to see what is declared.");
    return WR_ERR_STATE;
}

static wr_status
script_write(weir_db *db, wr_text script, wr_error *err)
{
    wr_store *store = NULL;
    wr_store_config config = {.dir = db->catalog_dir, .create = true};
    WR_TRY(wr_store_open(&config, &store, err));
    wr_arena *arena = wr_arena_new(0);
    wr_text there;
    wr_status status = wr_store_read_catalog(store, arena, &there, err);
    if (status == WR_OK && !wr_text_equal(there, wr_text_from(db->catalog_script))) {
        status = script_changed(db, err);
    }
    if (status == WR_OK && !wr_text_equal(there, script)) {
        status = wr_store_write_catalog(store, script, err);
    }
    if (status == WR_OK) {
        script_seen(db, script);
    }
    wr_arena_free(arena);
    wr_store_close(store);
    return status;
}

static wr_status
catalog_save(weir_db *db, wr_error *err)
{
    wr_buffer script;
    wr_buffer_init(&script);
    entries_append(db->catalog, false, &script);
    secrets_append(db->secrets, &script);
    wr_status status = script_write(db, (wr_text){wr_buffer_cstr(&script), script.size}, err);
    wr_buffer_fini(&script);
    return status;
}

wr_status
wr_engine_catalog_keep(weir_db *db, const wr_ast_statement *statement, wr_error *err)
{
    if (!db->catalog_dir || db->catalog_is_fixed) {
        return WR_OK;
    }
    wr_ast_statement_kind kind = statement->kind;
    if (kind == WR_AST_STATEMENT_CREATE_STREAM || kind == WR_AST_STATEMENT_CREATE_TABLE) {
        entry_keep(db, statement->u.table->name.text);
    } else if (kind == WR_AST_STATEMENT_CREATE_VIEW) {
        entry_keep(db, statement->u.view.name.text);
    } else if (kind != WR_AST_STATEMENT_CREATE_SECRET && kind != WR_AST_STATEMENT_DROP) {
        return WR_OK;
    }
    return catalog_save(db, err);
}

/* ── of a job ───────────────────────────────────────────────────────────────────────────────── */

typedef struct merge {
    const wr_catalog *catalog;
    wr_buffer script;
} merge;

/* What is kept and not declared anew stays. */
static wr_status
statement_merge(void *context, const wr_ast_statement *statement, wr_text sql, wr_error *err)
{
    merge *m = context;
    (void)err;
    bool is_secret = statement->kind == WR_AST_STATEMENT_CREATE_SECRET;
    if (is_secret || !wr_catalog_find(m->catalog, wr_catalog_name_of(statement))) {
        wr_buffer_text(&m->script, sql);
        wr_buffer_text(&m->script, WR_TEXT(";\n"));
    }
    return WR_OK;
}

wr_status
wr_engine_catalog_of_job(weir_db *db, const char *dir, wr_store *store, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    merge m = {.catalog = db->catalog};
    wr_text there;
    wr_buffer_init(&m.script);
    wr_status status = wr_store_read_catalog(store, arena, &there, err);
    pthread_mutex_lock(&db->lock);
    entries_append(db->catalog, true, &m.script);
    status = status == WR_OK ? script_walk(there, dir, statement_merge, &m, err) : status;
    pthread_mutex_unlock(&db->lock);
    wr_text now = {wr_buffer_cstr(&m.script), m.script.size};
    if (status == WR_OK && !wr_text_equal(there, now)) {
        status = wr_store_write_catalog(store, now, err);
    }
    wr_buffer_fini(&m.script);
    wr_arena_free(arena);
    return status;
}
