/* What is in a state directory: `weir state DIR` and whoever else wants to look.
 *
 *   job │ operators │ windows │ positions │ outbox │ dead_letters      each a result of its own
 *
 * 1. The store is opened for reading: nothing is changed, no lock is taken, the job may run. What
 *    is shown is one snapshot, that of the last checkpoint.
 * 2. Everything that is shown has been verified; damage is an error, never a strange row.
 * 3. All columns are TEXT; what is not there is NULL. */
#include "engine/state.h"

#include "core/memory.h"
#include "core/time.h"

#include <stdlib.h>
#include <string.h>

/* ── cells ──────────────────────────────────────────────────────────────────────────────────── */

wr_text
wr_engine_state_time(wr_arena *arena, int64_t us)
{
    char text[WR_TIME_TEXT_MAX];
    if (us == WR_TIME_NONE || us == WR_TIME_END) {
        return WR_TEXT_NONE;
    }
    return wr_arena_text(arena, (wr_text){text, wr_time_print(us, text)});
}

wr_text
wr_engine_state_number(wr_arena *arena, int64_t number)
{
    return wr_arena_printf(arena, "%lld", (long long)number);
}

wr_text
wr_engine_state_bytes(wr_arena *arena, wr_text bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (!bytes.data || wr_utf8_valid(bytes.data, bytes.size)) {
        return bytes;
    }
    char *hex = wr_arena_alloc(arena, 2 * bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        hex[2 * i] = digits[(unsigned char)bytes.data[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)bytes.data[i] & 15];
    }
    return (wr_text){hex, 2 * bytes.size};
}

/* ── parts ──────────────────────────────────────────────────────────────────────────────────── */

static wr_status
state_job(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"name",      "uuid",     "checkpoint",   "at",
                                        "operators", "finished", "dead_letters", "removed"};
    const wr_store_job *job = wr_store_job_of(store);
    wr_arena *arena = query->arena;
    text_result result;
    (void)err;
    wr_text_result_init(&result, query, 8, names);
    wr_text_result_add(
        &result,
        (wr_text[]){job->name, job->uuid, wr_engine_state_number(arena, job->epoch),
                    job->epoch > 0 ? wr_engine_state_time(arena, job->wall_us) : WR_TEXT_NONE,
                    wr_engine_state_number(arena, job->operator_count),
                    job->finished ? WR_TEXT("true") : WR_TEXT("false"),
                    wr_engine_state_number(arena, job->dead_letter_count),
                    wr_engine_state_number(arena, job->dead_letters_removed)});
    wr_text_result_finish(&result);
    return WR_OK;
}

static wr_status
state_operators(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"operator", "fingerprint", "description", "segments",
                                        "rows"};
    const wr_store_job *job = wr_store_job_of(store);
    wr_arena *arena = query->arena;
    text_result result;
    wr_text_result_init(&result, query, 5, names);
    for (int i = 0; i < job->operator_count; i++) {
        const wr_operator_state *op = &job->operators[i];
        wr_segment *segments;
        int count;
        int64_t rows = 0;
        WR_TRY(wr_store_list_segments(store, op->operator_id, arena, &segments, &count, err));
        for (int j = 0; j < count; j++) {
            rows += segments[j].row_count;
        }
        wr_text_result_add(&result,
                           (wr_text[]){op->name, op->fingerprint, op->description,
                                       wr_engine_state_number(arena, count),
                                       wr_engine_state_number(arena, rows)});
    }
    wr_text_result_finish(&result);
    return WR_OK;
}

static wr_status
state_positions(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"source", "partition", "next_offset", "max_event_time"};
    const wr_store_job *job = wr_store_job_of(store);
    text_result result;
    (void)err;
    wr_text_result_init(&result, query, 4, names);
    for (int i = 0; i < job->position_count && i < STATE_ROWS_MAX; i++) {
        const wr_position *position = &job->positions[i];
        wr_text_result_add(&result,
                           (wr_text[]){position->source, position->partition,
                                       wr_engine_state_number(query->arena, position->next_offset),
                                       wr_engine_state_time(query->arena,
                                                            position->max_event_us)});
    }
    wr_text_result_finish(&result);
    return WR_OK;
}

