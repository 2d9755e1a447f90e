/*
 * W3, the physical limit: many symbols on one account, RSI, signals, fills and the list of trades.
 *
 * The fill model is that of w1.c for each symbol, and section 3 of the design for the account they share. At each time,
 * in the order of the symbols: ordered exits fill at the open, then ordered entries in the order of their decision,
 * then stops and targets are met; then each symbol decides at its close. There are at most POSITIONS positions, those
 * on their way included. An entry is cut to what the exposure cap and the cash leave beside everything that is held
 * (at the last closes) or ordered; a position counts until its exit has filled.
 *
 *   w3 COLUMNS TRADES FIRST     COLUMNS: folder of open.f64 high.f64 low.f64 close.f64: one symbol after the other, each
 *                               with BARS bars (raw float64); TRADES: file for the trades (struct trade);
 *                               FIRST: first bar that may decide
 *
 * Each line on stdin, a number N, asks for N timed runs; each answer is one line of JSON.
 */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SYMBOLS = 50, POSITIONS = 8, PERIOD = 14, FLAT_BARS = 3 * PERIOD };
enum reason { STOP_LOSS = 1, TAKE_PROFIT = 2, SIGNAL = 3 };
enum wish { NOTHING = 0, BUY = 1, SELL = 2 };

static const double OVERSOLD = 30, OVERBOUGHT = 70, TOLERANCE = 1e-9; /* of the level: equality is no signal */
static const double TAKE = 0.05, STOP = 0.02, FEE = 0.001, NOTIONAL = 10000, EXPOSURE = 80000, LOT = 1e-8, START = 1e6;

struct trade { /* bars are counted through all symbols: symbol x BARS + bar */
    int64_t entry_bar, exit_bar;
    double entry_price, exit_price, quantity, pnl;
    int64_t reason;
};

struct bars {
    int64_t count; /* of each symbol */
    const double *open, *high, *low, *close;
};

struct position {
    struct trade so_far;
    int64_t symbol;
    double stop, target;
    int leave;
};

struct account {
    double cash;
    int held, ordered;
    struct position positions[POSITIONS]; /* in the order of the symbols */
    struct { int64_t symbol; double quantity, price; } orders[POSITIONS];
    struct trade *trades;
};

/* What each bar of one symbol wishes: RSI by TA-Lib's arithmetic, in one pass. */
static void wishes(const double *close, int64_t count, int64_t first, uint8_t *wish) {
    const double below = OVERSOLD - TOLERANCE * OVERSOLD, above = OVERBOUGHT + TOLERANCE * OVERBOUGHT;
    double gain = 0, loss = 0;
    int64_t moved = 0;
    memset(wish, NOTHING, (size_t)(first < count ? first : count));
    for (int64_t i = 1; i < count; i++) {
        double change = close[i] - close[i - 1];
        double up = change > 0 ? change : 0, down = up - change;
        if (i <= PERIOD) { /* the seed is the simple mean of the first changes */
            gain += up / PERIOD;
            loss += down / PERIOD;
        } else {
            gain = (gain * (PERIOD - 1) + up) / PERIOD;
            loss = (loss * (PERIOD - 1) + down) / PERIOD;
        }
        if (change != 0) moved = i;
        if (i < first) continue;
        double rsi = 100 * (gain / (gain + loss));
        int known = i >= PERIOD && i - moved < FLAT_BARS;
        wish[i] = (uint8_t)(known * (BUY * (rsi < below) + SELL * (rsi > above)));
    }
}

static void close_position(struct account *a, int which, int64_t at, double price, enum reason why) {
    struct trade *t = a->trades++;
    *t = a->positions[which].so_far;
    double fees = t->quantity * (t->entry_price + price) * FEE;
    t->exit_bar = at;
    t->exit_price = price;
    t->reason = why;
    t->pnl = t->quantity * (price - t->entry_price) - fees;
    a->cash += t->quantity * price - t->quantity * price * FEE;
    a->held--;
    memmove(&a->positions[which], &a->positions[which + 1], (size_t)(a->held - which) * sizeof a->positions[0]);
}

static void open_position(struct account *a, int64_t symbol, int64_t at, double price, double quantity) {
    double left = a->cash - quantity * price - quantity * price * FEE;
    if (left < -1e-12 * a->cash) return;
    a->cash = left;
    int place = a->held++;
    for (; place > 0 && a->positions[place - 1].symbol > symbol; place--) a->positions[place] = a->positions[place - 1];
    a->positions[place] = (struct position){
        .so_far = {.entry_bar = at, .entry_price = price, .quantity = quantity},
        .symbol = symbol,
        .stop = price * (1 - STOP),
        .target = price * (1 + TAKE),
    };
}

