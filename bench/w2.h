/*
 * W2, what its programs share: the grid, the columns, RSI, the bits of the signals, the threads, the protocol.
 *
 * The work is that of w1.c once for each combination, of each run its statistics, no list. `of_grid` are those
 * of W2: period x oversold x overbought, the last axis fastest. RSI is taken once a period and compared
 * once a (period, level): the signals are one bit a bar. Every combination is traded on its own, as if it had levels of
 * its own. The numbers stand in rules.py too.
 *
 *   w2 COLUMNS STATISTICS FIRST     COLUMNS: folder of open.f64 high.f64 low.f64 close.f64 (raw float64);
 *                                   STATISTICS: file for one row a combination;
 *                                   FIRST: first bar that may decide, of every combination
 *
 * Each line on stdin, a number N, asks for N timed runs; each answer is one line of JSON.
 */
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "eight_bars.h"

enum { PERIODS = 10, LEVELS = 10, COMBINATIONS = PERIODS * LEVELS * LEVELS, THREADS = 2, PADDING = 64 };

static const int FIRST_PERIOD = 8, PERIOD_STEP = 2, FLAT_PERIODS = 3;
static const double FIRST_OVERSOLD = 20, FIRST_OVERBOUGHT = 62, LEVEL_STEP = 2;
static const double TOLERANCE = 1e-9; /* of the level: equality is no signal */
static const double TAKE = 0.05, STOP = 0.02, FEE = 0.001, NOTIONAL = 10000, START = 1e6;
static const double LOTS = 1e8, ROUNDING = 1e-12; /* lots in one unit; a quotient so close below a lot is that lot */

struct bars { /* each column is followed by PADDING times NaN, which meets no level */
    int64_t count;
    double *open, *high, *low, *close;
};

struct statistics {
    int64_t trades, wins;                                /* those closed; those of them that brought more than nothing */
    double gross_profit, gross_loss, fees, final_equity; /* a loss is above 0; what is open counts at the last close */
};

struct sweep;

struct trial { /* one combination */
    const uint64_t *buy, *sell; /* what each close wishes */
    double stop, take;          /* shares of what was paid */
};

struct sweep {
    void (*before)(struct sweep *);      /* what else the runs need; may be NULL */
    void (*signals)(struct sweep *, int); /* those of an indicator, one of PERIODS */
    struct trial (*trial_of)(const struct sweep *, int combination);
    void (*run)(const struct sweep *, const struct trial *, void *row);
    int first_level, last_level; /* those with signals */
    size_t row_size;
    char *rows;
    struct bars bars;
    int64_t first, words;
    double *values[PERIODS], *scratch[PERIODS]; /* of the indicators */
    uint64_t *buy[PERIODS][LEVELS], *sell[PERIODS][LEVELS]; /* what each close wishes, and behind them a word of ones */
    atomic_int next_period, next_combination;
    pthread_barrier_t prepared;
};

/*
 * Wilder's RSI; NaN, which is no signal, before the first decision and where the price has long stood still. Only the
 * averages wait for the bar before: all else is in loops of its own, which the compiler makes eight bars wide.
 */
static void fill_rsi(const struct bars *b, int64_t first, int period, double *restrict rsi, double *restrict down) {
    const double share = 1.0 / period, keep = 1 - share;
    double *up = rsi, gain = 0, loss = 0;
    for (int64_t i = 1; i < b->count; i++) {
        double change = b->close[i] - b->close[i - 1], rise = change > 0 ? change : 0;
        up[i] = rise * share;
        down[i] = (rise - change) * share;
    }
    int64_t seed = period < b->count ? period : b->count - 1; /* the simple mean of the first changes */
    for (int64_t i = 1; i <= seed; i++) {
        gain += up[i];
        loss += down[i];
    }
    up[seed] = gain;
    down[seed] = loss;
    for (int64_t i = seed + 1; i < b->count; i++) {
        up[i] = gain = gain * keep + up[i];
        down[i] = loss = loss * keep + down[i];
    }
    for (int64_t i = seed; i < b->count; i++) rsi[i] = 100 * up[i] / (up[i] + down[i]);
    for (int64_t i = 1, still = 0; i < b->count; i++) {
        still = b->close[i] == b->close[i - 1] ? still + 1 : 0;
        if (still >= FLAT_PERIODS * period) rsi[i] = NAN;
    }
    for (int64_t i = 0; i < b->count && (i < first || i < period); i++) rsi[i] = NAN;
}

/* The bits of the values below one level and above another. */
static void compare(int64_t words, const double *values, double below, uint64_t *under, double above, uint64_t *over) {
    for (int64_t word = 0; word < words; word++) {
        uint64_t less = 0, more = 0;
        for (int byte = 0; byte < 8; byte++) {
            const double *x = values + 64 * word + 8 * byte;
            less |= (uint64_t)below8(x, below) << 8 * byte;
            more |= (uint64_t)above8(x, above) << 8 * byte;
        }
        under[word] = less;
        over[word] = more;
    }
}

static inline void fill_signals(struct sweep *s, int period) {
    double *rsi = s->values[period];
    fill_rsi(&s->bars, s->first, FIRST_PERIOD + period * PERIOD_STEP, rsi, s->scratch[period]);
    for (int k = s->first_level; k <= s->last_level; k++) {
        double oversold = FIRST_OVERSOLD + k * LEVEL_STEP, overbought = FIRST_OVERBOUGHT + k * LEVEL_STEP;
        double below = oversold - TOLERANCE * oversold, above = overbought + TOLERANCE * overbought;
        compare(s->words, rsi, below, s->buy[period][k], above, s->sell[period][k]);
    }
}

