/* weir_explain: the plan of a query that is prepared or runs. */
#include "engine/engine.h"

int
weir_explain(weir_query *query, int json, char **text, weir_error **err)
{
    if (!query || !text) {
        return wr_engine_misuse(NULL, err, "weir_explain needs a query and a place for the text");
    }
    if (query->kind != WEIR_KIND_SELECT && query->kind != WEIR_KIND_INSERT) {
        return wr_engine_misuse(query, err, "only queries and INSERTs have a plan");
    }
    wr_buffer out;
    wr_buffer_init(&out);
    if (json) {
        wr_explain_json(query->plan, &out);
    } else {
        wr_explain_text(query->plan, &out);
    }
    (void)wr_buffer_cstr(&out);
    *text = out.data;
    return WEIR_OK;
}
