/* Frames into a topic exactly once: each epoch is one transaction that carries its marker too.
 *
 *   open:     new producer ─▶ init (ends what was open, fences the run before) ─▶ read marker M
 *   deliver:  begin ─▶ records of epoch k ─▶ marker k ─▶ commit         all visible, or nothing
 *   failed:   close the producer; the next try opens one, and M tells what became of k:
 *                M = k         it was committed, only the answer was lost (the check tells whose k)
 *                M as before   it was not, and never will be: send it again
 *                else          somebody else writes under the name of this job
 *
 * There is one transactional producer per destination, not one per cluster: destinations are
 * delivered one after another, each with a marker of its own, so each recovers for itself, and one
 * topic that refuses records does not keep those of the others from being committed. Exactly once
 * needs no more: the state holds the frames of every destination until its own marker says k.
 *
 * Invariants
 * 1. There is one way to recover from anything but a retriable error: destroy, open, read M.
 * 2. A producer that was fenced while its transaction was younger than its timeout was fenced by
 *    another instance: the broker itself only ends older ones. That ends the job; fencing back
 *    would go on for ever.
 * 3. A payload in memory is not copied: frames outlive the delivery, and a failed one destroys the
 *    producer before it returns.
 * 4. There is no limit to how long an epoch takes, but the transaction's own, as long as something
 *    goes on.
 * 5. marker is what the topic shows; epochs up to it are not sent again.
 * 6. The transactional id is weir-<job>:<topic>; no topic has a colon in its name, so no two jobs
 *    meet in one id. */
#include "connectors/kafka_transactions.h"
#include "connectors/kafka_frames.h"
#include "connectors/kafka_marker.h"
#include "core/checksum.h"
#include "core/fault.h"
#include "core/memory.h"
#include "core/time.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
    ATTEMPTS = 2,
    STALL_MS = 15000, /* without any progress */
    BATCH_BYTES = 1000000,
    LIMIT_MIN_BYTES = 1000, /* librdkafka's least */
    LIMIT_MAX_BYTES = 1000000000
};
#define TRANSACTION_TIMEOUT_MS 120000 /* of the largest epoch over a slow line */
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)

struct wr_kafka_transactions {
    wr_kafka_client client; /* first: librdkafka's opaque is the client; no handle: closed */
    wr_arena *arena;        /* of the client that is open */
    wr_sink_config config;
    rd_kafka_queue_t *events;
    int64_t limit_bytes;
    const char *group;
    wr_kafka_marker marker;
    /* the transaction under way */
    rd_kafka_topic_partition_list_t *offsets;
    int64_t begun_us;
    bool copies;                 /* the payloads at hand do not live until its end */
    rd_kafka_resp_err_t failure; /* of the first record that was not delivered */
};

/* ── the producer ───────────────────────────────────────────────────────────────────────────── */

/* Failed records come as events, for without callbacks a commit waits for its records no longer
 * than they take; else librdkafka looks every 10 ms. */
static void
producer_prepare(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

static void
event_take(wr_kafka_transactions *transactions, rd_kafka_event_t *event)
{
    const rd_kafka_message_t *message;
    wr_kafka_client *client = &transactions->client;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
        snprintf(client->last_error, sizeof client->last_error, "%s",
                 rd_kafka_event_error_string(event));
    }
    while ((message = rd_kafka_event_message_next(event))) {
        if (transactions->failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
            transactions->failure = message->err;
        }
    }
}

static void
events_take(wr_kafka_transactions *transactions, int timeout_ms)
{
    rd_kafka_event_t *event;
    while ((event = rd_kafka_queue_poll(transactions->events, timeout_ms))) {
        event_take(transactions, event);
        rd_kafka_event_destroy(event);
        timeout_ms = 0;
    }
}

