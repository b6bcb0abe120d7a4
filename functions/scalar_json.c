/* JSON: access by key, index and path.
 *
 *   {"a": {"b": [1, null]}}      -> 'a' -> 'b' -> 0   1
 *                                json_value(j, '$.a.b[0]')   1
 *
 * Keys match exactly, else without case; indexes count from 0, −1 is the last. What is not there is
 * NULL, and so is JSON's null: it is a value that nobody has.
 *
 * 1. Results of -> and json_query share the bytes of the argument. */
#include "functions/json_text.h"
#include "functions/kernel.h"

static void
set_json(wr_call *call, int row, bool found, wr_text value)
{
    if (found && wr_json_kind_of(value) != WR_JSON_NULL) {
        wr_call_set_view(call, row, value);
    } else {
        wr_call_mark(call, row, WR_ROW_NULL);
    }
}

/* A string's content; other values as their JSON text. */
static void
set_json_text(wr_call *call, int row, bool found, wr_text value)
{
    if (found && wr_json_kind_of(value) == WR_JSON_STRING) {
        char *out = wr_arena_bytes(call->arena, value.size);
        wr_call_set_view(call, row, (wr_text){out, wr_json_text_unescape(value, out)});
    } else {
        set_json(call, row, found, value);
    }
}

typedef void (*json_setter)(wr_call *call, int row, bool found, wr_text value);

static void
json_members(wr_call *call, json_setter set)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = WR_TEXT_NONE;
        bool found = wr_json_member(wr_arg_text(call, 0, i), wr_arg_text(call, 1, i), &value);
        set(call, i, found, value);
    }
}

static void
json_elements(wr_call *call, json_setter set)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = WR_TEXT_NONE;
        bool found = wr_json_element(wr_arg_text(call, 0, i), WR_ARG(call, int64_t, 1, i), &value);
        set(call, i, found, value);
    }
}

static void
json_member(wr_call *call)
{
    json_members(call, set_json);
}

static void
json_member_text(wr_call *call)
{
    json_members(call, set_json_text);
}

static void
json_element(wr_call *call)
{
    json_elements(call, set_json);
}

static void
json_element_text(wr_call *call)
{
    json_elements(call, set_json_text);
}

/* ── paths: $ then .key, ['key'] or [index] ─────────────────────────────────────────────────── */

static bool
is_key_end(char c)
{
    return c == '.' || c == '[';
}

/* "[3]", "['a b']" or "[\"a b\"]" at the start of `path`, which moves on. */
static bool
step_bracket(wr_text *path, wr_text *json)
{
    const char *close = memchr(path->data, ']', path->size);
    if (!close) {
        return false;
    }
    wr_text inner = {path->data + 1, (size_t)(close - path->data) - 1};
    path->size -= inner.size + 2;
    path->data += inner.size + 2;
    int64_t index = 0;
    bool quoted = inner.size >= 2 && (inner.data[0] == '\'' || inner.data[0] == '"') &&
                  inner.data[inner.size - 1] == inner.data[0];
    if (quoted) {
        return wr_json_member(*json, (wr_text){inner.data + 1, inner.size - 2}, json);
    }
    return wr_text_to_int64(inner, &index) && wr_json_element(*json, index, json);
}

/* Follows a path from *json; false: nothing there, or no path. */
static bool
follow_path(wr_text path, wr_text *json)
{
    if (path.size > 0 && path.data[0] == '$') {
        path.data++;
        path.size--;
    }
    while (path.size > 0) {
        if (path.data[0] == '[') {
            if (!step_bracket(&path, json)) {
                return false;
            }
            continue;
        }
        size_t start = path.data[0] == '.' ? 1 : 0;
        size_t end = start;
        while (end < path.size && !is_key_end(path.data[end])) {
            end++;
        }
        if (end == start ||
            !wr_json_member(*json, (wr_text){path.data + start, end - start}, json)) {
            return false;
        }
        path.data += end;
        path.size -= end;
    }
    return true;
}

