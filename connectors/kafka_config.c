/* Options of kafka(…): friendly names of our own, and librdkafka's properties by an allow-list.
 *
 *     brokers = 'b:9092'           ours, mapped to bootstrap.servers
 *     "sasl.username" = 'me'       librdkafka's own name, on the list
 *     kafka.linger.ms = '20'       the same, with a prefix
 *     plugin.library.paths = …     E0604: it would load code into the process
 *
 * Invariants
 * 1. What is not on the list is refused: SQL text loads no code, starts no program, and changes
 *    nothing that weir's own promises stand on (offsets, idempotence).
 * 2. No value of a secret option gets into a message. */
#include "connectors/kafka.h"

#include <string.h>

const wr_option_spec wr_kafka_options[] = {
    {.name = "topic", .kind = WR_OPTION_TEXT, .doc = "the topic"},
    {.name = "brokers",
     .kind = WR_OPTION_TEXT,
     .doc = "host:port of one or more brokers, separated by commas; else SET kafka.brokers, "
            "WEIR_KAFKA_BROKERS, localhost:9092"},
    {.name = "start",
     .kind = WR_OPTION_TEXT,
     .default_text = "earliest",
     .doc = "'earliest', 'latest', an ISO time, '-1 hour', or partition:offset pairs '0:15,1:20'"},
    {.name = "until", .kind = WR_OPTION_CHOICE, .choices = "end", .doc = "'end': stop at the end"},
    {.name = "on_data_loss",
     .kind = WR_OPTION_CHOICE,
     .choices = "fail|skip",
     .default_text = "fail",
     .doc = "when wanted offsets are no longer there: stop, or count them and go on"},
    {.name = "discovery_interval",
     .kind = WR_OPTION_DURATION,
     .default_text = "30 s",
     .min = 100000,
     .max = 86400000000,
     .doc = "how often new partitions are looked for"},
    {.name = "connect_timeout",
     .kind = WR_OPTION_DURATION,
     .min = 100000,
     .max = 3600000000,
     .doc = "how long to wait for a broker at start"},
    {.name = "security",
     .kind = WR_OPTION_CHOICE,
     .choices = "plaintext|ssl|sasl_plaintext|sasl_ssl",
     .doc = "how to talk to the brokers"},
    {.name = "mechanism",
     .kind = WR_OPTION_CHOICE,
     .choices = "PLAIN|SCRAM-SHA-256|SCRAM-SHA-512|GSSAPI|OAUTHBEARER",
     .doc = "SASL mechanism"},
    {.name = "username", .kind = WR_OPTION_TEXT, .doc = "SASL user name"},
    {.name = "password", .kind = WR_OPTION_TEXT, .doc = "SASL password"},
    {.name = "ca_file", .kind = WR_OPTION_TEXT, .doc = "file of the CA's certificate"},
    {.name = "key", .kind = WR_OPTION_TEXT, .doc = "sink: column, or (columns), of the record key"},
    {.name = "headers", .kind = WR_OPTION_TEXT, .doc = "sink: column of the record headers"},
    {.name = "create",
     .kind = WR_OPTION_CHOICE,
     .choices = "no|yes",
     .default_text = "no",
     .doc = "sink: create the topic when it is not there"},
    {.name = "compression",
     .kind = WR_OPTION_CHOICE,
     .choices = "none|gzip|snappy|lz4|zstd",
     .doc = "sink: compression of record batches"},
    {.name = NULL},
};

static const struct {
    const char *ours, *property;
} friendly[] = {
    {"brokers", "bootstrap.servers"},    {"security", "security.protocol"},
    {"mechanism", "sasl.mechanisms"},    {"username", "sasl.username"},
    {"password", "sasl.password"},       {"ca_file", "ssl.ca.location"},
    {"compression", "compression.type"},
};

static const char *const common_properties[] = {
    "bootstrap.servers",
    "metadata.broker.list",
    "client.id",
    "client.rack",
    "receive.message.max.bytes",
    "topic.metadata.refresh.interval.ms",
    "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.propagation.max.ms",
    "metadata.max.age.ms",
    "socket.timeout.ms",
    "socket.connection.setup.timeout.ms",
    "socket.send.buffer.bytes",
    "socket.receive.buffer.bytes",
    "socket.keepalive.enable",
    "socket.nagle.disable",
    "socket.max.fails",
    "connections.max.idle.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "broker.address.ttl",
    "broker.address.family",
    "api.version.request.timeout.ms",
    "security.protocol",
    "ssl.cipher.suites",
    "ssl.curves.list",
    "ssl.sigalgs.list",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.crl.location",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.endpoint.identification.algorithm",
    "enable.ssl.certificate.verification",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.username",
    "sasl.password",
    "sasl.kerberos.service.name",
    "sasl.kerberos.principal",
    "sasl.kerberos.keytab",
    "sasl.kerberos.min.time.before.relogin",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.token.endpoint.url",
    "enable.sasl.oauthbearer.unsecure.jwt",
    NULL,
};