static void
producer_close(wr_kafka_transactions *transactions)
{
    if (transactions->client.handle) {
        rd_kafka_purge(transactions->client.handle,
                       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    if (transactions->events) {
        rd_kafka_queue_destroy(transactions->events);
    }
    transactions->events = NULL;
    wr_kafka_client_close(&transactions->client);
    wr_arena_free(transactions->arena);
    transactions->arena = NULL;
}

static wr_status
producer_open(wr_kafka_transactions *transactions, wr_error *err)
{
    char limit[24], batch[24];
    const wr_sink_config *config = &transactions->config;
    int64_t limit_bytes = transactions->limit_bytes;
    snprintf(limit, sizeof limit, "%lld", (long long)limit_bytes);
    snprintf(batch, sizeof batch, "%lld",
             (long long)(limit_bytes < BATCH_BYTES ? limit_bytes : BATCH_BYTES));
    transactions->arena = wr_arena_new(0);
    wr_text topic = wr_options_first(config->options, "topic")->value;
    const char *id =
        wr_arena_printf(transactions->arena, "%s:%.*s", transactions->group, WR_TEXT_ARG(topic))
            .data;
    const wr_kafka_setting settings[] = {
        {"transactional.id", id},
        {"transaction.timeout.ms", TEXT_OF(TRANSACTION_TIMEOUT_MS)},
        {"message.timeout.ms", TEXT_OF(TRANSACTION_TIMEOUT_MS)},
        {"allow.auto.create.topics", "false"},
        {"partitioner", "murmur2_random"}, /* as Java's producers, so that keys meet */
        {"linger.ms", "1"},                /* the commit ends it at once */
        {"socket.nagle.disable", "true"},
        {"queue.buffering.max.messages", "100000"}, /* more only fill the memory */
        {"queue.buffering.max.kbytes", "65536"},
        {"message.max.bytes", limit},
        {"batch.size", batch}, /* the broker judges batches, and librdkafka splits none */
        {"delivery.report.only.error", "true"},
        {"retry.backoff.ms", "10"}, /* a transaction right behind another is told to wait */
        {"reconnect.backoff.max.ms", "1000"},
        {NULL, NULL},
    };
    transactions->client = (wr_kafka_client){.connect_timeout_ms = wr_kafka_timeout_ms(config)};
    WR_TRY(wr_kafka_client_open(&transactions->client, RD_KAFKA_PRODUCER, config->options,
                                config->brokers, transactions->arena, settings, producer_prepare,
                                err));
    transactions->events = rd_kafka_queue_get_main(transactions->client.handle);
    return WR_OK;
}

/* ── what an error means ────────────────────────────────────────────────────────────────────── */

static bool
error_fences(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

static bool
error_stays(rd_kafka_resp_err_t code)
{
    static const rd_kafka_resp_err_t staying[] = {
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
        RD_KAFKA_RESP_ERR_INVALID_RECORD,
        RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
        RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
    };
    for (size_t i = 0; i < sizeof staying / sizeof *staying; i++) {
        if (staying[i] == code) {
            return true;
        }
    }
    return false;
}

static wr_status
fenced_tell(const wr_kafka_transactions *transactions, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0704",
                 "another instance of job \"%.*s\" writes to topic \"%s\" now",
                 WR_TEXT_ARG(transactions->config.job_name), transactions->client.topic);
    wr_error_detail(err, "the broker has fenced this one off; nothing of its last epoch is visible "
                         "or will be");
    wr_error_hint(err, "run a job once only; a copy needs a name of its own");
    return WR_ERR_RUNTIME;
}

/* Takes the error. WR_ERR_UNREACHABLE: another try may do. */
static wr_status
error_judge(wr_kafka_transactions *transactions, rd_kafka_error_t *error, wr_error *err)
{
    events_take(transactions, 0);
    char reason[WR_KAFKA_ERROR_MAX];
    const wr_kafka_client *client = &transactions->client;
    int64_t age_us = wr_clock_monotonic_us(NULL) - transactions->begun_us;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client->handle, NULL, 0);
    snprintf(reason, sizeof reason, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    if ((error_fences(code) || error_fences(fatal) || error_fences(transactions->failure)) &&
        age_us < TRANSACTION_TIMEOUT_MS * WR_US_PER_MS) {
        return fenced_tell(transactions, err);
    }
    if (transactions->failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = transactions->failure;
        snprintf(reason, sizeof reason, "%s", rd_kafka_err2str(code));
    }
    wr_status status = error_stays(code) ? WR_ERR_RUNTIME : WR_ERR_UNREACHABLE;
    wr_error_set(err, status, "E0704", "cannot write topic \"%s\": %s", client->topic, reason);
    if (client->last_error[0]) {
        wr_error_detail(err, "%s", client->last_error);
    }
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        wr_error_hint(err, "raise max.message.bytes of the topic");
    }
    return status;
}

/* ── a transaction ──────────────────────────────────────────────────────────────────────────── */

static int64_t
until_ms(int64_t timeout_ms)
{
    return wr_clock_monotonic_us(NULL) + timeout_ms * WR_US_PER_MS;
}

static int
left_ms(int64_t until_us)
{
    int64_t left_us = until_us - wr_clock_monotonic_us(NULL);
    return left_us > 0 ? (int)(left_us / WR_US_PER_MS) + 1 : 0;
}

typedef rd_kafka_error_t *(*transaction_step)(wr_kafka_transactions *transactions, int timeout_ms);

static rd_kafka_error_t *
step_init(wr_kafka_transactions *transactions, int timeout_ms)
{
    return rd_kafka_init_transactions(transactions->client.handle, timeout_ms);
}

static rd_kafka_error_t *
step_begin(wr_kafka_transactions *transactions, int timeout_ms)
{
    (void)timeout_ms;
    return rd_kafka_begin_transaction(transactions->client.handle);
}

static rd_kafka_error_t *
step_marker(wr_kafka_transactions *transactions, int timeout_ms)
{
    rd_kafka_consumer_group_metadata_t *group =
        rd_kafka_consumer_group_metadata_new(transactions->group);
    rd_kafka_error_t *error = rd_kafka_send_offsets_to_transaction(
        transactions->client.handle, transactions->offsets, group, timeout_ms);
    rd_kafka_consumer_group_metadata_destroy(group);
    return error;
}

static rd_kafka_error_t *
step_commit(wr_kafka_transactions *transactions, int timeout_ms)
{
    return rd_kafka_commit_transaction(transactions->client.handle, timeout_ms);
}

static wr_status
step_run(wr_kafka_transactions *transactions, transaction_step step, int64_t timeout_ms,
         wr_error *err)
{
    int64_t until_us = until_ms(timeout_ms);
    rd_kafka_error_t *error;
    while ((error = step(transactions, left_ms(until_us))) && rd_kafka_error_is_retriable(error) &&
           left_ms(until_us) > 0) {
        rd_kafka_error_destroy(error);
    }
    events_take(transactions, 0);
    return error ? error_judge(transactions, error, err) : WR_OK;
}

/* One try; librdkafka copies the key only. */
static rd_kafka_error_t *
record_produce(wr_kafka_transactions *transactions, const wr_kafka_record *record)
{
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = transactions->client.topic_handle},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = transactions->copies ? RD_KAFKA_MSG_F_COPY : 0},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {.ptr = (void *)(uintptr_t)record->value.data, .size = record->value.size}},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {.ptr = (void *)(uintptr_t)record->key.data, .size = record->key.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->time_ms},
    };
    return rd_kafka_produceva(transactions->client.handle, parts, sizeof parts / sizeof *parts);
}

