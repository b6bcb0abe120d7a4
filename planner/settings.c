/* SET and RESET: every setting is one line of SETTING_LIST, from which its check, its default, its
 * place in wr_settings and its documentation come.
 *
 *     SET batch_rows = 100      table → kind INT, 0 … 1e9 → settings.batch_rows = 100
 *
 * Invariants
 * 1. A setting's default goes through the same check as a value from SQL.
 * 2. kafka.brokers without SET is WEIR_KAFKA_BROKERS, else localhost:9092. */
#include "planner/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COUNT 1000000000LL
#define MAX_BYTES (1LL << 50)
#define MAX_TIME (3650 * WR_US_PER_DAY)
#define ON_ERROR_WORDS "fail|skip|null|dead_letter" /* wr_on_error */
#define GUARANTEE_WORDS "exactly_once|at_least_once|none" /* wr_guarantee */

/* X(name, kind, default, choices, min, max, member of wr_settings, doc) */
#define SETTING_LIST(X) \
    X("lanes", INT, "0", NULL, 0, 1024, lanes, "threads that share a query; 0: one per core") \
    X("batch_rows", INT, "0", NULL, 0, MAX_COUNT, batch_rows, \
      "rows of a micro-batch at most; 0: adaptive") \
    X("batch_bytes", SIZE, "0", NULL, 0, MAX_BYTES, batch_bytes, \
      "bytes of a micro-batch at most; 0: adaptive") \
    X("batch_interval", DURATION, "0", NULL, 0, MAX_TIME, batch_interval_us, \
      "time to gather a micro-batch at most; 0: adaptive") \
    X("checkpoint_interval", DURATION, "1 s", NULL, WR_US_PER_MS, MAX_TIME, \
      checkpoint_interval_us, "time between checkpoints of a job") \
    X("memory_limit", SIZE, "256 MB", NULL, 1048576, MAX_BYTES, memory_limit, \
      "memory for the state of a query") \
    X("max_future_skew", DURATION, "1 h", NULL, 0, MAX_TIME, max_future_skew_us, \
      "rows further ahead of the wall clock move no watermark") \
    X("idle_timeout", DURATION, "30 s", NULL, 0, MAX_TIME, idle_timeout_us, \
      "a partition at its end and quiet so long holds nothing back; 0: never idle") \
    X("fill_keys_for", DURATION, "24 h", NULL, 0, MAX_TIME, fill_keys_for_us, \
      "how long FILL remembers a key, in event time") \
    X("allow_unbounded_state", BOOL, "off", NULL, 0, 0, allow_unbounded_state, \
      "let a job keep state that grows without end") \
    X("on_error", CHOICE, NULL, ON_ERROR_WORDS, 0, 0, on_error, \
      "what a bad row does (dead_letter in jobs, else skip)") \
    X("dead_letters_max", INT, "10000", NULL, 0, 1000000, dead_letters_max, \
      "so many dead letters a job keeps; the oldest go first") \
    X("guarantee", CHOICE, NULL, GUARANTEE_WORDS, 0, 0, guarantee, \
      "what a job's sinks show after a crash: each row once, perhaps twice, or perhaps not") \
    X("kafka.brokers", TEXT, NULL, NULL, 0, 0, kafka_brokers, \
      "host:port, … of kafka('…') without brokers; default WEIR_KAFKA_BROKERS, localhost:9092") \
    X("kafka.queue_limit", SIZE, "0", NULL, 0, MAX_BYTES, kafka_queue_limit, \
      "bytes that all Kafka sources of a query fetch ahead; 0: 512 MB, at most memory / 8")

static const wr_option_spec setting_table[] = {
#define SETTING_SPEC(name_, kind_, default_, choices_, min_, max_, member, doc_) \
    {name_, WR_OPTION_##kind_, default_, choices_, min_, max_, doc_},
    SETTING_LIST(SETTING_SPEC)
#undef SETTING_SPEC
        {NULL, WR_OPTION_TEXT, NULL, NULL, 0, 0, NULL}};

static const size_t setting_offset[] = {
#define SETTING_OFFSET(name, kind, default_, choices, min, max, member, doc) \
    offsetof(wr_settings, member),
    SETTING_LIST(SETTING_OFFSET)
#undef SETTING_OFFSET
};

enum { SETTING_COUNT = sizeof setting_offset / sizeof *setting_offset };

const wr_option_spec *
wr_settings_table(void)
{
    return setting_table;
}

static int
setting_find(wr_text name)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(setting_table[i].name))) {
            return i;
        }
    }
    return -1;
}

static wr_status
setting_unknown(wr_text name, wr_error *err)
{
    wr_text names[SETTING_COUNT];
    for (int i = 0; i < SETTING_COUNT; i++) {
        names[i] = wr_text_from(setting_table[i].name);
    }
    wr_error_set(err, WR_ERR_SQL, "E0206", "no setting \"%.*s\"", WR_TEXT_ARG(name));
    int near = wr_text_nearest(name, names, SETTING_COUNT);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_hint(err, "SHOW SETTINGS lists them.");
    }
    return WR_ERR_SQL;
}

