/* weir run: one file, one job, one process in the foreground.
 *
 *   prepare ─▶ name, state directory ─▶ socket ─▶ start ─▶ step … step ─▶ DONE
 *    SQL: 3     usage: 2                taken: 5   4, 5     │ ▲
 *                                                           ▼ │
 *                       signal, -t, POST /stop ─▶ weir_stop: last checkpoint, then DONE, exit 0
 *
 * 1. The socket is taken before the state is opened, so a second run of a job is told who has it,
 *    and given up after the state, so that whoever waits for its end can start the job again.
 * 2. The job's rows are its sinks'; nothing is written to stdout here. */
#include "cli/job.h"

#include "cli/control.h"
#include "cli/control_socket.h"
#include "cli/duration.h"
#include "cli/job_place.h"
#include "cli/signals.h"
#include "cli/status_line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { STEP_WAIT_MS = 100 };

typedef struct live_job {
    cli_session *session;
    const cli_script *script;
    weir_query *query;
    cli_text name, state_dir;
    cli_socket socket;
    cli_control *control; /* NULL: no socket could be made */
    cli_status status;
    int64_t start_us;
    bool stopping, degraded, has_link;
    int code;
} live_job;

/* ── messages ───────────────────────────────────────────────────────────────────────────────── */

static int
job_usage_error(live_job *job, const char *text, const char *hint)
{
    cli_message(&job->session->messages, CLI_ERROR, text, hint);
    return CLI_EXIT_USAGE;
}

static int
job_failed(live_job *job, const weir_error *error)
{
    return error != NULL ? cli_message_error(&job->session->messages, error, job->script, 0)
                         : CLI_EXIT_RUNTIME;
}

static weir_stats
job_stats(const live_job *job)
{
    weir_stats stats = {.size = sizeof(stats)};
    if (weir_query_stats(job->query, &stats) != WEIR_OK)
        stats = (weir_stats){.watermark_us = INT64_MIN, .checkpoint_us = INT64_MIN};
    return stats;
}

