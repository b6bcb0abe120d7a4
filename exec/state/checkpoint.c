/* The coordinator of checkpoints.
 *
 *   step   1        2        3        4        5           one micro-batch each, on this thread
 *          mark     save     save, seal         mark
 *                                   └▶ commit ▶ deliver     on the committing thread
 *
 * The mark only notes; what the operators held at that moment is saved in slices of SLICE_ROWS
 * groups between the next micro-batches. So a step is never held up for longer than a slice takes,
 * however large the state is.
 *
 * 1. The next mark waits until the commit before has been delivered: one is under way at most.
 * 2. A store that cannot be written (disk full) is told, and tried again every RETRY_MS until there
 *    is room; meanwhile no input is taken. Nothing is lost: the commit is kept as it is. What could
 *    not be spilled is written with it: a store that owes makes a checkpoint due.
 * 3. A sink that cannot be reached is tried again likewise; what is committed waits for it.
 * 4. Dead letters that come while a checkpoint is being saved belong to the next one: their rows
 *    are behind its mark. */
#include "exec/state/checkpoint.h"

#include "core/fault.h"
#include "core/memory.h"
#include "exec/scan_state.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    SLICE_ROWS = 16 * 1024,
    SLICE_US = 2000,
    RETRY_MS = 200
};

struct wr_checkpoint {
    wr_checkpoint_config config;
    int64_t epoch;   /* of the last mark */
    int64_t due_us;  /* monotonic */
    wr_commit *saving; /* marked, not sealed yet; NULL: none */
    int saving_holder; /* the first that may have more to save */
    wr_commit *next;   /* where dead letters gather */
    int64_t marked_us, pause_us;
    uint64_t marked_activity;
    bool unrecorded; /* something was delivered, and no commit says so yet */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* all below */
    pthread_cond_t changed;
    wr_commit *handed; /* with the committing thread */
    bool closing;
    const char *savepoint; /* a file that somebody waits for; NULL: none */
    wr_status savepoint_status;
    wr_error savepoint_error;
    int64_t requested, marked_request, done_request;
    wr_error failure; /* of the committing thread; status WR_OK: none */
    wr_checkpoint_stats stats;
};

/* ── committing ─────────────────────────────────────────────────────────────────────────────── */

static void
committer_problem(wr_checkpoint *checkpoint, const wr_error *error)
{
    pthread_mutex_lock(&checkpoint->lock);
    wr_checkpoint_stats *stats = &checkpoint->stats;
    stats->degraded = error != NULL;
    stats->problem[0] = '\0';
    if (error) {
        snprintf(stats->problem, sizeof(stats->problem), "%.110s%s%.140s", error->message,
                 error->detail[0] ? ": " : "", error->detail);
    }
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
}

/* Waits RETRY_MS; false: the job is being closed, do not try again. */
static bool
committer_rest(wr_checkpoint *checkpoint)
{
    wr_sleep_us(RETRY_MS * WR_US_PER_MS);
    pthread_mutex_lock(&checkpoint->lock);
    bool goes_on = !checkpoint->closing;
    pthread_mutex_unlock(&checkpoint->lock);
    return goes_on;
}

static wr_status
committer_store(wr_checkpoint *checkpoint, const wr_commit *commit, wr_error *err)
{
    WR_FAULT("commit.before");
    for (;;) {
        wr_error_clear(err);
        wr_status status = wr_store_commit(checkpoint->config.store, commit, err);
        if (status != WR_ERR_RUNTIME) {
            return status;
        }
        committer_problem(checkpoint, err);
        if (!committer_rest(checkpoint)) {
            return status;
        }
    }
}

static wr_status
committer_deliver(wr_checkpoint *checkpoint, const wr_commit *commit, wr_error *err)
{
    while (checkpoint->config.outbox) {
        wr_error_clear(err);
        wr_status status = wr_outbox_deliver(checkpoint->config.outbox, commit, err);
        if (status != WR_ERR_UNREACHABLE) {
            return status;
        }
        committer_problem(checkpoint, err);
        if (!committer_rest(checkpoint)) {
            return status;
        }
    }
    return WR_OK;
}