/* Index of `value` among the words of "a|b|c"; -1: none (a default that is not set). */
static int
choice_index(const char *choices, wr_text value)
{
    int index = 0;
    for (const char *at = choices; at; index++) {
        const char *bar = strchr(at, '|');
        wr_text word = {at, bar ? (size_t)(bar - at) : strlen(at)};
        if (wr_text_equal_nocase(value, word)) {
            return index;
        }
        at = bar ? bar + 1 : NULL;
    }
    return -1;
}

static wr_status
brokers_store(wr_settings *settings, wr_text value, wr_error *err)
{
    if (value.size == 0 || value.size >= sizeof settings->kafka_brokers) {
        return wr_error_set(err, WR_ERR_SQL, "E0602",
                            "kafka.brokers needs between 1 and %zu characters",
                            sizeof settings->kafka_brokers - 1);
    }
    memcpy(settings->kafka_brokers, value.data, value.size);
    settings->kafka_brokers[value.size] = 0;
    return WR_OK;
}

/* Writes a checked value into its place. */
static wr_status
setting_store(wr_settings *settings, int index, wr_options options, wr_error *err)
{
    const wr_option_spec *spec = &setting_table[index];
    char *place = (char *)settings + setting_offset[index];
    wr_text value = options.items[0].value;
    switch (spec->kind) {
    case WR_OPTION_TEXT: return brokers_store(settings, value, err);
    case WR_OPTION_BOOL:
        *(bool *)place = wr_options_bool(options, setting_table, spec->name);
        return WR_OK;
    case WR_OPTION_CHOICE: *(int *)place = choice_index(spec->choices, value); return WR_OK;
    case WR_OPTION_INT:
    case WR_OPTION_DURATION:
    case WR_OPTION_SIZE:
        *(int64_t *)place = wr_options_int(options, setting_table, spec->name);
        return WR_OK;
    }
    return WR_OK;
}

wr_status
wr_settings_set(wr_settings *settings, wr_text name, wr_text value, wr_error *err)
{
    int index = setting_find(name);
    if (index < 0) {
        return setting_unknown(name, err);
    }
    wr_option option = {.name = wr_text_from(setting_table[index].name), .value = value};
    wr_options options = {&option, 1};
    const wr_option_spec *tables[] = {setting_table, NULL};
    WR_TRY(wr_options_check(options, tables, NULL, "SET", err));
    return setting_store(settings, index, options, err);
}

static const char *
setting_default(int index)
{
    if (setting_table[index].kind != WR_OPTION_TEXT) {
        return setting_table[index].default_text;
    }
    const char *brokers = getenv("WEIR_KAFKA_BROKERS");
    return brokers && *brokers ? brokers : "localhost:9092";
}

wr_status
wr_settings_reset(wr_settings *settings, wr_text name, wr_error *err)
{
    int index = setting_find(name);
    if (index < 0) {
        return setting_unknown(name, err);
    }
    const char *text = setting_default(index);
    if (!text) {
        *(int *)((char *)settings + setting_offset[index]) = -1;
        return WR_OK;
    }
    return wr_settings_set(settings, name, wr_text_from(text), err);
}

void
wr_settings_init(wr_settings *settings)
{
    *settings = (wr_settings){0};
    for (int i = 0; i < SETTING_COUNT; i++) {
        wr_error err;
        if (wr_settings_reset(settings, wr_text_from(setting_table[i].name), &err) != WR_OK) {
            /* only the environment's brokers can be refused; everything else is ours */
            assert(setting_table[i].kind == WR_OPTION_TEXT);
            wr_status status = brokers_store(settings, WR_TEXT("localhost:9092"), &err);
            assert(status == WR_OK);
            (void)status;
        }
    }
}

static void
choice_print(const char *choices, int index, wr_buffer *out)
{
    const char *at = choices;
    for (int i = 0; i < index; i++) {
        at = strchr(at, '|') + 1;
    }
    wr_buffer_append(out, at, strcspn(at, "|"));
}

bool
wr_settings_get(const wr_settings *settings, wr_text name, wr_buffer *value)
{
    int index = setting_find(name);
    if (index < 0) {
        return false;
    }
    const wr_option_spec *spec = &setting_table[index];
    const char *place = (const char *)settings + setting_offset[index];
    char text[WR_INTERVAL_TEXT_MAX];
    switch (spec->kind) {
    case WR_OPTION_TEXT: wr_buffer_text(value, wr_text_from(place)); break;
    case WR_OPTION_BOOL:
        wr_buffer_text(value, *(const bool *)place ? WR_TEXT("on") : WR_TEXT("off"));
        break;
    case WR_OPTION_CHOICE:
        if (*(const int *)place >= 0) {
            choice_print(spec->choices, *(const int *)place, value);
        }
        break;
    case WR_OPTION_INT: wr_buffer_printf(value, "%lld", (long long)*(const int64_t *)place); break;
    case WR_OPTION_SIZE: wr_size_print(*(const int64_t *)place, value); break;
    case WR_OPTION_DURATION:
        wr_buffer_append(value, text,
                         wr_interval_print((wr_interval){0, *(const int64_t *)place}, text));
        break;
    }
    return true;
}
