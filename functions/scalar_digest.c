/* Digests and checksums of texts and bytes: md5, sha…, crc32, xxhash64, hash.
 *
 *   md5('abc') = '900150983cd24fb0d6963f7d28e17f72'      as text of hexadecimal digits
 *
 * The cryptographic ones are OpenSSL's, fetched once per batch, since fetching costs as much as
 * hashing a short text. crc32 is zlib's; xxhash64 is XXH64 with seed 0.
 *
 * 1. All are functions of their argument alone, the same on every machine and in every version. */
#include "functions/kernel.h"
#include "functions/value_hash.h"

#include <openssl/evp.h>
#include <zlib.h>

static void
hex_write(const unsigned char *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static bool
digest_of(EVP_MD_CTX *context, const EVP_MD *algorithm, wr_text text, unsigned char *digest,
          unsigned *size)
{
    return EVP_DigestInit_ex(context, algorithm, NULL) == 1 &&
           EVP_DigestUpdate(context, text.data, text.size) == 1 &&
           EVP_DigestFinal_ex(context, digest, size) == 1;
}

static void
digest_rows(wr_call *call, const char *name)
{
    EVP_MD *algorithm = EVP_MD_fetch(NULL, name, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    for (int i = 0; i < call->n; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        char hex[2 * EVP_MAX_MD_SIZE];
        unsigned size = 0;
        wr_call_set_view(call, i, WR_TEXT(""));
        if (wr_call_skips(call, i)) {
            continue;
        }
        if (algorithm && context &&
            digest_of(context, algorithm, wr_arg_text(call, 0, i), digest, &size)) {
            hex_write(digest, size, hex);
            wr_call_set_text(call, i, (wr_text){hex, (size_t)2 * size});
        } else { /* a system that forbids the algorithm */
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        }
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
}

/* X(name, OpenSSL's name, of 'abc') */
#define DIGEST_LIST(X) \
    X(md5, "MD5", "900150983cd24fb0d6963f7d28e17f72") \
    X(sha1, "SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d") \
    X(sha224, "SHA224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7") \
    X(sha256, "SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") \
    X(sha384, "SHA384", \
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed" \
      "8086072ba1e7cc2358baeca134c825a7") \
    X(sha512, "SHA512", \
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")

#define DIGEST_KERNEL(name, algorithm, result) \
    static void digest_##name(wr_call *call) \
    { \
        digest_rows(call, algorithm); \
    }
DIGEST_LIST(DIGEST_KERNEL)

static inline int64_t
crc32_of(wr_view view)
{
    wr_text text = wr_view_text(&view);
    return (int64_t)crc32_z(0, (const unsigned char *)(text.size ? text.data : ""), text.size);
}

static inline int64_t
xxhash64_of(wr_view view)
{
    wr_text text = wr_view_text(&view);
    return (int64_t)wr_checksum(text.data, text.size);
}

WR_UNARY_KERNEL(digest_crc32, wr_view, int64_t, crc32_of)
WR_UNARY_KERNEL(digest_xxhash64, wr_view, int64_t, xxhash64_of)

/* ── hash(a, …) ─────────────────────────────────────────────────────────────────────────────── */

static uint64_t
hash_row(uint64_t before, const wr_vector *vector, int row)
{
    return wr_vector_is_null(vector, row)
               ? wr_checksum_more(before, "null", 4)
               : wr_value_hash(before, vector->type.id,
                               wr_vector_element(vector, wr_vector_slot(vector, row)));
}

static void
digest_hash(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        uint64_t hash = 0;
        int reason = WR_ROW_OK;
        for (int arg = 0; arg < call->arg_count; arg++) {
            hash = hash_row(hash, &call->args[arg], i);
            reason = reason ? reason : (int)wr_vector_error(&call->args[arg], i);
        }
        out[i] = (int64_t)hash;
        wr_call_mark(call, i, reason);
    }
}

#define DIGEST_ENTRY(name, algorithm, result) \
    WR_SCALAR(#name, TEXT, 0, digest_##name, NULL, #name "(s)", "Digest, as hexadecimal digits.", \
              #name "('abc')", result, WR_TYPE_TEXT), \
        WR_SCALAR(#name, TEXT, 0, digest_##name, NULL, #name "(bytes)", \
                  "Digest, as hexadecimal digits.", #name "(CAST('abc' AS BYTES))", result, \
                  WR_TYPE_BYTES),

static const wr_function digest_entries[] = {
    DIGEST_LIST(DIGEST_ENTRY)
        WR_SCALAR("crc32", BIGINT, 0, digest_crc32, NULL, "crc32(s)", "Checksum, as of gzip.",
                  "crc32('abc')", "891568578", WR_TYPE_TEXT),
    WR_SCALAR("crc32", BIGINT, 0, digest_crc32, NULL, "crc32(bytes)", "Checksum, as of gzip.",
              "crc32(CAST('abc' AS BYTES))", "891568578", WR_TYPE_BYTES),
    WR_SCALAR("xxhash64", BIGINT, 0, digest_xxhash64, NULL, "xxhash64(s)",
              "XXH64 with seed 0, as a signed number.", "xxhash64('abc')", "4952883123889572249",
              WR_TYPE_TEXT),
    WR_SCALAR("xxhash64", BIGINT, 0, digest_xxhash64, NULL, "xxhash64(bytes)",
              "XXH64 with seed 0, as a signed number.", "xxhash64(CAST('abc' AS BYTES))",
              "4952883123889572249", WR_TYPE_BYTES),
    WR_SCALAR("hash", BIGINT, WR_FN_NULL_AWARE | WR_FN_VARIADIC, digest_hash, NULL, "hash(a, …)",
              "A number for spreading values: equal ones have the same, in every version.",
              "hash('a', 1) = hash('a', 1)", "true", WR_ARG_ANY, WR_ARG_ANY),
};

const wr_function_table wr_functions_digest = WR_TABLE(digest_entries);