static wr_status
committer_work(wr_checkpoint *checkpoint, const wr_commit *commit, wr_error *err)
{
    int64_t bytes = wr_commit_bytes(commit);
    WR_TRY(committer_store(checkpoint, commit, err));
    WR_FAULT("commit.after");
    int64_t end_us = wr_clock_monotonic_us(NULL);
    pthread_mutex_lock(&checkpoint->lock);
    wr_checkpoint_stats *stats = &checkpoint->stats;
    stats->epoch = commit->epoch;
    stats->committed_us = commit->wall_us;
    stats->duration_us = end_us - checkpoint->marked_us;
    stats->bytes = bytes;
    stats->dead_letters = wr_store_job_of(checkpoint->config.store)->dead_letter_count;
    pthread_mutex_unlock(&checkpoint->lock);
    WR_TRY(committer_deliver(checkpoint, commit, err));
    committer_problem(checkpoint, NULL);
    wr_error ignored;
    wr_error_clear(&ignored); /* a WAL that could not be folded in is tried again next time */
    (void)wr_store_tidy(checkpoint->config.store, &ignored);
    return WR_OK;
}

/* Commits what was handed over. The lock is held, and given up meanwhile. */
static void
committer_take(wr_checkpoint *checkpoint)
{
    wr_commit *commit = checkpoint->handed;
    int64_t request = checkpoint->marked_request;
    pthread_mutex_unlock(&checkpoint->lock);
    wr_error error;
    wr_error_clear(&error);
    wr_status status = committer_work(checkpoint, commit, &error);
    wr_commit_free(commit);
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->handed = NULL;
    checkpoint->done_request = status == WR_OK ? request : checkpoint->done_request;
    if (status != WR_OK) {
        error.status = status;
        checkpoint->failure = error;
    }
}

static void
committer_savepoint(wr_checkpoint *checkpoint)
{
    const char *path = checkpoint->savepoint;
    pthread_mutex_unlock(&checkpoint->lock);
    wr_error error;
    wr_error_clear(&error);
    wr_status status = wr_store_savepoint(checkpoint->config.store, path, &error);
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->savepoint_status = status;
    checkpoint->savepoint_error = error;
    checkpoint->savepoint = NULL;
}

static void *
committer_main(void *context)
{
    wr_checkpoint *checkpoint = context;
    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->handed || checkpoint->savepoint || !checkpoint->closing) {
        if (checkpoint->handed) {
            committer_take(checkpoint);
        } else if (checkpoint->savepoint) {
            committer_savepoint(checkpoint);
        } else {
            pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
            continue;
        }
        pthread_cond_broadcast(&checkpoint->changed);
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return NULL;
}

/* Where dead letters gather from now on. */
static wr_commit *
checkpoint_commit(const wr_checkpoint *checkpoint)
{
    wr_commit *commit = wr_commit_new(0);
    commit->dead_letters_max = checkpoint->config.dead_letters_max;
    return commit;
}

/* ── opening ────────────────────────────────────────────────────────────────────────────────── */

