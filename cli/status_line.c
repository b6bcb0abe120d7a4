/* What a running query is doing, on stderr only:
 *
 *   in 12.4k/s  out 3/s  lag 1.2k  wm -11s  late 0  bad 0  state 3.1MB  ckpt 0.4s ago
 *   no output yet: the window closes when the watermark passes 12:05:00 (now 12:03:41)
 *
 * On a terminal the line is redrawn four times a second, and the reason stands in it, or above it,
 * after 3 s without output. Elsewhere only the reason is written: after 100 ms, after 3 s, then
 * each minute.
 *
 * 1. Nothing is written when rows come out steadily and stderr is no terminal.
 * 2. Nothing is drawn when rows go into a pipe: `weir … | jq .` writes to the same terminal. */
#include "cli/status_line.h"

#include "cli/display.h"
#include "cli/duration.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const int64_t FIRST_NOTE_US = 100000, REASON_US = 3000000, REPEAT_US = 60000000,
                     REDRAW_US = 250000;

void
cli_status_init(cli_status *status, const cli_session *session)
{
    const cli_messages *messages = &session->messages;
    bool is_shown = messages->is_terminal && !messages->json && !session->output.is_pipe;
    *status = (cli_status){
        .live = is_shown && session->options->progress != CLI_OFF,
        .enabled = !messages->quiet,
        .start_us = weir_monotonic_us(),
    };
    status->drawn_us = status->start_us;
}

void
cli_status_output(cli_status *status)
{
    status->has_output = true;
}

void
cli_count_append(cli_text *out, double count)
{
    static const char *const SUFFIXES[] = {"", "k", "M", "G"};
    int power = 0;
    while (count >= 1000 && power < 3) {
        count /= 1000;
        power++;
    }
    cli_text_format(out,
                    count < 10 && (power > 0 || count > (double)(int)count) ? "%.1f%s" : "%.0f%s",
                    count, SUFFIXES[power]);
}

void
cli_size_append(cli_text *out, int64_t bytes)
{
    static const char *const UNITS[] = {"B", "kB", "MB", "GB", "TB"};
    double size = (double)bytes;
    int unit = 0;
    while (size >= 1000 && unit < 4) {
        size /= 1000;
        unit++;
    }
    cli_text_format(out, unit > 0 && size < 10 ? "%.1f%s" : "%.0f%s", size, UNITS[unit]);
}

/* ── the reason ─────────────────────────────────────────────────────────────────────────────── */

static void
holder_append(const weir_stats *stats, cli_text *out)
{
    enum { QUIET_SHOWN_US = 5000000 };
    if (stats->holder[0] == '\0' || stats->holder_quiet_us < QUIET_SHOWN_US)
        return;
    cli_text_format(out, "; partition %s quiet for ", stats->holder);
    cli_duration_append(out, stats->holder_quiet_us);
}

static void
window_append(const weir_stats *stats, cli_text *out)
{
    cli_text_append_z(out, "the window closes when the watermark passes ");
    if (stats->watermark_us == INT64_MIN) {
        cli_timestamp_append(out, stats->next_close_us);
        cli_text_append_z(out, " (there is none yet)");
    } else {
        cli_time_append(out, stats->next_close_us, stats->watermark_us);
        cli_text_append_z(out, " (now ");
        cli_time_append(out, stats->watermark_us, stats->next_close_us);
        cli_text_append_z(out, ")");
    }
    holder_append(stats, out);
}

static void
count_note(cli_text *out, uint64_t count, const char *what)
{
    if (count > 0)
        cli_text_format(out, ", %llu %s", (unsigned long long)count, what);
}

void
cli_status_reason(const weir_stats *stats, cli_text *out)
{
    cli_text_append_z(out, "no output yet: ");
    if (stats->sampling) {
        cli_text_append_z(out, "waiting for first messages to learn the columns from");
        if (stats->sampled > 0)
            cli_text_format(out, " (%lld so far)", (long long)stats->sampled);
    } else if (stats->next_close_us != INT64_MIN) {
        window_append(stats, out);
    } else if (stats->rows_in == 0) {
        cli_text_append_z(out, "waiting for the first row");
    } else {
        cli_text_format(out, "%llu rows read, none has given a result",
                        (unsigned long long)stats->rows_in);
    }
    count_note(out, stats->rows_late, "late");
    count_note(out, stats->rows_bad, "bad");
    count_note(out, stats->rows_future, "too far in the future");
}

/* ── the live line ──────────────────────────────────────────────────────────────────────────── */

static void
rates_update(cli_status *status, const weir_stats *stats, int64_t now_us)
{
    double seconds = (double)(now_us - status->drawn_us) / 1e6;
    if (seconds <= 0)
        return;
    /* Half of the old rate, so that the figures do not jump. */
    double in = (double)(stats->rows_in - status->rows_in) / seconds;
    double out = (double)(stats->rows_out - status->rows_out) / seconds;
    status->in_rate = status->rows_in == 0 ? in : (status->in_rate + in) / 2;
    status->out_rate = status->rows_out == 0 ? out : (status->out_rate + out) / 2;
    status->rows_in = stats->rows_in;
    status->rows_out = stats->rows_out;
}

