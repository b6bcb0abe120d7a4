/* Paths into JSON text, step by step.
 *
 *   $.a['b c'][0]      key a, key "b c", index 0
 *
 * 1. A path is never longer than its text: each step takes at least one byte. */
#include "functions/json_path.h"

#include <string.h>

static bool
is_key_end(char c)
{
    return c == '.' || c == '[';
}

/* "[3]", "['a b']" or "[\"a b\"]" at the start of `path`, which moves on. */
static bool
take_bracket(wr_text *path, wr_json_step *step)
{
    const char *close = memchr(path->data, ']', path->size);
    if (!close) {
        return false;
    }
    wr_text inner = {path->data + 1, (size_t)(close - path->data) - 1};
    path->size -= inner.size + 2;
    path->data += inner.size + 2;
    bool is_quoted = inner.size >= 2 && (inner.data[0] == '\'' || inner.data[0] == '"') &&
                     inner.data[inner.size - 1] == inner.data[0];
    step->is_index = !is_quoted;
    if (is_quoted) {
        step->key = (wr_text){inner.data + 1, inner.size - 2};
    }
    return is_quoted || wr_text_to_int64(inner, &step->index);
}

int
wr_json_path_take(wr_text *path, wr_json_step *step)
{
    *step = (wr_json_step){0};
    if (path->size > 0 && path->data[0] == '$') {
        path->data++;
        path->size--;
    }
    if (path->size == 0) {
        return 0;
    }
    if (path->data[0] == '[') {
        return take_bracket(path, step) ? 1 : -1;
    }
    size_t start = path->data[0] == '.' ? 1 : 0;
    size_t end = start;
    while (end < path->size && !is_key_end(path->data[end])) {
        end++;
    }
    step->key = (wr_text){path->data + start, end - start};
    path->data += end;
    path->size -= end;
    return end > start ? 1 : -1;
}

bool
wr_json_step_follow(const wr_json_step *step, wr_text *json)
{
    return step->is_index ? wr_json_element(*json, step->index, json)
                          : wr_json_member(*json, step->key, json);
}

bool
wr_json_follow(wr_text path, wr_text *json)
{
    wr_json_step step;
    int taken = 0;
    while ((taken = wr_json_path_take(&path, &step)) > 0) {
        if (!wr_json_step_follow(&step, json)) {
            return false;
        }
    }
    return taken == 0;
}