/* The stop or target met in a bar, stop first; 0 where neither is. A carried position may be gapped over. */
static inline double exit_price(const struct bars *b, int64_t at, const struct position *p, int carried, enum reason *why) {
    *why = STOP_LOSS;
    if (carried && b->open[at] <= p->stop) return b->open[at];
    if (carried && b->open[at] >= p->target) { *why = TAKE_PROFIT; return b->open[at]; }
    if (b->low[at] <= p->stop) return p->stop;
    *why = TAKE_PROFIT;
    return b->high[at] >= p->target ? p->target : 0;
}

static void fill(const struct bars *b, int64_t i, struct account *a) {
    for (int k = 0; k < a->held;) {
        int64_t at = a->positions[k].symbol * b->count + i;
        if (a->positions[k].leave)
            close_position(a, k, at, b->open[at], SIGNAL);
        else
            k++;
    }
    for (int k = 0; k < a->ordered; k++) {
        int64_t at = a->orders[k].symbol * b->count + i;
        open_position(a, a->orders[k].symbol, at, b->open[at], a->orders[k].quantity);
    }
    a->ordered = 0;
    for (int k = 0; k < a->held;) {
        const struct position *p = &a->positions[k];
        int64_t at = p->symbol * b->count + i;
        enum reason why;
        double price = exit_price(b, at, p, p->so_far.entry_bar < at, &why);
        if (price > 0)
            close_position(a, k, at, price, why);
        else
            k++;
    }
}

/* Orders an entry, unless there is no room for it. */
static void order(const struct bars *b, int64_t i, struct account *a, int64_t symbol) {
    double exposure = 0, free = a->cash, price = b->close[symbol * b->count + i];
    for (int k = 0; k < a->held; k++) {
        if (a->positions[k].symbol == symbol) return;
        exposure += a->positions[k].so_far.quantity * b->close[a->positions[k].symbol * b->count + i];
    }
    if (a->held + a->ordered >= POSITIONS) return;
    for (int k = 0; k < a->ordered; k++) {
        exposure += a->orders[k].quantity * a->orders[k].price;
        free -= a->orders[k].quantity * a->orders[k].price * (1 + FEE);
    }
    double notional = fmin(NOTIONAL, fmin(EXPOSURE - exposure, free / (1 + FEE)));
    double quantity = floor(notional / price / LOT) * LOT;
    if (notional <= 0 || quantity <= 0) return;
    a->orders[a->ordered].symbol = symbol;
    a->orders[a->ordered].price = price;
    a->orders[a->ordered++].quantity = quantity;
}

static struct account simulate(const struct bars *b, int64_t first, uint8_t *wish, struct trade *trades) {
    struct account a = {.cash = START, .trades = trades};
    for (int64_t s = 0; s < SYMBOLS; s++) wishes(b->close + s * b->count, b->count, first, wish + s * b->count);
    for (int64_t i = 0; i < b->count; i++) {
        fill(b, i, &a);
        for (int k = 0; k < a.held; k++) a.positions[k].leave = wish[a.positions[k].symbol * b->count + i] == SELL;
        for (int64_t s = 0; s < SYMBOLS; s++)
            if (wish[s * b->count + i] == BUY) order(b, i, &a, s);
    }
    return a;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const double *column(const char *folder, const char *name, int64_t *count) {
    char path[4096];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s.f64", folder, name);
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &info) != 0) { perror(path); exit(2); }
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (data == MAP_FAILED) { perror(path); exit(2); }
    *count = info.st_size / (int64_t)sizeof(double) / SYMBOLS;
    return data;
}

int main(int argc, char **argv) {
    if (argc != 4) { fprintf(stderr, "usage: w3 COLUMNS TRADES FIRST\n"); return 2; }
    struct bars b;
    b.open = column(argv[1], "open", &b.count);
    b.high = column(argv[1], "high", &b.count);
    b.low = column(argv[1], "low", &b.count);
    b.close = column(argv[1], "close", &b.count);
    struct trade *trades = malloc((size_t)(b.count * POSITIONS * 2 + 1) * sizeof *trades);
    uint8_t *wish = malloc((size_t)(b.count * SYMBOLS));
    if (trades == NULL || wish == NULL) { perror("memory"); return 2; }

    struct account last = {.cash = START, .trades = trades};
    for (int repeats; scanf("%d", &repeats) == 1; fflush(stdout)) {
        printf("{\"cpu_seconds\": [");
        for (int k = 0; k < repeats; k++) {
            double start = cpu_seconds();
            last = simulate(&b, atol(argv[3]), wish, trades);
            printf("%s%.9f", k ? ", " : "", cpu_seconds() - start);
        }
        printf("], \"trades\": %lld, \"cash\": %.10f}\n", (long long)(last.trades - trades), last.cash);
    }
    FILE *out = fopen(argv[2], "wb");
    size_t made = (size_t)(last.trades - trades);
    if (out == NULL || fwrite(trades, sizeof *trades, made, out) != made) { perror(argv[2]); return 2; }
    return fclose(out) == 0 ? 0 : 2;
}
