/* status, checkpoint, savepoint, stop: a request over the job's socket, the answer in words.
 *
 * 1. NAME is a job's name or its state directory.
 * 2. What a job answers goes to the output like rows; that it does not answer is an error, exit 1.
 *    `status` then tells what its state says, if there is one, and exits with 1 all the same.
 * 3. `stop` comes back when the job is gone, so that a script can go on. */
#include "cli/job_commands.h"

#include "cli/control_client.h"
#include "cli/display.h"
#include "cli/duration.h"
#include "cli/job_place.h"
#include "cli/json_reader.h"
#include "cli/signals.h"
#include "cli/status_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const int64_t ANSWER_US = 5000000, DURABLE_US = 70000000, SAVEPOINT_US = 3600000000;

/* ── asking ─────────────────────────────────────────────────────────────────────────────────── */

static int
not_running(cli_session *session, const char *job)
{
    int reason = errno;
    struct stat status;
    cli_text text = {0}, dir = {0}, hint = {0};
    cli_text_format(&text, "job %s does not run", job);
    if (reason != ENOENT)
        cli_text_format(&text, ", or cannot be asked: %s", strerror(reason));
    bool is_known = cli_job_name_is_valid(job) && cli_job_default_dir(job, &dir) &&
                    stat(cli_text_z(&dir), &status) == 0;
    if (is_known)
        cli_text_format(&hint, "its state is in %s", cli_text_z(&dir));
    else
        cli_text_append_z(&hint, "a job's name or its state directory is wanted");
    cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), cli_text_z(&hint));
    cli_text_fini(&text);
    cli_text_fini(&dir);
    cli_text_fini(&hint);
    return CLI_EXIT_RUNTIME;
}

/* The one row of a state's part "job". */
static void
stopped_append(cli_text *out, weir_query *query, bool json)
{
    enum { NAME, UUID, EPOCH, AT, OPERATORS, FINISHED }; /* columns */
    const char *name = weir_column_text(query, NAME, NULL);
    const char *epoch = weir_column_text(query, EPOCH, NULL);
    const char *at = weir_column_text(query, AT, NULL);
    bool is_finished = strcmp(weir_column_text(query, FINISHED, NULL), "true") == 0;
    const char *state = is_finished ? "finished" : "stopped";
    if (json)
        cli_text_format(out, "{\"name\":\"%s\",\"uuid\":\"%s\",\"state\":\"%s\",\"epoch\":%s}\n",
                        name, weir_column_text(query, UUID, NULL), state, epoch);
    else
        cli_text_format(out, "job %s: %s\n  checkpoint  %s%s%s\n", name, state, epoch,
                        at != NULL ? " of " : "", at != NULL ? at : "");
}

/* What the state of a job that does not run says: printed, and still no success. */
static int
stopped_status(cli_session *session, const char *job)
{
    cli_text dir = {0};
    weir_db *db = NULL;
    weir_query *query = NULL;
    int reason = errno;
    bool has_state = cli_job_dir(job, &dir) && weir_open(NULL, &db, NULL) == WEIR_OK &&
                     weir_state_open(db, cli_text_z(&dir), "job", &query, NULL) == WEIR_OK &&
                     weir_step(query, 0) == WEIR_ROW;
    if (has_state) {
        stopped_append(&session->output.pending, query, session->options->json);
        cli_output_flush(&session->output);
    } else {
        errno = reason;
        not_running(session, job);
    }
    weir_query_free(query);
    weir_close(db);
    cli_text_fini(&dir);
    return CLI_EXIT_RUNTIME;
}

/* What the job says is wrong. */
static int
refused(cli_session *session, const char *job, const cli_reply *reply)
{
    cli_text error = {0}, text = {0};
    cli_json_kind kind =
        cli_json_member(cli_text_z(&reply->body), reply->body.size, "error", &error);
    cli_text_format(&text, "job %s: ", job);
    if (kind == CLI_JSON_TEXT)
        cli_text_append_z(&text, cli_text_z(&error));
    else
        cli_text_format(&text, "it answered with HTTP status %d", reply->status);
    cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
    cli_text_fini(&error);
    cli_text_fini(&text);
    return CLI_EXIT_RUNTIME;
}

/* One request to the job. An exit code; reply->body is the answer when it is 0. */
static int
job_ask(cli_session *session, const char *job, const cli_request *request, cli_reply *reply)
{
    *reply = (cli_reply){0};
    int fd = cli_control_connect(job);
    if (fd < 0)
        return session->options->command == CLI_COMMAND_STATUS ? stopped_status(session, job)
                                                               : not_running(session, job);
    if (!cli_control_request(fd, request, reply)) {
        cli_text text = {0};
        cli_text_format(&text, "job %s does not answer: %s", job,
                        errno == EPROTO ? "it hung up" : strerror(errno));
        cli_message(&session->messages, CLI_ERROR, cli_text_z(&text), NULL);
        cli_text_fini(&text);
        return CLI_EXIT_RUNTIME;
    }
    return reply->status == 200 ? CLI_EXIT_DONE : refused(session, job, reply);
}