static bool
is_scalar(wr_text json)
{
    wr_json_kind kind = wr_json_kind_of(json);
    return kind != WR_JSON_ARRAY && kind != WR_JSON_OBJECT;
}

static void
json_value(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = follow_path(wr_arg_text(call, 1, i), &value);
        set_json_text(call, i, found && is_scalar(value), value);
    }
}

static void
json_query(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool found = follow_path(wr_arg_text(call, 1, i), &value);
        set_json(call, i, found, value);
    }
}

static void
json_exists(wr_call *call)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        out[i] = follow_path(wr_arg_text(call, 1, i), &value);
    }
}

static void
json_array_length(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_text value = wr_arg_text(call, 0, i);
        bool is_array = wr_json_kind_of(value) == WR_JSON_ARRAY;
        out[i] = is_array ? wr_json_count(value) : 0;
        wr_call_mark(call, i, is_array ? WR_ROW_OK : WR_ROW_NULL);
    }
}

static void
json_typeof(wr_call *call)
{
    static const char *const names[] = {"invalid", "null",  "boolean", "number",
                                        "string",  "array", "object"};
    for (int i = 0; i < call->n; i++) {
        wr_json_kind kind = wr_json_kind_of(wr_arg_text(call, 0, i));
        wr_call_set_view(call, i, wr_text_from(names[kind]));
    }
}

#define JSON_ENTRY(name_, result_, flags_, kernel_, signature_, meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {WR_TYPE_JSON, __VA_ARGS__}, \
        .flags = flags_, .kernel = kernel_, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = shown_ \
    }

#define JSON_SAMPLE "CAST('{\"a\": [1, \"x\"]}' AS JSON)"

static const wr_function json_entries[] = {
    JSON_ENTRY("->", JSON, WR_FN_OPERATOR, json_member, "j -> 'key'", "The member of an object.",
               JSON_SAMPLE " -> 'a'", "[1, \"x\"]", WR_TYPE_TEXT),
    JSON_ENTRY("->", JSON, WR_FN_OPERATOR, json_element, "j -> index",
               "The element of an array, from 0; -1 is the last.", JSON_SAMPLE " -> 'a' -> 0", "1",
               WR_TYPE_BIGINT),
    JSON_ENTRY("->>", TEXT, WR_FN_OPERATOR, json_member_text, "j ->> 'key'",
               "The member of an object, as text.", JSON_SAMPLE " ->> 'a'", "[1, \"x\"]",
               WR_TYPE_TEXT),
    JSON_ENTRY("->>", TEXT, WR_FN_OPERATOR, json_element_text, "j ->> index",
               "The element of an array, as text.", JSON_SAMPLE " -> 'a' ->> 1", "x",
               WR_TYPE_BIGINT),
    JSON_ENTRY("json_value", TEXT, 0, json_value, "json_value(j, path)",
               "The scalar at a path, as text.", "json_value(" JSON_SAMPLE ", '$.a[1]')", "x",
               WR_TYPE_TEXT),
    JSON_ENTRY("json_query", JSON, 0, json_query, "json_query(j, path)", "The value at a path.",
               "json_query(" JSON_SAMPLE ", '$.a')", "[1, \"x\"]", WR_TYPE_TEXT),
    JSON_ENTRY("json_exists", BOOLEAN, 0, json_exists, "json_exists(j, path)",
               "Is there anything at a path?", "json_exists(" JSON_SAMPLE ", '$.a[1]')", "true",
               WR_TYPE_TEXT),
    JSON_ENTRY("json_array_length", BIGINT, 0, json_array_length, "json_array_length(j)",
               "Number of elements; NULL for what is no array.",
               "json_array_length(" JSON_SAMPLE " -> 'a')", "2", WR_ARG_NONE),
    JSON_ENTRY("json_typeof", TEXT, 0, json_typeof, "json_typeof(j)",
               "object, array, string, number, boolean or null.", "json_typeof(" JSON_SAMPLE ")",
               "object", WR_ARG_NONE),
};

const wr_function_table wr_functions_json = WR_TABLE(json_entries);
