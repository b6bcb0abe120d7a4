/* Where reading starts: start = 'earliest' | 'latest' | time | '-1 hour' | '0:15,1:20'.
 *
 *     low ───────── start ─────────────── high       what the broker has; high is the end, for
 *                                                    committed reads the last stable offset
 *
 * Invariants
 * 1. A start that the broker no longer or not yet has is E0705, unless on_data_loss = 'skip'.
 * 2. Partitions that a list of offsets leaves out start at earliest: nothing is lost silently. */
#include "connectors/kafka.h"
#include "core/time.h"

#include <string.h>

typedef enum start_kind { START_EARLIEST, START_LATEST, START_TIME, START_OFFSETS } start_kind;

typedef struct start_spec {
    start_kind kind;
    int64_t time_us;
    wr_text offsets;
} start_spec;

/* ── reading the option ─────────────────────────────────────────────────────────────────────── */

static bool
is_offset_list(wr_text text)
{
    bool colon = false;
    for (size_t i = 0; i < text.size; i++) {
        colon = colon || text.data[i] == ':';
        if (!strchr("0123456789:, ", text.data[i]) || text.data[i] == '\0') {
            return false;
        }
    }
    return colon;
}

/* Takes "partition:offset" off the front of *list; false: it does not start so. */
static bool
pair_take(wr_text *list, int64_t *partition, int64_t *offset)
{
    const char *comma = memchr(list->data, ',', list->size);
    size_t size = comma ? (size_t)(comma - list->data) : list->size;
    wr_text pair = wr_text_trim((wr_text){list->data, size});
    const char *colon = memchr(pair.data, ':', pair.size);
    *list = comma ? (wr_text){comma + 1, list->size - size - 1} : WR_TEXT_NONE;
    if (!colon) {
        return false;
    }
    size_t left = (size_t)(colon - pair.data);
    return wr_text_to_int64(wr_text_trim((wr_text){pair.data, left}), partition) &&
           wr_text_to_int64(wr_text_trim((wr_text){colon + 1, pair.size - left - 1}), offset);
}

static bool
offsets_valid(wr_text list)
{
    while (list.size > 0) {
        int64_t partition, offset;
        if (!pair_take(&list, &partition, &offset) || partition < 0 || partition > INT32_MAX ||
            offset < 0) {
            return false;
        }
    }
    return true;
}

static bool
start_read(wr_text text, int64_t now_us, start_spec *spec)
{
    wr_interval interval;
    *spec = (start_spec){.kind = START_EARLIEST};
    if (wr_text_equal_nocase(text, WR_TEXT("earliest"))) {
        return true;
    }
    if (wr_text_equal_nocase(text, WR_TEXT("latest"))) {
        spec->kind = START_LATEST;
        return true;
    }
    if (is_offset_list(text)) {
        spec->kind = START_OFFSETS;
        spec->offsets = text;
        return offsets_valid(text);
    }
    spec->kind = START_TIME;
    if (wr_time_parse(text, &spec->time_us)) {
        return true;
    }
    return wr_interval_parse(text, &interval) && interval.months <= 0 && interval.micros <= 0 &&
           wr_time_add(now_us, interval, &spec->time_us);
}

wr_status
wr_kafka_start_check(wr_options options, wr_error *err)
{
    const wr_option *start = wr_options_find(options, "start");
    start_spec spec;
    if (!start || start_read(start->value, 0, &spec)) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_SQL, "E0602", "connector kafka: bad value '%.*s' for option \"start\"",
                 start->value.size > 60 ? 60 : (int)start->value.size, start->value.data);
    wr_error_hint(err, "'earliest', 'latest', '2026-01-01T00:00:00Z', '-1 hour' or '0:15,1:20'");
    wr_error_at(err, start->position, start->length);
    return WR_ERR_SQL;
}

/* ── asking the broker ──────────────────────────────────────────────────────────────────────── */

/* One ListOffsets round: `when` is a time in ms, or a logical offset. out[p] = answer. */
static wr_status
offsets_ask(wr_kafka_client *client, int64_t when, int count, const bool *wanted, int64_t *out,
            wr_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++) {
        if (wanted[i]) {
            rd_kafka_topic_partition_list_add(list, client->topic, i)->offset = when;
        }
    }
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (list->cnt > 0) {
        code = rd_kafka_offsets_for_times(client->handle, list, (int)client->connect_timeout_ms);
    }
    for (int i = 0; i < list->cnt; i++) {
        code = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list->elems[i].err;
        out[list->elems[i].partition] = list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WR_OK;
    }
    if (wr_kafka_error_passes(code)) {
        return wr_kafka_unreachable(client, err);
    }
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0702", "cannot read topic \"%s\" on \"%s\"",
                 client->topic, client->brokers);
    wr_error_detail(err, "%s", rd_kafka_err2str(code));
    return WR_ERR_UNREACHABLE;
}