/* A full queue is waited out. A state that forbids producing hides its reason: another call of the
 * transaction tells. */
static wr_status
record_send(wr_kafka_transactions *transactions, const wr_kafka_record *record, wr_error *err)
{
    rd_kafka_error_t *error;
    int64_t until_us = WR_TIME_NONE;
    while ((error = record_produce(transactions, record)) &&
           rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        until_us = until_us == WR_TIME_NONE ? until_ms(STALL_MS) : until_us;
        if (left_ms(until_us) == 0) {
            break;
        }
        rd_kafka_error_destroy(error);
        events_take(transactions, 1);
    }
    if (error && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__STATE) {
        rd_kafka_error_t *reason = step_marker(transactions, 1);
        rd_kafka_error_t *told = reason ? reason : error;
        if (reason) {
            rd_kafka_error_destroy(error);
        }
        return error_judge(transactions, told, err);
    }
    return error ? error_judge(transactions, error, err) : WR_OK;
}

static wr_status
frame_damaged(const wr_kafka_transactions *transactions, const wr_sink_frame *frame, wr_error *err)
{
    return wr_error_set(err, WR_ERR_STATE, "E0904",
                        "the state is damaged: frame %lld for topic \"%s\" holds no records",
                        (long long)frame->seq, transactions->client.topic);
}

