/* weir_explain: the plan of a query that is prepared or runs. */
#include "engine/engine.h"

void
wr_engine_explain_plan(const weir_query *query, const wr_plan *plan, bool json, wr_buffer *out)
{
    int64_t memory_limit =
        query->is_job ? query->job_settings.memory_limit : query->db->settings.memory_limit;
    if (json) {
        wr_explain_json(plan, memory_limit, out);
    } else {
        wr_explain_text(plan, out);
        wr_explain_state(plan, memory_limit, out);
    }
}

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
    wr_engine_explain_plan(query, query->plan, json != 0, &out);
    (void)wr_buffer_cstr(&out);
    *text = out.data;
    return WEIR_OK;
}
