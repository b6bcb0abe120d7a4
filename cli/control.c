/* Serves the control socket: each request reads figures that any thread may read, or leaves a wish
 * for the loop that steps the job.
 *
 *   connection thread                      stepping thread
 *   GET /status   weir_query_stats
 *   POST /stop    wish = KEEP|DRAIN, ──▶   cli_control_stop_wanted → weir_stop
 *                 weir_interrupt
 *   POST /checkpoint  weir_checkpoint,     step
 *                     asks until done
 *
 * 1. A body is held whole, and BODY_MAX bytes at most; what is longer gets 413.
 * 2. Each connection has a thread, so a slow client or a long savepoint holds up nobody; there are
 *    CONNECTION_MAX of them, and one that says nothing for IDLE_S is closed.
 * 3. Requests that wait look at `closing`, so that the job's end never waits for them. */
#include "cli/control.h"

#include "cli/display.h"
#include "cli/duration.h"
#include "cli/http_library.h"
#include "cli/json_reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_MAX = 65536,
    HEADERS_MAX = 32768,
    CONNECTION_MAX = 16,
    IDLE_S = 10,
    DURABLE_WAIT_S = 60,
    POLL_NS = 2000000
};

static const cli_http_library *http; /* since the first open */

struct cli_control {
    weir_query *query;
    struct MHD_Daemon *daemon; /* NULL: not started */
    int64_t start_us;          /* monotonic */
    pthread_mutex_t lock;
    /* under the lock */
    cli_text name, error;
    cli_job_state state;
    cli_stop wish;
    bool closing;
};

/* One request, from its first line to its answer. */
typedef struct request {
    cli_text body;
    bool too_large;
} request;

/* What a request is answered with. */
typedef struct answer {
    unsigned status;
    cli_text text;
} answer;

static void
answer_error(answer *out, unsigned status, const char *message)
{
    out->status = status;
    cli_text_reset(&out->text);
    cli_text_append_z(&out->text, "{\"error\":");
    cli_json_append(&out->text, message, strlen(message));
    cli_text_append_z(&out->text, "}\n");
}

/* ── GET /status ────────────────────────────────────────────────────────────────────────────── */

static void
name_append(cli_text *out, const char *name)
{
    cli_text_format(out, "%s\"%s\":", out->size > 1 ? "," : "", name);
}

static void
text_member(cli_text *out, const char *name, const char *value)
{
    name_append(out, name);
    if (value[0] != '\0')
        cli_json_append(out, value, strlen(value));
    else
        cli_text_append_z(out, "null");
}

static void
number_member(cli_text *out, const char *name, int64_t value)
{
    name_append(out, name);
    cli_text_format(out, "%lld", (long long)value);
}

/* null for what is not known. */
static void
known_member(cli_text *out, const char *name, int64_t value, bool is_known)
{
    if (is_known)
        number_member(out, name, value);
    else
        text_member(out, name, "");
}

static void
time_member(cli_text *out, const char *name, int64_t us)
{
    cli_text text = {0};
    if (us != INT64_MIN && us != INT64_MAX) {
        cli_timestamp_append(&text, us);
        *strchr(text.data, ' ') = 'T';
        cli_text_append_char(&text, 'Z');
    }
    text_member(out, name, cli_text_z(&text));
    cli_text_fini(&text);
}

static const char *
state_name(cli_job_state state, bool is_degraded)
{
    switch (state) {
    case CLI_JOB_RUNNING: return is_degraded ? "degraded" : "running";
    case CLI_JOB_STOPPING: return "stopping";
    case CLI_JOB_FINISHED: return "finished";
    }
    return "running";
}

static void
job_members(cli_control *control, const weir_stats *stats, cli_text *out)
{
    pthread_mutex_lock(&control->lock);
    text_member(out, "name", cli_text_z(&control->name));
    text_member(out, "uuid", stats->uuid);
    number_member(out, "pid", getpid());
    text_member(out, "state", state_name(control->state, stats->degraded != 0));
    text_member(out, "last_error",
                stats->problem[0] != '\0' ? stats->problem : cli_text_z(&control->error));
    pthread_mutex_unlock(&control->lock);
    number_member(out, "uptime_ms", (weir_monotonic_us() - control->start_us) / 1000);
    text_member(out, "version", weir_version());
}

