/* The secrets of a database: where each value comes from, and the values that were written down.
 *
 *     CREATE SECRET a (value = 'hunter2')    [a value hunter2]     SHOW SECRETS  a | value |
 *     CREATE SECRET b (env = 'PASSWORD')     [b env   PASSWORD]                b | env   | PASSWORD
 *
 * 1. A value leaves this file through wr_secrets_reveal only, and no message has one.
 * 2. Entries are sorted by name without case; memory that held a value is overwritten. */
#include "planner/secret.h"

#include "core/memory.h"
#include "planner/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_BYTES_MAX = 65536 };

typedef struct secret {
    char *name;
    wr_secret_kind kind;
    char *text; /* the value, the variable or the path */
    bool is_kept;
} secret;

struct wr_secrets {
    secret *items;
    int count, capacity;
};

wr_secrets *
wr_secrets_new(void)
{
    return wr_alloc(sizeof(wr_secrets));
}

/* The pointer is volatile, so that no compiler leaves the writes out. */
static void
bytes_overwrite(char *bytes, size_t size)
{
    for (volatile char *at = bytes; size > 0; size--) {
        *at++ = 0;
    }
}

static void
secret_fini(secret *item)
{
    bytes_overwrite(item->text, strlen(item->text));
    wr_free(item->text);
    wr_free(item->name);
}

void
wr_secrets_free(wr_secrets *secrets)
{
    for (int i = 0; secrets && i < secrets->count; i++) {
        secret_fini(&secrets->items[i]);
    }
    if (secrets) {
        wr_free(secrets->items);
    }
    wr_free(secrets);
}

const char *
wr_secret_kind_name(wr_secret_kind kind)
{
    switch (kind) {
    case WR_SECRET_VALUE: return "value";
    case WR_SECRET_ENV: return "env";
    case WR_SECRET_FILE: return "file";
    }
    return "";
}

int
wr_secrets_count(const wr_secrets *secrets)
{
    return secrets->count;
}

bool
wr_secrets_at(const wr_secrets *secrets, int i, wr_text *name, wr_secret_kind *kind,
              wr_text *reference)
{
    const secret *item = &secrets->items[i];
    *name = wr_text_from(item->name);
    *kind = item->kind;
    *reference = item->kind == WR_SECRET_VALUE ? WR_TEXT_NONE : wr_text_from(item->text);
    return item->is_kept;
}

/* Index of the first entry whose name is not before `name`. */
static int
secrets_place(const wr_secrets *secrets, wr_text name)
{
    int at = 0;
    while (secrets && at < secrets->count &&
           wr_name_compare(wr_text_from(secrets->items[at].name), name) < 0) {
        at++;
    }
    return at;
}

static int
secrets_find(const wr_secrets *secrets, wr_text name)
{
    int at = secrets_place(secrets, name);
    bool found = secrets && at < secrets->count &&
                 wr_text_equal_nocase(wr_text_from(secrets->items[at].name), name);
    return found ? at : -1;
}

wr_status
wr_secrets_check(const wr_secrets *secrets, wr_text name, wr_error *err)
{
    enum { SHOWN_MAX = 64 };
    if (secrets_find(secrets, name) >= 0) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0201", "no secret \"%.*s\"", WR_TEXT_ARG(name));
    wr_text names[SHOWN_MAX];
    int there = secrets ? secrets->count : 0, count = there < SHOWN_MAX ? there : SHOWN_MAX;
    for (int i = 0; i < count; i++) {
        names[i] = wr_text_from(secrets->items[i].name);
    }
    int near = wr_text_nearest(name, names, count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_hint(err, "CREATE SECRET %.*s (env = 'VARIABLE')", WR_TEXT_ARG(name));
    }
    return WR_ERR_SQL;
}

/* ── CREATE and DROP ────────────────────────────────────────────────────────────────────────── */

static wr_status
failed_at(wr_error *err, wr_span span)
{
    wr_error_at(err, span.position, span.length);
    return WR_ERR_SQL;
}

/* The one option of CREATE SECRET. Its text is in no message. */
static wr_status
secret_read(const wr_ast_statement *statement, wr_secret_kind *kind, wr_text *text, wr_error *err)
{
    const wr_ast_option *option = statement->u.secret.options;
    if (statement->u.secret.option_count != 1) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "a secret has one value, env or file");
        return failed_at(err, option[1].span);
    }
    for (*kind = WR_SECRET_VALUE; *kind <= WR_SECRET_FILE; ++*kind) {
        if (wr_text_equal_nocase(option->name.text, wr_text_from(wr_secret_kind_name(*kind)))) {
            break;
        }
    }
    if (*kind > WR_SECRET_FILE) {
        wr_error_set(err, WR_ERR_SQL, "E0601", "a secret has no \"%.*s\"",
                     WR_TEXT_ARG(option->name.text));
        wr_error_hint(err, "Say value = '…', env = 'VARIABLE' or file = 'path'.");
        return failed_at(err, option->name.span);
    }
    bool is_text = option->value->kind == WR_AST_STRING && option->value->u.text.size > 0;
    if (!is_text || option->value->u.text.size > SECRET_BYTES_MAX) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "%s of a secret needs a string of 1 to %d bytes",
                     wr_secret_kind_name(*kind), SECRET_BYTES_MAX);
        return failed_at(err, option->value->span);
    }
    *text = option->value->u.text;
    return WR_OK;
}

