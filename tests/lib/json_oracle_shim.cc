/* The JSON oracle, on simdjson's DOM: slow, plain, and by other people.
 *
 * 1. Keys: the last exact match, else the last match without case.
 * 2. It knows nothing of how our decoder works; only the columns and the text form are shared. */
#include "tests/lib/json_oracle.h"

#include <cmath>
#include <cstring>
#include <simdjson.h>
#include <string>
#include <string_view>

extern "C" size_t wr_double_to_text(double value, char *out);

namespace
{
namespace dom = simdjson::dom;

struct bad_value {
};
struct no_opinion {
};

bool
equal_nocase(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) {
        return false;
    }
    for (size_t i = 0; i < a.size(); i++) {
        auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

/* False: the key is not there. */
bool
member(dom::element value, std::string_view name, dom::element &found)
{
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
        return false;
    }
    bool any = false;
    bool exact = false;
    for (dom::key_value_pair pair : object) {
        bool same = pair.key == name;
        if (same || (!exact && equal_nocase(pair.key, name))) {
            found = pair.value;
            any = true;
            exact |= same;
        }
    }
    return any;
}

std::string
print_double(double value)
{
    char text[64];
    return std::string(text, wr_double_to_text(value, text));
}

std::string
as_bigint(dom::element value)
{
    if (value.is_int64()) {
        return std::to_string(value.get_int64().value());
    }
    if (value.is_uint64()) {
        throw bad_value{};
    }
    if (!value.is_double()) {
        throw bad_value{};
    }
    double wide = value.get_double().value();
    if (!(wide >= -0x1p63 && wide < 0x1p63) || std::floor(wide) != wide) {
        throw bad_value{};
    }
    return std::to_string(static_cast<int64_t>(wide));
}

std::string
as_double(dom::element value)
{
    if (value.is_int64() && value.get_int64().value() == 0) {
        throw no_opinion{}; /* -0: an integer there, a signed zero to us */
    }
    if (!value.is_double() && !value.is_int64() && !value.is_uint64()) {
        throw bad_value{};
    }
    return print_double(value.get_double().value());
}

std::string
as_text(dom::element value)
{
    if (value.is_string()) {
        return std::string(value.get_string().value());
    }
    if (value.is_bool()) {
        return value.get_bool().value() ? "true" : "false";
    }
    if (value.is_object() || value.is_array()) {
        throw bad_value{};
    }
    throw no_opinion{}; /* a number: its spelling is not kept there */
}

std::string
as_bool(dom::element value)
{
    if (!value.is_bool()) {
        throw bad_value{};
    }
    return value.get_bool().value() ? "true" : "false";
}

std::string
cell(bool there, dom::element value, std::string (*convert)(dom::element))
{
    return !there || value.is_null() ? "NULL" : convert(value);
}

std::string
row_of(dom::element record)
{
    bool is_object = record.is_object();
    dom::element value, inner;
    bool there = is_object && member(record, "a", value);
    std::string row = cell(there, value, as_bigint) + "|";
    there = is_object && member(record, "b", value);
    row += cell(there, value, as_double) + "|";
    there = is_object && member(record, "c", value);
    row += cell(there, value, as_text) + "|";
    there = is_object && member(record, "d", value) && member(value, "e", inner);
    row += cell(there, inner, as_double) + "|";
    there = is_object && member(record, "f", value);
    row += cell(there, value, as_bool) + "|";
    there = is_object ? member(record, "v", value) : true;
    row += cell(there, is_object ? value : record, as_double) + "\n";
    return row;
}

void
rows_of(dom::element record, std::string &rows, int *bad_count)
{
    try {
        rows += row_of(record);
    } catch (const bad_value &) {
        ++*bad_count;
    }
}
} // namespace

extern "C" json_verdict
json_oracle(const char *data, size_t size, char *rows, size_t capacity, int *bad_count)
{
    static dom::parser parser;
    simdjson::padded_string padded(data, size);
    dom::element record;
    simdjson::error_code error = parser.parse(padded).get(record);
    *bad_count = 0;
    if (error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR) {
        return JSON_NO_OPINION;
    }
    if (error != simdjson::SUCCESS) {
        return JSON_REFUSED;
    }
    std::string text;
    try {
        dom::array array;
        if (record.get(array) == simdjson::SUCCESS) {
            for (dom::element element : array) {
                rows_of(element, text, bad_count);
            }
        } else {
            rows_of(record, text, bad_count);
        }
    } catch (const no_opinion &) {
        return JSON_NO_OPINION;
    }
    if (text.size() >= capacity) {
        return JSON_NO_OPINION;
    }
    std::memcpy(rows, text.data(), text.size());
    rows[text.size()] = '\0';
    return JSON_ACCEPTED;
}