wr_status
wr_kafka_bounds(wr_kafka_client *client, int count, const bool *wanted, wr_kafka_range *ranges,
                wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    int64_t *found = WR_NEW_ARRAY(arena, int64_t, count);
    wr_status status = offsets_ask(client, RD_KAFKA_OFFSET_BEGINNING, count, wanted, found, err);
    for (int i = 0; i < count && status == WR_OK; i++) {
        ranges[i].low = ranges[i].start = found[i];
    }
    if (status == WR_OK) {
        status = offsets_ask(client, RD_KAFKA_OFFSET_END, count, wanted, found, err);
    }
    for (int i = 0; i < count && status == WR_OK; i++) {
        ranges[i].high = found[i] < ranges[i].low ? ranges[i].low : found[i];
    }
    wr_arena_free(arena);
    return status;
}

/* The first offset whose record time is ≥ time_us; high when there is none. */
static wr_status
time_find(wr_kafka_client *client, int64_t time_us, int count, const bool *wanted,
          wr_kafka_range *ranges, wr_error *err)
{
    wr_arena *arena = wr_arena_new(0);
    int64_t *found = WR_NEW_ARRAY(arena, int64_t, count);
    int64_t time_ms = time_us < 0 ? 0 : (time_us + WR_US_PER_MS - 1) / WR_US_PER_MS;
    wr_status status = offsets_ask(client, time_ms, count, wanted, found, err);
    for (int i = 0; i < count && status == WR_OK; i++) {
        ranges[i].start = found[i] < 0 ? ranges[i].high : found[i];
    }
    wr_arena_free(arena);
    return status;
}

static wr_status
offset_gone(const wr_kafka_client *client, const wr_option *option, int64_t partition,
            int64_t wanted, const wr_kafka_range *range, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0705",
                 "topic \"%s\" partition %lld: offset %lld is not there", client->topic,
                 (long long)partition, (long long)wanted);
    wr_error_detail(err, "available: %lld to %lld", (long long)range->low, (long long)range->high);
    wr_error_hint(err, "on_data_loss = 'skip' goes on with what is there");
    wr_error_at(err, option->position, option->length);
    return WR_ERR_RUNTIME;
}

static wr_status
offsets_apply(wr_kafka_client *client, const wr_source_config *config, wr_text list, int count,
              wr_kafka_range *ranges, wr_error *err)
{
    const wr_option *option = wr_options_find(config->options, "start");
    bool skip = wr_text_equal_nocase(
        wr_options_text(config->options, wr_kafka_options, "on_data_loss"), WR_TEXT("skip"));
    while (list.size > 0) {
        int64_t partition = -1, offset = 0;
        if (!pair_take(&list, &partition, &offset) || partition >= count) {
            wr_error_set(err, WR_ERR_SQL, "E0602", "topic \"%s\" has no partition %lld",
                         client->topic, (long long)partition);
            wr_error_detail(err, "it has partitions 0 to %d", count - 1);
            wr_error_at(err, option->position, option->length);
            return WR_ERR_SQL;
        }
        wr_kafka_range *range = &ranges[partition];
        bool there = offset >= range->low && offset <= range->high;
        if (!there && !skip &&
            partition % (config->lane_count > 0 ? config->lane_count : 1) == config->lane) {
            return offset_gone(client, option, partition, offset, range, err);
        }
        range->start = there ? offset : offset < range->low ? range->low : range->high;
    }
    return WR_OK;
}

wr_status
wr_kafka_start_find(wr_kafka_client *client, const wr_source_config *config, int count,
                    const bool *wanted, wr_kafka_range *ranges, wr_error *err)
{
    start_spec spec;
    wr_text text = wr_options_text(config->options, wr_kafka_options, "start");
    WR_TRY(wr_kafka_start_check(config->options, err));
    start_read(text, wr_clock_wall_us(config->clock), &spec);
    WR_TRY(wr_kafka_bounds(client, count, wanted, ranges, err));
    switch (spec.kind) {
    case START_EARLIEST: break;
    case START_LATEST:
        for (int i = 0; i < count; i++) {
            ranges[i].start = ranges[i].high;
        }
        break;
    case START_TIME: return time_find(client, spec.time_us, count, wanted, ranges, err);
    case START_OFFSETS: return offsets_apply(client, config, spec.offsets, count, ranges, err);
    }
    return WR_OK;
}
