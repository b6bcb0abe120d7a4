/* Writes readings, always the same for the same arguments:
 *
 *   generate COUNT [SHAPE narrow] [HOSTS 1000] [DISORDER_MS 0]
 *
 *   narrow    {"ts":1700006400000,"host":"server-000123","v":12.34}                54 bytes
 *   wide      the same three among eleven fields, one with escapes, one nested    about 200 bytes
 *   csv       1700006400000,server-000123,12.34                                   with a header
 *   shuffled  narrow with a fourth key, the order of the keys drawn for each record
 *   escaped   hosts with \u escapes and escaped quotes; numbers with exponents, many spellings
 *   nested    {"at":{"ts":…},"a":{"b":[{"c":…},{"c":12.34,…}],"host":"server-000123"}}
 *   strange   two orders of the keys in turn, in each record unknown keys of random names, lengths
 *             and values, blanks between, numbers spelled in many ways
 *   moving    narrow whose hosts come from a tenth of them at a time, which is another one after
 *             each MOVE_RECORDS
 *
 * Event time starts at midnight and moves by one millisecond a record; DISORDER_MS takes up to so
 * much away from it. The first HOSTS records name every host once, in an order that looks random;
 * afterwards hosts come from xorshift64, as values do. So the number of groups is HOSTS exactly. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_STEP UINT64_C(2654435761) /* a prime: every host's turn comes */

enum { KEY_COUNT = 4, MOVE_RECORDS = 6000000, MOVE_PARTS = 10 };

typedef struct reading {
    long long number, ts;
    unsigned host, cents, draw; /* draw: for what else is random */
} reading;

typedef void print_shape(const reading *reading);

static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t
random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void
print_narrow(const reading *r)
{
    printf("{\"ts\":%lld,\"host\":\"server-%06u\",\"v\":%u.%02u}\n", r->ts, r->host,
           r->cents / 100, r->cents % 100);
}

/* The same as narrow: main draws the host from another range. */
static void
print_moving(const reading *r)
{
    print_narrow(r);
}

static void
print_csv(const reading *r)
{
    printf("%lld,server-%06u,%u.%02u\n", r->ts, r->host, r->cents / 100, r->cents % 100);
}

static void
print_wide(const reading *r)
{
    printf("{\"ts\":%lld,\"region\":\"eu-west-1\",\"dc\":\"dc%02u\",\"host\":\"server-%06u\","
           "\"metric\":\"cpu.user\",\"unit\":\"percent\",\"seq\":%lld,"
           "\"msg\":\"all \\\"good\\\"\",\"v\":%u.%02u,"
           "\"tags\":{\"app\":\"web\",\"env\":\"prod\"},\"ok\":true}\n",
           r->ts, r->host % 17, r->host, r->number, r->cents / 100, r->cents % 100);
}

static void
print_shuffled(const reading *r)
{
    int order[KEY_COUNT] = {0, 1, 2, 3};
    unsigned draw = r->draw;
    for (int i = KEY_COUNT - 1; i > 0; i--) {
        int other = (int)(draw % (unsigned)(i + 1)), kept = order[i];
        draw /= (unsigned)(i + 1);
        order[i] = order[other];
        order[other] = kept;
    }
    for (int i = 0; i < KEY_COUNT; i++) {
        putchar(i == 0 ? '{' : ',');
        if (order[i] == 0) {
            printf("\"ts\":%lld", r->ts);
        } else if (order[i] == 1) {
            printf("\"host\":\"server-%06u\"", r->host);
        } else if (order[i] == 2) {
            printf("\"v\":%u.%02u", r->cents / 100, r->cents % 100);
        } else {
            printf("\"seq\":%lld", r->number);
        }
    }
    puts("}");
}

