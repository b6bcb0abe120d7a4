/* The outbox of a job: one entry a destination, its frames of the epoch that is being filled.
 *
 *   epoch 7 open      a.json  [ frame 12 │ frame 13 … ]     seal ▶ commit 7 ▶ COMMIT ▶ deliver ▶
 *                     topic t [ frame 4 ]                    recorded with commit 8
 *
 * At start, e is the last epoch with bytes for a destination, d what is known to be delivered, and
 * the sink says M, what it shows:
 *
 *   M > e       the state is older than the sink: refused, unless somebody says what to do
 *   d ≤ M ≤ e   what lies behind M is delivered now, byte for byte as it was
 *   M < d       the sink has lost what it had: refused
 *
 * 1. Frames are only delivered after their commit, in order of epochs, and one commit at a time: so
 *    nothing here but the byte count is touched by two threads at once.
 * 2. An epoch without bytes for a destination does not touch it. */
#include "exec/state/outbox.h"

#include "core/fault.h"
#include "core/memory.h"

#include <stdatomic.h>

enum {
    OUTBOX_FRAME_BYTES = 1 << 20,
    OUTBOX_DUE_SHARE = 8,    /* of the limit: so much in the open epoch, and a checkpoint is due, */
    OUTBOX_FULL_SHARE = 4,   /* no input is taken, */
    OUTBOX_MEMORY_SHARE = 2, /* the rest of a large step goes to disk */
    OUTBOX_REFRESH_S = 86400, /* a marker that nobody renews is forgotten by some sinks */
    OUTBOX_SINKS_MAX = 1024
};

typedef struct destination {
    wr_buffer name;
    const wr_sink_ops *ops;
    wr_sink *sink; /* of the first INSERT that writes here */
    bool is_inside;   /* of the state: delivered within the commit */
    wr_frame *frames; /* of the open epoch; the last one is being filled */
    int frame_count, frame_capacity;
    int64_t seq, position; /* behind the last frame */
    int64_t last_epoch, delivered_epoch;
    int64_t delivered_us; /* monotonic */
    wr_buffer identity;
} destination;

struct wr_outbox {
    wr_store *store;
    const wr_store_job *past; /* name and uuid of the job, what it has written before */
    enum wr_sink_ahead ahead;
    int64_t limit_bytes;
    destination *items;
    int count;
    int64_t memory_bytes; /* of the open epoch, that lie in memory */
    atomic_llong open_bytes;  /* of the open epoch */
    atomic_llong sealed_bytes; /* of commits that are under way */
};

wr_outbox *
wr_outbox_new(wr_store *store, enum wr_sink_ahead ahead, int64_t limit_bytes)
{
    wr_outbox *outbox = wr_alloc(sizeof(*outbox));
    outbox->store = store;
    outbox->past = wr_store_job_of(store);
    outbox->ahead = ahead;
    outbox->limit_bytes = limit_bytes;
    outbox->items = wr_alloc_array(OUTBOX_SINKS_MAX, sizeof(*outbox->items));
    return outbox;
}

void
wr_outbox_free(wr_outbox *outbox)
{
    if (!outbox) {
        return;
    }
    for (int i = 0; i < outbox->count; i++) {
        destination *to = &outbox->items[i];
        for (int k = 0; k < to->frame_count; k++) {
            wr_buffer_fini(&to->frames[k].bytes);
        }
        wr_free(to->frames);
        wr_buffer_fini(&to->name);
        wr_buffer_fini(&to->identity);
    }
    wr_free(outbox->items);
    wr_free(outbox);
}

static wr_text
buffer_text(const wr_buffer *buffer)
{
    return (wr_text){buffer->size > 0 ? buffer->data : "", buffer->size};
}

static destination *
outbox_find(wr_outbox *outbox, wr_text name)
{
    for (int i = 0; i < outbox->count; i++) {
        if (wr_text_equal(buffer_text(&outbox->items[i].name), name)) {
            return &outbox->items[i];
        }
    }
    return NULL;
}

