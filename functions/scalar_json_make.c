/* JSON out of values, and out of other JSON: json_object, json_array, to_json, json_set, …
 *
 *   json_object('a', 1, 'b', 'x') = {"a": 1, "b": "x"}
 *   json_set('{"a": 1}', '$.b', to_json(2)) = {"a": 1, "b": 2}
 *
 * Arguments of any type become JSON column by column (json_column.h); then rows are written.
 *
 * 1. What is written is JSON if the arguments were. NULL is written as null.
 * 2. Nesting is at most WR_JSON_DEPTH_MAX, so is recursion. */
#include "functions/json_column.h"
#include "functions/json_path.h"

/* ── arrays and objects of arguments ────────────────────────────────────────────────────────── */

/* NULL-aware kernels: the first error of the row's arguments. */
static int
row_reason(const wr_call *call, int row)
{
    for (int arg = 0; arg < call->arg_count; arg++) {
        if (wr_vector_error(&call->args[arg], row) != WR_REASON_NONE) {
            return (int)wr_vector_error(&call->args[arg], row);
        }
    }
    return WR_ROW_OK;
}

static void
value_write(const wr_vector *column, int row, wr_buffer *out)
{
    if (wr_vector_is_null(column, row)) {
        wr_buffer_text(out, WR_TEXT("null"));
    } else {
        const wr_view *views = column->data;
        wr_buffer_text(out, wr_view_text(&views[wr_vector_slot(column, row)]));
    }
}

static int
array_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_buffer_char(out, '[');
    for (int arg = 0; arg < call->arg_count; arg++) {
        wr_buffer_append(out, ", ", arg > 0 ? 2 : 0);
        value_write(&call->args[arg], row, out);
    }
    wr_buffer_char(out, ']');
    return row_reason(call, row);
}

/* A key is a string: a number's digits get quotes. */
static void
key_write(wr_text key, wr_buffer *out)
{
    if (wr_json_kind_of(key) == WR_JSON_STRING) {
        wr_buffer_text(out, key);
    } else {
        wr_buffer_json_string(out, key);
    }
    wr_buffer_text(out, WR_TEXT(": "));
}

static int
object_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_buffer_char(out, '{');
    for (int arg = 0; arg + 1 < call->arg_count; arg += 2) {
        if (wr_vector_is_null(&call->args[arg], row)) {
            return WR_REASON_DOMAIN;
        }
        wr_buffer_append(out, ", ", arg > 0 ? 2 : 0);
        key_write(wr_arg_text(call, arg, row), out);
        value_write(&call->args[arg + 1], row, out);
    }
    wr_buffer_char(out, '}');
    return row_reason(call, row);
}

static int
single_row(const wr_call *call, int row, wr_buffer *out)
{
    if (wr_vector_is_null(&call->args[0], row)) {
        return WR_ROW_NULL;
    }
    value_write(&call->args[0], row, out);
    return row_reason(call, row);
}

/* Runs `write` over the arguments as JSON. */
static void
make_write(wr_call *call, wr_row_writer write)
{
    wr_vector *columns = WR_NEW_ARRAY(call->arena, wr_vector, call->arg_count + 1);
    for (int arg = 0; arg < call->arg_count; arg++) {
        columns[arg] = wr_json_column(&call->args[arg], call->n, call->arena);
    }
    wr_call made = *call;
    made.args = columns;
    wr_call_write(&made, write);
}

static void
json_array(wr_call *call)
{
    make_write(call, array_row);
}

static void
json_object(wr_call *call)
{
    make_write(call, object_row);
}

static void
json_single(wr_call *call)
{
    make_write(call, single_row);
}

static wr_status
object_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count, const void **prepared,
               wr_error *err)
{
    (void)arena;
    (void)args;
    *prepared = NULL;
    if (arg_count % 2 != 0) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "a key without a value: %d arguments", arg_count);
        wr_error_hint(err, "json_object('key', value, 'key', value, …)");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

/* ── out of JSON ────────────────────────────────────────────────────────────────────────────── */

static int
keys_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_json_items items;
    wr_text key;
    wr_text value;
    if (!wr_json_items_start(wr_arg_text(call, 0, row), &items) || !items.is_object) {
        return WR_ROW_NULL;
    }
    wr_buffer_char(out, '[');
    for (bool first = true; wr_json_items_next(&items, &key, &value); first = false) {
        wr_buffer_append(out, ", ", first ? 0 : 2);
        wr_buffer_text(out, key);
    }
    wr_buffer_char(out, ']');
    return WR_ROW_OK;
}

