/* simdjson's On-Demand over a chunk of records, with the best instructions of this machine.
 *
 * Idea: its own way to read many documents: one pass over the chunk marks its structure, then each
 * record is asked for its fields, wherever they lie in it.
 *
 * 1. On-Demand checks UTF-8 and quotes of everything, but values only where it reads them.
 * 2. A chunk is one batch, so there is nothing for simdjson's thread to do: without it, a fifth
 *    faster. */
#include "bench/simdjson_read_shim.h"

#undef SIMDJSON_THREADS_ENABLED
#include <simdjson.h>

namespace ondemand = simdjson::ondemand;

struct simdjson_reader {
    ondemand::parser parser;
};

namespace
{
/* The texts' bytes are written once, where the caller wants them. */
template <typename Host>
bool
host_read(simdjson_reader &reader, Host field, uint8_t *&bytes, reading_text &host)
{
    ondemand::raw_json_string raw;
    std::string_view text;
    if (field.get_raw_json_string().get(raw) || reader.parser.unescape(raw, bytes).get(text)) {
        return false;
    }
    host = {text.data(), text.size()};
    return true;
}

bool
flat_read(simdjson_reader &reader, ondemand::object record, int row, uint8_t *&bytes,
          const reading_columns &out)
{
    return record["ts"].get_int64().get(out.ts[row]) == simdjson::SUCCESS &&
           host_read(reader, record["host"], bytes, out.host[row]) &&
           record["v"].get_double().get(out.v[row]) == simdjson::SUCCESS;
}

bool
nested_read(simdjson_reader &reader, ondemand::object record, int row, uint8_t *&bytes,
            const reading_columns &out)
{
    ondemand::object inner;
    return record["at"]["ts"].get_int64().get(out.ts[row]) == simdjson::SUCCESS &&
           record["a"].get_object().get(inner) == simdjson::SUCCESS &&
           inner["b"].at(1)["c"].get_double().get(out.v[row]) == simdjson::SUCCESS &&
           host_read(reader, inner["host"], bytes, out.host[row]);
}
} // namespace

extern "C" simdjson_reader *
simdjson_reader_open(size_t chunk_bytes)
{
    auto *reader = new simdjson_reader;
    if (reader->parser.allocate(chunk_bytes) != simdjson::SUCCESS) {
        delete reader;
        return nullptr;
    }
    return reader;
}

extern "C" void
simdjson_reader_close(simdjson_reader *reader)
{
    delete reader;
}

extern "C" int
simdjson_read(simdjson_reader *reader, const char *chunk, size_t chunk_bytes, bool is_nested,
              const reading_columns *columns)
{
    ondemand::document_stream records;
    if (reader->parser.iterate_many(chunk, chunk_bytes, chunk_bytes).get(records)) {
        return -1;
    }
    auto *bytes = reinterpret_cast<uint8_t *>(columns->text_bytes);
    int row = 0;
    for (auto record : records) {
        ondemand::object object;
        if (record.get_object().get(object) ||
            !(is_nested ? nested_read(*reader, object, row, bytes, *columns)
                        : flat_read(*reader, object, row, bytes, *columns))) {
            return -1;
        }
        row++;
    }
    return row;
}