wr_status
wr_checkpoint_open(const wr_checkpoint_config *config, wr_checkpoint **out, wr_error *err)
{
    wr_checkpoint *checkpoint = wr_alloc(sizeof(*checkpoint));
    *out = checkpoint;
    checkpoint->config = *config;
    checkpoint->epoch = wr_store_job_of(config->store)->epoch;
    checkpoint->due_us = wr_clock_monotonic_us(config->clock) + config->interval_us;
    checkpoint->next = checkpoint_commit(checkpoint);
    checkpoint->stats.epoch = checkpoint->epoch;
    checkpoint->stats.committed_us =
        checkpoint->epoch > 0 ? wr_store_job_of(config->store)->wall_us : WR_TIME_NONE;
    checkpoint->stats.dead_letters = wr_store_job_of(config->store)->dead_letter_count;
    checkpoint->unrecorded = wr_store_job_of(config->store)->frame_count > 0;
    pthread_mutex_init(&checkpoint->lock, NULL);
    pthread_cond_init(&checkpoint->changed, NULL);
    sigset_t all, before; /* signals are for the threads of the program that we are in */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    checkpoint->has_thread =
        pthread_create(&checkpoint->thread, NULL, committer_main, checkpoint) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return checkpoint->has_thread
               ? WR_OK
               : wr_error_set(err, WR_ERR_RUNTIME, "E0901", "no thread for checkpoints");
}

void
wr_checkpoint_close(wr_checkpoint *checkpoint)
{
    if (!checkpoint) {
        return;
    }
    if (checkpoint->has_thread) {
        pthread_mutex_lock(&checkpoint->lock);
        checkpoint->closing = true;
        pthread_cond_broadcast(&checkpoint->changed);
        pthread_mutex_unlock(&checkpoint->lock);
        pthread_join(checkpoint->thread, NULL);
    }
    wr_commit_free(checkpoint->saving);
    wr_commit_free(checkpoint->next);
    pthread_mutex_destroy(&checkpoint->lock);
    pthread_cond_destroy(&checkpoint->changed);
    wr_free(checkpoint);
}

/* ── marking ────────────────────────────────────────────────────────────────────────────────── */

static void
holder_mark(const wr_holder *holder, wr_commit *commit, bool full)
{
    wr_buffer meta;
    wr_buffer_init(&meta);
    if (holder->scan) {
        wr_scan_mark(holder->scan, commit, &meta);
    } else {
        holder->op->ops->mark(holder->op, commit, full, &meta);
    }
    commit->operators[commit->operator_count++] = (wr_operator_state){
        .operator_id = holder->op->state_id,
        .name = holder->name.name,
        .fingerprint = holder->name.fingerprint,
        .description = holder->name.description,
        .meta = wr_arena_text(commit->arena, (wr_text){meta.data, meta.size})};
    wr_buffer_fini(&meta);
}

static wr_status
checkpoint_settle(const wr_checkpoint *checkpoint, wr_error *err)
{
    for (int i = 0; i < checkpoint->config.operator_count; i++) {
        wr_operator *op = checkpoint->config.operators[i];
        WR_TRY(op->ops->settle ? op->ops->settle(op, err) : WR_OK);
    }
    return WR_OK;
}

/* What has come in, of all sources; a source that several scans share counts once. */
static wr_scan_counters
checkpoint_counters(const wr_checkpoint *checkpoint)
{
    wr_scan_counters sum = {0};
    const wr_holders *holders = checkpoint->config.holders;
    for (int i = 0; i < holders->count; i++) {
        const wr_scan *scan = holders->items[i].scan;
        if (scan && !scan->leader) {
            sum.rows += scan->counters.rows;
            sum.bytes += scan->counters.bytes;
            sum.tombstones += scan->counters.tombstones;
        }
        sum.bad += scan ? scan->counters.bad : 0;
    }
    return sum;
}

/* A number that changes when anything has happened that a checkpoint would record. */
static uint64_t
checkpoint_activity(const wr_checkpoint *checkpoint)
{
    wr_scan_counters sum = checkpoint_counters(checkpoint);
    uint64_t activity = sum.rows + sum.bytes + sum.bad + sum.tombstones;
    const wr_holders *holders = checkpoint->config.holders;
    for (int i = 0; i < holders->count; i++) {
        activity += holders->items[i].scan ? (uint64_t)holders->items[i].scan->passed_us : 0;
    }
    return activity;
}

