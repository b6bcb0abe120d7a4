/* Options as written → options as checked.
 *
 *     kafka('t', format = json, 'sasl.username' = 'x')      ''='t' (positional)  format='json' …
 *     WITH (connector = 'kafka', batch = 5)                 connector='kafka'    batch='5'
 *
 * Invariant: an option's position is its place in the statement; a value is text, however it was
 * written (word, string, number, boolean, duration). */
#include "planner/source.h"

#include <string.h>

const wr_option_spec *
wr_source_common_options(void)
{
    static const wr_option_spec common[] = {
        {.name = "format", .kind = WR_OPTION_TEXT, .doc = "json, csv, text or raw"},
        {.name = "columns",
         .kind = WR_OPTION_TEXT,
         .doc = "columns in place of learned ones: 'ts BIGINT, host TEXT'"},
        {.name = "on_error",
         .kind = WR_OPTION_CHOICE,
         .choices = "fail|skip|null|dead_letter",
         .doc = "what a bad row does"},
        {.name = "max_future_skew",
         .kind = WR_OPTION_DURATION,
         .doc = "rows further ahead of the wall clock move no watermark"},
        {.name = "idle_timeout",
         .kind = WR_OPTION_DURATION,
         .doc = "a partition at its end and quiet so long holds nothing back"},
        {.name = NULL},
    };
    return common;
}

/* The text of a value; false: it is no plain value. */
static bool
value_text(wr_plan_context *context, const wr_ast_expr *value, wr_text *text)
{
    char interval[WR_INTERVAL_TEXT_MAX];
    if (value->kind == WR_AST_STRING || value->kind == WR_AST_NUMBER) {
        *text = value->u.text;
        return true;
    }
    if (value->kind == WR_AST_BOOLEAN) {
        *text = value->u.boolean ? WR_TEXT("true") : WR_TEXT("false");
        return true;
    }
    if (value->kind == WR_AST_NAME && value->u.path.count == 1) {
        *text = value->u.path.parts[0].text;
        return true;
    }
    if (value->kind == WR_AST_UNARY && value->u.unary.op == WR_AST_OP_NEGATE &&
        value->u.unary.operand->kind == WR_AST_NUMBER) {
        *text =
            wr_arena_printf(context->arena, "-%.*s", WR_TEXT_ARG(value->u.unary.operand->u.text));
        return true;
    }
    if (value->kind == WR_AST_INTERVAL) {
        size_t size = wr_interval_print(value->u.duration.interval, interval);
        *text = wr_arena_text(context->arena, (wr_text){interval, size});
        return true;
    }
    return false;
}

/* A secret goes where its value is never shown. */
static bool
option_takes_secret(wr_text name)
{
    wr_text user = WR_TEXT("username");
    bool ends = name.size >= user.size &&
                wr_text_equal_nocase((wr_text){name.data + name.size - user.size, user.size}, user);
    return ends || wr_option_is_secret(name);
}

/* The value that SECRET n stands for; its words, unless the plan will be run. */
static wr_status
secret_value(wr_plan_context *context, wr_text name, const wr_ast_expr *value, wr_text *text,
             wr_error *err)
{
    const wr_planner *planner = context->planner;
    const wr_ast_name *secret = &value->u.name;
    if (!option_takes_secret(name)) {
        wr_plan_error(context, err, value->span, "E0604",
                      "option \"%.*s\" takes no secret: its value is shown", WR_TEXT_ARG(name));
        wr_error_hint(err, "Secrets are for passwords, tokens and keys.");
        return WR_ERR_SQL;
    }
    wr_status status = planner->reveal ? wr_secrets_reveal(planner->secrets, secret->text,
                                                           context->arena, text, err)
                                       : wr_secrets_check(planner->secrets, secret->text, err);
    if (status != WR_OK) {
        wr_span at = wr_plan_span(context, value->span);
        wr_error_at(err, at.position, at.length);
        return status;
    }
    if (!planner->reveal) {
        *text = wr_arena_printf(context->arena, "SECRET %.*s", WR_TEXT_ARG(secret->text));
    }
    return WR_OK;
}

static wr_status
option_make(wr_plan_context *context, wr_text name, const wr_ast_expr *value, wr_span span,
            wr_option *option, wr_error *err)
{
    if (value->kind == WR_AST_PARAMETER) {
        return wr_plan_unsupported(context, value->span, "a parameter as an option", err);
    }
    wr_text text;
    if (value->kind == WR_AST_SECRET) {
        WR_TRY(secret_value(context, name, value, &text, err));
    } else if (!value_text(context, value, &text)) {
        wr_plan_error(context, err, value->span, "E0602", "option \"%.*s\" needs a plain value",
                      WR_TEXT_ARG(name));
        wr_error_hint(err, "Write a string, number or boolean.");
        return WR_ERR_SQL;
    }
    wr_span at = wr_plan_span(context, span);
    *option =
        (wr_option){.name = name, .value = text, .position = at.position, .length = at.length};
    return WR_OK;
}