static const char *const consumer_properties[] = {
    "queued.min.messages",
    "queued.max.messages.kbytes",
    "fetch.wait.max.ms",
    "fetch.message.max.bytes",
    "max.partition.fetch.bytes",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.error.backoff.ms",
    "isolation.level",
    "check.crcs",
    NULL,
};

static const char *const producer_properties[] = {
    "linger.ms",
    "queue.buffering.max.ms",
    "queue.buffering.max.messages",
    "queue.buffering.max.kbytes",
    "batch.num.messages",
    "batch.size",
    "message.max.bytes",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "request.timeout.ms",
    "retry.backoff.ms",
    "compression.codec",
    "compression.type",
    "compression.level",
    "partitioner",
    "sticky.partitioning.linger.ms",
    NULL,
};

static const struct {
    const char *name; /* with a dot at its end: everything that starts so */
    const char *reason;
} refused[] = {
    {"plugin.library.paths", "it would load code into the process"},
    {"ssl.engine.location", "it would load code into the process"},
    {"ssl.engine.id", "it would load code into the process"},
    {"ssl.providers", "it would load code into the process"},
    {"interceptors", "it would load code into the process"},
    {"sasl.kerberos.kinit.cmd", "it would run a program"},
    {"debug", "its log shows what messages and settings hold"},
    {"test.", "it is for librdkafka's own tests"},
    {"internal.", "it is for librdkafka's own use"},
    {"enable.auto.commit", "weir keeps the offsets itself"},
    {"auto.commit.", "weir keeps the offsets itself"},
    {"auto.commit.enable", "weir keeps the offsets itself"},
    {"enable.auto.offset.store", "weir keeps the offsets itself"},
    {"offset.store.", "weir keeps the offsets itself"},
    {"auto.offset.reset", "say start = … and on_data_loss = …"},
    {"group.", "weir assigns partitions itself and joins no group"},
    {"session.timeout.ms", "weir joins no group"},
    {"heartbeat.interval.ms", "weir joins no group"},
    {"max.poll.interval.ms", "weir joins no group"},
    {"partition.assignment.strategy", "weir joins no group"},
    {"enable.partition.eof", "weir needs it to know where a partition ends"},
    {"allow.auto.create.topics", "say create = 'yes' in a sink"},
    {"enable.idempotence", "weir needs it to deliver no record twice"},
    {"enable.gapless.guarantee", "weir needs it to deliver no record twice"},
    {"acks", "weir waits for all replicas"},
    {"request.required.acks", "weir waits for all replicas"},
    {"max.in.flight", "idempotent delivery sets it"},
    {"max.in.flight.requests.per.connection", "idempotent delivery sets it"},
    {"retries", "idempotent delivery sets it"},
    {"message.send.max.retries", "idempotent delivery sets it"},
    {"transactional.id", "weir names its transactions itself"},
    {"transaction.timeout.ms", "weir names its transactions itself"},
    {"statistics.interval.ms", "weir has its own metrics"},
    {"log_level", "weir has its own log"},
    {"log.", "weir has its own log"},
    {"enabled_events", "weir handles librdkafka's events itself"},
};

/* ── the allow-list ─────────────────────────────────────────────────────────────────────────── */

static bool
list_has(const char *const *list, wr_text name)
{
    for (; *list; list++) {
        if (wr_text_equal_nocase(name, wr_text_from(*list))) {
            return true;
        }
    }
    return false;
}

/* librdkafka's name of an option; NONE for ours that stand for none. */
static wr_text
property_name(wr_text name)
{
    wr_text prefix = WR_TEXT("kafka.");
    if (name.size > prefix.size &&
        wr_text_equal_nocase((wr_text){name.data, prefix.size}, prefix)) {
        name = (wr_text){name.data + prefix.size, name.size - prefix.size};
    }
    for (size_t i = 0; i < sizeof friendly / sizeof *friendly; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(friendly[i].ours))) {
            return wr_text_from(friendly[i].property);
        }
    }
    return memchr(name.data, '.', name.size) || list_has(producer_properties, name) ? name
                                                                                    : WR_TEXT_NONE;
}