static wr_status
frames_send(wr_kafka_transactions *transactions, const wr_delivery *delivery, wr_error *err)
{
    for (int i = 0; i < delivery->frame_count; i++) {
        wr_text bytes;
        WR_TRY(wr_delivery_bytes(delivery, i, &bytes, err));
        transactions->copies = !delivery->frames[i].bytes.data; /* it goes with the next one */
        while (bytes.size > 0) {
            wr_kafka_record record;
            if (!wr_kafka_frame_take(&bytes, &record)) {
                return frame_damaged(transactions, &delivery->frames[i], err);
            }
            WR_TRY(record_send(transactions, &record, err));
        }
    }
    return WR_OK;
}

/* A record that failed is told by the commit. */
static wr_status
records_wait(wr_kafka_transactions *transactions, wr_error *err)
{
    rd_kafka_t *handle = transactions->client.handle;
    int before, left = INT_MAX;
    do {
        before = left;
        rd_kafka_flush(handle, STALL_MS);
        events_take(transactions, 0);
        left = rd_kafka_outq_len(handle);
    } while (left > 0 && left < before && transactions->failure == RD_KAFKA_RESP_ERR_NO_ERROR);
    if (left == 0 || transactions->failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0704", "cannot write topic \"%s\": no answer",
                 transactions->client.topic);
    wr_error_detail(err, "%d records wait for %d s; %s", left, STALL_MS / 1000,
                    transactions->client.last_error);
    return WR_ERR_UNREACHABLE;
}

/* For the marker, and for people: those of frames that wait on disk are not counted. */
static int64_t
records_count(const wr_delivery *delivery)
{
    int64_t count = 0;
    for (int i = 0; i < delivery->frame_count; i++) {
        wr_text bytes = delivery->frames[i].bytes;
        wr_kafka_record record;
        while (bytes.data && bytes.size > 0 && wr_kafka_frame_take(&bytes, &record)) {
            count++;
        }
    }
    return count;
}

/* Tells an epoch from one of its number that a copy of the state has made. 0: no frames. */
static wr_status
frames_check(const wr_delivery *delivery, int64_t epoch, int64_t *check, wr_error *err)
{
    *check = 0;
    for (int i = 0; i < delivery->frame_count; i++) {
        wr_text bytes;
        if (delivery->frames[i].epoch == epoch) {
            WR_TRY(wr_delivery_bytes(delivery, i, &bytes, err));
            *check = (int64_t)wr_checksum_more((uint64_t)*check, bytes.data, bytes.size);
        }
    }
    return WR_OK;
}

static wr_status
transaction_steps(wr_kafka_transactions *transactions, const wr_delivery *delivery, wr_error *err)
{
    WR_TRY(step_run(transactions, step_begin, STALL_MS, err));
    WR_FAULT("kafka.begin");
    WR_TRY(frames_send(transactions, delivery, err));
    WR_FAULT("kafka.produced");
    WR_TRY(step_run(transactions, step_marker, STALL_MS, err));
    WR_FAULT("kafka.offsets");
    WR_TRY(records_wait(transactions, err));
    WR_TRY(step_run(transactions, step_commit, STALL_MS, err));
    WR_FAULT("kafka.committed");
    return WR_OK;
}