/* ── answers in words ───────────────────────────────────────────────────────────────────────── */

/* A member of the answer as a number; `otherwise` when it is null or not there. */
static int64_t
number_of(const cli_reply *reply, const char *name, int64_t otherwise)
{
    cli_text value = {0};
    char *end;
    cli_json_kind kind = cli_json_member(cli_text_z(&reply->body), reply->body.size, name, &value);
    int64_t number = strtoll(cli_text_z(&value), &end, 10);
    bool is_number = kind == CLI_JSON_OTHER && end != cli_text_z(&value);
    cli_text_fini(&value);
    return is_number ? number : otherwise;
}

/* Appends a text member; false: it is null or not there. */
static bool
text_append(cli_text *out, const cli_reply *reply, const char *name)
{
    cli_text value = {0};
    cli_json_kind kind = cli_json_member(cli_text_z(&reply->body), reply->body.size, name, &value);
    if (kind == CLI_JSON_TEXT)
        cli_display_append(out, cli_text_z(&value), value.size);
    cli_text_fini(&value);
    return kind == CLI_JSON_TEXT;
}

static void
count_append(cli_text *out, const cli_reply *reply, const char *name, const char *what)
{
    cli_text_format(out, "%s%lld", what, (long long)number_of(reply, name, 0));
}

static void
size_append(cli_text *out, const cli_reply *reply, const char *name, const char *what)
{
    cli_text_append_z(out, what);
    cli_size_append(out, number_of(reply, name, 0));
}

static void
checkpoint_line(cli_text *out, const cli_reply *reply)
{
    int64_t age_ms = number_of(reply, "checkpoint_age_ms", -1);
    cli_text_append_z(out, "\n  checkpoint  ");
    if (age_ms < 0) {
        cli_text_append_z(out, "none yet");
        return;
    }
    count_append(out, reply, "epoch", "");
    cli_text_append_z(out, ", ");
    cli_duration_append(out, age_ms * 1000);
    count_append(out, reply, "checkpoint_duration_ms", " ago, took ");
    size_append(out, reply, "checkpoint_bytes", " ms, ");
}

static void
flow_lines(cli_text *out, const cli_reply *reply)
{
    count_append(out, reply, "rows_in", "\n  input       ");
    cli_text_append_z(out, " rows");
    if (number_of(reply, "lag", -1) >= 0)
        count_append(out, reply, "lag", ", lag ");
    count_append(out, reply, "rows_late", ", late ");
    count_append(out, reply, "rows_bad", ", bad ");
    count_append(out, reply, "rows_future", ", future ");
    count_append(out, reply, "dead_letters", ", dead letters ");
    count_append(out, reply, "rows_out", "\n  output      ");
    size_append(out, reply, "outbox_bytes", " rows, outbox ");
    cli_text_append_z(out, "\n  watermark   ");
    if (!text_append(out, reply, "watermark"))
        cli_text_append_z(out, "none yet");
    cli_text next = {0};
    if (text_append(&next, reply, "next_close"))
        cli_text_format(out, ", the next window closes at %s", cli_text_z(&next));
    cli_text_fini(&next);
}

static void
status_text(cli_text *out, const cli_reply *reply)
{
    cli_text_append_z(out, "job ");
    text_append(out, reply, "name");
    cli_text_append_z(out, ": ");
    text_append(out, reply, "state");
    count_append(out, reply, "pid", ", process ");
    cli_text_append_z(out, ", up ");
    cli_duration_append(out, number_of(reply, "uptime_ms", 0) * 1000);
    checkpoint_line(out, reply);
    flow_lines(out, reply);
    size_append(out, reply, "state_bytes", "\n  state       ");
    count_append(out, reply, "groups", ", groups ");
    count_append(out, reply, "partitions", ", partitions ");
    count_append(out, reply, "partitions_idle", " of which idle ");
    cli_text error = {0};
    if (text_append(&error, reply, "last_error"))
        cli_text_format(out, "\n  last error  %s", cli_text_z(&error));
    cli_text_fini(&error);
    cli_text_append_char(out, '\n');
}

static int
answer_write(cli_session *session)
{
    return cli_output_flush(&session->output) ? CLI_EXIT_DONE : cli_session_output_failed(session);
}