static int
values_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_json_items items;
    wr_text key;
    wr_text value;
    if (!wr_json_items_start(wr_arg_text(call, 0, row), &items) || !items.is_object) {
        return WR_ROW_NULL;
    }
    wr_buffer_char(out, '[');
    for (bool first = true; wr_json_items_next(&items, &key, &value); first = false) {
        wr_buffer_append(out, ", ", first ? 0 : 2);
        wr_buffer_text(out, value);
    }
    wr_buffer_char(out, ']');
    return WR_ROW_OK;
}

static void
line_start(wr_buffer *out, int depth)
{
    wr_buffer_char(out, '\n');
    for (int i = 0; i < depth; i++) {
        wr_buffer_text(out, WR_TEXT("    "));
    }
}

static void
pretty_write(wr_text json, int depth, wr_buffer *out)
{
    wr_json_items items;
    wr_text key;
    wr_text value;
    if (!wr_json_items_start(json, &items)) {
        wr_buffer_text(out, wr_text_trim(json));
        return;
    }
    bool is_empty = true;
    wr_buffer_char(out, items.is_object ? '{' : '[');
    while (wr_json_items_next(&items, &key, &value)) {
        wr_buffer_append(out, ",", is_empty ? 0 : 1);
        line_start(out, depth + 1);
        wr_buffer_text(out, key);
        wr_buffer_append(out, ": ", items.is_object ? 2 : 0);
        pretty_write(value, depth + 1, out);
        is_empty = false;
    }
    if (!is_empty) {
        line_start(out, depth);
    }
    wr_buffer_char(out, items.is_object ? '}' : ']');
}

static int
pretty_row(const wr_call *call, int row, wr_buffer *out)
{
    pretty_write(wr_arg_text(call, 0, row), 0, out);
    return WR_ROW_OK;
}

/* ── contains ───────────────────────────────────────────────────────────────────────────────── */

static bool
scalar_equal(wr_text a, wr_text b)
{
    double x = 0;
    double y = 0;
    if (wr_json_kind_of(a) != wr_json_kind_of(b)) {
        return false;
    }
    a = wr_text_trim(a);
    b = wr_text_trim(b);
    bool numbers = wr_json_kind_of(a) == WR_JSON_NUMBER && wr_text_to_double(a, &x) &&
                   wr_text_to_double(b, &y);
    return numbers ? !(x < y) && !(x > y) : wr_text_equal(a, b);
}

static bool json_includes(wr_text whole, wr_text part);

static bool
array_includes(wr_text array, wr_text part)
{
    wr_json_items items;
    wr_text key;
    wr_text value;
    wr_json_items_start(array, &items);
    while (wr_json_items_next(&items, &key, &value)) {
        if (wr_json_kind_of(value) == wr_json_kind_of(part) && json_includes(value, part)) {
            return true;
        }
    }
    return false;
}

/* The member of exactly this key, whose escapes are as in `quoted`. */
static bool
member_of(wr_text object, wr_text quoted, wr_text *value)
{
    wr_json_items items;
    wr_text key;
    wr_text item;
    bool found = false;
    wr_json_items_start(object, &items);
    while (wr_json_items_next(&items, &key, &item)) {
        if (wr_text_equal(key, quoted)) {
            *value = item;
            found = true;
        }
    }
    return found;
}

/* As PostgreSQL's @>: scalars are equal, every element of `part` is in some element of `whole`,
 * every member in the member of the same key. */
static bool
json_includes(wr_text whole, wr_text part)
{
    wr_json_kind kind = wr_json_kind_of(whole);
    wr_json_kind part_kind = wr_json_kind_of(part);
    wr_json_items items;
    wr_text key;
    wr_text value;
    wr_text found;
    bool all = true;
    if (!wr_json_items_start(part, &items)) {
        return kind == WR_JSON_ARRAY ? array_includes(whole, part) : scalar_equal(whole, part);
    }
    if (kind != part_kind) {
        return false;
    }
    while (all && wr_json_items_next(&items, &key, &value)) {
        all = items.is_object ? member_of(whole, key, &found) && json_includes(found, value)
                              : array_includes(whole, value);
    }
    return all;
}

static void
json_contains(wr_call *call)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = !wr_call_skips(call, i) &&
                 json_includes(wr_arg_text(call, 0, i), wr_arg_text(call, 1, i));
    }
}

/* ── changed JSON ───────────────────────────────────────────────────────────────────────────── */

static void
member_write(wr_text key, bool *first, wr_buffer *out)
{
    wr_buffer_append(out, ", ", *first ? 0 : 2);
    *first = false;
    if (key.size > 0) {
        wr_buffer_text(out, key);
        wr_buffer_text(out, WR_TEXT(": "));
    }
}

