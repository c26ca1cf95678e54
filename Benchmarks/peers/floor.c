// floor SPOOL OUT: what a sweep cannot do without, and nothing else, on as many threads as there are cores.
//
// It reads each delivery of SPOOL/production/new, hashes it, tells what repeats another to the byte, puts lines of the
// same form together by business, those of events in one file and those of redeliveries in another, deflates them at the
// same level in blocks of the same size, inserts the same rows into an index of the same schema, and syncs. Then it unlinks. It checks nothing, recovers from nothing, holds the
// whole spool in memory, and seals nothing: a limit to hold a sweep against, and no sweep.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { blockText = 256 * 1024 };

struct delivery {
    char name[48];
    char *bytes;
    size_t size;
    unsigned char hash[32];
    const char *business, *type;
    int businessSize, typeSize;
    int line, row;
    struct delivery *repeats, *next;
    struct group *group;
};
struct block {
    int firstLine, lines;
    size_t offset, text, gzip;
    unsigned long crc;
    unsigned char hash[32];
    struct block *next;
};
struct file {
    struct delivery *first, **last;
    int lines, row;
    size_t text, gzip;
    unsigned long crc;
    unsigned char hash[32];
    struct block *blocks;
};
enum { archive, ledger };
static const char *names[] = {"/events.ndjson.gz", "/ledger.ndjson.gz"};
struct group {
    char business[64];
    struct file files[2];
};

static struct delivery *deliveries;
static size_t count, room;
static int folder;
static const char *out;
static struct group **groups;
static size_t groupCount, groupRoom;
static atomic_size_t nextChunk, nextGroup;

static void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int byName(const void *a, const void *b) { return strcmp(a, b); }

static const char *value(struct delivery *it, const char *key, int *size) {
    const char *found = memmem(it->bytes, it->size, key, strlen(key));
    if (!found) die("a delivery of another kind");
    found += strlen(key);
    *size = (int)((const char *)memchr(found, '"', 128) - found);
    return found;
}

static void *readAll(void *unused) {
    for (;;) {
        size_t start = atomic_fetch_add(&nextChunk, 64);
        if (start >= count) return unused;
        for (size_t i = start; i < start + 64 && i < count; i++) {
            struct delivery *it = &deliveries[i];
            char buffer[1 << 17];
            int file = openat(folder, it->name, O_RDONLY);
            ssize_t size = file < 0 ? -1 : read(file, buffer, sizeof buffer);
            if (size < 0) die(it->name);
            close(file);
            it->bytes = malloc((size_t)size + 1);
            memcpy(it->bytes, buffer, (size_t)size);
            it->bytes[size] = 0;
            it->size = (size_t)size;
            SHA256((unsigned char *)it->bytes, it->size, it->hash);
            it->business = value(it, "\"business_id\":\"", &it->businessSize);
            it->type = value(it, "\"event\":\"", &it->typeSize);
        }
    }
}

static uint64_t hashOf(const char *text, int size) {
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < size; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return hash ^ hash >> 29;
}

static void arrange(void) {
    size_t slots = 1;
    while (slots < count * 2 + 16) slots *= 2;
    struct delivery **seen = calloc(slots, sizeof *seen);
    struct group **known = calloc(slots, sizeof *known);
    int events = 0, ledgers = 0;
    for (size_t i = 0; i < count; i++) {
        struct delivery *it = &deliveries[i];
        uint64_t place;
        memcpy(&place, it->hash, 8);
        for (place &= slots - 1; seen[place]; place = (place + 1) & (slots - 1))
            if (!memcmp(seen[place]->hash, it->hash, 32)) break;
        if (seen[place]) {
            it->repeats = seen[place];
        } else {
            seen[place] = it;
            it->row = ++events;
        }
        uint64_t at = hashOf(it->business, it->businessSize) & (slots - 1);
        for (; known[at]; at = (at + 1) & (slots - 1))
            if (!strncmp(known[at]->business, it->business, (size_t)it->businessSize)) break;
        if (!known[at]) {
            struct group *group = known[at] = calloc(1, sizeof *group);
            memcpy(group->business, it->business, (size_t)it->businessSize);
            for (int i = archive; i <= ledger; i++) group->files[i].last = &group->files[i].first;
            if (groupCount == groupRoom) groups = realloc(groups, (groupRoom = groupRoom * 2 + 64) * sizeof *groups);
            groups[groupCount++] = group;
            group->files[archive].row = (int)groupCount;
        }
        it->group = known[at];
        struct file *file = &it->group->files[it->repeats ? ledger : archive];
        if (it->repeats && !file->lines) file->row = ++ledgers;
        it->line = file->lines++;
        *file->last = it;
        file->last = &it->next;
    }
    free(seen);
    free(known);
}

