/* Runs SQL. A query is stepped until it is done; between steps the loop looks for everything that
 * may end it early:
 *
 *   step ─┬─ ROW    → renderer; enough rows (-n) → stop
 *         ├─ AGAIN  → end of a batch: what was held back is written, the status line redrawn
 *         ├─ DONE   → the result is complete
 *         └─ error  → message, exit code
 *   signal, -t, closed pipe, full disk → weir_stop, then stepped on until DONE
 *
 * 1. Whatever ends a query, it is stepped to DONE or to an error: sinks are finished.
 * 2. Rows are written at the end of each batch, and not later than FLUSH_BYTES or FLUSH_US. */
#include "cli/run.h"

#include "cli/duration.h"
#include "cli/render.h"
#include "cli/signals.h"
#include "cli/status_line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { FLUSH_BYTES = 65536, FLUSH_US = 50000, STEP_WAIT_MS = 100, LOOK_ROWS = 256 };

typedef struct query_run {
    cli_session *session;
    const cli_script *script;
    size_t base; /* where in the script the statement begins */
    weir_query *query;
    cli_renderer *renderer; /* NULL until the columns are known */
    cli_status status;
    int64_t row_count, flushed_us, start_us;
    bool stopping; /* weir_stop was called */
    int code;      /* exit code so far */
} query_run;

/* ── stopping ───────────────────────────────────────────────────────────────────────────────── */

static void
run_stop(query_run *run)
{
    if (!run->stopping)
        weir_stop(run->query, 0);
    run->stopping = true;
}

/* Somebody closed the pipe that we write to, noticed even when there is nothing to write. */
static bool
reader_is_gone(const cli_output *output)
{
    struct pollfd state = {.fd = output->fd};
    return poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0;
}

static void
run_flush(query_run *run)
{
    cli_output *output = &run->session->output;
    if (output->pending.size > 0 && output->is_terminal)
        cli_messages_clear_status(&run->session->messages);
    if (!cli_output_flush(output) && !run->session->stopped) {
        run->session->stopped = true;
        run->code = cli_session_output_failed(run->session);
        run_stop(run);
    }
    run->flushed_us = weir_monotonic_us();
}

/* Signals and -t; cheap enough to be asked between any two steps. */
static void
run_look_around(query_run *run)
{
    cli_session *session = run->session;
    bool late = session->deadline_us >= 0 && weir_monotonic_us() >= session->deadline_us;
    if (!cli_signals_pending() && !late)
        return;
    session->stopped = true;
    run_stop(run);
}

/* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

static int
run_failed(query_run *run, const weir_error *error)
{
    return error != NULL ? cli_message_error(&run->session->messages, error, run->script, run->base)
                         : CLI_EXIT_RUNTIME;
}

static bool
renderer_ready(query_run *run)
{
    cli_session *session = run->session;
    if (run->renderer != NULL)
        return true;
    if (weir_column_count(run->query) <= 0)
        return false;
    cli_render_config config = {session->mode, session->options->changelog, false,
                                &session->output};
    config.color = session->options->color == CLI_ON ||
                   (session->output.is_terminal && session->messages.color);
    weir_error *error = NULL;
    run->renderer = cli_render_new(&config, run->query, &error);
    if (run->renderer == NULL) {
        run->code = run_failed(run, error);
        run_stop(run);
    }
    weir_error_free(error);
    return run->renderer != NULL;
}

static void
run_take_row(query_run *run)
{
    int64_t limit = run->session->options->max_rows;
    int64_t wanted = limit < 0 ? INT64_MAX : limit - run->row_count;
    if (wanted <= 0 || run->session->output.failure != 0 || !renderer_ready(run))
        return;
    int64_t taken = run->renderer->ops->row(run->renderer, run->query, wanted);
    if (taken < 0) {
        run->code = run_failed(run, weir_query_error(run->query));
        run_stop(run);
        return;
    }
    run->row_count += taken;
    run->session->output.row_count += taken;
    if (taken > 0)
        cli_status_output(&run->status);
    if (limit >= 0 && run->row_count >= limit)
        run_stop(run);
}

static void
run_batch_end(query_run *run)
{
    if (run->renderer != NULL)
        run->renderer->ops->batch_end(run->renderer);
    run_flush(run);
    if (!run->stopping && reader_is_gone(&run->session->output)) {
        run->session->stopped = true;
        run_stop(run);
    }
    cli_status_update(&run->status, &run->session->messages, run->query);
}

/* ── the loop ───────────────────────────────────────────────────────────────────────────────── */

