/* What the directives of a test file do: one function each, found in a table.
 *
 *   statement query run push expect fails stop clock advance end metric notice file content
 *   reset include skipif onlyif restart crash
 *
 * 1. A directive that fails says so through slt_fail and leaves the runner able to go on. */
#include "tests/slt/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Each expected line must be somewhere in the text. */
static void
check_contains(slt_runner *runner, const char *text)
{
    for (int i = 0; i < runner->record->expected.count; i++) {
        if (strstr(text, runner->record->expected.items[i]) == NULL)
            slt_fail(runner, "\"%s\" is not in:\n%s", runner->record->expected.items[i], text);
    }
}

/* ── directives ─────────────────────────────────────────────────────────────────────────────── */

/* Runs the statement to its end; false: *text has the error. */
static bool
statement_run(slt_runner *runner, const slt_record *record, slt_text *text)
{
    slt_text sql = {0};
    weir_error *err = NULL;
    slt_body_text(runner, &record->body, &sql);
    slt_query *query = slt_query_start(runner, "(statement)", sql.data, false, &err);
    bool good = query != NULL;
    if (err != NULL) {
        int line, column;
        slt_error_text(err, text);
        weir_error_locate(sql.data, sql.size, weir_error_position(err), &line, &column);
        if (weir_error_position(err) >= 0)
            slt_text_format(text, "at %d:%d\n", line, column);
        weir_error_free(err);
    } else if (query == NULL) {
        slt_text_z(text, "nothing to run\n");
    } else if (!slt_query_finish(runner, query)) {
        slt_text_z(text, "does not end\n");
        good = false;
    } else if (query->failure != 0) {
        slt_text_append(text, query->error.data != NULL ? query->error.data : "",
                        query->error.size);
        good = false;
    }
    if (query != NULL)
        slt_query_remove(runner, query);
    slt_text_fini(&sql);
    return good;
}

static void
do_statement(slt_runner *runner, const slt_record *record)
{
    slt_text text = {0};
    bool good = statement_run(runner, record, &text);
    const char *shown = text.data != NULL ? text.data : "";
    if (strcmp(record->words[1], "ok") == 0) {
        if (!good)
            slt_fail(runner, "statement fails: %s", shown);
    } else if (good) {
        slt_fail(runner, "statement does not fail");
    } else {
        if (strncmp(shown, record->words[2], strlen(record->words[2])) != 0)
            slt_fail(runner, "other error than %s: %s", record->words[2], shown);
        check_contains(runner, shown);
    }
    slt_text_fini(&text);
}

static void
names_add(slt_query *query, slt_lines *out)
{
    slt_text line = {0};
    for (int i = 0; i < weir_column_count(query->query); i++)
        slt_text_format(&line, "%s%s %s", i > 0 ? "|" : "", weir_column_name(query->query, i),
                        weir_column_type_name(query->query, i));
    slt_lines_add(out, line.data != NULL ? line.data : "", line.size);
    slt_text_fini(&line);
}

static void
do_query(slt_runner *runner, const slt_record *record)
{
    slt_text sql = {0};
    weir_error *err = NULL;
    slt_lines actual = {0};
    slt_body_text(runner, &record->body, &sql);
    slt_query *query = slt_query_start(runner, "(query)", sql.data, false, &err);
    if (query == NULL) {
        slt_fail(runner, "query fails: %s: %s", err != NULL ? weir_error_code(err) : "",
                 err != NULL ? weir_error_message(err) : "nothing to run");
        weir_error_free(err);
    } else {
        query->changelog = slt_record_has(record, "changelog");
        if (!slt_query_finish(runner, query))
            slt_fail(runner, "query does not end");
        if (query->failure != 0)
            slt_fail(runner, "query fails: %s",
                     query->error.data != NULL ? query->error.data : "?");
        if (slt_record_has(record, "names"))
            names_add(query, &actual);
        bool sorted = slt_record_has(record, "sorted");
        if (sorted)
            slt_lines_sort(&query->rows);
        for (int i = 0; i < query->rows.count; i++)
            slt_lines_add(&actual, query->rows.items[i], strlen(query->rows.items[i]));
        slt_check_lines(runner, &actual, sorted && !slt_record_has(record, "names"));
        slt_query_remove(runner, query);
    }
    slt_lines_reset(&actual);
    slt_text_fini(&sql);
}