/* ,"bad":[{"source":"cpu","reason":"cannot be cast","rows":3},…] */
static void
stats_put_bad(const wr_scan *scan, wr_buffer *out, bool *any)
{
    for (int i = 0; scan && i < WR_REASON_COUNT; i++) {
        if (scan->counters.bad_by_reason[i] == 0) {
            continue;
        }
        wr_buffer_text(out, *any ? WR_TEXT(",{\"source\":") : WR_TEXT("{\"source\":"));
        wr_buffer_json_string(out, scan->plan->name);
        wr_buffer_printf(out, ",\"reason\":\"%s\",\"rows\":%llu}",
                         wr_reason_text((wr_reason)i),
                         (unsigned long long)scan->counters.bad_by_reason[i]);
        *any = true;
    }
}

static void
checkpoint_put_stats(const wr_checkpoint *checkpoint, wr_commit *commit)
{
    wr_scan_counters sum = checkpoint_counters(checkpoint);
    const wr_job_counters *counters = checkpoint->config.counters;
    const wr_holders *holders = checkpoint->config.holders;
    wr_buffer out;
    wr_buffer_init(&out);
    wr_buffer_printf(
        &out,
        "{\"rows_in\":%llu,\"bytes_in\":%llu,\"rows_bad\":%llu,\"rows_out\":%llu,"
        "\"rows_late\":%lld,\"results_bad\":%llu,\"bad\":[",
        (unsigned long long)sum.rows, (unsigned long long)sum.bytes, (unsigned long long)sum.bad,
        (unsigned long long)counters->rows_out, (long long)counters->rows_late,
        (unsigned long long)counters->results_bad);
    bool any = false;
    for (int i = 0; i < holders->count; i++) {
        stats_put_bad(holders->items[i].scan, &out, &any);
    }
    wr_buffer_text(&out, WR_TEXT("]}"));
    commit->stats = wr_arena_text(commit->arena, (wr_text){out.data, out.size});
    wr_buffer_fini(&out);
}

/* The barrier. The committing thread has nothing to do now. */
static wr_status
checkpoint_mark(wr_checkpoint *checkpoint, bool finished, wr_error *err)
{
    WR_FAULT("mark.before");
    WR_TRY(checkpoint_settle(checkpoint, err));
    wr_commit *commit = checkpoint->next;
    checkpoint->next = checkpoint_commit(checkpoint);
    checkpoint->saving = commit;
    checkpoint->saving_holder = 0;
    checkpoint->marked_us = wr_clock_monotonic_us(NULL);
    bool is_first = checkpoint->epoch == 0;
    commit->epoch = ++checkpoint->epoch;
    commit->wall_us = wr_clock_wall_us(checkpoint->config.clock);
    commit->finished = finished;
    const wr_holders *holders = checkpoint->config.holders;
    commit->operators = WR_NEW_ARRAY(commit->arena, wr_operator_state, holders->count);
    for (int i = 0; i < holders->count; i++) {
        holder_mark(&holders->items[i], commit, is_first);
    }
    if (checkpoint->config.outbox) {
        wr_outbox_seal(checkpoint->config.outbox, commit);
        checkpoint->unrecorded = commit->frame_count > 0;
    }
    checkpoint_put_stats(checkpoint, commit);
    checkpoint->marked_activity = checkpoint_activity(checkpoint);
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->marked_request = checkpoint->requested;
    pthread_mutex_unlock(&checkpoint->lock);
    checkpoint->pause_us = wr_clock_monotonic_us(NULL) - checkpoint->marked_us;
    return WR_OK;
}

/* A slice; false: all is saved. */
static bool
checkpoint_save(wr_checkpoint *checkpoint)
{
    const wr_holders *holders = checkpoint->config.holders;
    for (; checkpoint->saving_holder < holders->count; checkpoint->saving_holder++) {
        const wr_holder *holder = &holders->items[checkpoint->saving_holder];
        bool saves = !holder->scan && holder->op->ops->save;
        if (saves && holder->op->ops->save(holder->op, checkpoint->saving, SLICE_ROWS)) {
            return true;
        }
    }
    return false;
}

