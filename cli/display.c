/* Text as a terminal shows it. Data comes from anywhere, so what could move the cursor, change
 * colours or turn the direction of writing is shown instead of sent:
 *
 *   "a\x1b[2Jb"  →  a\x1b[2Jb          eight plain characters, no cleared screen
 *
 * 1. The output of cli_display_append holds no byte below 0x20, no DEL and no C1 control. */
#include "cli/display.h"

#include <string.h>
#include <utf8proc.h>

/* Characters that change how their neighbours are shown. */
static bool
character_steers(utf8proc_int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 ||
           c == 0x2029 || c == 0xfeff;
}

static void
character_escape(cli_text *out, utf8proc_int32_t c)
{
    switch (c) {
    case '\n': cli_text_append_z(out, "\\n"); return;
    case '\r': cli_text_append_z(out, "\\r"); return;
    case '\t': cli_text_append_z(out, "\\t"); return;
    default: break;
    }
    cli_text_format(out, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
}

static int
character_width(utf8proc_int32_t c)
{
    int width = utf8proc_charwidth(c);
    return width < 0 ? 0 : width;
}

int
cli_display_append(cli_text *out, const char *data, size_t size)
{
    int width = 0;
    for (size_t at = 0; at < size;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)data + at,
                                                   (utf8proc_ssize_t)(size - at), &c);
        size_t before = out->size;
        if (length <= 0) {
            cli_text_format(out, "\\x%02x", (unsigned char)data[at]);
            length = 1;
        } else if (character_steers(c)) {
            character_escape(out, c);
        } else {
            cli_text_append(out, data + at, (size_t)length);
            width += character_width(c);
            before = out->size;
        }
        width += (int)(out->size - before);
        at += (size_t)length;
    }
    return width;
}

int
cli_display_width(const char *data, size_t size)
{
    int width = 0;
    for (size_t at = 0; at < size;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)data + at,
                                                   (utf8proc_ssize_t)(size - at), &c);
        width += length > 0 ? character_width(c) : 1;
        at += length > 0 ? (size_t)length : 1;
    }
    return width;
}

void
cli_display_spaces(cli_text *out, int count)
{
    for (int i = 0; i < count; i++)
        cli_text_append_char(out, ' ');
}

void
cli_json_append(cli_text *out, const char *data, size_t size)
{
    cli_text_append_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '"' || c == '\\')
            cli_text_format(out, "\\%c", c);
        else if (c == '\n')
            cli_text_append_z(out, "\\n");
        else if (c < 0x20)
            cli_text_format(out, "\\u%04x", c);
        else
            cli_text_append_char(out, (char)c);
    }
    cli_text_append_char(out, '"');
}
