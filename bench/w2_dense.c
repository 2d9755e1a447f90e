/*
 * W2, the physical limit of what needs the equity: every bar of every combination is walked and marked.
 *
 * Beside its trade statistics a run ends with the deepest fall of the equity from a peak and with the Sharpe ratio of
 * its daily returns. An account limit would be judged at the same marks.
 */
#include "w2.h"

enum { DAY = 1440 };

static const double DAYS_A_YEAR = 365;

struct dense {
    struct statistics of_trades;
    double max_drawdown, sharpe; /* a fall is below 0; NaN where a ratio is not known */
};

static double sharpe(const double *returns, int64_t count) {
    double sum = 0, squares = 0;
    for (int64_t k = 0; k < count; k++) sum += returns[k];
    for (int64_t k = 0; k < count; k++) squares += (returns[k] - sum / (double)count) * (returns[k] - sum / (double)count);
    double spread = sqrt(squares / (double)(count - 1));
    return spread < 1e-12 ? NAN : sum / (double)count / spread * sqrt(DAYS_A_YEAR);
}

struct curve {
    double equity, peak, fall, deepest; /* the deepest fall so far, and the equity below which there is a deeper one */
    double day_opening, *returns;
    int64_t days, last_of_day;
};

static inline void mark(struct curve *c, double equity) {
    c->equity = equity;
    if (equity > c->peak) {
        c->peak = equity;
        c->deepest = equity * (1 + c->fall);
    } else if (equity < c->deepest) {
        c->deepest = equity;
        c->fall = equity / c->peak - 1;
    }
}

static inline void pass(struct curve *c, int64_t i, int64_t count) {
    if (i != c->last_of_day) return;
    c->returns[c->days++] = c->equity / c->day_opening - 1;
    c->day_opening = c->equity;
    c->last_of_day = i + DAY < count ? i + DAY : count - 1;
}

static inline int bit(const uint64_t *bits, int64_t i) { return bits[i >> 6] >> (i & 63) & 1; }

static void run(const struct sweep *s, const struct trial *t, void *row) {
    const uint64_t *buy = t->buy, *sell = t->sell;
    const struct bars *b = &s->bars;
    const int64_t count = b->count;
    double returns[count / DAY + 1], cash = START;
    struct statistics f = {0};
    struct curve c = {START, START, 0, START, START, returns, 0, (DAY < count ? DAY : count) - 1};
    for (int64_t i = 0; i < count;) {
        for (; i < count && !bit(buy, i); i++) pass(&c, i, count);
        if (i == count) break;
        pass(&c, i, count);
        if (i + 1 == count) break; /* ordered at the last close */
        double quantity = quantity_at(b->close[i]), paid = b->open[++i];
        double stop = paid * (1 - t->stop), target = paid * (1 + t->take), fee = quantity * paid * FEE;
        for (int64_t entry = i;; i++) {
            if ((b->low[i] <= stop) | (b->high[i] >= target)) {
                cash += closed(&f, quantity, paid, exit_price(b, i, stop, target, i > entry));
                mark(&c, cash);
                break;
            }
            mark(&c, cash + quantity * (b->close[i] - paid) - fee);
            pass(&c, i, count);
            if (i + 1 == count) {
                f.fees += fee;
                i++;
                break;
            }
            if (bit(sell, i)) {
                cash += closed(&f, quantity, paid, b->open[++i]);
                mark(&c, cash);
                break;
            }
        }
    }
    f.final_equity = c.equity;
    *(struct dense *)row = (struct dense){f, c.fall, sharpe(returns, c.days)};
}

int main(int argc, char **argv) {
    struct sweep s = {.signals = fill_signals, .trial_of = of_grid, .run = run, .row_size = sizeof(struct dense)};
    s.last_level = LEVELS - 1;
    prepare(&s, argc, argv);
    return serve(&s, argv[2]);
}
