/*
 * W1, the physical limit: RSI, signals, fills and the list of trades in one pass over the bars.
 *
 * The fill model is section 3 of the design, items 1-6, long only: a signal at the close of bar i fills at the open of
 * bar i+1; stop and target hang on the fill price and live from that bar on; stop before target; a carried position
 * whose stop or target is gapped over fills at the open; the quantity is fixed at the signal's close, rounded down to
 * the lot; a position closed while the entry signal holds is opened again at once.
 *
 *   w1 COLUMNS TRADES FIRST     COLUMNS: folder of open.f64 high.f64 low.f64 close.f64 (raw float64)
 *                               TRADES:  file for the trades (struct trade); FIRST: first bar that may decide
 *
 * Each line on stdin, a number N, asks for N timed runs; each answer is one line of JSON.
 */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 14, FLAT_BARS = 3 * PERIOD };
enum reason { STOP_LOSS = 1, TAKE_PROFIT = 2, SIGNAL = 3 };

static const double OVERSOLD = 30, OVERBOUGHT = 70, TOLERANCE = 1e-9; /* of the level: equality is no signal */
static const double TAKE = 0.05, STOP = 0.02, FEE = 0.001, NOTIONAL = 10000, LOT = 1e-8, START = 1e6;

struct trade {
    int64_t entry_bar, exit_bar;
    double entry_price, exit_price, quantity, pnl;
    int64_t reason;
};

struct bars {
    int64_t count;
    const double *open, *high, *low, *close;
};

struct result {
    int64_t trades;
    double cash;
};

static void close_position(struct trade *t, int64_t bar, double price, enum reason why, double *cash) {
    double fees = t->quantity * (t->entry_price + price) * FEE;
    t->exit_bar = bar;
    t->exit_price = price;
    t->reason = why;
    t->pnl = t->quantity * (price - t->entry_price) - fees;
    *cash += t->pnl;
}

/* The stop or target met in bar i, stop first; 0 where neither is. A carried position may be gapped over. */
static inline double exit_price(const struct bars *b, int64_t i, double stop, double target, int carried, enum reason *why) {
    *why = STOP_LOSS;
    if (carried && b->open[i] <= stop) return b->open[i];
    if (carried && b->open[i] >= target) { *why = TAKE_PROFIT; return b->open[i]; }
    if (b->low[i] <= stop) return stop;
    *why = TAKE_PROFIT;
    return b->high[i] >= target ? target : 0;
}

static struct result simulate(const struct bars *b, int64_t first, struct trade *trades) {
    const double below = OVERSOLD - TOLERANCE * OVERSOLD, above = OVERBOUGHT + TOLERANCE * OVERBOUGHT;
    struct trade *t = trades;
    double cash = START, gain = 0, loss = 0, stop = 0, target = 0, order = 0;
    int held = 0, leave = 0;
    int64_t moved = 0;

    for (int64_t i = 1; i < b->count; i++) {
        if (leave) {
            close_position(t++, i, b->open[i], SIGNAL, &cash);
            held = leave = 0;
        }
        int carried = held;
        if (order > 0) {
            *t = (struct trade){.entry_bar = i, .entry_price = b->open[i], .quantity = order};
            stop = b->open[i] * (1 - STOP);
            target = b->open[i] * (1 + TAKE);
            held = 1;
            order = 0;
        }
        if (held) {
            enum reason why;
            double price = exit_price(b, i, stop, target, carried, &why);
            if (price > 0) {
                close_position(t++, i, price, why, &cash);
                held = 0;
            }
        }

        double change = b->close[i] - b->close[i - 1];
        double up = change > 0 ? change : 0, down = up - change;
        if (i <= PERIOD) { /* the seed is the simple mean of the first changes */
            gain += up / PERIOD;
            loss += down / PERIOD;
        } else {
            gain = (gain * (PERIOD - 1) + up) / PERIOD;
            loss = (loss * (PERIOD - 1) + down) / PERIOD;
        }
        if (change != 0) moved = i;
        double rsi = 100 * (gain / (gain + loss));
        if (i < first || i < PERIOD || i - moved >= FLAT_BARS) continue;
        if (held)
            leave = rsi > above;
        else if (rsi < below)
            order = floor(NOTIONAL / b->close[i] / LOT) * LOT;
    }
    return (struct result){t - trades, cash};
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
    *count = info.st_size / (int64_t)sizeof(double);
    return data;
}

int main(int argc, char **argv) {
    if (argc != 4) { fprintf(stderr, "usage: w1 COLUMNS TRADES FIRST\n"); return 2; }
    struct bars b;
    b.open = column(argv[1], "open", &b.count);
    b.high = column(argv[1], "high", &b.count);
    b.low = column(argv[1], "low", &b.count);
    b.close = column(argv[1], "close", &b.count);
    struct trade *trades = malloc((size_t)(b.count / 2 + 1) * sizeof *trades);
    if (trades == NULL) { perror("trades"); return 2; }

    struct result last = {0, START};
    for (int repeats; scanf("%d", &repeats) == 1; fflush(stdout)) {
        printf("{\"cpu_seconds\": [");
        for (int k = 0; k < repeats; k++) {
            double start = cpu_seconds();
            last = simulate(&b, atol(argv[3]), trades);
            printf("%s%.9f", k ? ", " : "", cpu_seconds() - start);
        }
        printf("], \"trades\": %lld, \"cash\": %.10f}\n", (long long)last.trades, last.cash);
    }
    FILE *out = fopen(argv[2], "wb");
    if (out == NULL || fwrite(trades, sizeof *trades, (size_t)last.trades, out) != (size_t)last.trades) { perror(argv[2]); return 2; }
    return fclose(out) == 0 ? 0 : 2;
}