wr_status
wr_outbox_add_sink(wr_outbox *outbox, const wr_sink_ops *ops, const wr_sink_config *config,
                   wr_sink *sink, int32_t *number, wr_error *err)
{
    wr_buffer name;
    wr_buffer_init(&name);
    wr_status status = ops->destination(config, &name, err);
    destination *to = status == WR_OK ? outbox_find(outbox, buffer_text(&name)) : NULL;
    if (status != WR_OK || to) {
        wr_buffer_fini(&name);
    } else if (outbox->count == OUTBOX_SINKS_MAX) {
        wr_buffer_fini(&name);
        return wr_error_set(err, WR_ERR_SQL, "E0901", "a job writes to %d destinations at most",
                            OUTBOX_SINKS_MAX);
    } else {
        to = &outbox->items[outbox->count++];
        to->name = name;
        to->ops = ops;
        to->sink = sink;
        to->is_inside = ops->is_inside && ops->is_inside(sink);
        wr_buffer_init(&to->identity);
    }
    *number = to ? (int32_t)(to - outbox->items) : -1;
    return status;
}

const wr_sink_state *
wr_outbox_state(const wr_outbox *outbox)
{
    return wr_store_as_sink(outbox->store);
}

/* Has anything been written there? Of a fork nothing has. */
static bool
state_is_used(const wr_destination_state *state)
{
    return state->last_epoch > 0 || state->identity.size > 0;
}

wr_status
wr_outbox_knows(const wr_outbox *outbox, const wr_sink_ops *ops, const wr_sink_config *config,
                bool *known, wr_error *err)
{
    wr_buffer name;
    wr_buffer_init(&name);
    wr_status status = ops->destination(config, &name, err);
    *known = false;
    for (int i = 0; i < outbox->past->destination_count && status == WR_OK; i++) {
        const wr_destination_state *from = &outbox->past->destinations[i];
        *known = *known ||
                 (wr_text_equal(from->name, buffer_text(&name)) && state_is_used(from));
    }
    wr_buffer_fini(&name);
    return status;
}

/* ── filling ────────────────────────────────────────────────────────────────────────────────── */

static wr_frame *
destination_begin_frame(destination *to)
{
    to->frames =
        wr_grow(to->frames, to->frame_count, &to->frame_capacity, sizeof(*to->frames));
    wr_frame *frame = &to->frames[to->frame_count++];
    *frame = (wr_frame){.seq = ++to->seq, .position = to->position};
    wr_buffer_init(&frame->bytes);
    return frame;
}

wr_buffer *
wr_outbox_buffer(wr_outbox *outbox, int32_t number)
{
    destination *to = &outbox->items[number];
    wr_frame *last = to->frame_count > 0 ? &to->frames[to->frame_count - 1] : NULL;
    if (!last || last->bytes.size >= OUTBOX_FRAME_BYTES) {
        last = destination_begin_frame(to);
    }
    return &last->bytes;
}

/* The full frames of the destination go to disk, where the next commit names them. */
static wr_status
destination_spill(wr_outbox *outbox, destination *to, wr_error *err)
{
    for (int i = 0; i + 1 < to->frame_count; i++) {
        wr_frame *frame = &to->frames[i];
        if (frame->id || frame->bytes.size == 0) {
            continue;
        }
        wr_segment body = {.body = frame->bytes};
        WR_TRY(wr_store_spill(outbox->store, &body, 1, err));
        frame->id = body.id;
        frame->size_bytes = (int64_t)frame->bytes.size;
        outbox->memory_bytes -= frame->size_bytes;
        wr_buffer_fini(&frame->bytes);
    }
    return WR_OK;
}

wr_status
wr_outbox_added(wr_outbox *outbox, int32_t number, int64_t row_count, wr_error *err)
{
    destination *to = &outbox->items[number];
    wr_frame *last = &to->frames[to->frame_count - 1];
    int64_t end = last->position + (int64_t)last->bytes.size;
    last->row_count += row_count;
    atomic_fetch_add(&outbox->open_bytes, end - to->position);
    outbox->memory_bytes += end - to->position;
    to->position = end;
    return outbox->memory_bytes > outbox->limit_bytes / OUTBOX_MEMORY_SHARE
               ? destination_spill(outbox, to, err)
               : WR_OK;
}

static wr_status outbox_deliver_inside(void *context, const wr_commit *commit, wr_error *err);