/* ── the commands ───────────────────────────────────────────────────────────────────────────── */

static int
job_status(cli_session *session, const char *job)
{
    cli_reply reply;
    cli_request request = {"GET", "/status", NULL, ANSWER_US};
    int code = job_ask(session, job, &request, &reply);
    if (code == CLI_EXIT_DONE) {
        if (session->options->json)
            cli_text_append(&session->output.pending, cli_text_z(&reply.body), reply.body.size);
        else
            status_text(&session->output.pending, &reply);
        code = answer_write(session);
    }
    cli_reply_fini(&reply);
    return code;
}

static int
job_checkpoint(cli_session *session, const char *job)
{
    cli_reply reply;
    cli_request request = {"POST", "/checkpoint", NULL, DURABLE_US};
    int code = job_ask(session, job, &request, &reply);
    if (code == CLI_EXIT_DONE) {
        cli_text *out = &session->output.pending;
        cli_text_format(out, "job %s: ", job);
        count_append(out, &reply, "epoch", "checkpoint ");
        count_append(out, &reply, "checkpoint_duration_ms", ", took ");
        size_append(out, &reply, "checkpoint_bytes", " ms, ");
        cli_text_append_char(out, '\n');
        code = answer_write(session);
    }
    cli_reply_fini(&reply);
    return code;
}

static int
job_savepoint(cli_session *session, const char *job, const char *file)
{
    cli_reply reply;
    cli_text path = {0}, body = {0};
    if (!cli_path_absolute(file, &path))
        cli_text_append_z(&path, file);
    cli_text_append_z(&body, "{\"file\":");
    cli_json_append(&body, cli_text_z(&path), path.size);
    cli_text_append_char(&body, '}');
    cli_request request = {"POST", "/savepoint", cli_text_z(&body), SAVEPOINT_US};
    int code = job_ask(session, job, &request, &reply);
    if (code == CLI_EXIT_DONE) {
        cli_text *out = &session->output.pending;
        cli_text_format(out, "job %s: savepoint %s", job, cli_text_z(&path));
        size_append(out, &reply, "bytes", ", ");
        cli_text_append_char(out, '\n');
        code = answer_write(session);
    }
    cli_reply_fini(&reply);
    cli_text_fini(&path);
    cli_text_fini(&body);
    return code;
}

/* Until nobody listens any more. false: a signal, or -t is over. */
static bool
gone_wait(cli_session *session, const char *job)
{
    const int64_t limit_us = session->options->run_us;
    int64_t start_us = weir_monotonic_us();
    for (int fd; (fd = cli_control_connect(job)) >= 0;) {
        close(fd);
        bool late = limit_us >= 0 && weir_monotonic_us() - start_us > limit_us;
        if (late || cli_signals_pending())
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

static int
job_stop(cli_session *session, const char *job)
{
    cli_reply reply;
    bool drain = session->options->drain;
    cli_request request = {"POST", "/stop", drain ? "{\"drain\":true}" : "{\"drain\":false}",
                           ANSWER_US};
    int code = job_ask(session, job, &request, &reply);
    if (code == CLI_EXIT_DONE) {
        bool is_gone = gone_wait(session, job);
        cli_text text = {0};
        cli_text_format(&text, "job %s: %s", job,
                        !is_gone ? "is still stopping"
                        : drain  ? "drained and finished"
                                 : "stopped");
        cli_message(&session->messages, is_gone ? CLI_NOTICE : CLI_ERROR, cli_text_z(&text), NULL);
        cli_text_fini(&text);
        code = is_gone ? CLI_EXIT_DONE : CLI_EXIT_RUNTIME;
    }
    cli_reply_fini(&reply);
    return code;
}

int
cli_job_command(cli_session *session)
{
    const cli_options *options = session->options;
    bool is_savepoint = options->command == CLI_COMMAND_SAVEPOINT;
    if (options->argument_count != (is_savepoint ? 2 : 1) || options->script_count > 0) {
        cli_text hint = {0};
        cli_options_describe(options->command_name, &hint);
        cli_message(&session->messages, CLI_ERROR,
                    is_savepoint ? "which job, and to which FILE?" : "which job?",
                    cli_text_z(&hint) + strspn(cli_text_z(&hint), " "));
        cli_text_fini(&hint);
        return CLI_EXIT_USAGE;
    }
    const char *job = options->arguments[0];
    if (is_savepoint)
        return job_savepoint(session, job, options->arguments[1]);
    if (options->command == CLI_COMMAND_CHECKPOINT)
        return job_checkpoint(session, job);
    return options->command == CLI_COMMAND_STOP ? job_stop(session, job) : job_status(session, job);
}