/* What is ordered at a close. */
static inline double quantity_at(double close) { return floor(NOTIONAL / close * LOTS * (1 + ROUNDING)) / LOTS; }

/* At what a stop or target met in a bar fills, stop first. A carried position may be gapped over. */
static inline double exit_price(const struct bars *b, int64_t i, double stop, double target, int carried) {
    if (carried && (b->open[i] <= stop || b->open[i] >= target)) return b->open[i];
    return b->low[i] <= stop ? stop : target;
}

/* Writes down a trade; what it brought. */
static inline double closed(struct statistics *f, double quantity, double paid, double got) {
    double fees = quantity * (paid + got) * FEE, pnl = quantity * (got - paid) - fees;
    f->trades++;
    f->wins += pnl > 0;
    f->gross_profit += pnl > 0 ? pnl : 0;
    f->gross_loss -= pnl < 0 ? pnl : 0;
    f->fees += fees;
    return pnl;
}

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *room(int64_t count, size_t size) {
    void *room = aligned_alloc(64, ((size_t)count * size + 63) / 64 * 64);
    if (room == NULL) { perror("memory"); exit(2); }
    return room;
}

/* Room for so many values, and NaN behind them. */
static double *padded(int64_t count) {
    double *values = room(count + PADDING, sizeof *values);
    for (int k = 0; k < PADDING; k++) values[count + k] = NAN;
    return values;
}

static double *column(const char *folder, const char *name, int64_t *count) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.f64", folder, name);
    int file = open(path, O_RDONLY);
    off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);
    if (size < 0) { perror(path); exit(2); }
    *count = size / (off_t)sizeof(double);
    double *data = padded(*count);
    if (pread(file, data, (size_t)size, 0) != size) { perror(path); exit(2); }
    close(file);
    return data;
}

static void prepare(struct sweep *s, int argc, char **argv) {
    struct bars *b = &s->bars;
    if (argc != 4) { fprintf(stderr, "usage: %s COLUMNS STATISTICS FIRST\n", argv[0]); exit(2); }
    b->open = column(argv[1], "open", &b->count);
    b->high = column(argv[1], "high", &b->count);
    b->low = column(argv[1], "low", &b->count);
    b->close = column(argv[1], "close", &b->count);
    s->first = atol(argv[3]);
    s->words = (b->count + 63) / 64;
    s->rows = room(COMBINATIONS, s->row_size);
    pthread_barrier_init(&s->prepared, NULL, THREADS);
    for (int p = 0; p < PERIODS; p++) {
        s->values[p] = padded(b->count);
        s->scratch[p] = padded(b->count);
        for (int k = 0; k < LEVELS; k++) {
            s->buy[p][k] = room(s->words + 1, sizeof(uint64_t));
            s->sell[p][k] = room(s->words + 1, sizeof(uint64_t));
            s->buy[p][k][s->words] = s->sell[p][k][s->words] = ~0ULL;
        }
    }
}

/* The grid of W2: period x oversold x overbought. */
static inline struct trial of_grid(const struct sweep *s, int c) {
    int period = c / (LEVELS * LEVELS), oversold = c / LEVELS % LEVELS, overbought = c % LEVELS;
    return (struct trial){s->buy[period][oversold], s->sell[period][overbought], STOP, TAKE};
}

/* What each thread does: periods, until there are none left; then, once all are done, combinations. */
static void *work(void *sweep) {
    struct sweep *s = sweep;
    for (int p; (p = atomic_fetch_add(&s->next_period, 1)) < PERIODS;) {
        if (p == 0 && s->before != NULL) s->before(s);
        s->signals(s, p);
    }
    pthread_barrier_wait(&s->prepared);
    for (int c; (c = atomic_fetch_add(&s->next_combination, 1)) < COMBINATIONS;) {
        struct trial trial = s->trial_of(s, c);
        s->run(s, &trial, s->rows + (size_t)c * s->row_size);
    }
    return NULL;
}

static void run_all(struct sweep *s) {
    pthread_t others[THREADS - 1];
    s->next_period = s->next_combination = 0;
    for (int k = 0; k < THREADS - 1; k++)
        if (pthread_create(&others[k], NULL, work, s) != 0) { perror("thread"); exit(2); }
    work(s);
    for (int k = 0; k < THREADS - 1; k++) pthread_join(others[k], NULL);
}

static void tell(const char *measure, const double *values, int count, const char *end) {
    printf("\"%s\": [", measure);
    for (int k = 0; k < count; k++) printf("%s%.9f", k ? ", " : "", values[k]);
    printf("]%s", end);
}

/* Answers the bench, then writes the rows of the last run. */
static int serve(struct sweep *s, const char *path) {
    for (int repeats; scanf("%d", &repeats) == 1; fflush(stdout)) {
        double *cpu = room(repeats, sizeof *cpu), *wall = room(repeats, sizeof *wall);
        for (int k = 0; k < repeats; k++) {
            cpu[k] = -seconds(CLOCK_PROCESS_CPUTIME_ID);
            wall[k] = -seconds(CLOCK_MONOTONIC);
            run_all(s);
            wall[k] += seconds(CLOCK_MONOTONIC);
            cpu[k] += seconds(CLOCK_PROCESS_CPUTIME_ID);
        }
        printf("{");
        tell("cpu_seconds", cpu, repeats, ", ");
        tell("wall_seconds", wall, repeats, "}\n");
        free(cpu);
        free(wall);
    }
    FILE *out = fopen(path, "wb");
    if (out == NULL || fwrite(s->rows, s->row_size, COMBINATIONS, out) != COMBINATIONS) { perror(path); return 2; }
    return fclose(out) == 0 ? 0 : 2;
}
