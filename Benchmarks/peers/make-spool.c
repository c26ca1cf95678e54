// make-spool FOLDER COUNT GROUPS [SEED [DAYS]]: a spool as the receiver leaves it, the same for the same arguments.
//
// COUNT deliveries go to FOLDER/production/new, spread evenly over GROUPS businesses and over DAYS days (from 2026-06-16 on; 1), in the
// mix that is known of the provider: more than half transactions, a quarter records with lines, some large, and in
// every twenty deliveries one that repeats an earlier one to the byte.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t state;
static uint64_t draw(void) {
    uint64_t x = state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static const char *words[] = {
    "POS sale",  "Balogun market", "transfer from savings", "diesel", "airtime and data", "salary for June",
    "nitrile gloves", "saline 0.9 %", "office rent", "card settlement", "refund to customer", "printing of labels",
    "cement, 50 kg", "courier to Abuja", "bank charges", "VAT on invoice", "consulting hours", "school fees",
};
static const char *word(void) { return words[draw() % (sizeof words / sizeof *words)]; }

static char body[65536];
static size_t used;
static void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
#include <stdarg.h>
static void put(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    used += (size_t)vsnprintf(body + used, sizeof body - used, format, arguments);
    va_end(arguments);
}

static void uuid(const char *name) {
    uint64_t a = draw(), b = draw();
    put("\"%s\":\"%08x-%04x-4%03x-a%03x-%012llx\",", name, (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
        (unsigned)(a & 0xfff), (unsigned)(b >> 52), (unsigned long long)(b & 0xffffffffffffu));
}

static void money(const char *name) {
    put("\"%s\":%llu.%02llu,", name, (unsigned long long)(draw() % 900000), (unsigned long long)(draw() % 100));
}

static void compose(uint64_t business) {
    static const char *verbs[] = {"CREATED", "UPDATED", "DELETED"};
    static const char *transactions[] = {"NEW_TRANSACTION_CREATED", "TRANSACTION_UPDATED", "TRANSACTION_DELETED"};
    uint64_t kind = draw() % 100, verb = draw() % 3;
    used = 0;
    if (kind < 55) put("{\"event\":\"%s\",\"data\":{", transactions[verb]);
    else if (kind < 80) put("{\"event\":\"RECORD_%s\",\"data\":{", verbs[verb]);
    else if (kind < 92) put("{\"event\":\"INVENTORY_ITEM_%s\",\"data\":{", verbs[verb]);
    else put("{\"event\":\"NEW_SUBSCRIPTION\",\"data\":{");
    put("\"business_id\":\"business-%05llu\",", (unsigned long long)business);
    uuid("uuid");
    uuid("source_uuid");
    put("\"date\":\"2026-06-%02llu\",\"currency\":\"NGN\",", (unsigned long long)(1 + draw() % 30));
    money("amount");
    money("balance");
    put("\"narration\":\"%s, %s\",\"account\":{", word(), word());
    uuid("uuid");
    put("\"name\":\"%s\",\"institution\":\"Bank %llu\"},", word(), (unsigned long long)(draw() % 40));
    uint64_t lines = kind >= 55 && kind < 80 ? 1 + draw() % 8 : draw() % 2;
    if (draw() % 500 == 0) lines = 120;
    put("\"record_items\":[");
    for (uint64_t line = 0; line < lines; line++) {
        put("%s{", line ? "," : "");
        uuid("uuid");
        money("unit_price");
        put("\"name\":\"%s\",\"quantity\":%llu,\"taxes\":[{\"name\":\"VAT\",\"rate\":7.5}]}", word(),
            (unsigned long long)(1 + draw() % 60));
    }
    put("],\"created_at\":\"2026-06-16T%02llu:%02llu:%02llu+00:00\",\"active\":true,\"note\":null}}",
        (unsigned long long)(draw() % 24), (unsigned long long)(draw() % 60), (unsigned long long)(draw() % 60));
}

static void die(const char *what) {
    fprintf(stderr, "make-spool: %s: %s\n", what, strerror(errno));
    exit(1);
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: make-spool FOLDER COUNT GROUPS [SEED [DAYS]]\n");
        return 64;
    }
    uint64_t deliveries = strtoull(arguments[2], 0, 10), groups = strtoull(arguments[3], 0, 10);
    uint64_t seed = count > 4 ? strtoull(arguments[4], 0, 10) : 1;
    char path[4096];
    static const char *folders[] = {"", "/production", "/production/tmp", "/production/new", "/production/quarantine"};
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s%s", arguments[1], folders[i]);
        if (mkdir(path, 0750) && errno != EEXIST) die(path);
    }
    int folder = open((snprintf(path, sizeof path, "%s/production/new", arguments[1]), path), O_RDONLY);
    if (folder < 0) die(path);
    // 2026-06-16T00:00:00Z, in milliseconds.
    uint64_t start = 1781568000000u, span = 86400000u * (count > 5 ? strtoull(arguments[5], 0, 10) : 1);
    for (uint64_t i = 0; i < deliveries; i++) {
        uint64_t time = start + (uint64_t)((double)i / (double)deliveries * (double)span);
        uint64_t origin = i % 20 == 19 && i > 100 ? i - 1 - (i * 7919) % 90 : i;
        if (origin % 20 == 19) origin--;
        state = seed * 1000003 + origin;
        compose(draw() % groups);
        state = seed * 1000003 + i + 0x5bd1e995;
        uint64_t a = draw(), b = draw();
        char name[64];
        snprintf(name, sizeof name, "%08llx-%04llx-7%03llx-%04llx-%012llx.json", (unsigned long long)(time >> 16),
                 (unsigned long long)(time & 0xffff), (unsigned long long)(a & 0xfff),
                 (unsigned long long)(0x8000 | (b >> 48 & 0x3fff)), (unsigned long long)(b & 0xffffffffffffu));
        int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
        if (file < 0) die(name);
        if (write(file, body, used) != (ssize_t)used || close(file)) die(name);
    }
    if (syncfs(folder)) die("syncfs");
    return 0;
}