static void
do_run(slt_runner *runner, const slt_record *record)
{
    slt_text sql = {0};
    weir_error *err = NULL;
    slt_body_text(runner, &record->body, &sql);
    slt_query *query = slt_query_start(runner, record->words[1], sql.data,
                                       slt_record_has(record, "job"), &err);
    if (query == NULL) {
        slt_fail(runner, "run: %s: %s", err != NULL ? weir_error_code(err) : "",
                 err != NULL ? weir_error_message(err) : "nothing to run");
        weir_error_free(err);
    } else {
        query->changelog = slt_record_has(record, "changelog");
    }
    slt_settle(runner);
    slt_text_fini(&sql);
}

static slt_query *
query_named(slt_runner *runner, const slt_record *record)
{
    slt_query *query = slt_query_find(runner, record->words[1]);
    if (query == NULL)
        slt_fail(runner, "no query \"%s\" runs", record->words[1]);
    return query;
}

static void
do_expect(slt_runner *runner, const slt_record *record)
{
    slt_query *query = query_named(runner, record);
    if (query == NULL)
        return;
    if (query->failure != 0)
        slt_fail(runner, "query %s failed: %s", query->name,
                 query->error.data != NULL ? query->error.data : "?");
    if (slt_record_has(record, "done") && !query->done)
        slt_fail(runner, "query %s is not done", query->name);
    slt_check_lines(runner, &query->rows, slt_record_has(record, "sorted"));
    slt_lines_reset(&query->rows);
}

/* fails NAME CODE: the query has ended with this error. */
static void
do_fails(slt_runner *runner, const slt_record *record)
{
    slt_query *query = query_named(runner, record);
    if (query == NULL)
        return;
    const char *text = query->error.data != NULL ? query->error.data : "";
    if (query->failure == 0)
        slt_fail(runner, "query %s has not failed", query->name);
    else if (strncmp(text, record->words[2], strlen(record->words[2])) != 0)
        slt_fail(runner, "other error than %s: %s", record->words[2], text);
    else
        check_contains(runner, text);
}

static void
do_stop(slt_runner *runner, const slt_record *record)
{
    slt_query *query = query_named(runner, record);
    if (query == NULL)
        return;
    weir_stop(query->query, slt_record_has(record, "drain"));
    if (!slt_query_finish(runner, query))
        slt_fail(runner, "query %s does not end when stopped", query->name);
}

static void
do_clock(slt_runner *runner, const slt_record *record)
{
    int64_t us;
    const char *word = record->words[1];
    if (word[0] == '+' && slt_duration_parse(word + 1, &us))
        runner->clock_us += us;
    else if (slt_time_parse(word, &us))
        runner->clock_us = us;
    else
        slt_fail(runner, "bad time \"%s\"", word);
    weir_clock_set(runner->db, runner->clock_us);
    slt_settle(runner);
}

/* metric NAME rows_late 2 */
static void
do_metric(slt_runner *runner, const slt_record *record)
{
    slt_query *query = query_named(runner, record);
    weir_stats stats = {.size = sizeof(stats)};
    if (query == NULL || weir_query_stats(query->query, &stats) != WEIR_OK)
        return;
    const struct {
        const char *name;
        int64_t value;
    } metrics[] = {
        {"rows_in", (int64_t)stats.rows_in},
        {"rows_out", (int64_t)stats.rows_out},
        {"rows_late", (int64_t)stats.rows_late},
        {"rows_bad", (int64_t)stats.rows_bad},
        {"rows_future", (int64_t)stats.rows_future},
        {"tombstones", (int64_t)stats.tombstones},
        {"watermark", stats.watermark_us},
        {"partitions_idle", stats.partitions_idle},
        {"partitions", stats.partitions},
        {"groups", stats.groups},
    };
    int64_t wanted;
    if (!slt_time_parse(record->words[3], &wanted))
        wanted = strtoll(record->words[3], NULL, 10);
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
        if (strcmp(metrics[i].name, record->words[2]) != 0)
            continue;
        if (metrics[i].value != wanted)
            slt_fail(runner, "%s is %lld", record->words[2], (long long)metrics[i].value);
        return;
    }
    slt_fail(runner, "no metric \"%s\"", record->words[2]);
}

