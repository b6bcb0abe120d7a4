/* Rows and their checksums: every struct of commit.h as an array of values and back.
 *
 *   sum(row)     = checksum(column 1 │ column 2 │ …, seed: the table)     kept in the row
 *   ledger(table) = count, Σ sum(row) mod 2^64                            kept in the job's row
 *
 * A flipped byte does not fit the row's sum; a row that is missing, added, or of another commit
 * does not fit the ledger. Since sums are added up, the order of rows does not matter, and a commit
 * costs what it changes.
 *
 * 1. What is written is what was summed: one array of values serves both.
 * 2. Sizes go into the sum before bytes: "ab","c" is not "a","bc". */
#include "exec/state/store_base.h"

#include "core/checksum.h"
#include "exec/state/scalars.h"

#include <string.h>

const wr_store_table_info wr_store_tables[WR_STORE_TABLE_COUNT] = {
    [WR_STORE_OPERATOR] = {"operator", "iitttb"},
    [WR_STORE_POSITION] = {"position", "iittibii"},
    [WR_STORE_DESTINATION] = {"destination", "itiibi"},
    [WR_STORE_OUTBOX] = {"outbox", "iiiiiiii"},
    [WR_STORE_SEGMENT] = {"segment", "iiiiiiiiiii"},
    [WR_STORE_JOB] = {"job", "itttiiitiiiiib"},
    [WR_STORE_DEAD_LETTER] = {"dead_letter", "iittiittnniii"},
};

static wr_store_value
value_number(int64_t number)
{
    return (wr_store_value){.number = number};
}

static wr_store_value
value_text(wr_text text)
{
    return (wr_store_value){.bytes = {text.data ? text.data : "", text.size}};
}

uint64_t
wr_store_row_sum(wr_store *store, wr_store_table table, const wr_store_value *values)
{
    wr_buffer *bytes = &store->scratch;
    wr_buffer_reset(bytes);
    const char *kinds = wr_store_tables[table].kinds;
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 'i') {
            wr_put_int64(bytes, values[i].number);
        } else if (kinds[i] == 'n' && !values[i].bytes.data) {
            wr_put_int64(bytes, -1);
        } else {
            wr_put_text(bytes, values[i].bytes);
        }
    }
    return wr_checksum_more((uint64_t)table + 1, bytes->data, bytes->size);
}

void
wr_store_ledger_add(wr_store_ledger *ledger, uint64_t row_sum)
{
    ledger->row_count++;
    ledger->sum += row_sum;
}

void
wr_store_ledger_take(wr_store_ledger *ledger, uint64_t row_sum)
{
    ledger->row_count--;
    ledger->sum -= row_sum;
}

static void
value_bind(sqlite3_stmt *statement, int column, char kind, const wr_store_value *value)
{
    const char *bytes = value->bytes.data ? value->bytes.data : "";
    if (kind == 'i') {
        sqlite3_bind_int64(statement, column, value->number);
    } else if (kind == 't') {
        sqlite3_bind_text64(statement, column, bytes, value->bytes.size, SQLITE_STATIC,
                            SQLITE_UTF8);
    } else if (kind == 'n' && !value->bytes.data) {
        sqlite3_bind_null(statement, column);
    } else {
        sqlite3_bind_blob64(statement, column, bytes, value->bytes.size, SQLITE_STATIC);
    }
}

wr_status
wr_store_insert(wr_store *store, wr_store_table table, const wr_store_value *values,
                wr_store_ledger *ledger, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_INSERT_OPERATOR + table, &statement, err));
    const char *kinds = wr_store_tables[table].kinds;
    int count = (int)strlen(kinds);
    for (int i = 0; i < count; i++) {
        value_bind(statement, i + 1, kinds[i], &values[i]);
    }
    uint64_t sum = wr_store_row_sum(store, table, values);
    sqlite3_bind_int64(statement, count + 1, (int64_t)sum);
    wr_status status = wr_store_step(store, statement, err);
    sqlite3_clear_bindings(statement);
    if (status == WR_END && ledger) {
        wr_store_ledger_add(ledger, sum);
    }
    return status == WR_END ? WR_OK : status;
}

/* False: the column is not of its kind. */
static bool
value_fetch(sqlite3_stmt *statement, int column, char kind, wr_store_value *value)
{
    *value = (wr_store_value){0};
    int type = sqlite3_column_type(statement, column);
    if (kind == 'i') {
        value->number = sqlite3_column_int64(statement, column);
        return type == SQLITE_INTEGER;
    }
    if (kind == 'n' && type == SQLITE_NULL) {
        return true;
    }
    if (type != (kind == 't' ? SQLITE_TEXT : SQLITE_BLOB)) {
        return false;
    }
    const void *bytes = sqlite3_column_blob(statement, column);
    value->bytes = (wr_text){bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, column)};
    return bytes || value->bytes.size == 0;
}