static void
destination_seal(destination *to, int32_t number, wr_commit *commit)
{
    for (int i = 0; i < to->frame_count; i++) {
        if (to->frames[i].bytes.size == 0 && !to->frames[i].id) { /* all rows were withheld */
            wr_buffer_fini(&to->frames[i].bytes);
            continue;
        }
        wr_frame *frame = wr_commit_add_frame(commit, number);
        wr_buffer_fini(&frame->bytes);
        *frame = to->frames[i];
        frame->destination = number;
        frame->epoch = commit->epoch;
        to->last_epoch = commit->epoch;
    }
    to->frame_count = 0;
    wr_buffer_reset(&to->identity);
    if (to->ops->identify) {
        to->ops->identify(to->sink, &to->identity);
    }
}

void
wr_outbox_seal(wr_outbox *outbox, wr_commit *commit)
{
    commit->destination_count = outbox->count;
    commit->destinations =
        WR_NEW_ARRAY(commit->arena, wr_destination_state, outbox->count + 1);
    for (int i = 0; i < outbox->count; i++) {
        destination *to = &outbox->items[i];
        int64_t delivered_epoch = to->delivered_epoch;
        destination_seal(to, i, commit);
        commit->destinations[i] = (wr_destination_state){
            .number = i,
            .name = wr_arena_text(commit->arena, buffer_text(&to->name)),
            .last_epoch = to->last_epoch,
            .position = to->position,
            .identity = wr_arena_text(commit->arena, buffer_text(&to->identity)),
            .delivered_epoch = delivered_epoch};
    }
    commit->deliver_inside = outbox_deliver_inside;
    commit->deliver_context = outbox;
    outbox->memory_bytes = 0;
    atomic_fetch_add(&outbox->sealed_bytes, atomic_exchange(&outbox->open_bytes, 0));
}

/* ── delivering ─────────────────────────────────────────────────────────────────────────────── */

/* Frames of an epoch on their way to a sink. */
typedef struct sending {
    wr_store *store;
    int32_t number; /* of the destination */
    wr_sink_frame *frames;
    int count;
    wr_buffer body; /* of the frame that was loaded last */
} sending;

static void
sending_init(sending *send, wr_store *store, int32_t number, int capacity)
{
    *send = (sending){.store = store, .number = number};
    send->frames = wr_alloc_array((size_t)capacity + 1, sizeof(*send->frames));
    wr_buffer_init(&send->body);
}

static void
sending_fini(sending *send)
{
    wr_free(send->frames);
    wr_buffer_fini(&send->body);
}

static void
sending_add(sending *send, const wr_frame *frame)
{
    wr_text bytes = frame->id ? (wr_text){NULL, (size_t)frame->size_bytes}
                              : buffer_text(&frame->bytes);
    send->frames[send->count++] =
        (wr_sink_frame){frame->epoch, frame->seq, frame->position, bytes};
}

/* wr_delivery.load */
static wr_status
sending_load(void *context, int i, wr_text *bytes, wr_error *err)
{
    sending *send = context;
    wr_buffer_reset(&send->body);
    WR_TRY(wr_store_read_frame(send->store, send->number, send->frames[i].seq, &send->body, err));
    *bytes = buffer_text(&send->body);
    return WR_OK;
}

static wr_delivery
sending_delivery(sending *send, const wr_outbox *outbox, int64_t epoch)
{
    return (wr_delivery){.job_name = outbox->past->name,
                         .job_uuid = outbox->past->uuid,
                         .epoch = epoch,
                         .frames = send->frames,
                         .frame_count = send->count,
                         .load = sending_load,
                         .load_context = send};
}

static wr_status
destination_hand(const wr_outbox *outbox, destination *to, int64_t epoch, sending *send,
                 wr_error *err)
{
    wr_delivery delivery = sending_delivery(send, outbox, epoch);
    return to->ops->deliver(to->sink, &delivery, err);
}

static wr_status
destination_send(const wr_outbox *outbox, destination *to, int64_t epoch, sending *send,
                 wr_error *err)
{
    WR_TRY(destination_hand(outbox, to, epoch, send, err));
    to->delivered_epoch = epoch;
    to->delivered_us = wr_clock_monotonic_us(NULL);
    return WR_OK;
}

static bool
destination_needs_refresh(const destination *to)
{
    return to->last_epoch > 0 && to->delivered_epoch == to->last_epoch &&
           wr_clock_monotonic_us(NULL) - to->delivered_us > OUTBOX_REFRESH_S * WR_US_PER_S;
}

