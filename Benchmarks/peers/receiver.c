// receiver FOLDER PORT THREADS: the least that can be called a durable receiver: what Daybook's is held against.
//
// One thread parses as little HTTP as wrk(1) sends (POST, Content-Length, keep-alive), THREADS write. A delivery is
// answered when its file is synced, renamed into new/, and new/ synced; syncs of new/ are shared by those who wait for one
// at the same time. It checks nothing, limits nothing, times nothing out.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { room = 1 << 17 };

struct connection {
    int socket;
    size_t have, head, length;
    char name[37];
    struct connection *next;
    char bytes[room];
};

struct list {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct connection *first, **last;
};

static struct list waiting, done;
static int tmp, new, wake;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void put(struct list *list, struct connection *it) {
    pthread_mutex_lock(&list->lock);
    it->next = 0;
    *list->last = it;
    list->last = &it->next;
    pthread_cond_signal(&list->filled);
    pthread_mutex_unlock(&list->lock);
}

static void start(struct list *list) {
    pthread_mutex_init(&list->lock, 0);
    pthread_cond_init(&list->filled, 0);
    list->first = 0;
    list->last = &list->first;
}

// The shared sync: whoever comes while one runs is served by the next.
static pthread_mutex_t syncing = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t synced = PTHREAD_COND_INITIALIZER;
static unsigned long begun, ended;
static int isSyncing;

static void syncNames(void) {
    pthread_mutex_lock(&syncing);
    unsigned long mine = begun + 1;
    while (ended < mine) {
        if (isSyncing) {
            pthread_cond_wait(&synced, &syncing);
            continue;
        }
        isSyncing = 1;
        unsigned long number = ++begun;
        pthread_mutex_unlock(&syncing);
        if (fsync(new)) die("fsync");
        pthread_mutex_lock(&syncing);
        ended = number;
        isSyncing = 0;
        pthread_cond_broadcast(&synced);
    }
    pthread_mutex_unlock(&syncing);
}

static void *writeAll(void *unused) {
    for (;;) {
        pthread_mutex_lock(&waiting.lock);
        while (!waiting.first) pthread_cond_wait(&waiting.filled, &waiting.lock);
        struct connection *it = waiting.first;
        if (!(waiting.first = it->next)) waiting.last = &waiting.first;
        pthread_mutex_unlock(&waiting.lock);

        struct timespec time;
        clock_gettime(CLOCK_REALTIME, &time);
        unsigned long long milliseconds = (unsigned long long)time.tv_sec * 1000 + (unsigned long long)time.tv_nsec / 1000000, random[2];
        if (getrandom(random, sizeof random, 0) != sizeof random) die("getrandom");
        snprintf(it->name, sizeof it->name, "%08llx-%04llx-7%03llx-8%03llx-%012llx", milliseconds >> 16, milliseconds & 0xffff,
                 random[0] & 0xfff, random[0] >> 12 & 0xfff, random[1] & 0xffffffffffff);
        char file[48];
        snprintf(file, sizeof file, "%s.json", it->name);
        int descriptor = openat(tmp, file, O_WRONLY | O_CREAT | O_EXCL, 0640);
        if (descriptor < 0 || write(descriptor, it->bytes + it->head, it->length) != (ssize_t)it->length || fsync(descriptor) ||
            close(descriptor) || renameat(tmp, file, new, file))
            die(file);
        syncNames();
        put(&done, it);
        unsigned long long one = 1;
        if (write(wake, &one, sizeof one) < 0) die("eventfd");
    }
    return unused;
}

static int folder(const char *parent, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    if (mkdir(path, 0750) && errno != EEXIST) die(path);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY);
    if (descriptor < 0) die(path);
    return descriptor;
}

// Whether a whole request is there; then it is on its way to be written.
static void parse(struct connection *it) {
    it->bytes[it->have] = 0;
    char *end = strstr(it->bytes, "\r\n\r\n");
    if (!end) {
        // Someone looks whether we listen.
        return;
    }
    it->head = (size_t)(end - it->bytes) + 4;
    char *length = strcasestr(it->bytes, "content-length:");
    it->length = length && length < end ? strtoull(length + 15, 0, 10) : 0;
    if (it->have >= it->head + it->length) put(&waiting, it);
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: receiver FOLDER PORT THREADS\n");
        return 64;
    }
    folder(arguments[1], "");
    folder(arguments[1], "production");
    tmp = folder(arguments[1], "production/tmp");
    new = folder(arguments[1], "production/new");
    start(&waiting);
    start(&done);
    wake = eventfd(0, EFD_NONBLOCK);
    for (int i = atoi(arguments[3]); i > 0; i--) {
        pthread_t thread;
        pthread_create(&thread, 0, writeAll, 0);
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[2])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) die("listen");
    int events = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
    epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);
    event.data.ptr = &wake;
    epoll_ctl(events, EPOLL_CTL_ADD, wake, &event);
    struct epoll_event ready[256];
    for (;;) {
        int found = epoll_wait(events, ready, 256, -1);
        for (int i = 0; i < found; i++) {
            if (ready[i].data.ptr == &listener) {
                int socket = accept4(listener, 0, 0, SOCK_NONBLOCK);
                if (socket < 0) continue;
                setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                struct connection *it = calloc(1, sizeof *it);
                it->socket = socket;
                struct epoll_event new = {.events = EPOLLIN, .data.ptr = it};
                epoll_ctl(events, EPOLL_CTL_ADD, socket, &new);
            } else if (ready[i].data.ptr == &wake) {
                unsigned long long count;
                if (read(wake, &count, sizeof count) < 0) continue;
                pthread_mutex_lock(&done.lock);
                struct connection *it = done.first;
                done.first = 0;
                done.last = &done.first;
                pthread_mutex_unlock(&done.lock);
                while (it) {
                    struct connection *next = it->next;
                    char answer[160];
                    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n{\"id\":\"%s\"}", it->name);
                    size_t used = it->head + it->length;
                    memmove(it->bytes, it->bytes + used, it->have - used);
                    it->have -= used;
                    if (write(it->socket, answer, (size_t)size) > 0 && it->have) parse(it);
                    it = next;
                }
            } else {
                struct connection *it = ready[i].data.ptr;
                ssize_t got = read(it->socket, it->bytes + it->have, room - 1 - it->have);
                if (got <= 0) {
                    if (got < 0 && errno == EAGAIN) continue;
                    close(it->socket);
                    continue;
                }
                it->have += (size_t)got;
                parse(it);
            }
        }
    }
}