static const char digits[] = "0123456789abcdef";
static void hex(const unsigned char *hash, char *to) {
    for (int i = 0; i < 32; i++) {
        to[2 * i] = digits[hash[i] >> 4];
        to[2 * i + 1] = digits[hash[i] & 15];
    }
    to[64] = 0;
}

static size_t line(struct delivery *it, char *to) {
    char hash[65];
    hex(it->hash, hash);
    if (it->repeats)
        return (size_t)sprintf(to, "{\"kind\":\"redelivery\",\"id\":\"%.36s\",\"of\":\"%.36s\",\"time\":\"2026-06-16T00:00:00.000Z\","
                                   "\"sha256\":\"%s\"}\n", it->name, it->repeats->name, hash);
    int size = sprintf(to,
        "{\"specversion\":\"1.0\",\"id\":\"%.36s\",\"source\":\"/lehjah/production\",\"type\":\"%.*s\",\"subject\":"
        "\"%.*s\",\"time\":\"2026-06-16T00:00:00.000Z\",\"datacontenttype\":\"application/json\",\"sha256\":\"%s\","
        "\"pointer\":\"/data/business_id\",\"data\":", it->name, it->typeSize, it->type, it->businessSize, it->business, hash);
    memcpy(to + size, it->bytes, it->size);
    memcpy(to + size + it->size, "}\n", 2);
    return (size_t)size + it->size + 2;
}

struct tools {
    z_stream stream;
    size_t most;
    char *text;
    unsigned char *packed;
};

static void deflateFile(struct file *it, char *path, const char *name, struct tools *tools) {
    strcat(path, name);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0640);
    if (file < 0) die(path);
    SHA256_CTX whole;
    SHA256_Init(&whole);
    static const unsigned char header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    SHA256_Update(&whole, header, sizeof header);
    if (write(file, header, sizeof header) != sizeof header) die(path);
    it->gzip = sizeof header;
    struct block **last = &it->blocks;
    struct delivery *next = it->first;
    int first = 0;
    while (next) {
        size_t size = 0;
        int lines = 0;
        for (; next && size < blockText; next = next->next, lines++) size += line(next, tools->text + size);
        z_stream *stream = &tools->stream;
        deflateReset(stream);
        stream->next_in = (unsigned char *)tools->text;
        stream->avail_in = (unsigned)size;
        stream->next_out = tools->packed;
        stream->avail_out = (unsigned)tools->most;
        deflate(stream, Z_FULL_FLUSH);
        size_t gzip = tools->most - stream->avail_out;
        struct block *block = *last = calloc(1, sizeof *block);
        last = &block->next;
        *block = (struct block){first, lines, it->gzip, size, gzip, crc32(0, (unsigned char *)tools->text, (unsigned)size), {0}, 0};
        SHA256(tools->packed, gzip, block->hash);
        SHA256_Update(&whole, tools->packed, gzip);
        it->crc = it->text ? crc32_combine(it->crc, block->crc, (z_off_t)size) : block->crc;
        it->text += size;
        it->gzip += gzip;
        first += lines;
        if (write(file, tools->packed, gzip) != (ssize_t)gzip) die(path);
    }
    unsigned char end[10] = {3, 0};
    for (int i = 0; i < 4; i++) {
        end[2 + i] = (unsigned char)(it->crc >> 8 * i);
        end[6 + i] = (unsigned char)(it->text >> 8 * i);
    }
    SHA256_Update(&whole, end, sizeof end);
    SHA256_Final(it->hash, &whole);
    if (write(file, end, sizeof end) != sizeof end || close(file)) die(path);
    it->gzip += sizeof end;
}

static void *deflateAll(void *unused) {
    struct tools tools = {0};
    deflateInit2(&tools.stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    tools.most = deflateBound(&tools.stream, blockText + (1 << 18)) + 64;
    tools.text = malloc(blockText + (1 << 18));
    tools.packed = malloc(tools.most);
    for (;;) {
        size_t place = atomic_fetch_add(&nextGroup, 1);
        if (place >= groupCount) return unused;
        struct group *group = groups[place];
        char path[4096];
        snprintf(path, sizeof path, "%s/environment=production/business=%s", out, group->business);
        if (mkdir(path, 0750)) die(path);
        strcat(path, "/day=2026-06-16");
        if (mkdir(path, 0750)) die(path);
        size_t folder = strlen(path);
        for (int i = archive; i <= ledger; i++) {
            path[folder] = 0;
            if (group->files[i].lines) deflateFile(&group->files[i], path, names[i], &tools);
        }
    }
}

static sqlite3 *db;
static void run(const char *sql) {
    char *message;
    if (sqlite3_exec(db, sql, 0, 0, &message)) {
        fprintf(stderr, "floor: %s: %s\n", sql, message);
        exit(1);
    }
}
static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, 0)) die(sqlite3_errmsg(db));
    return statement;
}
static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die(sqlite3_errmsg(db));
    sqlite3_reset(statement);
}

