/* Dead letters of a job: from a bad row to what the next checkpoint keeps.
 *
 *   scan       row 17 of partition 3 cannot be decoded      its bytes, key, position, reason
 *   filter     row 18 cannot be computed, and its origin    the same: the record it was made of
 *              is known
 *   sink       a result whose sum overflows                 the row as JSON, with key and window
 *
 * 1. What the job was given is gone after the call; the commit has a copy.
 * 2. Its wall clock is that of the moment. */
#include "exec/job.h"

#include "exec/scan.h"

void
wr_job_dead_letter(wr_job *job, const wr_dead_letter *letter)
{
    if (job->checkpoint) {
        wr_checkpoint_dead_letter(job->checkpoint, letter);
    }
}

/* The row as a JSON object, what could not be computed as null; empty if it cannot be written. */
static void
row_encode(const wr_bad_result *bad, wr_arena *arena, wr_buffer *out)
{
    const wr_format_ops *format = wr_format_find(WR_TEXT("json"));
    wr_encoder *encoder = NULL;
    wr_error ignored;
    wr_error_clear(&ignored);
    uint16_t row = (uint16_t)bad->row;
    wr_batch one = *bad->batch;
    one.selection = &row;
    one.selected_count = 1;
    wr_schema schema = *bad->schema;
    schema.count = schema.count < one.column_count ? schema.count : one.column_count;
    one.column_count = schema.count;
    wr_options none = {0};
    if (format->encoder_open(arena, &schema, none, false, &encoder, &ignored) != WR_OK) {
        return;
    }
    if (format->encode(encoder, &one, out, NULL, &ignored) != WR_OK) {
        wr_buffer_reset(out);
    }
    format->encoder_close(encoder);
}

void
wr_job_dead_result(wr_job *job, const wr_operator *op, const wr_bad_result *bad)
{
    const wr_batch *batch = bad->batch;
    wr_scan *scan = op->context->scan;
    wr_arena *scratch = wr_arena_new(0);
    wr_buffer row;
    wr_buffer_init(&row);
    wr_dead_letter letter = {.at_us = wr_clock_wall_us(op->context->clock),
                             .source = wr_text_from(op->ops->name),
                             .offset = -1,
                             .byte = -1,
                             .reason = wr_text_from(wr_reason_text(bad->reason)),
                             .column = bad->where,
                             .timestamp_us = WR_TIME_NONE};
    if (batch && batch->event_time_us) {
        letter.timestamp_us = batch->event_time_us[bad->row];
    }
    if (batch && batch->origins && scan) {
        wr_scan_record record;
        wr_origin origin = wr_origin_of(batch->origins, bad->row);
        wr_scan_record_at(scan, origin, &record);
        letter.source = record.source;
        letter.partition = record.partition;
        letter.offset = origin.offset;
        letter.key = record.key;
        letter.record = record.record;
        letter.operator_id = wr_scan_reader(scan, record.record);
    }
    if (batch && !letter.record.data) {
        row_encode(bad, scratch, &row);
        letter.record = (wr_text){row.data, row.size};
    }
    wr_job_dead_letter(job, &letter);
    wr_buffer_fini(&row);
    wr_arena_free(scratch);
}
