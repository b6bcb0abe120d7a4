/* Parts of URLs (RFC 3986).
 *
 *   https://me@host:8080/a/b?x=1&y=2#top
 *   protocol  user host port path query   fragment
 *
 * 1. A part that is not there is NULL; parts share the bytes of the argument.
 * 2. Nothing is decoded: that is url_decode's. */
#include "functions/kernel.h"

typedef struct url_parts {
    wr_text protocol, authority, user, host, port, path, query, fragment, file;
} url_parts;

/* Cuts *text at the first of `stops`; what is behind goes to *rest, if a stop was found. */
static bool
cut_at(wr_text *text, const char *stops, wr_text *rest)
{
    for (size_t i = 0; i < text->size; i++) {
        if (text->data[i] != '\0' && strchr(stops, text->data[i])) {
            *rest = (wr_text){text->data + i + 1, text->size - i - 1};
            text->size = i;
            return true;
        }
    }
    return false;
}

static void
authority_cut(wr_text authority, url_parts *parts)
{
    parts->authority = authority;
    wr_text rest = authority;
    wr_text user = authority;
    if (cut_at(&user, "@", &rest)) {
        parts->user = user;
    }
    const char *closing =
        rest.size > 0 && rest.data[0] == '[' ? memchr(rest.data, ']', rest.size) : NULL;
    size_t host_size = closing ? (size_t)(closing - rest.data) + 1 : 0; /* an IPv6 address */
    wr_text behind = {rest.data + host_size, rest.size - host_size};
    wr_text port = WR_TEXT_NONE;
    if (cut_at(&behind, ":", &port)) {
        parts->port = port;
    }
    parts->host = (wr_text){rest.data, host_size + behind.size};
}

static void
url_cut(wr_text url, url_parts *parts)
{
    *parts = (url_parts){0};
    cut_at(&url, "#", &parts->fragment);
    wr_text protocol = url;
    wr_text rest = WR_TEXT_NONE;
    if (cut_at(&protocol, ":/?", &rest) && protocol.size > 0 && url.data[protocol.size] == ':') {
        parts->protocol = protocol;
        url = rest;
    }
    if (wr_text_starts_with(url, WR_TEXT("//"))) {
        wr_text authority = {url.data + 2, url.size - 2};
        cut_at(&authority, "/?", &rest);
        authority_cut(authority, parts);
        url.data += 2 + authority.size;
        url.size -= 2 + authority.size;
    }
    parts->file = url;
    cut_at(&url, "?", &parts->query);
    parts->path = url;
}

static wr_text
part_protocol(const url_parts *parts)
{
    return parts->protocol;
}

static wr_text
part_host(const url_parts *parts)
{
    return parts->host;
}

static wr_text
part_path(const url_parts *parts)
{
    return parts->path;
}

static wr_text
part_query(const url_parts *parts)
{
    return parts->query;
}

static wr_text
part_fragment(const url_parts *parts)
{
    return parts->fragment;
}

static void
set_part(wr_call *call, int row, wr_text part)
{
    wr_call_set_view(call, row, part);
    wr_call_mark(call, row, part.data ? WR_ROW_OK : WR_ROW_NULL);
}

static void
url_part(wr_call *call, wr_text (*part_of)(const url_parts *parts))
{
    for (int i = 0; i < call->n; i++) {
        url_parts parts;
        url_cut(wr_arg_text(call, 0, i), &parts);
        set_part(call, i, part_of(&parts));
    }
}

#define URL_KERNEL(name) \
    static void url_##name(wr_call *call) \
    { \
        url_part(call, part_##name); \
    }
URL_KERNEL(protocol)
URL_KERNEL(host)
URL_KERNEL(path)
URL_KERNEL(query)
URL_KERNEL(fragment)

static void
url_port(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        url_parts parts;
        url_cut(wr_arg_text(call, 0, i), &parts);
        bool is_number = wr_text_to_int64(parts.port, &out[i]);
        out[i] = is_number ? out[i] : 0;
        wr_call_mark(call, i, is_number ? WR_ROW_OK : WR_ROW_NULL);
    }
}