static const char *
refusal_find(wr_text name)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        wr_text listed = wr_text_from(refused[i].name);
        bool family = listed.data[listed.size - 1] == '.';
        wr_text head = {name.data, family && name.size > listed.size ? listed.size : name.size};
        if (wr_text_equal_nocase(head, listed)) {
            return refused[i].reason;
        }
    }
    return NULL;
}

static wr_status
property_unknown(const wr_option *option, wr_text name, wr_error *err)
{
    const char *const *const lists[] = {common_properties, consumer_properties,
                                        producer_properties};
    wr_text names[96];
    int count = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const char *const *at = lists[i]; *at; at++) {
            names[count++] = wr_text_from(*at);
        }
    }
    wr_error_set(err, WR_ERR_SQL, "E0601", "connector kafka has no option \"%.*s\"",
                 WR_TEXT_ARG(option->name));
    int near = wr_text_nearest(name, names, count);
    const char *here = wr_option_elsewhere(option->name);
    if (here) {
        wr_error_hint(err, "%s", here);
    } else if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_detail(err, "only properties of librdkafka on weir's list are passed on");
    }
    wr_error_at(err, option->position, option->length);
    return WR_ERR_SQL;
}

static bool
is_own(wr_text name)
{
    for (const wr_option_spec *spec = wr_kafka_options; spec->name; spec++) {
        if (wr_text_equal_nocase(name, wr_text_from(spec->name))) {
            return true;
        }
    }
    return false;
}

/* Bare names that are not ours belong to the format or to all sources: checked by the caller. */
static bool
is_foreign(wr_text name)
{
    return !memchr(name.data, '.', name.size) && !refusal_find(name);
}

static wr_status
property_check(const wr_option *option, wr_error *err)
{
    wr_text name = option->name;
    wr_text prefix = WR_TEXT("kafka.");
    bool prefixed =
        name.size > prefix.size && wr_text_equal_nocase((wr_text){name.data, prefix.size}, prefix);
    if (prefixed) {
        name = (wr_text){name.data + prefix.size, name.size - prefix.size};
    }
    const char *reason = refusal_find(name);
    if (reason) {
        wr_error_set(err, WR_ERR_SQL, "E0604", "option \"%.*s\" is refused",
                     WR_TEXT_ARG(option->name));
        wr_error_detail(err, "%s", reason);
        wr_error_at(err, option->position, option->length);
        return WR_ERR_SQL;
    }
    bool listed = list_has(common_properties, name) || list_has(consumer_properties, name) ||
                  list_has(producer_properties, name) || (prefixed && is_own(name));
    return listed || (!prefixed && is_foreign(name)) ? WR_OK : property_unknown(option, name, err);
}

wr_status
wr_kafka_options_check(wr_options options, wr_error *err)
{
    for (int i = 0; i < options.count; i++) {
        const wr_option *option = &options.items[i];
        if (!option->positional && !is_own(option->name)) {
            WR_TRY(property_check(option, err));
        }
    }
    const wr_option *topic = wr_options_first(options, "topic");
    if (!topic || topic->value.size == 0) {
        wr_error_set(err, WR_ERR_SQL, "E0603", "connector kafka needs a topic");
        wr_error_hint(err, "kafka('cpu-usage')");
        return WR_ERR_SQL;
    }
    return wr_kafka_start_check(options, err);
}

/* ── configuration ──────────────────────────────────────────────────────────────────────────── */

static wr_status
setting_refused(const wr_option *option, const char *reason, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0602", "connector kafka: bad value for option \"%.*s\"",
                 WR_TEXT_ARG(option->name));
    if (!wr_option_is_secret(option->name)) {
        wr_error_detail(err, "%s", reason);
    }
    wr_error_at(err, option->position, option->length);
    return WR_ERR_SQL;
}