/* After a row we only look for more; a batch is over when there is none at once. */
static int
run_step(query_run *run, bool after_row)
{
    int wait_ms = after_row ? 0 : STEP_WAIT_MS;
    if (!after_row && run->session->deadline_us >= 0) {
        int64_t left_ms = (run->session->deadline_us - weir_monotonic_us()) / 1000 + 1;
        wait_ms = left_ms < wait_ms ? (left_ms > 0 ? (int)left_ms : 0) : wait_ms;
    }
    return weir_step(run->query, wait_ms);
}

static void
run_loop(query_run *run)
{
    bool after_row = false;
    for (int64_t rows = 0;;) {
        int state = run_step(run, after_row);
        after_row = state == WEIR_ROW;
        if (state == WEIR_ROW) {
            run_take_row(run);
            if (run->session->output.pending.size >= FLUSH_BYTES)
                run_flush(run);
            if (++rows % LOOK_ROWS != 0)
                continue;
            if (weir_monotonic_us() - run->flushed_us > FLUSH_US)
                run_batch_end(run);
        } else if (state == WEIR_AGAIN || state == WEIR_INTERRUPT) {
            run_batch_end(run);
        } else if (state == WEIR_DONE) {
            return;
        } else {
            const weir_error *error = weir_query_error(run->query);
            run_batch_end(run);
            int code = state == WEIR_CLOSED ? CLI_EXIT_DONE : run_failed(run, error);
            run->session->stopped |= state == WEIR_CLOSED;
            run->code = run->code != CLI_EXIT_DONE ? run->code : code;
            return;
        }
        run_look_around(run);
    }
}

/* ── one statement ──────────────────────────────────────────────────────────────────────────── */

size_t
cli_script_skip_blank(const char *sql, size_t at, size_t size)
{
    while (at < size) {
        if (strchr(" \t\r\n\f;", sql[at]) != NULL && sql[at] != '\0') {
            at++;
        } else if (at + 1 < size && sql[at] == '-' && sql[at + 1] == '-') {
            const char *end = memchr(sql + at, '\n', size - at);
            at = end != NULL ? (size_t)(end - sql) : size;
        } else if (at + 1 < size && sql[at] == '/' && sql[at + 1] == '*') {
            for (at += 2; at + 1 < size && !(sql[at] == '*' && sql[at + 1] == '/'); at++) {
            }
            at = at + 1 < size ? at + 2 : size;
        } else {
            break;
        }
    }
    return at;
}

/* A query without end keeps what stands behind it from ever running. */
static void
warn_of_unreachable(query_run *run, size_t tail)
{
    int kind = weir_query_kind(run->query);
    bool endless = weir_query_bounded(run->query) == 0 && run->session->options->max_rows < 0;
    if (!endless || (kind != WEIR_KIND_INSERT && kind != WEIR_KIND_SELECT) ||
        cli_script_skip_blank(run->script->sql, tail, run->script->size) == run->script->size)
        return;
    cli_message(&run->session->messages, CLI_WARNING,
                kind == WEIR_KIND_INSERT
                    ? "this INSERT does not end by itself: what stands behind it runs only after it"
                    : "this query does not end by itself: what stands behind it runs only after it",
                "run them apart, or say --until-eof");
}