/* notice: each line of the body is somewhere in the notices and bad rows since the last one. */
static void
do_notice(slt_runner *runner, const slt_record *record)
{
    const char *text = runner->notices.data != NULL ? runner->notices.data : "";
    for (int i = 0; i < record->body.count; i++) {
        if (strstr(text, record->body.items[i]) == NULL)
            slt_fail(runner, "no notice with \"%s\" in:\n%s", record->body.items[i], text);
    }
    slt_text_fini(&runner->notices);
}

static void
do_file(slt_runner *runner, const slt_record *record)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", runner->directory, record->words[1]);
    for (char *slash = strchr(path + strlen(runner->directory) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, slt_record_has(record, "append") ? "ab" : "wb");
    if (file == NULL) {
        slt_fail(runner, "cannot write %s: %s", path, strerror(errno));
        return;
    }
    for (int i = 0; i < record->body.count; i++) {
        bool last = i + 1 == record->body.count;
        fputs(record->body.items[i], file);
        fputs(last && slt_record_has(record, "nonewline") ? "" : "\n", file);
    }
    fclose(file);
}

/* content FILE: the lines of a file that a sink has written. */
static void
do_content(slt_runner *runner, const slt_record *record)
{
    char path[512];
    slt_script file;
    snprintf(path, sizeof(path), "%s/%s", runner->directory, record->words[1]);
    if (!slt_script_load(&file, path)) {
        slt_fail(runner, "cannot read %s: %s", path, strerror(errno));
        return;
    }
    slt_check_lines(runner, &file.lines, slt_record_has(record, "sorted"));
    slt_script_fini(&file);
}

static void
do_reset(slt_runner *runner, const slt_record *record)
{
    (void)record;
    slt_database_close(runner);
    slt_database_open(runner);
}

static bool
world_matches(const slt_runner *runner, const slt_record *record)
{
    return slt_record_has(record, runner->world->name);
}

static void
do_skipif(slt_runner *runner, const slt_record *record)
{
    runner->skip_next = world_matches(runner, record);
}

static void
do_onlyif(slt_runner *runner, const slt_record *record)
{
    runner->skip_next = !world_matches(runner, record);
}

/* restart: every job ends with a last checkpoint and begins anew; crash: without one. */
static void
do_restart(slt_runner *runner, const slt_record *record)
{
    (void)record;
    slt_restart(runner, true);
}

static void
do_crash(slt_runner *runner, const slt_record *record)
{
    (void)record;
    slt_restart(runner, false);
}

static void
do_include(slt_runner *runner, const slt_record *record)
{
    const char *slash = strrchr(runner->path, '/');
    slt_text path = {0};
    slt_script script;
    if (slash != NULL)
        slt_text_append(&path, runner->path, (size_t)(slash - runner->path) + 1);
    slt_text_z(&path, record->words[1]);
    if (slt_script_load(&script, path.data)) {
        bool blessing = runner->bless;
        runner->bless = false;
        slt_runner_run(runner, &script);
        runner->bless = blessing;
        slt_script_fini(&script);
    } else {
        slt_fail(runner, "cannot read %s: %s", path.data, strerror(errno));
    }
    slt_text_fini(&path);
}

static const struct {
    const char *name;
    void (*run)(slt_runner *runner, const slt_record *record);
} DIRECTIVES[] = {
    {"statement", do_statement},
    {"query", do_query},
    {"run", do_run},
    {"push", slt_push},
    {"expect", do_expect},
    {"fails", do_fails},
    {"stop", do_stop},
    {"clock", do_clock},
    {"advance", slt_advance},
    {"end", slt_end},
    {"metric", do_metric},
    {"notice", do_notice},
    {"file", do_file},
    {"content", do_content},
    {"reset", do_reset},
    {"include", do_include},
    {"skipif", do_skipif},
    {"onlyif", do_onlyif},
    {"restart", do_restart},
    {"crash", do_crash},
};

bool
slt_directive_run(slt_runner *runner, const slt_record *record)
{
    for (size_t i = 0; i < sizeof(DIRECTIVES) / sizeof(DIRECTIVES[0]); i++) {
        if (strcmp(DIRECTIVES[i].name, record->words[0]) == 0) {
            DIRECTIVES[i].run(runner, record);
            return true;
        }
    }
    return false;
}