/* A row for each destination, with what waits for it. */
static wr_status
state_outbox(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"destination", "last_checkpoint", "delivered_checkpoint",
                                        "frames",      "rows",            "written_bytes"};
    const wr_store_job *job = wr_store_job_of(store);
    wr_arena *arena = query->arena;
    text_result result;
    (void)err;
    wr_text_result_init(&result, query, 6, names);
    for (int i = 0; i < job->destination_count; i++) {
        const wr_destination_state *to = &job->destinations[i];
        int64_t frames = 0, rows = 0;
        for (int j = 0; j < job->frame_count; j++) {
            bool is_its = job->frames[j].destination == to->number;
            frames += is_its;
            rows += is_its ? job->frames[j].row_count : 0;
        }
        wr_text_result_add(&result, (wr_text[]){to->name,
                                                wr_engine_state_number(arena, to->last_epoch),
                                                wr_engine_state_number(arena, to->delivered_epoch),
                                                wr_engine_state_number(arena, frames),
                                                wr_engine_state_number(arena, rows),
                                                wr_engine_state_number(arena, to->position)});
    }
    wr_text_result_finish(&result);
    return WR_OK;
}

static wr_status
state_dead_letters(wr_store *store, weir_query *query, wr_error *err)
{
    static const char *const names[] = {"id",     "at",     "source", "partition",
                                        "offset", "reason", "column", "record"};
    wr_arena *arena = query->arena;
    wr_dead_letter *letters;
    int count;
    text_result result;
    wr_text_result_init(&result, query, 8, names);
    WR_TRY(wr_store_dead_letters(store, 0, STATE_ROWS_MAX, arena, &letters, &count, err));
    for (int i = 0; i < count; i++) {
        const wr_dead_letter *letter = &letters[i];
        wr_text_result_add(
            &result,
            (wr_text[]){wr_engine_state_number(arena, letter->id),
                        wr_engine_state_time(arena, letter->at_us), letter->source,
                        letter->partition,
                        letter->offset < 0 ? WR_TEXT_NONE
                                           : wr_engine_state_number(arena, letter->offset),
                        letter->reason, letter->column.size > 0 ? letter->column : WR_TEXT_NONE,
                        wr_engine_state_bytes(arena, letter->record)});
    }
    wr_text_result_finish(&result);
    return WR_OK;
}

static const struct {
    const char *name;
    wr_status (*fill)(wr_store *store, weir_query *query, wr_error *err);
} parts[] = {{"job", state_job},
             {"operators", state_operators},
             {"windows", wr_engine_state_windows},
             {"positions", state_positions},
             {"outbox", state_outbox},
             {"dead_letters", state_dead_letters}};

enum { PART_COUNT = sizeof parts / sizeof parts[0] };

const char *
weir_state_part(int i)
{
    return i >= 0 && i < PART_COUNT ? parts[i].name : NULL;
}

static int
part_find(const char *name)
{
    int found = 0;
    while (found < PART_COUNT && strcmp(parts[found].name, name) != 0) {
        found++;
    }
    return found;
}

int
weir_state_open(weir_db *db, const char *dir, const char *part, weir_query **query,
                weir_error **err)
{
    int chosen = part ? part_find(part) : PART_COUNT;
    if (!db || !dir || !query || chosen == PART_COUNT) {
        return wr_engine_misuse(NULL, err, "weir_state_open needs a directory and a part of it");
    }
    wr_store *store = NULL;
    wr_store_config config = {.dir = dir, .read_only = true};
    wr_error error;
    wr_error_clear(&error);
    weir_query *made = wr_engine_query_new(db);
    made->kind = WEIR_KIND_TEXT;
    made->state = QUERY_FINISHED;
    wr_status status = wr_store_open(&config, &store, &error);
    status = status == WR_OK ? parts[chosen].fill(store, made, &error) : status;
    wr_store_close(store);
    *query = NULL;
    if (status != WR_OK) {
        weir_query_free(made);
        return wr_engine_fail(&error, err);
    }
    *query = made;
    return WEIR_OK;
}