static wr_status
transaction_run(wr_kafka_transactions *transactions, const wr_delivery *delivery, wr_error *err)
{
    wr_kafka_marker next = {.is_there = true, .epoch = delivery->epoch};
    snprintf(next.uuid, sizeof next.uuid, "%.*s", WR_TEXT_ARG(delivery->job_uuid));
    WR_TRY(frames_check(delivery, delivery->epoch, &next.check, err));
    if (delivery->frame_count == 0 && transactions->marker.epoch == delivery->epoch) {
        next.check = transactions->marker.check; /* it is only refreshed */
    }
    transactions->begun_us = wr_clock_monotonic_us(NULL);
    transactions->failure = RD_KAFKA_RESP_ERR_NO_ERROR;
    transactions->offsets =
        wr_kafka_marker_offsets(transactions->client.topic, &next, records_count(delivery));
    wr_status status = transaction_steps(transactions, delivery, err);
    rd_kafka_topic_partition_list_destroy(transactions->offsets);
    transactions->offsets = NULL;
    if (status == WR_OK) {
        transactions->marker = next;
    }
    return status;
}

/* ── sessions: a producer, and what is visible when it begins ───────────────────────────────── */

static wr_status
session_open(wr_kafka_transactions *transactions, wr_kafka_marker *shown, wr_error *err)
{
    transactions->begun_us = wr_clock_monotonic_us(NULL);
    transactions->failure = RD_KAFKA_RESP_ERR_NO_ERROR;
    wr_status status = producer_open(transactions, err);
    if (status == WR_OK) {
        status = step_run(transactions, step_init, transactions->client.connect_timeout_ms, err);
    }
    if (status == WR_OK) {
        status = wr_kafka_marker_read(&transactions->config, transactions->group, shown, err);
    }
    if (status != WR_OK) {
        producer_close(transactions);
    }
    return status;
}

static bool
marker_is_of(const wr_kafka_marker *marker, wr_text uuid)
{
    return marker->is_there && wr_text_equal(wr_text_from(marker->uuid), uuid);
}

static bool
marker_equal(const wr_kafka_marker *a, const wr_kafka_marker *b)
{
    return a->is_there == b->is_there &&
           (!a->is_there || (a->epoch == b->epoch && strcmp(a->uuid, b->uuid) == 0));
}

/* Does the marker stand for the frames of its epoch? Of those that are gone nobody knows. */
static wr_status
marker_fits(const wr_kafka_marker *marker, const wr_delivery *waiting, bool *fits, wr_error *err)
{
    int64_t check = 0;
    WR_TRY(marker->is_there && waiting ? frames_check(waiting, marker->epoch, &check, err) : WR_OK);
    *fits = check == 0 || marker->check == 0 || check == marker->check;
    return WR_OK;
}

static wr_status
copy_refused(wr_kafka_transactions *transactions, const wr_kafka_marker *shown, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0911", "topic \"%s\" was written by another run of this job",
                 transactions->client.topic);
    wr_error_detail(err, "it shows an epoch %lld of other records than the state's",
                    (long long)shown->epoch);
    wr_error_hint(err, "run a job once only; a copy needs a name of its own");
    producer_close(transactions);
    return WR_ERR_STATE;
}

/* After a failed try: was it committed all the same? */
static wr_status
session_reopen(wr_kafka_transactions *transactions, const wr_delivery *delivery, wr_error *err)
{
    wr_kafka_marker shown;
    bool fits = false;
    WR_TRY(session_open(transactions, &shown, err));
    WR_TRY(marker_fits(&shown, delivery, &fits, err));
    if (!fits) {
        return copy_refused(transactions, &shown, err);
    }
    bool committed = marker_is_of(&shown, delivery->job_uuid) && shown.epoch == delivery->epoch;
    if (committed || marker_equal(&shown, &transactions->marker)) {
        transactions->marker = shown;
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_STATE, "E0911", "topic \"%s\" was written or made anew by another",
                 transactions->client.topic);
    wr_error_detail(err, "group \"%s\" shows epoch %lld, where %lld was before",
                    transactions->group, (long long)shown.epoch,
                    (long long)transactions->marker.epoch);
    producer_close(transactions);
    return WR_ERR_STATE;
}