static wr_status
option_apply(rd_kafka_conf_t *conf, const wr_option *option, rd_kafka_type_t type, wr_arena *arena,
             wr_error *err)
{
    char reason[512];
    wr_text name = option->positional ? WR_TEXT_NONE : property_name(option->name);
    const char *const *other =
        type == RD_KAFKA_CONSUMER ? producer_properties : consumer_properties;
    if (!name.data || list_has(other, name)) {
        return WR_OK;
    }
    const char *property = wr_arena_strndup(arena, name.data, name.size);
    const char *value = wr_arena_strndup(arena, option->value.data, option->value.size);
    if (rd_kafka_conf_set(conf, property, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
        return setting_refused(option, reason, err);
    }
    return WR_OK;
}

/* librdkafka would write to stderr; a library prints nothing. Thread: any of librdkafka's. */
static void
log_swallow(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    (void)handle;
    (void)level;
    (void)facility;
    (void)line;
}

/* Thread: the owner's, inside rd_kafka_poll. */
static void
client_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    wr_kafka_client *client = opaque;
    (void)handle;
    client->down = client->down || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    client->refused = client->refused || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                      code == RD_KAFKA_RESP_ERR__SSL;
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || client->last_error[0] == '\0') {
        size_t size = strlen(reason);
        size = size < WR_KAFKA_ERROR_MAX ? size : WR_KAFKA_ERROR_MAX - 1;
        memcpy(client->last_error, reason, size);
        client->last_error[size] = '\0';
    }
}

static wr_status
conf_fill(rd_kafka_conf_t *conf, const wr_kafka_client *client, rd_kafka_type_t type,
          wr_options options, wr_arena *arena, const wr_kafka_setting *settings, wr_error *err)
{
    char reason[512];
    wr_kafka_setting common[] = {{"bootstrap.servers", client->brokers},
                                 {"log_level", "0"}, /* errors come through client_error */
                                 {NULL, NULL}};
    const wr_kafka_setting *const lists[] = {common, settings};
    for (size_t i = 0; i < 2; i++) {
        for (const wr_kafka_setting *at = lists[i]; at->name; at++) {
            if (rd_kafka_conf_set(conf, at->name, at->value, reason, sizeof reason) !=
                RD_KAFKA_CONF_OK) {
                return wr_error_set(err, WR_ERR_SQL, "E0602", "connector kafka: %s", reason);
            }
        }
    }
    for (int i = 0; i < options.count; i++) {
        WR_TRY(option_apply(conf, &options.items[i], type, arena, err));
    }
    return WR_OK;
}

static void
client_names(wr_kafka_client *client, wr_options options, wr_text default_brokers, wr_arena *arena)
{
    static const char *const names[] = {"brokers", "bootstrap.servers", "metadata.broker.list",
                                        "kafka.brokers", "kafka.bootstrap.servers"};
    wr_text brokers = default_brokers.size > 0 ? default_brokers : WR_TEXT("localhost:9092");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const wr_option *option = wr_options_find(options, names[i]);
        brokers = option ? option->value : brokers;
    }
    const wr_option *topic = wr_options_first(options, "topic");
    client->brokers = wr_arena_strndup(arena, brokers.data, brokers.size);
    client->topic = wr_arena_strndup(arena, topic->value.data, topic->value.size);
    client->topic_option = topic;
}

wr_status
wr_kafka_client_open(wr_kafka_client *client, rd_kafka_type_t type, wr_options options,
                     wr_text default_brokers, wr_arena *arena, const wr_kafka_setting *settings,
                     void (*prepare)(rd_kafka_conf_t *conf), wr_error *err)
{
    char reason[512];
    WR_TRY(wr_kafka_options_check(options, err));
    client_names(client, options, default_brokers, arena);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, log_swallow);
    rd_kafka_conf_set_error_cb(conf, client_error);
    wr_status status = conf_fill(conf, client, type, options, arena, settings, err);
    if (status != WR_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    if (prepare) {
        prepare(conf);
    }
    client->handle = rd_kafka_new(type, conf, reason, sizeof reason);
    if (!client->handle) {
        rd_kafka_conf_destroy(conf);
        return wr_error_set(err, WR_ERR_SQL, "E0602", "connector kafka: %s", reason);
    }
    client->topic_handle = rd_kafka_topic_new(client->handle, client->topic, NULL);
    if (!client->topic_handle) {
        wr_error_set(err, WR_ERR_SQL, "E0602", "\"%s\" is no topic name", client->topic);
        wr_error_at(err, client->topic_option->position, client->topic_option->length);
        return WR_ERR_SQL;
    }
    return WR_OK;
}

void
wr_kafka_client_close(wr_kafka_client *client)
{
    if (client->topic_handle) {
        rd_kafka_topic_destroy(client->topic_handle);
    }
    if (client->handle) {
        rd_kafka_destroy_flags(client->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    client->topic_handle = NULL;
    client->handle = NULL;
}