static void openIndex(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s/_index.sqlite", out);
    if (sqlite3_open(path, &db)) die(path);
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;"
        "CREATE TABLE archives (archive INTEGER PRIMARY KEY, environment TEXT NOT NULL, business TEXT, day TEXT NOT NULL,"
        " path TEXT NOT NULL UNIQUE, lines INTEGER NOT NULL, text_bytes INTEGER NOT NULL, gzip_bytes INTEGER NOT NULL,"
        " crc32 INTEGER NOT NULL, sha256 TEXT NOT NULL, first_sweep INTEGER NOT NULL, sweep INTEGER NOT NULL) STRICT;"
        "CREATE INDEX archives_by_day ON archives (environment, day);"
        "CREATE INDEX archives_by_business ON archives (business, day);"
        "CREATE TABLE blocks (archive INTEGER NOT NULL, first_line INTEGER NOT NULL, lines INTEGER NOT NULL, offset INTEGER"
        " NOT NULL, gzip_bytes INTEGER NOT NULL, text_bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL, sha256 BLOB NOT NULL,"
        " PRIMARY KEY (archive, first_line)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE events (event INTEGER PRIMARY KEY, sweep INTEGER NOT NULL, archive INTEGER NOT NULL, line INTEGER NOT"
        " NULL, id TEXT NOT NULL, received INTEGER NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL,"
        " fingerprint BLOB NOT NULL) STRICT;"
        "CREATE INDEX events_by_id ON events (id);"
        "CREATE INDEX events_by_fingerprint ON events (received / 86400000, fingerprint);"
        "CREATE UNIQUE INDEX events_by_line ON events (archive, line);"
        "CREATE TABLE ledgers (ledger INTEGER PRIMARY KEY, environment TEXT NOT NULL, business TEXT, day TEXT NOT NULL,"
        " path TEXT NOT NULL UNIQUE, lines INTEGER NOT NULL, text_bytes INTEGER NOT NULL, gzip_bytes INTEGER NOT NULL,"
        " crc32 INTEGER NOT NULL, sha256 TEXT NOT NULL, first_sweep INTEGER NOT NULL, sweep INTEGER NOT NULL) STRICT;"
        "CREATE INDEX ledgers_by_day ON ledgers (environment, day);"
        "CREATE TABLE redeliveries (redelivery INTEGER PRIMARY KEY, sweep INTEGER NOT NULL, ledger INTEGER NOT NULL, line"
        " INTEGER NOT NULL, event INTEGER NOT NULL, id TEXT NOT NULL, received INTEGER NOT NULL, sha256 BLOB NOT NULL,"
        " differing INTEGER NOT NULL) STRICT;"
        "CREATE INDEX redeliveries_by_id ON redeliveries (id);"
        "CREATE INDEX redeliveries_by_event ON redeliveries (event);"
        "CREATE UNIQUE INDEX redeliveries_by_line ON redeliveries (ledger, line);");
}

static sqlite3_int64 received(struct delivery *it) {
    char milliseconds[13];
    memcpy(milliseconds, it->name, 8);
    memcpy(milliseconds + 8, it->name + 9, 4);
    milliseconds[12] = 0;
    return strtoll(milliseconds, 0, 16);
}

// Rows of deliveries, beside what deflates.
static void insertDeliveries(void) {
    sqlite3_stmt *event = prepare("INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)"
                                  " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)");
    sqlite3_stmt *redelivery = prepare("INSERT INTO redeliveries (sweep, ledger, line, id, received, event, differing, sha256)"
                                       " VALUES (1, ?, ?, ?, ?, ?, ?, ?)");
    for (size_t i = 0; i < count; i++) {
        struct delivery *it = &deliveries[i];
        sqlite3_stmt *row = it->repeats ? redelivery : event;
        sqlite3_bind_int(row, 1, it->group->files[it->repeats ? ledger : archive].row);
        sqlite3_bind_int(row, 2, it->line);
        sqlite3_bind_text(row, 3, it->name, 36, SQLITE_STATIC);
        sqlite3_bind_int64(row, 4, received(it));
        if (it->repeats) {
            sqlite3_bind_int(row, 5, it->repeats->row);
            sqlite3_bind_int(row, 6, 0);
        } else {
            sqlite3_bind_text(row, 5, it->type, it->typeSize, SQLITE_STATIC);
            sqlite3_bind_int64(row, 6, (sqlite3_int64)it->size);
            sqlite3_bind_blob(row, 8, it->hash, 16, SQLITE_STATIC);
        }
        sqlite3_bind_blob(row, 7, it->hash, 32, SQLITE_STATIC);
        step(row);
    }
}