/* What the i-th argument without a name stands for; none: empty. `names` are separated by '|'. */
static wr_text
positional_name(const char *names, int i)
{
    for (; names && i > 0; i--) {
        names = strchr(names, '|');
        names += names != NULL;
    }
    return names ? (wr_text){names, strcspn(names, "|")} : WR_TEXT_NONE;
}

wr_status
wr_options_of_args(wr_plan_context *context, const wr_ast_arg *args, int arg_count,
                   const char *what, const char *positional, wr_options *options, wr_error *err)
{
    wr_option *items = WR_NEW_ARRAY(context->arena, wr_option, arg_count);
    for (int i = 0; i < arg_count; i++) {
        const wr_ast_arg *arg = &args[i];
        if (arg->kind != WR_AST_ARG_EXPR) {
            return wr_plan_error(context, err, arg->span, "E0602", "%s takes no table here", what);
        }
        bool named = arg->name.text.size > 0;
        wr_text name = named ? arg->name.text : positional_name(positional, i);
        if (name.size == 0) {
            wr_plan_error(context, err, arg->span, "E0601",
                          !positional               ? "%s takes no argument without a name"
                          : strchr(positional, '|') ? "%s takes two arguments without a name"
                                                    : "%s takes one argument without a name",
                          what);
            wr_error_hint(err, "Write the others as name = value.");
            return WR_ERR_SQL;
        }
        WR_TRY(option_make(context, name, arg->value, arg->span, &items[i], err));
        items[i].positional = !named;
    }
    *options = (wr_options){items, arg_count};
    return WR_OK;
}

wr_status
wr_options_of_list(wr_plan_context *context, const wr_ast_option *list, int count,
                   wr_options *options, wr_error *err)
{
    wr_option *items = WR_NEW_ARRAY(context->arena, wr_option, count);
    for (int i = 0; i < count; i++) {
        WR_TRY(
            option_make(context, list[i].name.text, list[i].value, list[i].span, &items[i], err));
    }
    *options = (wr_options){items, count};
    return WR_OK;
}

wr_options
wr_options_without(wr_plan_context *context, wr_options options, const char *name)
{
    wr_option *items = WR_NEW_ARRAY(context->arena, wr_option, options.count);
    int count = 0;
    for (int i = 0; i < options.count; i++) {
        if (!wr_text_equal_nocase(options.items[i].name, wr_text_from(name))) {
            items[count++] = options.items[i];
        }
    }
    return (wr_options){items, count};
}

const wr_option_spec *const *
wr_option_tables(wr_plan_context *context, const wr_option_spec *own, const wr_option_spec *common,
                 const wr_format_ops *format)
{
    int format_count, count = 0;
    const wr_format_ops *const *formats = wr_format_all(&format_count);
    const wr_option_spec **tables =
        WR_NEW_ARRAY(context->arena, const wr_option_spec *, format_count + 4);
    if (own) {
        tables[count++] = own;
    }
    if (common) {
        tables[count++] = common;
    }
    for (int i = 0; i < format_count; i++) {
        if (formats[i]->options && (!format || format == formats[i])) {
            tables[count++] = formats[i]->options;
        }
    }
    return tables;
}

wr_status
wr_options_format(wr_plan_context *context, wr_options options, const wr_format_ops **format,
                  wr_error *err)
{
    *format = NULL;
    const wr_option *option = wr_options_find(options, "format");
    if (!option) {
        return WR_OK;
    }
    *format = wr_format_find(option->value);
    if (*format) {
        return WR_OK;
    }
    int count;
    const wr_format_ops *const *formats = wr_format_all(&count);
    wr_text names[32];
    count = count > 32 ? 32 : count;
    for (int i = 0; i < count; i++) {
        names[i] = wr_text_from(formats[i]->name);
    }
    wr_span span = {option->position, option->length};
    wr_plan_error(context, err, span, "E0602", "no format \"%.*s\"", WR_TEXT_ARG(option->value));
    int near = wr_text_nearest(option->value, names, count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_hint(err, "Formats are json, csv, text and raw.");
    }
    return WR_ERR_SQL;
}
