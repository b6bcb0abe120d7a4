/* Runs the records of a test file against a database of its own, in one world.
 *
 * 1. Time stands still (manual clock) but for `clock`; a test never sleeps.
 * 2. A record that fails is printed with file, line and world; the file goes on behind it. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/slt/runner.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t CLOCK_START_US = INT64_C(1767268800000000); /* 2026-01-01 12:00:00 UTC */

void
slt_fail(slt_runner *runner, const char *format, ...)
{
    va_list args;
    printf("%s:%d [%s]: ", runner->path, runner->record != NULL ? runner->record->line : 0,
           runner->world->name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    runner->failed++;
}

/* ── what came against what is expected ─────────────────────────────────────────────────────── */

static void
lines_print(const char *mark, const slt_lines *lines)
{
    enum { SHOWN = 40 };
    for (int i = 0; i < lines->count && i < SHOWN; i++)
        printf("    %s %s\n", mark, lines->items[i]);
    if (lines->count > SHOWN)
        printf("    %s … %d more\n", mark, lines->count - SHOWN);
}

/* Copies the file up to the record's ----, writes what came, skips what was expected. */
static void
bless(slt_runner *runner, const slt_script *script, const slt_record *record,
      const slt_lines *actual)
{
    if (!record->has_expected)
        return;
    for (; runner->blessed_line < record->separator_line; runner->blessed_line++) {
        const char *line = script->lines.items[runner->blessed_line];
        slt_lines_add(&runner->blessed, line, strlen(line));
    }
    for (int i = 0; i < actual->count; i++)
        slt_lines_add(&runner->blessed, actual->items[i], strlen(actual->items[i]));
    runner->blessed_line = record->end_line;
}

static const slt_script *current_script;

void
slt_check_lines(slt_runner *runner, slt_lines *actual, bool sorted)
{
    const slt_record *record = runner->record;
    slt_lines expected = {0};
    for (int i = 0; i < record->expected.count; i++)
        slt_lines_add(&expected, record->expected.items[i], strlen(record->expected.items[i]));
    if (sorted) {
        slt_lines_sort(actual);
        slt_lines_sort(&expected);
    }
    if (runner->bless) {
        bless(runner, current_script, record, actual);
    } else if (!slt_lines_equal(actual, &expected)) {
        slt_fail(runner, "%s: other rows than expected", record->words[0]);
        lines_print("-", &expected);
        lines_print("+", actual);
    }
    slt_lines_reset(&expected);
}

void
slt_body_text(const slt_runner *runner, const slt_lines *body, slt_text *out)
{
    const char *slash = strrchr(runner->path, '/');
    for (int i = 0; i < body->count; i++) {
        const char *at = body->items[i], *mark;
        while ((mark = strstr(at, "${")) != NULL) {
            slt_text_append(out, at, (size_t)(mark - at));
            bool tmp = strncmp(mark, "${tmp}", 6) == 0, dir = strncmp(mark, "${dir}", 6) == 0;
            if (tmp)
                slt_text_z(out, runner->directory);
            else if (dir)
                slt_text_append(out, runner->path,
                                slash != NULL ? (size_t)(slash - runner->path) : 0);
            else
                slt_text_append(out, mark, 2);
            at = mark + (tmp || dir ? 6 : 2);
        }
        slt_text_z(out, at);
        slt_text_z(out, i + 1 < body->count ? "\n" : "");
    }
}

/* ── database ───────────────────────────────────────────────────────────────────────────────── */

static void
runner_log(void *context, int level, const char *line)
{
    slt_runner *runner = context;
    slt_text_format(&runner->notices, "%s: %s\n", level > 0 ? "warning" : "notice", line);
}

/* tidy: allow parameters: weir.h's callback has them */
static void
runner_bad_row(void *context, const char *source, const char *partition, int64_t offset,
               int64_t byte, const char *reason, const char *column, const char *record,
               size_t record_size)
{
    slt_runner *runner = context;
    slt_text_format(&runner->notices, "bad row: %s partition %s offset %lld byte %lld: %s", source,
                    partition, (long long)offset, (long long)byte, reason);
    if (column != NULL && column[0] != '\0')
        slt_text_format(&runner->notices, " column %s", column);
    if (record != NULL)
        slt_text_format(&runner->notices, " record %.*s",
                        (int)(record_size < 200 ? record_size : 200), record);
    slt_text_z(&runner->notices, "\n");
}

/* A setting that this world changes; 0: it does not. */
static void
world_set(slt_runner *runner, const char *setting, int value)
{
    if (value == 0)
        return;
    slt_text sql = {0};
    slt_text_format(&sql, "SET %s = %d", setting, value);
    if (weir_exec(runner->db, sql.data, NULL) != WEIR_OK)
        slt_fail(runner, "%s", sql.data);
    slt_text_fini(&sql);
}

void
slt_database_open(slt_runner *runner)
{
    weir_options options = {
        .size = sizeof(options),
        .manual_clock = 1,
        .clock_us = CLOCK_START_US,
        .log = runner_log,
        .log_context = runner,
        .bad_row = runner_bad_row,
        .bad_row_context = runner,
        .vector_rows = runner->world->vector_rows,
        .hash_zero = runner->world->hash_zero,
        .spill_all = runner->world->spill_all,
        .host_sources = 1,
    };
    weir_error *err = NULL;
    runner->clock_us = CLOCK_START_US;
    if (weir_open(&options, &runner->db, &err) != WEIR_OK) {
        slt_fail(runner, "weir_open: %s", err != NULL ? weir_error_message(err) : "?");
        weir_error_free(err);
        exit(1);
    }
    world_set(runner, "lanes", runner->world->lanes);
    world_set(runner, "batch_rows", runner->world->batch_rows);
    world_set(runner, "allow_unbounded_state", runner->world->restarts);
}

void
slt_database_close(slt_runner *runner)
{
    slt_queries_free(runner);
    slt_streams_free(runner);
    weir_close(runner->db);
    runner->db = NULL;
}

/* ── a file ─────────────────────────────────────────────────────────────────────────────────── */

static void
record_run(slt_runner *runner, const slt_record *record)
{
    int failed = runner->failed;
    if (!slt_directive_run(runner, record))
        slt_fail(runner, "unknown directive \"%s\"", record->words[0]);
    runner->passed += runner->failed == failed;
}

void
slt_runner_run(slt_runner *runner, const slt_script *script)
{
    const slt_script *outer = current_script;
    current_script = script;
    for (int i = 0; i < script->count && !runner->skip_rest; i++) {
        if (runner->skip_next) {
            runner->skip_next = false;
            continue;
        }
        runner->record = &script->records[i];
        record_run(runner, runner->record);
    }
    current_script = outer;
}

void
slt_runner_init(slt_runner *runner, const slt_world *world, const char *path)
{
    *runner = (slt_runner){.world = world, .path = path};
    const char *parent = getenv("TMPDIR");
    snprintf(runner->directory, sizeof(runner->directory), "%s/weir_slt_XXXXXX",
             parent != NULL && strlen(parent) < 40 ? parent : "/tmp");
    if (mkdtemp(runner->directory) == NULL) {
        printf("cannot make a directory %s: %s\n", runner->directory, strerror(errno));
        exit(1);
    }
    slt_database_open(runner);
}

static int
entry_remove(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void
slt_runner_fini(slt_runner *runner)
{
    runner->record = NULL;
    slt_database_close(runner);
    slt_text_fini(&runner->notices);
    slt_lines_reset(&runner->blessed);
    nftw(runner->directory, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}