/* The value of `name` in a=b&c=d, as it is written; data NULL: not there. */
static wr_text
query_value(wr_text query, wr_text name)
{
    while (query.size > 0) {
        wr_text pair = query;
        wr_text rest = WR_TEXT_NONE;
        bool goes_on = cut_at(&pair, "&", &rest);
        wr_text value = {pair.data + pair.size, 0};
        cut_at(&pair, "=", &value);
        if (wr_text_equal(pair, name)) {
            return value;
        }
        query = goes_on ? rest : WR_TEXT_NONE;
    }
    return WR_TEXT_NONE;
}

/* parse_url(url, part[, key]): the parts by their names in Flink. */
static void
url_parse(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        url_parts parts;
        url_cut(wr_arg_text(call, 0, i), &parts);
        const struct {
            const char *name;
            wr_text part;
        } known[] = {{"PROTOCOL", parts.protocol},   {"HOST", parts.host},    {"PATH", parts.path},
                     {"QUERY", parts.query},         {"REF", parts.fragment}, {"FILE", parts.file},
                     {"AUTHORITY", parts.authority}, {"USERINFO", parts.user}};
        wr_text name = wr_arg_text(call, 1, i);
        wr_text part = WR_TEXT_NONE;
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
            if (wr_text_equal_nocase(name, wr_text_from(known[k].name))) {
                part = known[k].part;
            }
        }
        if (call->arg_count > 2) {
            bool is_query = wr_text_equal_nocase(name, WR_TEXT("QUERY"));
            part = is_query ? query_value(part, wr_arg_text(call, 2, i)) : WR_TEXT_NONE;
        }
        set_part(call, i, part);
    }
}

static void
url_parameter(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        url_parts parts;
        url_cut(wr_arg_text(call, 0, i), &parts);
        set_part(call, i, query_value(parts.query, wr_arg_text(call, 1, i)));
    }
}

#define TT WR_TYPE_TEXT
#define URL_SAMPLE "'https://me@host:8080/a/b?x=1&y=2#top'"
#define URL_ENTRY(name, part, result) \
    WR_SCALAR(name, TEXT, 0, url_##part, NULL, name "(url)", "The " #part " of a URL.", \
              name "(" URL_SAMPLE ")", result, TT)

static const wr_function url_entries[] = {
    URL_ENTRY("url_extract_protocol", protocol, "https"),
    URL_ENTRY("url_extract_host", host, "host"),
    URL_ENTRY("url_extract_path", path, "/a/b"),
    URL_ENTRY("url_extract_query", query, "x=1&y=2"),
    URL_ENTRY("url_extract_fragment", fragment, "top"),
    WR_SCALAR("url_extract_port", BIGINT, 0, url_port, NULL, "url_extract_port(url)",
              "The port of a URL.", "url_extract_port(" URL_SAMPLE ")", "8080", TT),
    WR_SCALAR("url_extract_parameter", TEXT, 0, url_parameter, NULL,
              "url_extract_parameter(url, name)", "A value of the query, as it is written.",
              "url_extract_parameter(" URL_SAMPLE ", 'y')", "2", TT, TT),
    WR_SCALAR("parse_url", TEXT, 0, url_parse, NULL, "parse_url(url, part)",
              "PROTOCOL, HOST, PATH, QUERY, REF, FILE, AUTHORITY or USERINFO of a URL.",
              "parse_url(" URL_SAMPLE ", 'AUTHORITY')", "me@host:8080", TT, TT),
    WR_SCALAR("parse_url", TEXT, 0, url_parse, NULL, "parse_url(url, 'QUERY', name)",
              "A value of the query, as it is written.", "parse_url(" URL_SAMPLE ", 'QUERY', 'x')",
              "1", TT, TT, TT),
};

const wr_function_table wr_functions_url = WR_TABLE(url_entries);