static void
checkpoint_members(const weir_stats *stats, cli_text *out)
{
    bool is_there = stats->checkpoint_us != INT64_MIN && stats->epoch > 0;
    number_member(out, "epoch", stats->epoch);
    time_member(out, "checkpoint_at", is_there ? stats->checkpoint_us : INT64_MIN);
    known_member(out, "checkpoint_age_ms",
                 is_there ? (stats->wall_us - stats->checkpoint_us) / 1000 : 0, is_there);
    known_member(out, "checkpoint_duration_ms", stats->checkpoint_duration_us / 1000, is_there);
    known_member(out, "checkpoint_bytes", stats->checkpoint_bytes, is_there);
    number_member(out, "outbox_bytes", stats->outbox_bytes);
    number_member(out, "dead_letters", stats->dead_letters);
}

static void
flow_members(const weir_stats *stats, cli_text *out)
{
    number_member(out, "rows_in", (int64_t)stats->rows_in);
    number_member(out, "bytes_in", (int64_t)stats->bytes_in);
    number_member(out, "rows_out", (int64_t)stats->rows_out);
    number_member(out, "rows_late", (int64_t)stats->rows_late);
    number_member(out, "rows_bad", (int64_t)stats->rows_bad);
    number_member(out, "rows_future", (int64_t)stats->rows_future);
    known_member(out, "lag", stats->lag, stats->lag >= 0);
    time_member(out, "watermark", stats->watermark_us);
    time_member(out, "next_close", stats->next_close_us);
    number_member(out, "partitions", stats->partitions);
    number_member(out, "partitions_idle", stats->partitions_idle);
    number_member(out, "groups", stats->groups);
    number_member(out, "state_bytes", stats->state_bytes);
}

static void
status_answer(cli_control *control, answer *out)
{
    weir_stats stats = {.size = sizeof(stats)};
    if (weir_query_stats(control->query, &stats) != WEIR_OK) {
        answer_error(out, MHD_HTTP_INTERNAL_SERVER_ERROR, "no figures");
        return;
    }
    cli_text_append_char(&out->text, '{');
    job_members(control, &stats, &out->text);
    checkpoint_members(&stats, &out->text);
    flow_members(&stats, &out->text);
    cli_text_append_z(&out->text, "}\n");
}

/* ── POST /checkpoint, /savepoint ───────────────────────────────────────────────────────────── */

static bool
control_is_closing(cli_control *control)
{
    pthread_mutex_lock(&control->lock);
    bool closing = control->closing;
    pthread_mutex_unlock(&control->lock);
    return closing;
}

