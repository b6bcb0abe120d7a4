/* Prints what the decoders make of seeded records: rows, and bad rows with their reasons. The same
 * program on two processors must print the same bytes (cross_test.py).
 *
 *   decode_print [rounds=300]
 *
 * A round is a chunk of up to 60 lines of one shape, in which some lines are broken, have their
 * keys turned round, or hold rare values; it is decoded as a chunk and as messages. */
#include "connectors/formats/kernels.h"
#include "tests/lib/random.h"
#include "tests/unit/formats_helper.h"

enum { LINES_MAX = 60, LINE_MAX = 600 };

#define PICK(list) (list)[random_below(sizeof(list) / sizeof *(list))]

static const char *const numbers[] = {"0", "-1", "7", "42", "95.74", "-0.5", "1700000000000", "1e3",
                                      "2.5E-3", "123456789012345", "1234567890123456", "0.1",
                                      "9223372036854775807", "9223372036854775808", "1e400", "12.",
                                      "01", "-", "3.14159265358979", "-273.15"};
static const char *const texts[] = {"", "a", "server-000989", "exactly 12 b", "caf\xC3\xA9",
                                    "a much longer text that does not fit into any view, 80 bytes",
                                    "tab\\t", "\\u00e9\\ud83d\\ude00", "quote \\\" inside",
                                    "\xFF", "ctrl\x01", "back\\\\slash", "comma, colon: {}[]"};
static const char *const others[] = {"null", "true", "false", "{\"x\":[1,2,{}]}", "[]", "[1,\"]\"]",
                                     "{}", "tru", "{\"x\":}", "\"text\""};

static void
json_number(wr_buffer *out)
{
    if (random_below(8) == 0) {
        wr_buffer_printf(out, "%s", PICK(numbers));
    } else {
        unsigned whole = random_below(1000); /* a statement each: arguments have no order */
        unsigned hundredths = random_below(100);
        wr_buffer_printf(out, "%u.%02u", whole, hundredths);
    }
}

static void
json_text(wr_buffer *out)
{
    if (random_below(8) == 0) {
        wr_buffer_printf(out, "\"%s\"", PICK(texts));
    } else {
        wr_buffer_printf(out, "\"host-%06u\"", random_below(1000));
    }
}

/* {"t":…,"h":"…","v":…,"n":{"b":…},"s":…}, its first two keys turned round when `turned`. */
static void
json_line(wr_buffer *out, bool turned)
{
    unsigned t = 1700000000 + random_below(1000);
    wr_buffer_printf(out, turned ? "{\"h\":" : "{\"t\":");
    if (turned) {
        json_text(out);
        wr_buffer_printf(out, ",\"t\":%u,\"v\":", t);
    } else {
        wr_buffer_printf(out, "%u%s,\"h\":", t, random_below(30) ? "" : "000000000000");
        json_text(out);
        wr_buffer_printf(out, ",\"v\":");
    }
    json_number(out);
    wr_buffer_printf(out, ", \"n\":{\"b\":%d},\"s\":", (int)random_below(100) - 50);
    if (random_below(6) == 0) {
        wr_buffer_printf(out, "%s", PICK(others));
    } else {
        wr_buffer_printf(out, "{\"x\":[1,2,3]}");
    }
    wr_buffer_printf(out, "%s}", random_below(20) ? "" : " ");
}

static void
csv_line(wr_buffer *out)
{
    wr_buffer_printf(out, "%u,", 1700000000 + random_below(1000));
    if (random_below(8) == 0) {
        wr_buffer_printf(out, "\"%s\"", PICK(texts));
    } else if (random_below(8) == 0) {
        wr_buffer_printf(out, "%s", PICK(texts));
    } else {
        wr_buffer_printf(out, "host-%06u", random_below(1000));
    }
    wr_buffer_printf(out, ",");
    json_number(out);
    wr_buffer_printf(out, random_below(40) ? ",x" : "");
}

/* Some bytes of the line become others. */
static void
line_break(char *line, size_t size)
{
    static const char bytes[] = "\"\\{}[],:0a \x80\r";
    for (unsigned i = 0; size > 0 && i <= random_below(2); i++) {
        line[random_below((unsigned)size)] = bytes[random_below(sizeof bytes - 1)];
    }
}

static void
print_decoded(const char *how, const decoded *out)
{
    printf("%s: %lld rows, %lld bad\n%s%s", how, (long long)out->row_count,
           (long long)out->bad_count, out->rows, out->bad_rows);
}

static void
round_run(const char *format, const char *columns)
{
    static char lines[LINES_MAX][LINE_MAX];
    const char *list[LINES_MAX + 1] = {NULL};
    bool is_json = *format == 'j', turns = random_below(4) == 0;
    unsigned count = 1 + random_below(LINES_MAX);
    wr_buffer chunk;
    wr_buffer_init(&chunk);
    for (unsigned i = 0; i < count; i++) {
        size_t begin = chunk.size;
        if (is_json) {
            json_line(&chunk, turns && random_below(2));
        } else {
            csv_line(&chunk);
        }
        if (random_below(15) == 0) {
            line_break(chunk.data + begin, chunk.size - begin);
        }
        memcpy(lines[i], chunk.data + begin, chunk.size - begin);
        lines[i][chunk.size - begin] = '\0';
        list[i] = lines[i];
        wr_buffer_printf(&chunk, random_below(10) ? "\n" : "\r\n");
    }
    decoded out;
    decode_chunk(&out, format, columns, wr_buffer_cstr(&chunk));
    print_decoded("chunk", &out);
    decoded_free(&out);
    decode_messages(&out, format, columns, list);
    print_decoded("messages", &out);
    decoded_free(&out);
    wr_buffer_fini(&chunk);
}

int
main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 300;
    fprintf(stderr, "kernels: %s\n", wr_kernels_best()->name);
    for (long i = 0; i < rounds; i++) {
        round_run("json", "t BIGINT, h TEXT, v DOUBLE, n.b BIGINT");
        round_run("json", "v DOUBLE, s TEXT, t DOUBLE");
        round_run("csv", "t BIGINT, h TEXT, v DOUBLE, x TEXT");
    }
    return 0;
}