static void
figures_append(const cli_status *status, const weir_stats *stats, bool bounded, cli_text *out)
{
    cli_text_append_z(out, "in ");
    cli_count_append(out, status->in_rate);
    cli_text_append_z(out, "/s  out ");
    cli_count_append(out, status->out_rate);
    cli_text_append_z(out, "/s");
    if (stats->lag >= 0) {
        cli_text_append_z(out, "  lag ");
        cli_count_append(out, (double)stats->lag);
        if (bounded && status->in_rate > 0)
            cli_text_format(out, "  eta %.0f s", (double)stats->lag / status->in_rate);
    }
    if (stats->watermark_us != INT64_MIN && stats->watermark_us != INT64_MAX) {
        int64_t behind_us = stats->wall_us - stats->watermark_us;
        cli_text_append_z(out, behind_us < 0 ? "  wm +" : "  wm -");
        cli_duration_append(out, behind_us < 0 ? -behind_us : behind_us);
    }
    cli_text_format(out, "  late %llu  bad %llu", (unsigned long long)stats->rows_late,
                    (unsigned long long)stats->rows_bad);
    if (stats->epoch > 0 && stats->checkpoint_us != INT64_MIN) {
        cli_text_append_z(out, "  state ");
        cli_size_append(out, stats->state_bytes);
        cli_text_append_z(out, "  ckpt ");
        cli_duration_append(out, stats->wall_us - stats->checkpoint_us);
        cli_text_append_z(out, stats->degraded ? " ago, degraded" : " ago");
    }
}

static int
terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* Cut to the terminal's width: a line that wraps could not be cleared. */
static void
line_draw(cli_messages *messages, cli_text *line)
{
    cli_text out = {0}, shown = {0};
    size_t columns = (size_t)terminal_columns() - 1;
    cli_display_append(&shown, cli_text_z(line), line->size);
    cli_text_append_z(&out, CLI_CLEAR_LINE);
    if (messages->color)
        cli_text_append_z(&out, CLI_DIM);
    cli_text_append(&out, cli_text_z(&shown), shown.size < columns ? shown.size : columns);
    if (messages->color)
        cli_text_append_z(&out, CLI_PLAIN);
    cli_messages_write(messages, out.data, out.size);
    messages->status_drawn = true;
    cli_text_fini(&out);
    cli_text_fini(&shown);
}

/* The reason stands in the line if the terminal is wide enough, else above it, once a minute. */
static void
reason_show(cli_status *status, cli_messages *messages, const weir_stats *stats, cli_text *line)
{
    cli_text reason = {0};
    cli_status_reason(stats, &reason);
    int64_t now_us = weir_monotonic_us();
    if (line->size + 2 + reason.size < (size_t)terminal_columns()) {
        cli_text_format(line, "  %s", cli_text_z(&reason));
    } else if (status->notes == 0 || now_us - status->noted_us >= REPEAT_US) {
        cli_message(messages, CLI_NOTICE, cli_text_z(&reason), NULL);
        status->notes++;
        status->noted_us = now_us;
    }
    cli_text_fini(&reason);
}

static void
live_update(cli_status *status, cli_messages *messages, const weir_query *query, int64_t now_us)
{
    weir_stats stats = {.size = sizeof(stats)};
    if (now_us - status->drawn_us < REDRAW_US || weir_query_stats(query, &stats) != WEIR_OK)
        return;
    cli_text line = {0};
    rates_update(status, &stats, now_us);
    status->drawn_us = now_us;
    figures_append(status, &stats, weir_query_bounded(query) == 1, &line);
    if (!status->has_output && now_us - status->start_us >= REASON_US)
        reason_show(status, messages, &stats, &line);
    line_draw(messages, &line);
    cli_text_fini(&line);
}

static void
note_update(cli_status *status, cli_messages *messages, const weir_query *query, int64_t now_us)
{
    int64_t later_us = status->notes == 1 ? REASON_US : REPEAT_US;
    int64_t due_us = status->notes == 0 ? FIRST_NOTE_US : later_us;
    int64_t since_us = status->notes < 2 ? status->start_us : status->noted_us;
    weir_stats stats = {.size = sizeof(stats)};
    if (status->has_output || now_us - since_us < due_us ||
        weir_query_stats(query, &stats) != WEIR_OK)
        return;
    cli_text line = {0};
    cli_status_reason(&stats, &line);
    cli_message(messages, CLI_NOTICE, cli_text_z(&line), NULL);
    cli_text_fini(&line);
    status->notes++;
    status->noted_us = now_us;
}

void
cli_status_update(cli_status *status, cli_messages *messages, const weir_query *query)
{
    if (!status->enabled)
        return;
    int64_t now_us = weir_monotonic_us();
    if (status->live)
        live_update(status, messages, query, now_us);
    else
        note_update(status, messages, query, now_us);
}