static void
print_escaped(const reading *r)
{
    static const char *const hosts[] = {"s\\u00e9rver-%06u", "\\u0073erver-%06u",
                                        "\\\"server\\\"-%06u", "\\ud83d\\ude80-\\u4e2d-%06u"};
    printf("{\"ts\":%lld,\"host\":\"", r->ts);
    printf(hosts[r->host % 4], r->host);
    fputs("\",\"v\":", stdout);
    if (r->draw % 4 == 0) {
        printf("%u.%02ue0", r->cents / 100, r->cents % 100);
    } else if (r->draw % 4 == 1) {
        printf("0.%04uE+2", r->cents);
    } else {
        printf("%u%s", r->cents, r->draw % 4 == 2 ? "e-2" : "E-2");
    }
    puts("}");
}

static void
print_nested(const reading *r)
{
    printf("{\"at\":{\"zone\":\"UTC\",\"ts\":%lld},\"a\":{\"b\":[{\"c\":%u},"
           "{\"c\":%u.%02u,\"d\":\"x\"}],\"host\":\"server-%06u\"}}\n",
           r->ts, r->draw % 10, r->cents / 100, r->cents % 100, r->host);
}

/* A member that nobody wants: a name of 1 to 16 letters, a text or a number of any length. */
static void
print_unknown(unsigned draw)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijkl";
    int name = (int)(draw % 16) + 1, value = (int)(draw / 16 % 16);
    printf("\"x%.*s\":", name, letters + draw / 256 % 16);
    if (draw / 4096 % 2 == 0) {
        printf("\"%.*s\"", value, letters + draw / 8192 % 16);
    } else {
        printf("%.*f", value, (double)draw / 7);
    }
}

static void
print_odd_number(const reading *r)
{
    switch (r->draw % 5) {
    case 0: printf("%u.%02u", r->cents / 100, r->cents % 100); return;
    case 1: printf("%u.%02u000", r->cents / 100, r->cents % 100); return;
    case 2: printf("%ue-2", r->cents); return;
    case 3: printf("-0.%06uE+2", r->cents); return;
    case 4: printf("%u", r->cents); return;
    }
}

static void
print_strange(const reading *r)
{
    const char *gap = r->draw % 3 == 0 ? " " : "";
    putchar('{');
    if (r->number % 2 == 0) {
        printf("\"ts\":%s%lld,", gap, r->ts);
        print_unknown(r->draw);
        printf(",\"host\":\"server-%06u\",%s\"v\":", r->host, gap);
        print_odd_number(r);
    } else {
        print_unknown(r->draw / 3);
        printf(",\"v\":%s", gap);
        print_odd_number(r);
        printf(", \"host\":\"server-%06u\",", r->host);
        print_unknown(r->draw / 5);
        printf(",%s\"ts\":%lld", gap, r->ts);
    }
    puts("}");
}

static print_shape *
shape_find(const char *name)
{
    static const struct {
        const char *name;
        print_shape *print;
    } shapes[] = {{"narrow", print_narrow},     {"wide", print_wide},
                  {"csv", print_csv},           {"shuffled", print_shuffled},
                  {"escaped", print_escaped},   {"nested", print_nested},
                  {"strange", print_strange},   {"moving", print_moving}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strcmp(name, shapes[i].name) == 0) {
            return shapes[i].print;
        }
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    long long count = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
    print_shape *print = shape_find(argc > 2 ? argv[2] : "narrow");
    unsigned host_count = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1000;
    unsigned disorder_ms = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (!print || host_count == 0) {
        fprintf(stderr, "generate: no such shape, or no hosts\n");
        return 2;
    }
    if (print == print_csv) {
        puts("ts,host,v");
    }
    for (long long i = 0; i < count; i++) {
        reading r = {.number = i, .ts = 1700006400000 + i};
        uint64_t host = random_next();
        r.host = (unsigned)((i < host_count ? (uint64_t)i * HOST_STEP : host) % host_count);
        if (print == print_moving && i >= host_count) {
            unsigned part = host_count / MOVE_PARTS + 1;
            unsigned first = (unsigned)(i / MOVE_RECORDS % MOVE_PARTS) * part;
            r.host = (first + r.host % part) % host_count;
        }
        r.cents = (unsigned)(random_next() % 10000);
        r.draw = (unsigned)(random_next() >> 40);
        r.ts -= disorder_ms > 0 ? (long long)(random_next() % disorder_ms) : 0;
        print(&r);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