static void
sending_add_commit(sending *send, const wr_commit *commit)
{
    for (int i = 0; i < commit->frame_count; i++) {
        if (commit->frames[i].destination == send->number) {
            sending_add(send, &commit->frames[i]);
        }
    }
}

/* What the commit has for the destination. It may have it already: this may be another try. */
static wr_status
destination_deliver(wr_outbox *outbox, destination *to, int32_t number, const wr_commit *commit,
                    wr_error *err)
{
    sending send;
    sending_init(&send, outbox->store, number, commit->frame_count);
    sending_add_commit(&send, commit);
    wr_status status = WR_OK;
    if (to->is_inside) {
        to->delivered_epoch = send.count > 0 ? commit->epoch : to->delivered_epoch;
    } else if (send.count > 0 && to->delivered_epoch < commit->epoch) {
        status = destination_send(outbox, to, commit->epoch, &send, err);
        WR_FAULT("deliver.after");
    } else if (send.count == 0 && destination_needs_refresh(to)) {
        status = destination_send(outbox, to, to->last_epoch, &send, err);
    }
    sending_fini(&send);
    return status;
}

wr_status
wr_outbox_deliver(wr_outbox *outbox, const wr_commit *commit, wr_error *err)
{
    for (int i = 0; i < outbox->count; i++) {
        WR_TRY(destination_deliver(outbox, &outbox->items[i], i, commit, err));
    }
    atomic_store(&outbox->sealed_bytes, 0);
    return WR_OK;
}

/* A disk that is full is the commit's to wait for; a row that the table refuses never fits. */
static wr_status
inside_failed(wr_status status, wr_error *err)
{
    status = status == WR_ERR_UNREACHABLE ? WR_ERR_RUNTIME : WR_ERR_STATE;
    err->status = status;
    return status;
}

/* wr_commit.deliver_inside */
static wr_status
outbox_deliver_inside(void *context, const wr_commit *commit, wr_error *err)
{
    wr_outbox *outbox = context;
    wr_status status = WR_OK;
    for (int i = 0; i < outbox->count && status == WR_OK; i++) {
        if (outbox->items[i].is_inside) {
            sending send;
            sending_init(&send, outbox->store, i, commit->frame_count);
            sending_add_commit(&send, commit);
            status = destination_hand(outbox, &outbox->items[i], commit->epoch, &send, err);
            sending_fini(&send);
        }
    }
    return status == WR_OK ? WR_OK : inside_failed(status, err);
}

/* ── the past ───────────────────────────────────────────────────────────────────────────────── */

static wr_status
ahead_refused(const destination *to, int64_t shown, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0911", "the state is older than its sink %.*s",
                 WR_TEXT_ARG(buffer_text(&to->name)));
    wr_error_detail(err, "the state's last epoch for it is %lld, the sink shows %lld",
                    (long long)to->last_epoch, (long long)shown);
    wr_error_hint(err, "after restoring an older savepoint say --sink-ahead=duplicate (write "
                       "again) or --sink-ahead=skip");
    return WR_ERR_STATE;
}

static wr_status
behind_refused(const destination *to, int64_t shown, wr_error *err)
{
    wr_error_set(err, WR_ERR_STATE, "E0911", "the sink %.*s has lost what was written to it",
                 WR_TEXT_ARG(buffer_text(&to->name)));
    wr_error_detail(err, "epoch %lld was delivered, the sink shows %lld",
                    (long long)to->delivered_epoch, (long long)shown);
    wr_error_hint(err, "--sink-ahead=duplicate goes on with what is there; FORK begins anew");
    return WR_ERR_STATE;
}

/* Frames of one destination behind epoch `after`, delivered epoch by epoch. */
static wr_status
destination_resend(const wr_outbox *outbox, destination *to, int32_t number, int64_t after,
                   wr_error *err)
{
    const wr_store_job *job = outbox->past;
    wr_status status = WR_OK;
    for (int i = 0; i < job->frame_count && status == WR_OK;) {
        int64_t epoch = job->frames[i].epoch;
        sending send;
        sending_init(&send, outbox->store, number, job->frame_count - i);
        for (; i < job->frame_count && job->frames[i].epoch == epoch; i++) {
            if (job->frames[i].destination == number && epoch > after) {
                sending_add(&send, &job->frames[i]);
            }
        }
        status = send.count > 0 ? destination_send(outbox, to, epoch, &send, err) : WR_OK;
        sending_fini(&send);
    }
    return status;
}