/* "2 bad rows were left out": what is not in the result is said, as a warning or a notice. */
static void
left_out_write(query_run *run, uint64_t count, const char *kind, cli_level level)
{
    if (count == 0)
        return;
    cli_text text = {0};
    cli_text_format(&text, "%llu %s row%s left out", (unsigned long long)count, kind,
                    count == 1 ? " was" : "s were");
    cli_message(&run->session->messages, level, cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

static void
stopped_write(query_run *run, const weir_stats *stats)
{
    cli_text text = {0};
    cli_text_format(&text, "stopped: %lld rows, ", (long long)run->row_count);
    cli_duration_append(&text, weir_monotonic_us() - run->start_us);
    if (stats->watermark_us != INT64_MIN && stats->watermark_us != INT64_MAX) {
        cli_text_append_z(&text, ", watermark ");
        cli_time_append(&text, stats->watermark_us, stats->wall_us);
    }
    cli_message(&run->session->messages, CLI_NOTICE, cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

static void
summary_write(query_run *run)
{
    cli_session *session = run->session;
    weir_stats stats = {.size = sizeof(stats)};
    if (weir_query_stats(run->query, &stats) != WEIR_OK)
        return;
    left_out_write(run, stats.rows_bad, "bad", CLI_WARNING);
    left_out_write(run, stats.rows_late, "late", CLI_NOTICE);
    if (session->stopped && session->messages.is_terminal && session->output.failure == 0)
        stopped_write(run, &stats);
}

static void
run_query(query_run *run, size_t tail)
{
    cli_session *session = run->session;
    weir_error *error = NULL;
    session->bad_shown = 0;
    run->start_us = run->flushed_us = weir_monotonic_us();
    cli_status_init(&run->status, session);
    cli_signals_watch(run->query);
    if (weir_start(run->query, NULL, &error) != WEIR_OK) {
        run->code = run_failed(run, error);
        weir_error_free(error);
    } else {
        warn_of_unreachable(run, tail);
        if (session->options->max_rows == 0 && weir_query_kind(run->query) == WEIR_KIND_SELECT)
            run_stop(run);
        run_loop(run);
        /* The rows of an INSERT are its sink's. */
        bool has_rows = weir_query_kind(run->query) != WEIR_KIND_INSERT;
        if (run->code == CLI_EXIT_DONE && has_rows && renderer_ready(run))
            run->renderer->ops->end(run->renderer);
        run_flush(run);
        cli_messages_clear_status(&session->messages);
        summary_write(run);
    }
    cli_signals_watch(NULL);
    if (run->renderer != NULL)
        run->renderer->ops->free(run->renderer);
}

/* Runs the statement at *at and moves behind it. */
static int
statement_run(cli_session *session, const cli_script *script, size_t *at)
{
    query_run run = {.session = session, .script = script, .base = *at};
    weir_error *error = NULL;
    const char *tail = NULL;
    if (weir_prepare(session->db, script->sql + *at, (ptrdiff_t)(script->size - *at), &run.query,
                     &tail, &error) != WEIR_OK) {
        run.code = run_failed(&run, error);
        weir_error_free(error);
        return run.code;
    }
    *at = tail != NULL ? (size_t)(tail - script->sql) : script->size;
    if (run.query == NULL) {
        *at = script->size;
        return CLI_EXIT_DONE;
    }
    bool may_set = weir_query_kind(run.query) == WEIR_KIND_DDL;
    run_query(&run, *at);
    weir_query_free(run.query);
    if (run.code == CLI_EXIT_DONE && may_set)
        run.code = cli_session_apply_settings(session);
    return run.code;
}

int
cli_run_script(cli_session *session, const cli_script *script)
{
    int code = CLI_EXIT_DONE;
    for (size_t at = 0; at < script->size && code == CLI_EXIT_DONE && !session->stopped;)
        code = statement_run(session, script, &at);
    return code;
}