/* Asks for a checkpoint and waits until it is durable. false: the answer says why it is not. */
static bool
checkpoint_wait(cli_control *control, answer *out)
{
    int64_t number = weir_checkpoint(control->query);
    if (number < 0) {
        answer_error(out, MHD_HTTP_CONFLICT, "the job takes no checkpoints now");
        return false;
    }
    weir_interrupt(control->query);
    int64_t end_us = weir_monotonic_us() + (int64_t)DURABLE_WAIT_S * 1000000;
    for (;;) {
        if (weir_checkpoint_done(control->query, number) == 1)
            return true;
        if (control_is_closing(control))
            break;
        if (weir_monotonic_us() > end_us) {
            answer_error(out, MHD_HTTP_GATEWAY_TIMEOUT,
                         "the checkpoint is not durable yet; see /status");
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
    }
    answer_error(out, MHD_HTTP_SERVICE_UNAVAILABLE, "the job has ended");
    return false;
}

static void
checkpoint_answer(cli_control *control, answer *out)
{
    weir_stats stats = {.size = sizeof(stats)};
    if (!checkpoint_wait(control, out) || weir_query_stats(control->query, &stats) != WEIR_OK)
        return;
    cli_text_append_char(&out->text, '{');
    checkpoint_members(&stats, &out->text);
    cli_text_append_z(&out->text, "}\n");
}

static void
savepoint_answer(cli_control *control, const cli_text *body, answer *out)
{
    cli_text file = {0};
    weir_error *error = NULL;
    struct stat status;
    cli_json_kind kind = cli_json_member(cli_text_z(body), body->size, "file", &file);
    if (kind != CLI_JSON_TEXT || cli_text_z(&file)[0] != '/') {
        answer_error(out, MHD_HTTP_BAD_REQUEST, "wanted: {\"file\": \"/absolute/path\"}");
    } else if (checkpoint_wait(control, out)) {
        if (weir_savepoint(control->query, cli_text_z(&file), &error) != WEIR_OK) {
            answer_error(out, MHD_HTTP_INTERNAL_SERVER_ERROR, weir_error_message(error));
        } else {
            cli_text_append_char(&out->text, '{');
            text_member(&out->text, "file", cli_text_z(&file));
            known_member(&out->text, "bytes", status.st_size,
                         stat(cli_text_z(&file), &status) == 0);
            cli_text_append_z(&out->text, "}\n");
        }
    }
    weir_error_free(error);
    cli_text_fini(&file);
}

/* ── POST /stop ─────────────────────────────────────────────────────────────────────────────── */

static void
stop_answer(cli_control *control, const cli_text *body, answer *out)
{
    cli_text drain = {0};
    cli_json_kind kind = body->size == 0
                             ? CLI_JSON_ABSENT
                             : cli_json_member(cli_text_z(body), body->size, "drain", &drain);
    bool is_true = kind == CLI_JSON_OTHER && strcmp(cli_text_z(&drain), "true") == 0;
    bool is_false = kind == CLI_JSON_ABSENT ||
                    (kind == CLI_JSON_OTHER && strcmp(cli_text_z(&drain), "false") == 0);
    if (is_true || is_false) {
        pthread_mutex_lock(&control->lock);
        if (control->wish == CLI_STOP_NONE)
            control->wish = is_true ? CLI_STOP_DRAIN : CLI_STOP_KEEP;
        bool is_drain = control->wish == CLI_STOP_DRAIN;
        pthread_mutex_unlock(&control->lock);
        weir_interrupt(control->query);
        cli_text_format(&out->text, "{\"state\":\"stopping\",\"drain\":%s}\n",
                        is_drain ? "true" : "false");
    } else {
        answer_error(out, MHD_HTTP_BAD_REQUEST, "wanted: {\"drain\": true} or {\"drain\": false}");
    }
    cli_text_fini(&drain);
}

/* ── requests ───────────────────────────────────────────────────────────────────────────────── */

typedef enum route {
    ROUTE_STATUS,
    ROUTE_CHECKPOINT,
    ROUTE_SAVEPOINT,
    ROUTE_STOP,
    ROUTE_NONE
} route;

static const struct {
    const char *path, *method;
} ROUTES[] = {{"/status", MHD_HTTP_METHOD_GET},
              {"/checkpoint", MHD_HTTP_METHOD_POST},
              {"/savepoint", MHD_HTTP_METHOD_POST},
              {"/stop", MHD_HTTP_METHOD_POST}};

static route
route_find(const char *path)
{
    int found = 0;
    while (found < ROUTE_NONE && strcmp(ROUTES[found].path, path) != 0)
        found++;
    return (route)found;
}

static void
request_answer(cli_control *control, route where, const cli_text *body, answer *out)
{
    switch (where) {
    case ROUTE_STATUS: status_answer(control, out); break;
    case ROUTE_CHECKPOINT: checkpoint_answer(control, out); break;
    case ROUTE_SAVEPOINT: savepoint_answer(control, body, out); break;
    case ROUTE_STOP: stop_answer(control, body, out); break;
    case ROUTE_NONE: answer_error(out, MHD_HTTP_NOT_FOUND, "no such path"); break;
    }
}

static enum MHD_Result
answer_send(struct MHD_Connection *connection, route where, answer *out)
{
    struct MHD_Response *response = http->create_response_from_buffer(
        out->text.size, (void *)cli_text_z(&out->text), MHD_RESPMEM_MUST_COPY);
    cli_text_fini(&out->text);
    if (response == NULL)
        return MHD_NO;
    http->add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    if (out->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        http->add_response_header(response, MHD_HTTP_HEADER_ALLOW, ROUTES[where].method);
    enum MHD_Result result = http->queue_response(connection, out->status, response);
    http->destroy_response(response);
    return result;
}

/* The length that the client announces; what is no number counts as none. */
static bool
announces_too_much(struct MHD_Connection *connection)
{
    const char *length =
        http->lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL && strtoull(length, NULL, 10) > BODY_MAX;
}

/* Called for the head of a request, for each piece of its body, and at its end.
 * tidy: allow parameters: the library's callback has them */
static enum MHD_Result
request_step(void *context, struct MHD_Connection *connection, const char *url, const char *method,
             const char *version, const char *data, size_t *data_size, void **kept)
{
    cli_control *control = context;
    request *now = *kept;
    answer out = {.status = MHD_HTTP_OK};
    route where = route_find(url);
    (void)version;
    if (now == NULL) {
        now = *kept = cli_allocate(1, sizeof(*now));
        *now = (request){.too_large = announces_too_much(connection)};
        if (!now->too_large)
            return MHD_YES;
    } else if (*data_size > 0) {
        if (now->body.size + *data_size > BODY_MAX)
            return MHD_NO; /* longer than announced, or in chunks: the connection is closed */
        cli_text_append(&now->body, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    if (now->too_large)
        answer_error(&out, MHD_HTTP_CONTENT_TOO_LARGE, "a body of at most 64 KiB");
    else if (where != ROUTE_NONE && strcmp(ROUTES[where].method, method) != 0)
        answer_error(&out, MHD_HTTP_METHOD_NOT_ALLOWED, "wrong method");
    else
        request_answer(control, where, &now->body, &out);
    return answer_send(connection, where, &out);
}

static void
request_end(void *context, struct MHD_Connection *connection, void **kept,
            enum MHD_RequestTerminationCode reason)
{
    request *ended = *kept;
    (void)context, (void)connection, (void)reason;
    if (ended != NULL)
        cli_text_fini(&ended->body);
    free(ended);
    *kept = NULL;
}

/* ── open and close ─────────────────────────────────────────────────────────────────────────── */

cli_control *
cli_control_open(int listen_fd, const char *name, weir_query *query, const char **why)
{
    cli_control *control = cli_allocate(1, sizeof(*control));
    *control = (cli_control){.query = query, .start_us = weir_monotonic_us()};
    pthread_mutex_init(&control->lock, NULL);
    cli_text_append_z(&control->name, name);
    http = cli_http_library_load(why);
    if (http == NULL) {
        cli_control_close(control);
        return NULL;
    }
    *why = "the HTTP server does not start";
    control->daemon = http->start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ITC,
        0, NULL, NULL, request_step, control, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX,
        MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL, MHD_OPTION_END);
    if (control->daemon != NULL)
        return control;
    cli_control_close(control);
    return NULL;
}

cli_stop
cli_control_stop_wanted(cli_control *control)
{
    pthread_mutex_lock(&control->lock);
    cli_stop wish = control->wish;
    pthread_mutex_unlock(&control->lock);
    return wish;
}

void
cli_control_set_state(cli_control *control, cli_job_state state)
{
    pthread_mutex_lock(&control->lock);
    control->state = state;
    pthread_mutex_unlock(&control->lock);
}

void
cli_control_set_error(cli_control *control, const char *line)
{
    pthread_mutex_lock(&control->lock);
    cli_text_reset(&control->error);
    cli_text_append_z(&control->error, line);
    pthread_mutex_unlock(&control->lock);
}

void
cli_control_close(cli_control *control)
{
    if (control == NULL)
        return;
    pthread_mutex_lock(&control->lock);
    control->closing = true;
    pthread_mutex_unlock(&control->lock);
    if (control->daemon != NULL) {
        (void)http->quiesce_daemon(control->daemon); /* the listening socket stays the caller's */
        http->stop_daemon(control->daemon);
    }
    pthread_mutex_destroy(&control->lock);
    cli_text_fini(&control->name);
    cli_text_fini(&control->error);
    free(control);
}
