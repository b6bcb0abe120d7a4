/* SHOW: what is declared, set and built in; each list comes from the table that the engine uses.
 *
 *     SHOW FUNCTIONS LIKE 'js%'     registry → rows whose first column is like the pattern */
#include "engine/show.h"

#include "engine/text_result.h"

/* SQL's LIKE without case: % any bytes, _ one. Goes back to the last % only, so it is linear in
 * pattern × text. */
static bool
show_like(wr_text text, wr_text pattern)
{
    size_t t = 0, p = 0, star = SIZE_MAX, mark = 0;
    while (t < text.size) {
        if (p < pattern.size && pattern.data[p] == '%') {
            star = p++;
            mark = t;
        } else if (p < pattern.size &&
                   (pattern.data[p] == '_' || wr_text_equal_nocase((wr_text){pattern.data + p, 1},
                                                                   (wr_text){text.data + t, 1}))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '%') {
        p++;
    }
    return p == pattern.size;
}

static void
show_add(text_result *result, const wr_ast_statement *statement, const wr_text *values)
{
    const wr_ast_expr *like = statement->u.show.like;
    if (!like || show_like(values[0], like->u.text)) {
        wr_text_result_add(result, values);
    }
}

static void
show_entries(weir_query *query, wr_catalog_kind kind)
{
    static const char *const names[] = {"name", "definition"};
    text_result result;
    wr_text_result_init(&result, query, 2, names);
    const wr_catalog *catalog = query->db->catalog;
    for (int i = 0; i < wr_catalog_count(catalog); i++) {
        const wr_catalog_entry *entry = wr_catalog_at(catalog, i);
        if (entry->kind == kind) {
            show_add(&result, query->statement,
                     (wr_text[]){entry->name, wr_secrets_hide(query->arena, entry->sql)});
        }
    }
    wr_text_result_finish(&result);
}

/* What a secret refers to; a value that was written down is not shown. */
static void
show_secrets(weir_query *query)
{
    static const char *const names[] = {"name", "kind", "reference"};
    text_result result;
    wr_text_result_init(&result, query, 3, names);
    const wr_secrets *secrets = query->db->secrets;
    for (int i = 0; i < wr_secrets_count(secrets); i++) {
        wr_text name, reference;
        wr_secret_kind kind;
        wr_secrets_at(secrets, i, &name, &kind, &reference);
        show_add(&result, query->statement,
                 (wr_text[]){name, wr_text_from(wr_secret_kind_name(kind)), reference});
    }
    wr_text_result_finish(&result);
}

static wr_text
buffer_view(const wr_buffer *buffer)
{
    return (wr_text){buffer->data ? buffer->data : "", buffer->size};
}

static void
show_settings(weir_query *query)
{
    static const char *const names[] = {"name", "value", "default", "meaning", "type", "bounds"};
    text_result result;
    wr_text_result_init(&result, query, 6, names);
    wr_buffer value, bounds;
    wr_buffer_init(&value);
    wr_buffer_init(&bounds);
    for (const wr_option_spec *spec = wr_settings_table(); spec->name; spec++) {
        wr_buffer_reset(&value);
        wr_buffer_reset(&bounds);
        (void)wr_settings_get(&query->db->settings, wr_text_from(spec->name), &value);
        wr_option_bounds(spec, &bounds);
        show_add(&result, query->statement,
                 (wr_text[]){wr_text_from(spec->name), buffer_view(&value),
                             wr_text_from(spec->default_text), wr_text_from(spec->doc),
                             wr_text_from(wr_option_kind_name(spec->kind)),
                             bounds.size > 0 ? buffer_view(&bounds) : WR_TEXT_NONE});
    }
    wr_buffer_fini(&value);
    wr_buffer_fini(&bounds);
    wr_text_result_finish(&result);
}

static void
show_functions(weir_query *query)
{
    static const char *const names[] = {"name",    "kind",    "signature",
                                        "meaning", "example", "example_result"};
    text_result result;
    wr_text_result_init(&result, query, 6, names);
    int count = 0;
    const wr_function *const *functions = wr_function_all(&count);
    for (int i = 0; i < count; i++) {
        if (functions[i]->signature && !(functions[i]->flags & WR_FN_OPERATOR)) {
            show_add(&result, query->statement,
                     (wr_text[]){wr_text_from(functions[i]->name), WR_TEXT("scalar"),
                                 wr_text_from(functions[i]->signature),
                                 wr_text_from(functions[i]->meaning),
                                 wr_text_from(functions[i]->example),
                                 wr_text_from(functions[i]->example_result)});
        }
    }
    const wr_aggregate *const *aggregates = wr_aggregate_all(&count);
    for (int i = 0; i < count; i++) {
        if (aggregates[i]->signature) {
            show_add(&result, query->statement,
                     (wr_text[]){wr_text_from(aggregates[i]->name), WR_TEXT("aggregate"),
                                 wr_text_from(aggregates[i]->signature),
                                 wr_text_from(aggregates[i]->meaning),
                                 wr_text_from(aggregates[i]->example),
                                 wr_text_from(aggregates[i]->example_result)});
        }
    }
    wr_text_result_finish(&result);
}

static void
show_connectors(weir_query *query)
{
    static const char *const names[] = {"name", "kind"};
    text_result result;
    wr_text_result_init(&result, query, 2, names);
    int count = 0;
    const wr_source_ops *const *sources = wr_source_all(&count);
    for (int i = 0; i < count; i++) {
        show_add(&result, query->statement,
                 (wr_text[]){wr_text_from(sources[i]->name), WR_TEXT("source")});
    }
    const wr_sink_ops *const *sinks = wr_sink_all(&count);
    for (int i = 0; i < count; i++) {
        show_add(&result, query->statement,
                 (wr_text[]){wr_text_from(sinks[i]->name), WR_TEXT("sink")});
    }
    const wr_format_ops *const *formats = wr_format_all(&count);
    for (int i = 0; i < count; i++) {
        show_add(&result, query->statement,
                 (wr_text[]){wr_text_from(formats[i]->name), WR_TEXT("format")});
    }
    wr_text_result_finish(&result);
}

static wr_status
show_setting(weir_query *query, const wr_ast_name *name, wr_error *err)
{
    static const char *const names[] = {"name", "value"};
    wr_buffer value;
    wr_buffer_init(&value);
    if (!wr_settings_get(&query->db->settings, name->text, &value)) {
        wr_buffer_fini(&value);
        wr_status status = wr_error_set(err, WR_ERR_SQL, "E0206", "there is no \"%.*s\" to show",
                                        WR_TEXT_ARG(name->text));
        wr_error_at(err, name->span.position, name->span.length);
        wr_error_hint(err, "SHOW STREAMS, TABLES, VIEWS, SECRETS, SETTINGS, FUNCTIONS or "
                           "CONNECTORS, or SHOW and the name of a setting");
        return status;
    }
    text_result result;
    wr_text_result_init(&result, query, 2, names);
    wr_text_result_add(&result, (wr_text[]){name->text, buffer_view(&value)});
    wr_text_result_finish(&result);
    wr_buffer_fini(&value);
    return WR_OK;
}

wr_status
wr_engine_show(weir_query *query, wr_error *err)
{
    const wr_ast_name *what = &query->statement->u.show.what;
    static const struct {
        const char *name;
        wr_catalog_kind kind;
    } kinds[] = {
        {"streams", WR_CATALOG_STREAM}, {"tables", WR_CATALOG_TABLE}, {"views", WR_CATALOG_VIEW}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (wr_text_equal_nocase(what->text, wr_text_from(kinds[i].name))) {
            show_entries(query, kinds[i].kind);
            return WR_OK;
        }
    }
    if (wr_text_equal_nocase(what->text, WR_TEXT("settings")) ||
        wr_text_equal_nocase(what->text, WR_TEXT("all"))) {
        show_settings(query);
    } else if (wr_text_equal_nocase(what->text, WR_TEXT("functions"))) {
        show_functions(query);
    } else if (wr_text_equal_nocase(what->text, WR_TEXT("connectors"))) {
        show_connectors(query);
    } else if (wr_text_equal_nocase(what->text, WR_TEXT("secrets"))) {
        show_secrets(query);
    } else {
        return show_setting(query, what, err);
    }
    return WR_OK;
}