/* `waiting` gets the frames. */
static void
destination_past(const wr_outbox *outbox, const destination *to, int32_t number, sending *waiting,
                 wr_sink_past *past)
{
    const wr_store_job *job = outbox->past;
    *past = (wr_sink_past){.job_name = job->name,
                           .job_uuid = job->uuid,
                           .last_epoch = to->last_epoch,
                           .delivered_epoch = to->delivered_epoch,
                           .first_position = to->position,
                           .end_position = to->position,
                           .identity = buffer_text(&to->identity),
                           .ahead = outbox->ahead};
    for (int i = job->frame_count - 1; i >= 0; i--) {
        if (job->frames[i].destination == number) {
            past->first_position = job->frames[i].position;
        }
    }
    for (int i = 0; i < job->frame_count; i++) {
        if (job->frames[i].destination == number) {
            sending_add(waiting, &job->frames[i]);
        }
    }
}

static wr_status
destination_recover(const wr_outbox *outbox, destination *to, int32_t number, wr_error *err)
{
    wr_sink_past past;
    int64_t shown = 0;
    sending send;
    sending_init(&send, outbox->store, number, outbox->past->frame_count);
    destination_past(outbox, to, number, &send, &past);
    wr_delivery waiting = sending_delivery(&send, outbox, 0);
    past.waiting = &waiting;
    wr_status status = to->ops->recover(to->sink, &past, &shown, err);
    sending_fini(&send);
    WR_TRY(status);
    if (shown > to->last_epoch && outbox->ahead == WR_AHEAD_REFUSE) {
        return ahead_refused(to, shown, err);
    }
    if (shown < to->delivered_epoch && outbox->ahead == WR_AHEAD_REFUSE) {
        return behind_refused(to, shown, err);
    }
    WR_TRY(destination_resend(outbox, to, number, shown, err));
    to->delivered_epoch = to->last_epoch;
    to->delivered_us = wr_clock_monotonic_us(NULL);
    return WR_OK;
}

/* The store numbers destinations as the run before did; this one keeps these numbers. */
static wr_status
outbox_match(wr_outbox *outbox, wr_error *err)
{
    const wr_store_job *job = outbox->past;
    for (int i = 0; i < job->destination_count; i++) {
        const wr_destination_state *from = &job->destinations[i];
        destination *to = outbox_find(outbox, from->name);
        if (!state_is_used(from)) {
            continue;
        }
        if (!to || to - outbox->items != from->number) {
            wr_error_set(err, WR_ERR_STATE, "E0912",
                         "the job wrote to %.*s, which this query does not, or in another order",
                         WR_TEXT_ARG(from->name));
            wr_error_hint(err, "FORK the job under another name to change where it writes");
            return WR_ERR_STATE;
        }
        to->last_epoch = from->last_epoch;
        to->delivered_epoch = from->delivered_epoch;
        to->position = from->position;
        wr_buffer_reset(&to->identity);
        wr_buffer_text(&to->identity, from->identity);
    }
    for (int i = 0; i < job->frame_count; i++) {
        destination *to = &outbox->items[job->frames[i].destination];
        to->seq = job->frames[i].seq > to->seq ? job->frames[i].seq : to->seq;
    }
    return WR_OK;
}

wr_status
wr_outbox_recover(wr_outbox *outbox, wr_error *err)
{
    WR_TRY(outbox_match(outbox, err));
    for (int i = 0; i < outbox->count; i++) {
        WR_TRY(destination_recover(outbox, &outbox->items[i], i, err));
    }
    return WR_OK;
}

int64_t
wr_outbox_bytes(const wr_outbox *outbox)
{
    return atomic_load(&outbox->open_bytes) + atomic_load(&outbox->sealed_bytes);
}

bool
wr_outbox_is_full(const wr_outbox *outbox)
{
    return atomic_load(&outbox->open_bytes) > outbox->limit_bytes / OUTBOX_FULL_SHARE ||
           wr_outbox_bytes(outbox) > outbox->limit_bytes;
}

bool
wr_outbox_is_due(const wr_outbox *outbox)
{
    return atomic_load(&outbox->open_bytes) > outbox->limit_bytes / OUTBOX_DUE_SHARE;
}