static void
started_write(live_job *job, const weir_stats *stats)
{
    cli_text text = {0};
    cli_text_format(&text, "job %s: ", cli_text_z(&job->name));
    if (stats->finished) {
        cli_text_format(&text, "finished already, at checkpoint %lld; nothing is left to do",
                        (long long)stats->epoch);
        cli_message(&job->session->messages, CLI_NOTICE, cli_text_z(&text),
                    "to run it again: another --name and --state, or FORK JOB");
        cli_text_fini(&text);
        return;
    }
    if (stats->epoch > 0) {
        cli_text_format(&text, "continued from checkpoint %lld", (long long)stats->epoch);
        if (stats->checkpoint_us != INT64_MIN) {
            cli_text_append_z(&text, " of ");
            cli_time_append(&text, stats->checkpoint_us / 1000000 * 1000000, stats->wall_us);
        }
    } else {
        cli_text_append_z(&text, "started new");
    }
    cli_text_format(&text, ", state in %s", cli_text_z(&job->state_dir));
    cli_message(&job->session->messages, CLI_NOTICE, cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

static void
stopped_write(live_job *job)
{
    weir_stats stats = job_stats(job);
    cli_text text = {0};
    cli_text_format(&text, "job %s: %s after ", cli_text_z(&job->name),
                    stats.finished ? "finished" : "stopped");
    cli_duration_append(&text, weir_monotonic_us() - job->start_us);
    cli_text_format(&text, ", %llu rows in, %llu out", (unsigned long long)stats.rows_in,
                    (unsigned long long)stats.rows_out);
    if (stats.rows_late > 0)
        cli_text_format(&text, ", %llu late", (unsigned long long)stats.rows_late);
    if (stats.rows_bad > 0)
        cli_text_format(&text, ", %llu bad", (unsigned long long)stats.rows_bad);
    if (stats.epoch > 0)
        cli_text_format(&text, ", last checkpoint %lld", (long long)stats.epoch);
    cli_message(&job->session->messages, CLI_NOTICE, cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

/* Says once that the state cannot be written, and once that it can again. */
static void
degraded_watch(live_job *job, const weir_stats *stats)
{
    if (job->degraded == (stats->degraded != 0))
        return;
    job->degraded = stats->degraded != 0;
    cli_text text = {0};
    cli_text_format(&text, "job %s: ", cli_text_z(&job->name));
    if (!job->degraded)
        cli_text_append_z(&text, "recovered: the state is written again");
    else
        cli_text_format(&text, "degraded: the state cannot be written, input waits%s%s",
                        stats->problem[0] != '\0' ? ": " : "", stats->problem);
    if (job->control != NULL && job->degraded)
        cli_control_set_error(job->control, cli_text_z(&text));
    cli_message(&job->session->messages, job->degraded ? CLI_WARNING : CLI_NOTICE,
                cli_text_z(&text), NULL);
    cli_text_fini(&text);
}

/* ── name and place ─────────────────────────────────────────────────────────────────────────── */

static int
name_choose(live_job *job, const char *file)
{
    const char *given = job->session->options->job_name, *own = weir_job_name(job->query);
    if (own != NULL)
        cli_text_append_z(&job->name, own);
    else if (given != NULL)
        cli_text_append_z(&job->name, given);
    else if (file != NULL)
        cli_job_name_of_file(file, &job->name);
    if (cli_job_name_is_valid(cli_text_z(&job->name)))
        return CLI_EXIT_DONE;
    cli_text text = {0};
    if (job->name.size == 0 && given == NULL)
        cli_text_append_z(&text, "the job has no name");
    else
        cli_text_format(&text, "a job cannot be called \"%s\"", cli_text_z(&job->name));
    int code = job_usage_error(job, cli_text_z(&text),
                               "give one: --name NAME (1 to 64 letters, digits, _ and -)");
    cli_text_fini(&text);
    return code;
}

static int
state_dir_choose(live_job *job)
{
    const char *given = job->session->options->state_dir;
    if (given != NULL && given[0] != '\0') {
        if (cli_path_absolute(given, &job->state_dir))
            return CLI_EXIT_DONE;
    } else if (cli_job_default_dir(cli_text_z(&job->name), &job->state_dir)) {
        return CLI_EXIT_DONE;
    }
    return job_usage_error(job, "there is no place for the state: HOME is not set",
                           "give one: --state DIR");
}

static int
socket_busy(live_job *job, const char *path, pid_t pid)
{
    cli_text text = {0}, hint = {0};
    cli_text_format(&text, "job %s runs already", cli_text_z(&job->name));
    if (pid > 0)
        cli_text_format(&text, ": process %ld", (long)pid);
    cli_text_format(&hint, "it listens at %s; another job needs another name", path);
    cli_message(&job->session->messages, CLI_ERROR, cli_text_z(&text), cli_text_z(&hint));
    cli_text_fini(&text);
    cli_text_fini(&hint);
    return CLI_EXIT_STATE;
}

static void
folder_make(const char *path)
{
    cli_text folder = {0};
    cli_text_append(&folder, path, (size_t)(strrchr(path, '/') - path));
    cli_directory_make(cli_text_z(&folder));
    cli_text_fini(&folder);
}

/* The socket of --control: there or nowhere. */
static int
socket_take_given(live_job *job)
{
    pid_t pid;
    const char *path = job->session->options->control;
    if (cli_socket_claim(&job->socket, path, &pid))
        return CLI_EXIT_DONE;
    int reason = errno;
    if (pid >= 0)
        return socket_busy(job, path, pid);
    cli_text text = {0};
    cli_text_format(&text, "cannot make the control socket %s: %s", path, strerror(reason));
    int code = job_usage_error(job, cli_text_z(&text), NULL);
    cli_text_fini(&text);
    return code;
}

/* The first usual place that works. A job without a socket still runs. */
static int
socket_take(live_job *job)
{
    cli_text path = {0}, link = {0};
    int code = CLI_EXIT_DONE, reason = 0;
    cli_job_link(cli_text_z(&job->state_dir), &link);
    for (int i = 0; job->socket.fd < 0 && code == CLI_EXIT_DONE; i++) {
        pid_t pid;
        if (!cli_job_socket_at(i, cli_text_z(&job->name), cli_text_z(&job->state_dir), &path))
            break;
        bool is_last = strcmp(cli_text_z(&path), cli_text_z(&link)) == 0;
        if (!is_last && !cli_socket_path_fits(cli_text_z(&path)))
            continue;
        folder_make(cli_text_z(&path));
        if (cli_socket_claim(&job->socket, cli_text_z(&path), &pid))
            break;
        reason = errno;
        if (pid >= 0)
            code = socket_busy(job, cli_text_z(&path), pid);
    }
    if (code == CLI_EXIT_DONE && job->socket.fd < 0) {
        cli_text text = {0};
        cli_text_format(&text, "no control socket: %s: %s", cli_text_z(&link), strerror(reason));
        cli_message(&job->session->messages, CLI_WARNING, cli_text_z(&text), NULL);
        cli_text_fini(&text);
    }
    cli_text_fini(&path);
    cli_text_fini(&link);
    return code;
}

/* DIR/control.sock leads to the socket, wherever it is. The state is locked: the link is ours. */
static void
link_make(live_job *job)
{
    cli_text link = {0}, target = {0};
    cli_job_link(cli_text_z(&job->state_dir), &link);
    if (job->socket.fd >= 0 && strcmp(cli_text_z(&link), cli_text_z(&job->socket.path)) != 0 &&
        cli_path_absolute(cli_text_z(&job->socket.path), &target)) {
        unlink(cli_text_z(&link));
        job->has_link = symlink(cli_text_z(&target), cli_text_z(&link)) == 0;
    }
    cli_text_fini(&link);
    cli_text_fini(&target);
}

static void
link_remove(const live_job *job)
{
    cli_text link = {0};
    cli_job_link(cli_text_z(&job->state_dir), &link);
    if (job->has_link)
        unlink(cli_text_z(&link));
    cli_text_fini(&link);
}

/* ── the loop ───────────────────────────────────────────────────────────────────────────────── */

static void
job_stop(live_job *job, bool drain)
{
    if (job->stopping)
        return;
    job->stopping = true;
    if (job->control != NULL)
        cli_control_set_state(job->control, CLI_JOB_STOPPING);
    if (weir_stop(job->query, drain) != WEIR_OK)
        job->code = job_failed(job, weir_query_error(job->query));
}

/* Between two steps: does anybody want it to end, and what is there to show? */
static void
job_look_around(live_job *job)
{
    cli_session *session = job->session;
    bool late = session->deadline_us >= 0 && weir_monotonic_us() >= session->deadline_us;
    cli_stop wish = job->control != NULL ? cli_control_stop_wanted(job->control) : CLI_STOP_NONE;
    weir_stats stats = job_stats(job);
    if (cli_signals_pending() || late || wish != CLI_STOP_NONE)
        job_stop(job, wish == CLI_STOP_DRAIN);
    if (stats.rows_out > 0)
        cli_status_output(&job->status);
    degraded_watch(job, &stats);
    cli_status_update(&job->status, &session->messages, job->query);
}

static int
job_wait_ms(const live_job *job)
{
    int64_t deadline_us = job->session->deadline_us;
    int64_t left_ms = (deadline_us - weir_monotonic_us()) / 1000 + 1;
    if (deadline_us < 0 || left_ms > STEP_WAIT_MS)
        return STEP_WAIT_MS;
    return left_ms > 0 ? (int)left_ms : 0;
}

static void
job_loop(live_job *job)
{
    while (job->code == CLI_EXIT_DONE) {
        int state = weir_step(job->query, job_wait_ms(job));
        if (state == WEIR_DONE)
            break;
        if (state < 0 && state != WEIR_INTERRUPT) {
            job->code = state == WEIR_CLOSED ? CLI_EXIT_DONE
                                             : job_failed(job, weir_query_error(job->query));
            break;
        }
        job_look_around(job);
    }
    cli_messages_clear_status(&job->session->messages);
    if (job->code == CLI_EXIT_DONE) {
        if (job->control != NULL)
            cli_control_set_state(job->control, CLI_JOB_FINISHED);
        stopped_write(job);
    }
}

/* ── start and end ──────────────────────────────────────────────────────────────────────────── */

/* -D once more: it is stronger than SET in the file. */
static int
job_prepare(live_job *job)
{
    weir_error *error = NULL;
    int code = CLI_EXIT_DONE;
    if (weir_prepare_job(job->session->db, job->script->sql, (ptrdiff_t)job->script->size,
                         &job->query, &error) != WEIR_OK)
        code = job_failed(job, error);
    weir_error_free(error);
    return code == CLI_EXIT_DONE ? cli_session_apply_settings(job->session) : code;
}

static int
job_start(live_job *job)
{
    const cli_options *options = job->session->options;
    weir_job_options job_options = {
        .size = sizeof(job_options),
        .name = cli_text_z(&job->name),
        .state_dir = cli_text_z(&job->state_dir),
        .restore = options->restore,
        .sink_ahead = options->sink_ahead,
        .drain = options->drain && options->until_end,
    };
    weir_error *error = NULL;
    int code = CLI_EXIT_DONE;
    cli_directory_make(cli_text_z(&job->state_dir)); /* else opening the state says what is wrong */
    cli_signals_watch(job->query);
    if (weir_start_job(job->query, &job_options, &error) != WEIR_OK)
        code = job_failed(job, error);
    weir_error_free(error);
    return code;
}

static void
job_serve(live_job *job)
{
    link_make(job);
    if (job->socket.fd < 0)
        return;
    const char *why = NULL;
    job->control = cli_control_open(job->socket.fd, cli_text_z(&job->name), job->query, &why);
    if (job->control == NULL)
        cli_message(&job->session->messages, CLI_WARNING, "nothing answers at the control socket",
                    why);
}

static int
job_run(live_job *job, const char *file)
{
    int code = job_prepare(job);
    if (code == CLI_EXIT_DONE)
        code = name_choose(job, file);
    if (code == CLI_EXIT_DONE)
        code = state_dir_choose(job);
    if (code == CLI_EXIT_DONE)
        code = job->session->options->control != NULL ? socket_take_given(job) : socket_take(job);
    if (code == CLI_EXIT_DONE)
        code = job_start(job);
    if (code != CLI_EXIT_DONE)
        return code;
    weir_stats stats = job_stats(job);
    job_serve(job);
    cli_status_init(&job->status, job->session);
    started_write(job, &stats);
    job_loop(job);
    return job->code;
}

int
cli_job_run(cli_session *session, const cli_script *script, const char *file)
{
    live_job job = {.session = session, .script = script, .start_us = weir_monotonic_us()};
    job.socket.fd = -1;
    int code = job_run(&job, file);
    cli_signals_watch(NULL);
    cli_control_close(job.control);
    link_remove(&job);
    weir_query_free(job.query);
    cli_socket_release(&job.socket);
    cli_text_fini(&job.name);
    cli_text_fini(&job.state_dir);
    return code;
}