static void
checkpoint_hand_over(wr_checkpoint *checkpoint)
{
    WR_FAULT("seal.after");
    pthread_mutex_lock(&checkpoint->lock);
    checkpoint->handed = checkpoint->saving;
    checkpoint->stats.pause_us = checkpoint->pause_us;
    pthread_cond_broadcast(&checkpoint->changed);
    pthread_mutex_unlock(&checkpoint->lock);
    checkpoint->saving = NULL;
}

/* Saves for SLICE_US; hands over when all is saved. */
static void
checkpoint_go_on(wr_checkpoint *checkpoint)
{
    int64_t start_us = wr_clock_monotonic_us(NULL), now_us = start_us;
    bool more = true;
    while (more && now_us - start_us < SLICE_US) {
        more = checkpoint_save(checkpoint);
        now_us = wr_clock_monotonic_us(NULL);
    }
    if (now_us - start_us > checkpoint->pause_us) {
        checkpoint->pause_us = now_us - start_us;
    }
    if (!more) {
        checkpoint_hand_over(checkpoint);
    }
}

/* ── turns ──────────────────────────────────────────────────────────────────────────────────── */

/* Has the committing thread failed, and is it at work? */
static wr_status
checkpoint_look(wr_checkpoint *checkpoint, bool *is_busy, bool *is_asked, wr_error *err)
{
    pthread_mutex_lock(&checkpoint->lock);
    wr_status status = checkpoint->failure.status;
    *is_busy = checkpoint->handed != NULL;
    *is_asked = checkpoint->requested > checkpoint->marked_request;
    if (status != WR_OK && err) {
        *err = checkpoint->failure;
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return status;
}

/* Nothing has come and nothing is to be told: a checkpoint would be the one before again. */
static bool
checkpoint_is_idle(const wr_checkpoint *checkpoint)
{
    const wr_outbox *outbox = checkpoint->config.outbox;
    return checkpoint->epoch > 0 && !checkpoint->unrecorded &&
           !wr_store_owes(checkpoint->config.store) &&
           checkpoint->next->dead_letter_count == 0 && checkpoint->next->replayed_count == 0 &&
           (!outbox || wr_outbox_bytes(outbox) == 0) &&
           checkpoint_activity(checkpoint) == checkpoint->marked_activity;
}

wr_status
wr_checkpoint_turn(wr_checkpoint *checkpoint, wr_error *err)
{
    bool is_busy = false, is_asked = false;
    WR_TRY(checkpoint_look(checkpoint, &is_busy, &is_asked, err));
    int64_t now_us = wr_clock_monotonic_us(checkpoint->config.clock);
    const wr_outbox *outbox = checkpoint->config.outbox;
    bool is_due = is_asked || now_us >= checkpoint->due_us ||
                  wr_store_owes(checkpoint->config.store) || (outbox && wr_outbox_is_due(outbox));
    if (!checkpoint->saving && !is_busy && is_due) {
        checkpoint->due_us = now_us + checkpoint->config.interval_us;
        if (is_asked || !checkpoint_is_idle(checkpoint)) {
            WR_TRY(checkpoint_mark(checkpoint, false, err));
        }
    }
    if (checkpoint->saving) {
        checkpoint_go_on(checkpoint);
    }
    return WR_OK;
}

bool
wr_checkpoint_is_saving(const wr_checkpoint *checkpoint)
{
    return checkpoint->saving != NULL;
}

int64_t
wr_checkpoint_due_in_us(const wr_checkpoint *checkpoint)
{
    int64_t left_us = checkpoint->due_us - wr_clock_monotonic_us(checkpoint->config.clock);
    return left_us < 0 ? 0 : left_us;
}

bool
wr_checkpoint_holds_input(wr_checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    bool holds = checkpoint->stats.degraded;
    pthread_mutex_unlock(&checkpoint->lock);
    return holds || wr_store_owes(checkpoint->config.store) ||
           (checkpoint->config.outbox && wr_outbox_is_full(checkpoint->config.outbox));
}

int64_t
wr_checkpoint_request(wr_checkpoint *checkpoint)
{
    pthread_mutex_lock(&checkpoint->lock);
    int64_t number = ++checkpoint->requested;
    pthread_mutex_unlock(&checkpoint->lock);
    return number;
}

bool
wr_checkpoint_done(wr_checkpoint *checkpoint, int64_t number)
{
    pthread_mutex_lock(&checkpoint->lock);
    bool done = checkpoint->done_request >= number;
    pthread_mutex_unlock(&checkpoint->lock);
    return done;
}

wr_status
wr_checkpoint_savepoint(wr_checkpoint *checkpoint, const char *path, wr_error *err)
{
    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->savepoint && !checkpoint->closing) { /* somebody else's */
        pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    }
    checkpoint->savepoint = path;
    pthread_cond_broadcast(&checkpoint->changed);
    while (checkpoint->savepoint == path) {
        pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    }
    wr_status status = checkpoint->savepoint_status;
    if (status != WR_OK && err) {
        *err = checkpoint->savepoint_error;
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return status;
}

/* Until the committing thread rests, or fails, or cannot write: then the last checkpoint cannot be
 * made, and the one before holds. */
static wr_status
checkpoint_await(wr_checkpoint *checkpoint, wr_error *err)
{
    pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->handed && !checkpoint->stats.degraded) {
        pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    }
    bool is_stuck = checkpoint->handed != NULL;
    wr_status status = checkpoint->failure.status;
    if (status != WR_OK && err) {
        *err = checkpoint->failure;
    } else if (is_stuck) {
        status = wr_error_set(err, WR_ERR_RUNTIME, "E0910", "the last checkpoint was not made: %s",
                              checkpoint->stats.problem);
        wr_error_hint(err, "the one before holds; the job goes on from there");
    }
    pthread_mutex_unlock(&checkpoint->lock);
    return status;
}