wr_status
wr_secrets_create(wr_secrets *secrets, const wr_ast_statement *statement, bool kept, bool *created,
                  wr_error *err)
{
    const wr_ast_name *name = &statement->u.secret.name;
    wr_secret_kind kind;
    wr_text text;
    WR_TRY(secret_read(statement, &kind, &text, err));
    int at = secrets_find(secrets, name->text);
    *created = at < 0 || !statement->if_not_exists;
    if (!*created) {
        return WR_OK;
    }
    if (at >= 0 && !statement->or_replace) {
        wr_error_set(err, WR_ERR_SQL, "E0202", "there is a secret \"%s\" already",
                     secrets->items[at].name);
        wr_error_hint(err, "Say CREATE OR REPLACE, or CREATE … IF NOT EXISTS.");
        return failed_at(err, name->span);
    }
    if (at >= 0) {
        secret_fini(&secrets->items[at]);
    } else {
        at = secrets_place(secrets, name->text);
        secrets->items =
            wr_grow(secrets->items, secrets->count, &secrets->capacity, sizeof *secrets->items);
        memmove(secrets->items + at + 1, secrets->items + at,
                (size_t)(secrets->count - at) * sizeof *secrets->items);
        secrets->count++;
    }
    secrets->items[at] = (secret){.name = wr_strndup(name->text.data, name->text.size),
                                  .kind = kind,
                                  .text = wr_strndup(text.data, text.size),
                                  .is_kept = kept && kind != WR_SECRET_VALUE};
    return WR_OK;
}

wr_status
wr_secrets_drop(wr_secrets *secrets, const wr_ast_statement *statement, bool *dropped,
                wr_error *err)
{
    const wr_ast_name *name = &statement->u.drop.name;
    int at = secrets_find(secrets, name->text);
    *dropped = at >= 0;
    if (at < 0 && statement->if_exists) {
        return WR_OK;
    }
    if (at < 0) {
        wr_status status = wr_secrets_check(secrets, name->text, err);
        wr_error_at(err, name->span.position, name->span.length);
        return status;
    }
    secret_fini(&secrets->items[at]);
    memmove(secrets->items + at, secrets->items + at + 1,
            (size_t)(secrets->count - at - 1) * sizeof *secrets->items);
    secrets->count--;
    return WR_OK;
}

/* ── values ─────────────────────────────────────────────────────────────────────────────────── */

static wr_status
value_missing(const secret *item, const char *reason, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0605", "secret \"%s\" has no value: %s \"%s\" %s",
                 item->name, item->kind == WR_SECRET_ENV ? "variable" : "file", item->text, reason);
    return WR_ERR_RUNTIME;
}

/* At most SECRET_BYTES_MAX bytes of the file; -1: errno. */
static ssize_t
file_read(const char *path, char *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0) {
        return -1;
    }
    ssize_t size = -1, got = -1;
    if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) {
        errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    } else {
        for (size = 0; size <= SECRET_BYTES_MAX; size += got) {
            got = read(fd, bytes + size, (size_t)(SECRET_BYTES_MAX + 1 - size));
            if (got <= 0) {
                break;
            }
        }
        size = got < 0 ? -1 : size;
    }
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return size;
}

static wr_status
value_of_file(const secret *item, wr_arena *arena, wr_text *value, wr_error *err)
{
    char *bytes = wr_arena_bytes(arena, SECRET_BYTES_MAX + 1);
    ssize_t size = file_read(item->text, bytes);
    if (size < 0) {
        return value_missing(
            item, wr_arena_printf(arena, "cannot be read: %s", strerror(errno)).data, err);
    }
    if (size > SECRET_BYTES_MAX) {
        return value_missing(item, "has more than 65,536 bytes", err);
    }
    while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r')) {
        size--;
    }
    *value = (wr_text){bytes, (size_t)size};
    return WR_OK;
}

wr_status
wr_secrets_reveal(const wr_secrets *secrets, wr_text name, wr_arena *arena, wr_text *value,
                  wr_error *err)
{
    WR_TRY(wr_secrets_check(secrets, name, err));
    const secret *item = &secrets->items[secrets_find(secrets, name)];
    *value = WR_TEXT_NONE;
    switch (item->kind) {
    case WR_SECRET_VALUE: *value = wr_arena_text(arena, wr_text_from(item->text)); break;
    case WR_SECRET_ENV: {
        const char *found = getenv(item->text);
        if (!found) {
            return value_missing(item, "is not set", err);
        }
        *value = wr_arena_text(arena, wr_text_from(found));
        break;
    }
    case WR_SECRET_FILE: WR_TRY(value_of_file(item, arena, value, err)); break;
    }
    if (value->size == 0) {
        return value_missing(item, "is empty", err);
    }
    bool is_text =
        wr_utf8_valid(value->data, value->size) && !memchr(value->data, '\0', value->size);
    return is_text ? WR_OK : value_missing(item, "is no UTF-8 text", err);
}
