/* Every connector by name. A new one adds one line here and one in registry.h. */
#include "connectors/registry.h"

static const wr_source_ops *const sources[] = {
    &wr_kafka_source,
    &wr_file_source,
    &wr_stdin_source,
    &wr_generate_source,
    &wr_host_source,
    /* not listed, from here on */
    &wr_values_source,
    &wr_template_source,
};
enum { SOURCE_COUNT = sizeof sources / sizeof *sources, SOURCE_HIDDEN = 2 };

static const wr_sink_ops *const sinks[] = {
    &wr_kafka_sink,
    &wr_file_sink,
    &wr_sqlite_sink,
    &wr_stdout_sink,
    &wr_null_sink,
};
enum { SINK_COUNT = sizeof sinks / sizeof *sinks };

static const wr_source_ops *const *registered;
static int registered_count;

void
wr_source_register(const wr_source_ops *const *added, int count)
{
    registered = added;
    registered_count = count;
}

const wr_source_ops *
wr_source_find_registered(wr_text name)
{
    for (int i = 0; i < registered_count; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(registered[i]->name))) {
            return registered[i];
        }
    }
    return NULL;
}

const wr_source_ops *
wr_source_find(wr_text name)
{
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(sources[i]->name))) {
            return sources[i];
        }
    }
    return NULL;
}

const wr_source_ops *const *
wr_source_all(int *count)
{
    *count = SOURCE_COUNT - SOURCE_HIDDEN;
    return sources;
}

const wr_sink_ops *
wr_sink_find(wr_text name)
{
    for (int i = 0; i < SINK_COUNT; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(sinks[i]->name))) {
            return sinks[i];
        }
    }
    return NULL;
}

const wr_sink_ops *const *
wr_sink_all(int *count)
{
    *count = SINK_COUNT;
    return sinks;
}
