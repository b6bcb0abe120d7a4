/* DECIMAL: texts, scales, arithmetic and the types of its results. */
#include "core/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static wr_type
decimal(int precision, int scale)
{
    return (wr_type){
        .id = WR_TYPE_DECIMAL, .precision = (uint8_t)precision, .scale = (uint8_t)scale};
}

/* `input` as `type` prints as `expected`; NULL: it is refused. */
static void
reads(const char *input, wr_type type, const char *expected)
{
    wr_int128 value = 0;
    bool ok = wr_text_to_decimal(wr_text_from(input), type, &value);
    assert_int_equal(ok, expected != NULL);
    if (expected != NULL) {
        char out[WR_DECIMAL_TEXT_MAX + 1];
        out[wr_decimal_to_text(value, type.scale, out)] = '\0';
        assert_string_equal(out, expected);
    }
}

#define NINES_19 "9999999999999999999"

static void
texts(void **state)
{
    (void)state;
    reads("1.5", decimal(4, 2), "1.50");
    reads("-0.005", decimal(4, 2), "-0.01");
    reads("0.00499999", decimal(4, 2), "0.00");
    reads("-0", decimal(4, 2), "0.00");
    reads(".5", decimal(1, 0), "1");
    reads("12.", decimal(2, 0), "12");
    reads("+1.5e3", decimal(6, 1), "1500.0");
    reads("1500E-3", decimal(6, 1), "1.5");
    reads("5e-3", decimal(4, 2), "0.01");
    reads("5e-4", decimal(4, 2), "0.00");
    reads("99.994", decimal(4, 2), "99.99");
    reads("0e999999999999999999999999", decimal(4, 2), "0.00");
    reads("1e-999999999999999999999999", decimal(4, 2), "0.00");
    reads(NINES_19 NINES_19, decimal(38, 0), NINES_19 NINES_19);
    reads("-0." NINES_19 NINES_19, decimal(38, 38), "-0." NINES_19 NINES_19);
}

static void
texts_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",   "-",   ".",   "1.2.3", "1e",    "1e+", "e1",  " 1",     "1 ",
        "1x", "--1", "NaN", "0x1",   "1e1.0", "100", "1e2", "99.995", "1e999999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        reads(bad[i], decimal(4, 2), NULL);
    }
    reads(NINES_19 NINES_19 ".5", decimal(38, 0), NULL);
    reads("1" NINES_19 NINES_19, decimal(38, 0), NULL);
}

static void
texts_read_back(void **state)
{
    (void)state;
    wr_int128 value = 1;
    for (int i = 0; i < 2000; i++) {
        value = wr_decimal_fits(value, 36) ? value * -7 + i : i + 1;
        int scale = i % 39;
        char out[WR_DECIMAL_TEXT_MAX];
        wr_text text = {out, wr_decimal_to_text(value, scale, out)};
        wr_int128 back = 0;
        assert_true(wr_text_to_decimal(text, decimal(38, scale), &back));
        assert_true(back == value);
    }
}

static void
scales(void **state)
{
    (void)state;
    wr_int128 out = 0;
    assert_true(wr_decimal_rescale(-125, 2, decimal(3, 1), &out) && out == -13);
    assert_true(wr_decimal_rescale(124, 2, decimal(3, 1), &out) && out == 12);
    assert_true(wr_decimal_rescale(15, 1, decimal(5, 3), &out) && out == 1500);
    assert_true(wr_decimal_rescale(0, 0, decimal(38, 38), &out) && out == 0);
    assert_false(wr_decimal_rescale(995, 1, decimal(2, 0), &out));
    assert_false(wr_decimal_rescale(1, 0, decimal(38, 38), &out));
    assert_false(wr_decimal_rescale(100, 0, decimal(38, 37), &out));
}

static void
has_result(char op, wr_type a, wr_type b, wr_type expected)
{
    assert_true(wr_type_equal(wr_decimal_result(op, a, b), expected));
}

static void
result_types(void **state)
{
    (void)state;
    has_result('+', decimal(10, 2), decimal(5, 1), decimal(11, 2));
    has_result('-', decimal(5, 4), decimal(5, 0), decimal(10, 4));
    has_result('*', decimal(10, 2), decimal(5, 1), decimal(16, 3));
    has_result('/', decimal(10, 2), decimal(5, 1), decimal(17, 8));
    has_result('/', decimal(3, 0), decimal(2, 0), decimal(9, 6));
    has_result('%', decimal(10, 2), decimal(5, 3), decimal(5, 3));
    has_result('+', decimal(38, 10), decimal(38, 10), decimal(38, 9));
    has_result('*', decimal(38, 10), decimal(38, 10), decimal(38, 6));
    has_result('*', decimal(38, 2), decimal(38, 2), decimal(38, 4));
    has_result('/', decimal(38, 2), decimal(20, 0), decimal(38, 6)); /* avg of DECIMAL(p,2) */
}