static wr_status
checkpoint_make(wr_checkpoint *checkpoint, bool finished, wr_error *err)
{
    WR_TRY(checkpoint_mark(checkpoint, finished, err));
    while (checkpoint_save(checkpoint)) {
    }
    checkpoint_hand_over(checkpoint);
    return checkpoint_await(checkpoint, err);
}

wr_status
wr_checkpoint_finish(wr_checkpoint *checkpoint, bool finished, wr_error *err)
{
    WR_TRY(checkpoint_await(checkpoint, err));
    if (checkpoint->saving) { /* its mark was before the last rows */
        while (checkpoint_save(checkpoint)) {
        }
        checkpoint_hand_over(checkpoint);
        WR_TRY(checkpoint_await(checkpoint, err));
    }
    WR_TRY(checkpoint_make(checkpoint, finished, err));
    /* Once more if that delivered something, so that the outbox is left empty. */
    return checkpoint->unrecorded ? checkpoint_make(checkpoint, finished, err) : WR_OK;
}

void
wr_checkpoint_dead_letter(wr_checkpoint *checkpoint, const wr_dead_letter *letter)
{
    wr_commit_add_dead_letter(checkpoint->next, letter);
}

void
wr_checkpoint_replayed(wr_checkpoint *checkpoint, int64_t id)
{
    wr_commit_add_replayed(checkpoint->next, id);
}

void
wr_checkpoint_stats_get(wr_checkpoint *checkpoint, wr_checkpoint_stats *stats)
{
    pthread_mutex_lock(&checkpoint->lock);
    *stats = checkpoint->stats;
    pthread_mutex_unlock(&checkpoint->lock);
    stats->outbox_bytes =
        checkpoint->config.outbox ? wr_outbox_bytes(checkpoint->config.outbox) : 0;
}
