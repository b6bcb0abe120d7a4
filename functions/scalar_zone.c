/* Local times: ts AT TIME ZONE 'Europe/Berlin', and fields and units of them.
 *
 *   2026-07-01T12:00:00Z AT TIME ZONE 'Europe/Berlin'     2026-07-01T14:00:00+02:00, a text
 *   EXTRACT(hour FROM ts AT TIME ZONE 'Europe/Berlin')    14
 *   date_trunc('day', ts, 'Europe/Berlin')                2026-06-30T22:00:00Z, an instant
 *
 * 1. The zone is constant: its rules are read when the plan is made, rows only look offsets up.
 * 2. Units below a day keep the row's own offset; a day begins when the local clock says so. */
#include "functions/time_field.h"
#include "functions/zone.h"

/* Zones end the list of arguments. */
static wr_status
zone_read(const wr_vector *const *args, int arg_count, wr_zone *zone, wr_error *err)
{
    const wr_vector *name = args[arg_count - 1];
    if (!name) {
        return wr_error_set(err, WR_ERR_SQL, "E0407", "a time zone must be constant");
    }
    if (!wr_constant_is_known(args, arg_count - 1)) {
        return WR_OK; /* NULL: so is the result, and no kernel runs */
    }
    wr_text text = wr_view_text(name->data);
    if (!wr_zone_find(text, zone)) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "no time zone \"%.*s\"", WR_TEXT_ARG(text));
        wr_error_hint(err, "Write its name in the IANA database, as 'Europe/Berlin' or 'UTC'; it "
                           "is read from the machine's (package tzdata).");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static wr_status
zone_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
             wr_error *err)
{
    wr_zone *zone = WR_NEW(arena, wr_zone);
    *prepared = zone;
    return zone_read(args, arg_count, zone, err);
}

/* A field by name, and a zone. */
typedef struct zone_field {
    const wr_time_field *field; /* NULL: it is no constant */
    wr_zone zone;
} zone_field;

static wr_status
zone_field_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                   const void **prepared, wr_error *err)
{
    zone_field *own = WR_NEW(arena, zone_field);
    const void *field = NULL;
    WR_TRY(wr_time_field_prepare(arena, args, arg_count, &field, err));
    own->field = field;
    *prepared = own;
    return zone_read(args, arg_count, &own->zone, err);
}

static wr_time_field
field_of(const wr_call *call, int row)
{
    const zone_field *own = call->prepared;
    return own->field ? *own->field : wr_time_field_find(wr_arg_text(call, 0, row));
}

/* False: beyond int64. */
static bool
local_of(wr_zone zone, int64_t us, int64_t *offset_us, int64_t *local_us)
{
    *offset_us = wr_zone_offset_us(zone, us);
    return !__builtin_add_overflow(us, *offset_us, local_us);
}

/* "2026-07-01T14:00:00" and "+02:00"; offsets of old times have seconds, too. */
static int
local_write(const wr_call *call, int row, wr_buffer *out)
{
    int64_t offset_us = 0, local_us = 0;
    if (!local_of(*(const wr_zone *)call->prepared, WR_ARG(call, const int64_t, 0, row), &offset_us,
                  &local_us)) {
        return WR_REASON_OVERFLOW;
    }
    char text[WR_TIME_TEXT_MAX];
    wr_buffer_append(out, text, wr_time_print(local_us, text) - 1); /* without its Z */
    int64_t seconds = (offset_us < 0 ? -offset_us : offset_us) / WR_US_PER_S;
    wr_buffer_printf(out, "%c%02d:%02d", offset_us < 0 ? '-' : '+', (int)(seconds / 3600),
                     (int)(seconds / 60 % 60));
    if (seconds % 60 != 0) {
        wr_buffer_printf(out, ":%02d", (int)(seconds % 60));
    }
    return WR_ROW_OK;
}

WR_WRITER_KERNEL(zone_local, local_write)

static void
zone_extract(wr_call *call)
{
    const zone_field *own = call->prepared;
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_time_field field = field_of(call, i);
        int64_t us = WR_ARG(call, const int64_t, 1, i), offset_us = 0, local_us = us;
        bool fits = field == WR_FIELD_EPOCH || local_of(own->zone, us, &offset_us, &local_us);
        out[i] = fits ? wr_time_extract(field, local_us) : 0;
        wr_call_mark(call, i,
                     field == WR_FIELD_NONE ? WR_REASON_DOMAIN
                     : fits                 ? WR_ROW_OK
                                            : WR_REASON_OVERFLOW);
    }
}

/* The instant at which the unit began there. */
static int
truncate_local(wr_zone zone, wr_time_field field, int64_t us, int64_t *out)
{
    int64_t offset_us = 0, local_us = 0, start_us = 0;
    *out = 0;
    if (!local_of(zone, us, &offset_us, &local_us)) {
        return WR_REASON_OVERFLOW;
    }
    if (!wr_time_truncate(field, local_us, &start_us)) {
        return WR_REASON_DOMAIN;
    }
    bool fits = field < WR_FIELD_DAY ? !__builtin_sub_overflow(start_us, offset_us, out)
                                     : wr_zone_to_utc(zone, start_us, out);
    return fits ? WR_ROW_OK : WR_REASON_OVERFLOW;
}

static void
zone_truncate(wr_call *call)
{
    const zone_field *own = call->prepared;
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        int outcome = truncate_local(own->zone, field_of(call, i),
                                     WR_ARG(call, const int64_t, 1, i), &out[i]);
        wr_call_mark(call, i, outcome);
    }
}

#define ZONE_FIELD_ENTRY(name_, result_, kernel_, signature_, meaning_, example_, shown_) \
    WR_SCALAR(name_, result_, WR_FN_CAN_FAIL, kernel_, zone_field_prepare, signature_, meaning_, \
              example_, shown_, WR_TYPE_TEXT, WR_TYPE_TIMESTAMP, WR_TYPE_TEXT)

static const wr_function zone_entries[] = {
    WR_SCALAR("at time zone", TEXT, WR_FN_OPERATOR | WR_FN_CAN_FAIL, zone_local, zone_prepare,
              "ts AT TIME ZONE zone", "Local time with its offset, as a text.",
              "TIMESTAMP '2026-07-01T12:00:00Z' AT TIME ZONE 'Europe/Berlin'",
              "2026-07-01T14:00:00+02:00", WR_TYPE_TIMESTAMP, WR_TYPE_TEXT),
    ZONE_FIELD_ENTRY("extract", BIGINT, zone_extract, "EXTRACT(field FROM ts AT TIME ZONE zone)",
                     "A field of local time.",
                     "EXTRACT(hour FROM TIMESTAMP '2026-07-01T12:00:00Z' AT TIME ZONE "
                     "'Europe/Berlin')",
                     "14"),
    ZONE_FIELD_ENTRY("date_part", BIGINT, zone_extract, "date_part('field', ts, zone)", "EXTRACT.",
                     "date_part('hour', TIMESTAMP '2026-07-01T12:00:00Z', 'Europe/Berlin')", "14"),
    ZONE_FIELD_ENTRY("date_trunc", TIMESTAMP, zone_truncate, "date_trunc('unit', ts, zone)",
                     "The start of the unit of local time, as an instant.",
                     "date_trunc('day', TIMESTAMP '2026-07-01T12:00:00Z', 'Europe/Berlin')",
                     "2026-06-30T22:00:00Z"),
};

const wr_function_table wr_functions_zone = WR_TABLE(zone_entries);