/* Computed with unbounded integers, rounded once; NULL: more digits than the result has. */
static const struct arithmetic {
    char op;
    int a_digits[2];
    const char *a;
    int b_digits[2];
    const char *b;
    const char *expected;
} arithmetics[] = {
    {'*',
     {38, 38},
     "0.99999999999999999999999999999999999999",
     {38, 38},
     "-0.99999999999999999999999999999999999999",
     "-1.0000000000000000000000000000000000000"},
    {'*',
     {38, 38},
     "0.50000000000000000000000000000000000000",
     {38, 38},
     "0.33333333333333333333333333333333333333",
     "0.1666666666666666666666666666666666667"},
    {'+', {20, 5}, "-3.83583", {20, 5}, "6935039509859.41731", "6935039509855.58148"},
    {'+',
     {19, 0},
     "-3304554048087680986",
     {38, 30},
     "-0.000000000000000065104388664281",
     "-3304554048087680986.000000000000000065"},
    {'+',
     {38, 0},
     "-670540136396989236784552068411406",
     {5, 1},
     "3382.6",
     "-670540136396989236784552068408023.4"},
    {'+', {38, 0}, "2563527026436941", {38, 10}, "0.0021069333", "2563527026436941.002107"},
    {'+',
     {38, 30},
     "3908957.776357580611551305648132684038",
     {38, 38},
     "0.99999999999999999999999999999999999999",
     "3908958.77635758061155130564813268404"},
    {'+',
     {38, 10},
     "5476223311022916175248998643.0119775478",
     {38, 10},
     "-62182875.8432232367",
     "5476223311022916175186815767.168754311"},
    {'+', {19, 0}, "4699327615889665339", {10, 2}, "63870940.59", "4699327615953536279.59"},
    {'+',
     {38, 2},
     "9.71",
     {38, 30},
     "-62552007.295842804224557663551534338950",
     "-62551997.585843"},
    {'+',
     {38, 0},
     "4605861775107104122205997170",
     {38, 2},
     "-104450033600045292253992798152196996.15",
     "-104450028994183517146888675946199826.15"},
    {'+', {38, 0}, "10000000000000000000000000000000000000", {10, 2}, "10000000.00", NULL},
    {'+',
     {38, 2},
     "-100000000000000000000000000000000000.00",
     {38, 38},
     "0.91884769573468542948228001031272853818",
     NULL},
    {'+',
     {38, 30},
     "0.000000884030911803909331455821",
     {38, 2},
     "-717130810082809538367751272813516495.04",
     NULL},
    {'-', {38, 2}, "-100.00", {38, 0}, "3128", "-3228.00"},
    {'-', {20, 5}, "5467.04669", {38, 2}, "-37.48", "5504.52669"},
    {'-',
     {38, 38},
     "0.00000000000000000000000000000059903886",
     {38, 30},
     "-10000000.000000000000000000000000000000",
     "10000000.00000000000000000000000000000"},
    {'-',
     {38, 2},
     "-1000.00",
     {38, 30},
     "61001585.313684974040243980243533480010",
     "-61002585.313685"},
    {'-',
     {38, 2},
     "9462193634762431532540282116301.60",
     {38, 38},
     "0.00000000000521938049189525545951483362",
     "9462193634762431532540282116301.600000"},
    {'-',
     {38, 10},
     "-9960697792438878225095094942.0516285077",
     {10, 2},
     "21389515.07",
     "-9960697792438878225116484457.121628508"},
    {'-',
     {19, 0},
     "-9999999999999999999",
     {38, 30},
     "-22910919.516868274286821852877285888836",
     "-9999999999977089079.483131725713178147"},
    {'-',
     {38, 2},
     "-999999999999999999999999999999999999.99",
     {5, 1},
     "-3274.6",
     "-999999999999999999999999999999996725.39"},
    {'-', {5, 1}, "-10.0", {5, 1}, "5885.7", "-5895.7"},
    {'-',
     {38, 38},
     "-0.10000000000000000000000000000000000000",
     {38, 0},
     "-57837864082296369436874812846667885071",
     NULL},
    {'-', {5, 1}, "-55.2", {38, 0}, "-26115294378584505870506720102663203505", NULL},
    {'-',
     {38, 30},
     "-6640.624474827149432192049857941301",
     {38, 0},
     "-47906222805360593650089947095002989638",
     NULL},
    {'*',
     {10, 2},
     "77289933.83",
     {38, 30},
     "32708560.986593288432360250480011768182",
     "2528042514328314.780059228190322335300"},
    {'*',
     {38, 10},
     "0.0000002305",
     {38, 0},
     "-59502293397450550587121177319063658232",
     "-13715278628112351910331431372044.173222"},
    {'*', {10, 2}, "2.48", {19, 0}, "-5399200214129294490", "-13390016531040650335.20"},
    {'*',
     {38, 38},
     "-0.00124035107230531316143585806279996041",
     {10, 2},
     "0.24",
     "-0.00029768425735327515874460594"},
    {'*', {5, 1}, "1.0", {38, 10}, "-15.9660228310", "-15.966023"},
    {'*',
     {10, 2},
     "-24457.41",
     {38, 38},
     "0.00000000000000000000082229115897380154",
     "-0.00000000000000002011111201440"},
    {'*', {10, 2}, "-76446295.55", {10, 2}, "-1.00", "76446295.5500"},
    {'*',
     {5, 1},
     "6441.1",
     {38, 38},
     "0.00000000000000058721108738362269719151",
     "0.000000000003782285334946652154880"},
    {'*',
     {38, 10},
     "2.7330338892",
     {38, 30},
     "351625.574954625375543670636778238121",
     "961004.612660"},
    {'*', {38, 0}, "-29110705080826117970739116116590340091", {10, 2}, "23114324.75", NULL},
    {'*', {38, 2}, "-345678566724251685737598383056798844.01", {38, 2}, "-985.56", NULL},
    {'*',
     {38, 2},
     "299141928443658022943904421172955731.05",
     {38, 38},
     "0.06895522581385513793668837839584745476",
     NULL},
    {'/', {10, 2}, "-8.09", {38, 2}, "-1000000000.00", "0.0000000080900000000000000000"},
    {'/',
     {5, 1},
     "6.5",
     {38, 2},
     "-101652712745543905102059731115964765.34",
     "0.00000000000000000000000000000000"},
    {'/',
     {38, 2},
     "10000000000000000000000000.00",
     {5, 1},
     "-38.4",
     "-260416666666666666666666.666667"},
    {'/', {19, 0}, "4294111535", {5, 1}, "36.0", "119280875.972222"},
    {'/',
     {38, 38},
     "-0.00000000000000000000000000000000000995",
     {38, 2},
     "-434392757598165601534398678473617030.16",
     "0.000000000000000000000000000000000000"},
    {'/', {5, 1}, "1.1", {20, 5}, "248344168810478.95763", "0.0000000000000044293369"},
    {'/',
     {10, 2},
     "3.90",
     {38, 30},
     "0.000000000000000000000095433834",
     "40866009847199474349945.953130"},
    {'/', {20, 5}, "713034948807.02143", {10, 2}, "-99999999.99", "-7130.3494887832492489"},
    {'/',
     {20, 5},
     "0.67100",
     {38, 10},
     "8255624248133040794579810897.5771213451",
     "0.0000000000000"},
    {'/', {19, 0}, "9949552235447142901", {38, 30}, "0.000000000000000000000534540855", NULL},
    {'/',
     {38, 10},
     "7677275055409687290817727285.2514181447",
     {38, 38},
     "-0.00000000080797566307385522865789843052",
     NULL},
    {'/', {38, 0}, "68795879003059536760543916347004220504", {38, 0}, "-9389", NULL},
    {'%',
     {38, 2},
     "64776137009602529545919568043930.05",
     {38, 10},
     "-60087751462066516575.0589854479",
     "53325894491172017578.6725008078"},
    {'%',
     {38, 30},
     "17122467.617245379630594122429692208423",
     {38, 0},
     "-59736834558627090269803881538",
     "17122467.617245379630594122429692208423"},
    {'%',
     {38, 30},
     "66.654262716135268977543448732997",
     {38, 38},
     "0.10000000000000000000000000000000000000",
     "0.05426271613526897754344873299700000000"},
    {'%', {20, 5}, "66865.96444", {38, 0}, "-30773757547698424366159913568090", "66865.96444"},
    {'%', {5, 1}, "-4047.3", {5, 1}, "5782.9", "-4047.3"},
    {'%', {19, 0}, "760", {38, 2}, "966925823374477014265249289941681238.26", "760.00"},
    {'%', {10, 2}, "-51981069.98", {20, 5}, "605.56711", "-400.39182"},
    {'%', {19, 0}, "3662996761776927385", {19, 0}, "-61686933", "21535555"},
    {'%', {38, 0}, "-547708332790678116543453890383014793", {10, 2}, "52467128.50", "-19505820.50"},
};