/* RFC 7396: members of `patch` take the place of `target`'s, null takes them away. */
static void
patch_write(wr_text target, wr_text patch, wr_buffer *out)
{
    wr_json_items items;
    wr_text key;
    wr_text value;
    wr_text other;
    bool first = true;
    if (wr_json_kind_of(patch) != WR_JSON_OBJECT) {
        wr_buffer_text(out, wr_text_trim(patch));
        return;
    }
    target = wr_json_kind_of(target) == WR_JSON_OBJECT ? target : WR_TEXT("{}");
    wr_buffer_char(out, '{');
    wr_json_items_start(target, &items);
    while (wr_json_items_next(&items, &key, &value)) {
        bool is_patched = member_of(patch, key, &other);
        if (!is_patched) {
            member_write(key, &first, out);
            wr_buffer_text(out, value);
        } else if (wr_json_kind_of(other) != WR_JSON_NULL) {
            member_write(key, &first, out);
            patch_write(value, other, out);
        }
    }
    wr_json_items_start(patch, &items);
    while (wr_json_items_next(&items, &key, &value)) {
        if (wr_json_kind_of(value) != WR_JSON_NULL && !member_of(target, key, &other)) {
            member_write(key, &first, out);
            patch_write(WR_TEXT("{}"), value, out);
        }
    }
    wr_buffer_char(out, '}');
}

static int
patch_row(const wr_call *call, int row, wr_buffer *out)
{
    patch_write(wr_arg_text(call, 0, row), wr_arg_text(call, 1, row), out);
    return WR_ROW_OK;
}

/* What becomes of the value at a path: its new text, or, removed, none. */
typedef struct json_edit {
    wr_text path;
    wr_text value;
    bool removes;
} json_edit;

/* Is item number `index` under `key` what the step means? Of `count` items. */
static bool
step_is_item(const wr_json_step *step, wr_text key, int64_t index, int64_t count)
{
    if (step->is_index) {
        return key.size == 0 && (step->index < 0 ? step->index + count : step->index) == index;
    }
    return key.size >= 2 && wr_text_equal((wr_text){key.data + 1, key.size - 2}, step->key);
}

/* A value that was not there: at the end of its array, or as a new member. */
static void
edit_append(const wr_json_step *step, bool is_object, const json_edit *edit, bool *first,
            wr_buffer *out)
{
    bool is_last = edit->path.size == 0 && !edit->removes && is_object == !step->is_index;
    if (is_last) {
        wr_buffer_append(out, ", ", *first ? 0 : 2);
        *first = false;
        if (is_object) {
            key_write(step->key, out);
        }
        wr_buffer_text(out, edit->value);
    }
}

/* Writes `json` with the edit made; edit->path is what of the path is left. */
static int
edit_write(wr_text json, json_edit edit, wr_buffer *out)
{
    wr_json_step step;
    wr_json_items items;
    wr_text key;
    wr_text value;
    int taken = wr_json_path_take(&edit.path, &step);
    if (taken <= 0 || !wr_json_items_start(json, &items)) {
        wr_buffer_text(out, taken == 0 ? edit.value : wr_text_trim(json));
        return taken < 0 ? WR_REASON_DOMAIN : WR_ROW_OK;
    }
    int64_t count = wr_json_count(json);
    int64_t index = 0;
    bool first = true;
    bool found = false;
    int outcome = WR_ROW_OK;
    wr_buffer_char(out, items.is_object ? '{' : '[');
    for (; outcome == WR_ROW_OK && wr_json_items_next(&items, &key, &value); index++) {
        bool is_it = step_is_item(&step, key, index, count);
        found = found || is_it;
        if (is_it && edit.removes && edit.path.size == 0) {
            continue;
        }
        member_write(key, &first, out);
        if (is_it) {
            outcome = edit_write(value, edit, out);
        } else {
            wr_buffer_text(out, value);
        }
    }
    if (!found) {
        edit_append(&step, items.is_object, &edit, &first, out);
    }
    wr_buffer_char(out, items.is_object ? '}' : ']');
    return outcome;
}

static int
set_row(const wr_call *call, int row, wr_buffer *out)
{
    json_edit edit = {wr_arg_text(call, 1, row), wr_arg_text(call, 2, row), false};
    return edit_write(wr_arg_text(call, 0, row), edit, out);
}

