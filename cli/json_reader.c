/* Reads the few small objects that go over a control socket, one member at a time.
 *
 *   {"drain": true, "file": "/tmp/a\"b"}      member "file" → TEXT  /tmp/a"b
 *
 * 1. The whole text is read for each member: objects here have a dozen members.
 * 2. Nested values are passed over by counting brackets, so depth costs nothing. */
#include "cli/json_reader.h"

#include <string.h>

typedef struct reader {
    const char *at, *end;
} reader;

static void
space_skip(reader *in)
{
    while (in->at < in->end && strchr(" \t\r\n", *in->at) != NULL && *in->at != '\0')
        in->at++;
}

static bool
char_take(reader *in, char c)
{
    space_skip(in);
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool
hex_take(reader *in, unsigned *code)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    *code = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = in->at < in->end && *in->at != '\0' ? strchr(DIGITS, *in->at) : NULL;
        if (digit == NULL)
            return false;
        *code = *code << 4 | ((unsigned)(digit - DIGITS) & 15);
        in->at++;
    }
    return true;
}

static void
utf8_append(cli_text *out, unsigned code)
{
    if (code < 0x80) {
        cli_text_append_char(out, (char)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned LEADS[] = {0, 0xc0, 0xe0, 0xf0};
    cli_text_append_char(out, (char)(LEADS[more] | code >> (6 * more)));
    while (more-- > 0)
        cli_text_append_char(out, (char)(0x80 | (code >> (6 * more) & 0x3f)));
}

/* Behind \u: four digits, or two times four for what lies beyond 16 bits. A lone half, and NUL,
 * which no path can hold, are refused. */
static bool
code_take(reader *in, cli_text *out)
{
    unsigned code, low;
    if (!hex_take(in, &code) || code == 0 || (code >= 0xdc00 && code < 0xe000))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u')
            return false;
        in->at += 2;
        if (!hex_take(in, &low) || low < 0xdc00 || low > 0xdfff)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    utf8_append(out, code);
    return true;
}

static bool
escape_take(reader *in, cli_text *out)
{
    static const char LETTERS[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
    if (in->at == in->end || *in->at == '\0')
        return false;
    char c = *in->at++;
    if (c == 'u')
        return code_take(in, out);
    const char *letter = strchr(LETTERS, c);
    if (letter == NULL)
        return false;
    cli_text_append_char(out, MEANT[letter - LETTERS]);
    return true;
}

static bool
string_take(reader *in, cli_text *out)
{
    cli_text_reset(out);
    if (!char_take(in, '"'))
        return false;
    while (in->at < in->end && *in->at != '"') {
        char c = *in->at++;
        if ((unsigned char)c < 0x20 || (c == '\\' && !escape_take(in, out)))
            return false;
        if (c != '\\')
            cli_text_append_char(out, c);
    }
    return char_take(in, '"');
}

/* Numbers, words, arrays and objects, up to the comma or bracket behind them. */
static bool
other_take(reader *in, cli_text *out)
{
    cli_text inner = {0};
    int depth = 0;
    space_skip(in);
    const char *start = in->at;
    bool is_good = true;
    while (is_good && in->at < in->end) {
        char c = *in->at;
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            break;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (c == '"')
            is_good = depth > 0 && string_take(in, &inner);
        else
            in->at++;
    }
    const char *end = in->at;
    while (end > start && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    cli_text_reset(out);
    cli_text_append(out, start, (size_t)(end - start));
    cli_text_fini(&inner);
    return is_good && depth == 0 && end > start;
}

static cli_json_kind
value_take(reader *in, cli_text *out)
{
    space_skip(in);
    if (in->at < in->end && *in->at == '"')
        return string_take(in, out) ? CLI_JSON_TEXT : CLI_JSON_BAD;
    return other_take(in, out) ? CLI_JSON_OTHER : CLI_JSON_BAD;
}

cli_json_kind
cli_json_member(const char *json, size_t size, const char *name, cli_text *value)
{
    reader in = {json, json + size};
    cli_text key = {0}, item = {0};
    cli_json_kind found = char_take(&in, '{') ? CLI_JSON_ABSENT : CLI_JSON_BAD;
    bool more = found == CLI_JSON_ABSENT && !char_take(&in, '}');
    cli_text_reset(value);
    while (more) {
        bool has_name = string_take(&in, &key) && char_take(&in, ':');
        cli_json_kind kind = has_name ? value_take(&in, &item) : CLI_JSON_BAD;
        if (kind != CLI_JSON_BAD && strcmp(cli_text_z(&key), name) == 0) {
            cli_text_reset(value);
            cli_text_append(value, cli_text_z(&item), item.size);
            found = kind;
        }
        more = kind != CLI_JSON_BAD && char_take(&in, ',');
        if (kind == CLI_JSON_BAD || (!more && !char_take(&in, '}')))
            found = CLI_JSON_BAD;
        more = more && found != CLI_JSON_BAD;
    }
    space_skip(&in);
    cli_text_fini(&key);
    cli_text_fini(&item);
    return in.at == in.end ? found : CLI_JSON_BAD;
}
