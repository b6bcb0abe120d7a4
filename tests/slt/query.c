/* The queries of a test: started, stepped without waiting, their rows kept as lines.
 *
 *   host | avg          a|1.5        NULL and (empty) are told apart; control characters are \x0a
 *
 * 1. With the manual clock a step never waits, so a test that would hang fails at once.
 * 2. A query is quiet when two steps in a row give nothing and none of its figures moved. */
#include "tests/slt/runner.h"
#include "weir.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 2000000, QUIET_STEPS = 3, FINISH_WAIT_MS = 20, FINISH_STEPS = 500 };

void
slt_error_text(const weir_error *err, slt_text *out)
{
    if (err == NULL)
        return;
    slt_text_format(out, "%s: %s\n%s\n%s\n", weir_error_code(err), weir_error_message(err),
                    weir_error_detail(err), weir_error_hint(err));
}

slt_query *
slt_query_find(slt_runner *runner, const char *name)
{
    for (slt_query *query = runner->queries; query != NULL; query = query->next) {
        if (strcmp(query->name, name) == 0)
            return query;
    }
    return NULL;
}

static char *
copy(const char *z)
{
    size_t size = strlen(z) + 1;
    char *memory = malloc(size);
    if (memory == NULL)
        abort();
    return memcpy(memory, z, size);
}

slt_query *
slt_query_start(slt_runner *runner, const char *name, const char *sql, weir_error **err)
{
    weir_query *query = NULL;
    if (weir_prepare(runner->db, sql, -1, &query, NULL, err) != WEIR_OK || query == NULL)
        return NULL;
    if (weir_start(query, NULL, err) != WEIR_OK) {
        weir_query_free(query);
        return NULL;
    }
    slt_query *entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    entry->name = copy(name);
    entry->query = query;
    entry->next = runner->queries;
    runner->queries = entry;
    return entry;
}

void
slt_query_remove(slt_runner *runner, slt_query *query)
{
    for (slt_query **at = &runner->queries; *at != NULL; at = &(*at)->next) {
        if (*at == query) {
            *at = query->next;
            break;
        }
    }
    weir_query_free(query->query);
    slt_lines_reset(&query->rows);
    slt_text_fini(&query->error);
    free(query->name);
    free(query);
}

void
slt_queries_free(slt_runner *runner)
{
    while (runner->queries != NULL)
        slt_query_remove(runner, runner->queries);
}

static void
value_append(slt_text *line, const char *data, size_t size)
{
    if (data == NULL)
        slt_text_z(line, "NULL");
    else if (size == 0)
        slt_text_z(line, "(empty)");
    for (size_t i = 0; data != NULL && i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c < 0x20 || c == 0x7f)
            slt_text_format(line, "\\x%02x", c);
        else
            slt_text_append(line, data + i, 1);
    }
}

static void
row_take(slt_query *query)
{
    static const char *const OPS[] = {"+I", "-U", "+U", "-D"};
    slt_text line = {0};
    int columns = weir_column_count(query->query);
    if (query->changelog)
        slt_text_format(&line, "%s|", OPS[weir_row_op(query->query) & 3]);
    for (int i = 0; i < columns; i++) {
        size_t size = 0;
        const char *data = weir_column_text(query->query, i, &size);
        slt_text_z(&line, i > 0 ? "|" : "");
        value_append(&line, data, size);
    }
    slt_lines_add(&query->rows, line.data != NULL ? line.data : "", line.size);
    slt_text_fini(&line);
}

/* One step; its state. */
static int
query_step(slt_query *query, int wait_ms)
{
    int state = weir_step(query->query, wait_ms);
    if (state == WEIR_ROW) {
        row_take(query);
    } else if (state == WEIR_DONE) {
        query->done = true;
    } else if (state < 0) {
        query->done = true;
        query->failure = state;
        slt_error_text(weir_query_error(query->query), &query->error);
    }
    return state;
}

static bool
stats_moved(const slt_query *query, weir_stats *last)
{
    weir_stats now = {.size = sizeof(now)};
    weir_query_stats(query->query, &now);
    bool moved = now.rows_in != last->rows_in || now.rows_bad != last->rows_bad ||
                 now.watermark_us != last->watermark_us || now.sampled != last->sampled ||
                 now.sampling != last->sampling || now.tombstones != last->tombstones;
    *last = now;
    return moved;
}

static void
query_settle(slt_runner *runner, slt_query *query)
{
    weir_stats last = {0};
    int quiet = 0;
    for (int step = 0; !query->done && quiet < QUIET_STEPS; step++) {
        if (step == STEPS_MAX) {
            slt_fail(runner, "query %s does not come to rest", query->name);
            return;
        }
        bool row = query_step(query, 0) == WEIR_ROW;
        quiet = !row && !stats_moved(query, &last) ? quiet + 1 : 0;
    }
}

void
slt_settle(slt_runner *runner)
{
    for (slt_query *query = runner->queries; query != NULL; query = query->next)
        query_settle(runner, query);
}

bool
slt_query_finish(slt_runner *runner, slt_query *query)
{
    (void)runner;
    for (int idle = 0; !query->done && idle < FINISH_STEPS;)
        idle = query_step(query, FINISH_WAIT_MS) == WEIR_AGAIN ? idle + 1 : 0;
    return query->done;
}