static void insertFile(sqlite3_stmt *row, struct group *group, int kind) {
    struct file *it = &group->files[kind];
    char path[256], hash[65];
    hex(it->hash, hash);
    snprintf(path, sizeof path, "environment=production/business=%s/day=2026-06-16%s", group->business, names[kind]);
    sqlite3_bind_int(row, 1, it->row);
    sqlite3_bind_text(row, 2, group->business, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 3, path, -1, SQLITE_STATIC);
    sqlite3_bind_int(row, 4, it->lines);
    sqlite3_bind_int64(row, 5, (sqlite3_int64)it->text);
    sqlite3_bind_int64(row, 6, (sqlite3_int64)it->gzip);
    sqlite3_bind_int64(row, 7, (sqlite3_int64)it->crc);
    sqlite3_bind_text(row, 8, hash, 64, SQLITE_STATIC);
    step(row);
}

static void insertFiles(void) {
    sqlite3_stmt *archives = prepare("INSERT INTO archives VALUES (?, 'production', ?, '2026-06-16', ?, ?, ?, ?, ?, ?, 1, 1)");
    sqlite3_stmt *ledgers = prepare("INSERT INTO ledgers VALUES (?, 'production', ?, '2026-06-16', ?, ?, ?, ?, ?, ?, 1, 1)");
    sqlite3_stmt *row = prepare("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (size_t i = 0; i < groupCount; i++) {
        struct file *it = &groups[i]->files[archive];
        insertFile(archives, groups[i], archive);
        if (groups[i]->files[ledger].lines) insertFile(ledgers, groups[i], ledger);
        for (struct block *block = it->blocks; block; block = block->next) {
            sqlite3_bind_int(row, 1, it->row);
            sqlite3_bind_int(row, 2, block->firstLine);
            sqlite3_bind_int(row, 3, block->lines);
            sqlite3_bind_int64(row, 4, (sqlite3_int64)block->offset);
            sqlite3_bind_int64(row, 5, (sqlite3_int64)block->gzip);
            sqlite3_bind_int64(row, 6, (sqlite3_int64)block->text);
            sqlite3_bind_int64(row, 7, (sqlite3_int64)block->crc);
            sqlite3_bind_blob(row, 8, block->hash, 32, SQLITE_STATIC);
            step(row);
        }
    }
}

int main(int arguments, char **argument) {
    if (arguments < 3) {
        fprintf(stderr, "usage: floor SPOOL OUT\n");
        return 64;
    }
    double start = now();
    char path[4096];
    snprintf(path, sizeof path, "%s/production/new", argument[1]);
    folder = open(path, O_RDONLY | O_DIRECTORY);
    if (folder < 0) die(path);
    out = argument[2];
    snprintf(path, sizeof path, "%s/environment=production", out);
    if (mkdir(out, 0750) || mkdir(path, 0750)) die(out);
    DIR *stream = fdopendir(dup(folder));
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        if (count == room) deliveries = realloc(deliveries, (room = room * 2 + 1024) * sizeof *deliveries);
        memset(&deliveries[count], 0, sizeof *deliveries);
        strncpy(deliveries[count++].name, entry->d_name, sizeof deliveries->name - 1);
    }
    closedir(stream);
    qsort(deliveries, count, sizeof *deliveries, byName);

    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread[64];
    for (long i = 1; i < threads && i < 64; i++) pthread_create(&thread[i], 0, readAll, 0);
    readAll(0);
    for (long i = 1; i < threads && i < 64; i++) pthread_join(thread[i], 0);
    arrange();
    openIndex();
    run("BEGIN");
    for (long i = 1; i < threads && i < 64; i++) pthread_create(&thread[i], 0, deflateAll, 0);
    insertDeliveries();
    deflateAll(0);
    for (long i = 1; i < threads && i < 64; i++) pthread_join(thread[i], 0);
    insertFiles();
    int root = open(out, O_RDONLY);
    if (syncfs(root)) die("syncfs");
    run("COMMIT");
    double swept = now();
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < count; i++)
        if (unlinkat(folder, deliveries[i].name, 0)) die(deliveries[i].name);
    if (fsync(folder)) die("fsync");
    double cleared = now();
    getrusage(RUSAGE_SELF, &after);
    double cpu = (double)(before.ru_utime.tv_sec + before.ru_stime.tv_sec) +
                 (double)(before.ru_utime.tv_usec + before.ru_stime.tv_usec) / 1e6;
    double cpuAfter = (double)(after.ru_utime.tv_sec + after.ru_stime.tv_sec) +
                      (double)(after.ru_utime.tv_usec + after.ru_stime.tv_usec) / 1e6;
    printf("{\"seconds\":%.3f,\"cpu\":%.3f,\"clearing\":%.3f,\"clearing_cpu\":%.3f,\"groups\":%zu}\n", swept - start, cpu,
           cleared - swept, cpuAfter - cpu, groupCount);
    return 0;
}