wr_status
wr_kafka_transactions_deliver(wr_kafka_transactions *transactions, const wr_delivery *delivery,
                              wr_error *err)
{
    wr_status status = WR_OK;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (!transactions->client.handle) {
            WR_TRY(session_reopen(transactions, delivery, err));
        }
        if (delivery->frame_count > 0 && transactions->marker.is_there &&
            delivery->epoch <= transactions->marker.epoch) {
            return WR_OK;
        }
        status = transaction_run(transactions, delivery, err);
        if (status == WR_OK) {
            return WR_OK;
        }
        producer_close(transactions);
        if (status != WR_ERR_UNREACHABLE) {
            return status;
        }
    }
    return status;
}

/* ── recover ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
past_refused(const wr_kafka_transactions *transactions, const wr_sink_past *past,
             const wr_kafka_marker *shown, wr_error *err)
{
    if (shown->is_there) {
        wr_error_set(err, WR_ERR_STATE, "E0911",
                     "topic \"%s\" was written by another job of the name \"%.*s\"",
                     transactions->client.topic, WR_TEXT_ARG(past->job_name));
        wr_error_detail(err, "its marker in group \"%s\" is of job %s, epoch %lld; this is %.*s",
                        transactions->group, shown->uuid, (long long)shown->epoch,
                        WR_TEXT_ARG(past->job_uuid));
        wr_error_hint(err, "give the job another name, or say --sink-ahead=duplicate to write "
                           "behind what is there");
    } else {
        wr_error_set(err, WR_ERR_STATE, "E0911",
                     "topic \"%s\" does not show what was written to it last",
                     transactions->client.topic);
        wr_error_detail(err,
                        "epoch %lld was delivered, but group \"%s\" has no marker: the topic was "
                        "made anew, or the broker forgot it (offsets.retention.minutes)",
                        (long long)past->delivered_epoch, transactions->group);
        wr_error_hint(err, "--sink-ahead=duplicate goes on with what the state knows");
    }
    return WR_ERR_STATE;
}

/* As if the topic showed `epoch`. */
static wr_status
marker_put(wr_kafka_transactions *transactions, const wr_sink_past *past, int64_t epoch,
           wr_error *err)
{
    wr_delivery nothing = {.job_name = past->job_name, .job_uuid = past->job_uuid, .epoch = epoch};
    return wr_kafka_transactions_deliver(transactions, &nothing, err);
}

wr_status
wr_kafka_transactions_recover(wr_kafka_transactions *transactions, const wr_sink_past *past,
                              int64_t *epoch, wr_error *err)
{
    wr_kafka_marker shown;
    WR_TRY(session_open(transactions, &shown, err));
    transactions->marker = shown;
    bool ours = marker_is_of(&shown, past->job_uuid);
    bool never = !shown.is_there && past->delivered_epoch == 0;
    if (!ours && !never && past->ahead == WR_AHEAD_REFUSE) {
        return past_refused(transactions, past, &shown, err);
    }
    bool fits = true;
    WR_TRY(ours ? marker_fits(&shown, past->waiting, &fits, err) : WR_OK);
    if (!fits && past->ahead == WR_AHEAD_REFUSE) {
        return copy_refused(transactions, &shown, err);
    }
    bool repeats = ours && shown.epoch > past->last_epoch && past->ahead == WR_AHEAD_DUPLICATE;
    if (repeats || (!ours && !never)) {
        WR_TRY(marker_put(transactions, past, past->delivered_epoch, err));
    }
    *epoch = never ? 0 : transactions->marker.epoch;
    return WR_OK;
}

/* ── new, free ──────────────────────────────────────────────────────────────────────────────── */

wr_kafka_transactions *
wr_kafka_transactions_new(const wr_sink_config *config, int64_t limit_bytes)
{
    wr_kafka_transactions *transactions = wr_alloc(sizeof *transactions);
    int64_t limit = limit_bytes < LIMIT_MIN_BYTES ? LIMIT_MIN_BYTES : limit_bytes;
    transactions->config = *config;
    transactions->limit_bytes = limit > LIMIT_MAX_BYTES ? LIMIT_MAX_BYTES : limit;
    transactions->group = wr_kafka_marker_group(config->job_name, config->arena);
    return transactions;
}

void
wr_kafka_transactions_free(wr_kafka_transactions *transactions)
{
    if (transactions) {
        producer_close(transactions);
        wr_free(transactions);
    }
}