static wr_decimal
number(const char *text, wr_type type)
{
    wr_decimal out = {0, type.scale};
    assert_true(wr_text_to_decimal(wr_text_from(text), type, &out.value));
    return out;
}

static bool
compute(char op, wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    b.value = op == '-' ? -b.value : b.value;
    if (op == '%') {
        *out = wr_decimal_remainder(a, b);
        return true;
    }
    return op == '*'   ? wr_decimal_multiply(a, b, to, out)
           : op == '/' ? wr_decimal_divide(a, b, to, out)
                       : wr_decimal_add(a, b, to, out);
}

static void
arithmetic(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof arithmetics / sizeof *arithmetics; i++) {
        const struct arithmetic *own = &arithmetics[i];
        wr_type a = decimal(own->a_digits[0], own->a_digits[1]);
        wr_type b = decimal(own->b_digits[0], own->b_digits[1]);
        wr_type to = wr_decimal_result(own->op, a, b);
        wr_int128 value = 0;
        bool fits = compute(own->op, number(own->a, a), number(own->b, b), to, &value);
        char out[WR_DECIMAL_TEXT_MAX + 1];
        out[wr_decimal_to_text(value, to.scale, out)] = '\0';
        assert_int_equal(fits, own->expected != NULL);
        assert_string_equal(fits ? out : "", fits ? own->expected : "");
    }
}

