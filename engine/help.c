/* weir_help: one page for a topic, whatever kind of thing it is.
 *
 *     kafka  →  the option table of the source and the sink of this name
 *     avg    →  every overload: signature, meaning, example → result
 *
 * Statements and clauses come from help_topics.h; functions, connectors, settings and error codes
 * from the tables that the engine itself uses. */
#include "engine/engine.h"

#include "core/memory.h"
#include "engine/help_topics.h"

#include <string.h>

typedef struct help_topic {
    const char *name, *words, *line, *text;
} help_topic;

static const help_topic help_topics[] = {
#define HELP_TOPIC(name, words, line, text) {name, words, line, text},
    HELP_TOPIC_LIST(HELP_TOPIC)
#undef HELP_TOPIC
};

enum { HELP_TOPIC_COUNT = sizeof help_topics / sizeof help_topics[0] };

static void
help_overview(wr_buffer *out)
{
    wr_buffer_text(out, WR_TEXT("help on statements and clauses:\n"));
    for (int i = 0; i < HELP_TOPIC_COUNT; i++) {
        wr_buffer_printf(out, "  %-10s %s\n", help_topics[i].name, help_topics[i].line);
    }
    wr_buffer_text(out, WR_TEXT("also: help <function>, help <connector or format>, help "
                                "<setting>, help <error code>;\n"
                                "SHOW FUNCTIONS, CONNECTORS, SETTINGS list them\n"));
}

static void
help_entry(wr_buffer *out, const char *signature, const char *meaning, const char *example,
           const char *result)
{
    wr_buffer_printf(out, "%s\n    %s\n", signature, meaning);
    if (example && example[0]) {
        wr_buffer_printf(out, "    %s → %s\n", example, result ? result : "");
    }
}

static bool
help_function(wr_text topic, wr_buffer *out)
{
    int scalar_count = 0, aggregate_count = 0;
    const wr_function *const *scalars = wr_function_find(topic, &scalar_count);
    const wr_aggregate *const *aggregates = wr_aggregate_find(topic, &aggregate_count);
    const char *last = NULL;
    for (int i = 0; i < scalar_count; i++) {
        const wr_function *f = scalars[i];
        if (f->signature && (!last || strcmp(last, f->signature) != 0)) {
            help_entry(out, f->signature, f->meaning, f->example, f->example_result);
            last = f->signature;
        }
    }
    for (int i = 0; i < aggregate_count; i++) {
        const wr_aggregate *a = aggregates[i];
        if (a->signature && (!last || strcmp(last, a->signature) != 0)) {
            help_entry(out, a->signature, a->meaning, a->example, a->example_result);
            last = a->signature;
        }
    }
    return last != NULL;
}

static void
help_options(const char *kind, const char *name, const wr_option_spec *spec, wr_buffer *out)
{
    wr_buffer_printf(out, "%s %s\n", kind, name);
    for (; spec->name; spec++) {
        wr_buffer_printf(out, "    %-20s %s", spec->name, spec->doc);
        if (spec->choices) {
            wr_buffer_printf(out, ": %s", spec->choices);
        }
        if (spec->default_text) {
            wr_buffer_printf(out, " (default: '%s')", spec->default_text);
        }
        wr_buffer_char(out, '\n');
    }
}

static bool
help_connector(wr_text topic, wr_buffer *out)
{
    const wr_source_ops *source = NULL;
    int source_count = 0;
    const wr_source_ops *const *sources = wr_source_all(&source_count);
    for (int i = 0; i < source_count; i++) { /* those that are listed */
        if (wr_text_equal_nocase(topic, wr_text_from(sources[i]->name))) {
            source = sources[i];
        }
    }
    const wr_sink_ops *sink = wr_sink_find(topic);
    const wr_format_ops *format = wr_format_find(topic);
    if (source) {
        bool both = sink && sink->options == source->options;
        help_options(both ? "source and sink" : "source", source->name, source->options, out);
    }
    if (sink && (!source || sink->options != source->options)) {
        help_options("sink", sink->name, sink->options, out);
    }
    if (format) {
        help_options("format", format->name, format->options, out);
    }
    return source || sink || format;
}

static bool
help_setting(wr_text topic, wr_buffer *out)
{
    for (const wr_option_spec *spec = wr_settings_table(); spec->name; spec++) {
        if (wr_text_equal_nocase(topic, wr_text_from(spec->name))) {
            wr_buffer_printf(out, "SET %s = …    default: %s\n    %s\n", spec->name,
                             spec->default_text ? spec->default_text : "none", spec->doc);
            return true;
        }
    }
    return false;
}

static bool
help_error_code(const char *topic, wr_buffer *out)
{
    const wr_error_entry *entry = wr_error_find(topic);
    if (entry) {
        wr_buffer_printf(out, "error[%s]: %s\n    %s\n", entry->code, entry->title,
                         entry->explanation);
    }
    return entry != NULL;
}

/* Is `word` one of the space-separated `words`? */
static bool
help_words_have(const char *words, wr_text word)
{
    for (const char *at = words; *at;) {
        size_t size = strcspn(at, " ");
        if (wr_text_equal_nocase((wr_text){at, size}, word)) {
            return true;
        }
        at += size + (at[size] == ' ');
    }
    return false;
}

static bool
help_statement(wr_text topic, wr_buffer *out)
{
    for (int i = 0; i < HELP_TOPIC_COUNT; i++) {
        if (wr_text_equal_nocase(topic, wr_text_from(help_topics[i].name)) ||
            help_words_have(help_topics[i].words, topic)) {
            wr_buffer_text(out, wr_text_from(help_topics[i].text));
            return true;
        }
    }
    return false;
}

char *
weir_help(const char *topic)
{
    wr_buffer out;
    wr_buffer_init(&out);
    bool found = true;
    if (!topic || !topic[0]) {
        help_overview(&out);
    } else {
        wr_text text = wr_text_from(topic);
        found = help_statement(text, &out) | help_function(text, &out) |
                help_connector(text, &out) | help_setting(text, &out) |
                help_error_code(topic, &out);
    }
    if (!found) {
        wr_buffer_fini(&out);
        return NULL;
    }
    (void)wr_buffer_cstr(&out);
    return out.data;
}

const char *
weir_help_nearest(const char *word)
{
    if (!word) {
        return NULL;
    }
    int scalar_count = 0, aggregate_count = 0;
    const wr_function *const *scalars = wr_function_all(&scalar_count);
    const wr_aggregate *const *aggregates = wr_aggregate_all(&aggregate_count);
    wr_text *names =
        wr_alloc_array((size_t)(HELP_TOPIC_COUNT + scalar_count + aggregate_count), sizeof *names);
    int count = 0;
    for (int i = 0; i < HELP_TOPIC_COUNT; i++) {
        names[count++] = wr_text_from(help_topics[i].name);
    }
    for (int i = 0; i < scalar_count; i++) {
        names[count++] = wr_text_from(scalars[i]->name);
    }
    for (int i = 0; i < aggregate_count; i++) {
        names[count++] = wr_text_from(aggregates[i]->name);
    }
    int nearest = wr_text_nearest(wr_text_from(word), names, count);
    const char *name = nearest < 0 ? NULL : names[nearest].data;
    wr_free(names);
    return name;
}