static int
remove_row(const wr_call *call, int row, wr_buffer *out)
{
    json_edit edit = {wr_arg_text(call, 1, row), WR_TEXT("null"), true};
    return edit_write(wr_arg_text(call, 0, row), edit, out);
}

WR_WRITER_KERNEL(json_keys, keys_row)
WR_WRITER_KERNEL(json_values, values_row)
WR_WRITER_KERNEL(json_pretty, pretty_row)
WR_WRITER_KERNEL(json_merge_patch, patch_row)
WR_WRITER_KERNEL(json_set, set_row)
WR_WRITER_KERNEL(json_remove, remove_row)

#define TJ WR_TYPE_JSON
#define TT WR_TYPE_TEXT
#define FAILS WR_FN_CAN_FAIL
#define MAKES (WR_FN_NULL_AWARE | WR_FN_VARIADIC | WR_FN_CAN_FAIL)
#define JSON_OF(text) "CAST('" text "' AS JSON)"
#define JSON_OBJECT_ENTRY(name) \
    WR_SCALAR(name, JSON, MAKES, json_object, object_prepare, name "(key, value, …)", \
              "An object of these members.", name "('a', 1, 'b', 'x')", \
              "{\"a\": 1, \"b\": \"x\"}", WR_ARG_ANY)
#define JSON_ARRAY_ENTRY(name) \
    WR_SCALAR(name, JSON, MAKES, json_array, NULL, name "(a, …)", "An array of these values.", \
              name "(1, 'x', NULL)", "[1, \"x\", null]", WR_ARG_ANY)

static const wr_function json_make_entries[] = {
    JSON_OBJECT_ENTRY("json_object"),
    JSON_OBJECT_ENTRY("json_build_object"),
    JSON_ARRAY_ENTRY("json_array"),
    JSON_ARRAY_ENTRY("json_build_array"),
    WR_SCALAR("to_json", JSON, WR_FN_NULL_AWARE | FAILS, json_single, NULL, "to_json(x)",
              "The value as JSON; a text as a string.", "to_json('a\"b')", "\"a\\\"b\"",
              WR_ARG_ANY),
    WR_SCALAR("json_quote", JSON, WR_FN_NULL_AWARE | FAILS, json_single, NULL, "json_quote(s)",
              "The text as a JSON string.", "json_quote('a')", "\"a\"", TT),
    WR_SCALAR("json_keys", JSON, FAILS, json_keys, NULL, "json_keys(j)",
              "The keys of an object; NULL for what is none.",
              "json_keys(" JSON_OF("{\"a\": 1, \"b\": 2}") ")", "[\"a\", \"b\"]", TJ),
    WR_SCALAR("json_values", JSON, FAILS, json_values, NULL, "json_values(j)",
              "The values of an object; NULL for what is none.",
              "json_values(" JSON_OF("{\"a\": 1, \"b\": 2}") ")", "[1, 2]", TJ),
    WR_SCALAR("json_pretty", TEXT, FAILS, json_pretty, NULL, "json_pretty(j)",
              "In lines, indented by 4.", "json_pretty(" JSON_OF("[1]") ")", "[\n    1\n]", TJ),
    WR_SCALAR(
        "json_contains", BOOLEAN, 0, json_contains, NULL, "json_contains(j, part)",
        "Is every member and element of part in j, too?",
        "json_contains(" JSON_OF("{\"a\": [1, 2], \"b\": 3}") ", " JSON_OF("{\"a\": [2]}") ")",
        "true", TJ, TJ),
    WR_SCALAR("json_merge_patch", JSON, FAILS, json_merge_patch, NULL, "json_merge_patch(j, patch)",
              "Members of the patch in place of those of j; null takes one away (RFC 7396).",
              "json_merge_patch(" JSON_OF("{\"a\": 1, \"b\": 2}") ", " JSON_OF(
                  "{\"a\": null, \"c\": 3}") ")",
              "{\"b\": 2, \"c\": 3}", TJ, TJ),
    WR_SCALAR("json_set", JSON, FAILS, json_set, NULL, "json_set(j, path, value)",
              "With another value at the path; a new member or element at the end.",
              "json_set(" JSON_OF("{\"a\": [1]}") ", '$.a[0]', to_json(7))", "{\"a\": [7]}", TJ, TT,
              TJ),
    WR_SCALAR("json_remove", JSON, FAILS, json_remove, NULL, "json_remove(j, path)",
              "Without what lies at the path.",
              "json_remove(" JSON_OF("{\"a\": 1, \"b\": 2}") ", '$.a')", "{\"b\": 2}", TJ, TT),
};

const wr_function_table wr_functions_json_make = WR_TABLE(json_make_entries);