static void
comparison(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-" NINES_19 NINES_19,
                                            "-1e19",
                                            "-1.5",
                                            "-0.1",
                                            "-1e-38",
                                            "0",
                                            "1e-38",
                                            "0.1",
                                            "1.5",
                                            "1e19",
                                            NINES_19 NINES_19};
    for (int i = 0; i < 11; i++) {
        for (int j = 0; j < 11; j++) {
            wr_type a, b;
            assert_true(wr_decimal_type_of_text(wr_text_from(ascending[i]), &a));
            assert_true(wr_decimal_type_of_text(wr_text_from(ascending[j]), &b));
            int order = wr_decimal_compare(number(ascending[i], a), number(ascending[j], b));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void
sums(void **state)
{
    (void)state;
    wr_decimal_sum sum = {0}, other = {0};
    wr_int128 most = number(NINES_19 NINES_19, decimal(38, 0)).value, value = 0;
    for (int i = 0; i < 100; i++) {
        wr_decimal_sum_add(&sum, most);
        wr_decimal_sum_add(&other, -most);
    }
    assert_false(wr_decimal_sum_value(&sum, &value));
    assert_true(wr_decimal_sum_average(&sum, 0, 100, decimal(38, 0), &value) && value == most);
    wr_decimal_sum_combine(&sum, &other);
    wr_decimal_sum_add(&sum, -7);
    assert_true(wr_decimal_sum_value(&sum, &value) && value == -7);
    assert_true(wr_decimal_sum_average(&sum, 0, 2, decimal(38, 6), &value) && value == -3500000);
    assert_true(wr_decimal_sum_average(&sum, 0, 3, decimal(38, 6), &value) && value == -2333333);
    assert_false(wr_decimal_sum_average(&other, 0, 100, decimal(38, 6), &value));
}

static void
doubles(void **state)
{
    (void)state;
    wr_int128 out = 0;
    assert_true(wr_decimal_to_double((wr_decimal){15, 1}) == 1.5);
    assert_true(wr_decimal_to_double((wr_decimal){-1, 38}) == -1e-38);
    assert_true(wr_decimal_to_double(number("9007199254740993", decimal(16, 0))) == 0x1p53);
    assert_true(wr_decimal_to_double(number(NINES_19 NINES_19, decimal(38, 0))) == 1e38);
    assert_true(wr_decimal_from_double(0.1, decimal(38, 37), &out));
    assert_true(out == number("0.1", decimal(38, 37)).value);
    assert_false(wr_decimal_from_double(1e38, decimal(38, 0), &out));
    assert_false(wr_decimal_from_double(1.0 / 0.0, decimal(38, 0), &out));
}

static void
has_type(const char *text, int precision, int scale)
{
    wr_type type = {0};
    assert_int_equal(wr_decimal_type_of_text(wr_text_from(text), &type), precision > 0);
    assert_true(precision == 0 || wr_type_equal(type, decimal(precision, scale)));
}

static void
types_of_texts(void **state)
{
    (void)state;
    has_type("1.50", 3, 2);
    has_type("-0.05", 2, 2);
    has_type("007", 1, 0);
    has_type("0", 1, 0);
    has_type("0.00", 2, 2);
    has_type("1e3", 4, 0);
    has_type("1.25e-3", 5, 5);
    has_type("0e99", 1, 0);
    has_type(NINES_19 NINES_19, 38, 0);
    has_type(NINES_19 NINES_19 "0", 0, 0);
    has_type("1e38", 0, 0);
    has_type("1e-39", 0, 0);
    has_type("x", 0, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),           cmocka_unit_test(texts_refused),
        cmocka_unit_test(texts_read_back), cmocka_unit_test(scales),
        cmocka_unit_test(result_types),    cmocka_unit_test(arithmetic),
        cmocka_unit_test(comparison),      cmocka_unit_test(sums),
        cmocka_unit_test(doubles),         cmocka_unit_test(types_of_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