wr_status
wr_store_fetch(wr_store *store, wr_store_table table, sqlite3_stmt *statement,
               wr_store_value *values, wr_store_ledger *ledger, wr_error *err)
{
    const wr_store_table_info *info = &wr_store_tables[table];
    int count = (int)strlen(info->kinds);
    bool fits = sqlite3_column_count(statement) == count + 1;
    for (int i = 0; fits && i < count; i++) {
        fits = value_fetch(statement, i, info->kinds[i], &values[i]);
    }
    wr_store_value sum = {0};
    fits = fits && value_fetch(statement, count, 'i', &sum) &&
           (uint64_t)sum.number == wr_store_row_sum(store, table, values);
    if (!fits) {
        long long key = (long long)sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
        return wr_store_damaged(store, err, "a row of table %s (%lld …) does not fit its checksum",
                                info->name, key);
    }
    if (ledger) {
        wr_store_ledger_add(ledger, (uint64_t)sum.number);
    }
    return WR_OK;
}

uint64_t
wr_store_body_sum(int64_t id, wr_text bytes)
{
    return wr_checksum_more((uint64_t)id, bytes.data, bytes.size);
}

wr_status
wr_store_insert_body(wr_store *store, int64_t id, wr_text bytes, uint64_t *sum, wr_error *err)
{
    sqlite3_stmt *statement = NULL;
    WR_TRY(wr_store_statement(store, WR_SQL_INSERT_BODY, &statement, err));
    *sum = wr_store_body_sum(id, bytes);
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, (int64_t)*sum);
    sqlite3_bind_blob64(statement, 3, bytes.size ? bytes.data : "", bytes.size, SQLITE_STATIC);
    wr_status status = wr_store_step(store, statement, err);
    sqlite3_clear_bindings(statement);
    return status == WR_END ? WR_OK : status;
}

void
wr_store_job_values(const wr_store_job *job, const wr_store_counts *counts, wr_text ledgers,
                    wr_store_value *values)
{
    const wr_store_value row[] = {
        value_number(1),
        value_text(job->name),
        value_text(job->uuid),
        value_text(job->sql),
        value_number(counts->epoch),
        value_number(counts->wall_us),
        value_number(counts->finished),
        value_text(job->stats),
        value_number(counts->next_body),
        value_number(counts->next_dead_letter),
        value_number(counts->dead_letters),
        value_number(counts->dead_letters_removed),
        value_number(WR_STORE_VERSION),
        value_text(ledgers),
    };
    memcpy(values, row, sizeof(row));
}

void
wr_store_operator_values(const wr_operator_state *state, int number, wr_store_value *values)
{
    const wr_store_value row[] = {
        value_number(number),           value_number(state->operator_id), value_text(state->name),
        value_text(state->fingerprint), value_text(state->description),   value_text(state->meta),
    };
    memcpy(values, row, sizeof(row));
}

void
wr_store_position_values(const wr_position *position, int number, wr_store_value *values)
{
    const wr_store_value row[] = {
        value_number(number),
        value_number(position->operator_id),
        value_text(position->source),
        value_text(position->partition),
        value_number(position->next_offset),
        value_text(position->guard),
        value_number(position->max_event_us),
        value_number(position->floor_us),
    };
    memcpy(values, row, sizeof(row));
}

void
wr_store_destination_values(const wr_destination_state *state, wr_store_value *values)
{
    const wr_store_value row[] = {
        value_number(state->number),     value_text(state->name),
        value_number(state->last_epoch), value_number(state->position),
        value_text(state->identity),     value_number(state->delivered_epoch),
    };
    memcpy(values, row, sizeof(row));
}

void
wr_store_segment_from(const wr_store_value *values, wr_segment *segment)
{
    *segment = (wr_segment){
        .window = {.operator_id = (int32_t)values[0].number,
                   .start_us = values[1].number,
                   .first_end_us = values[2].number,
                   .last_end_us = values[3].number,
                   .part = (int32_t)values[4].number},
        .id = values[WR_SEGMENT_ID].number,
        .is_base = values[6].number != 0,
        .row_count = values[7].number,
    };
    wr_buffer_init(&segment->body);
}
