/*
 * The physical limit of trade statistics: from event to event.
 *
 * A run jumps to the next buy, and from there to the next sell or the first bar that meets stop or target, whichever
 * comes first. Bars without a position are never looked at; of those with one, the first BLOCK, then the extremes of
 * whole blocks, eight at a time, then the block in which one of them lies.
 */
#include "w2.h"

enum { BLOCK = 16 };

static double *lowest, *highest; /* of each block */

static void fill_blocks(struct sweep *s) {
    const struct bars *b = &s->bars;
    for (int64_t block = 0; block * BLOCK < b->count; block++) {
        const double *low = b->low + block * BLOCK, *high = b->high + block * BLOCK;
        double least = low[0], most = high[0];
        for (int k = 1; k < BLOCK; k++) {
            least = low[k] < least ? low[k] : least;
            most = high[k] > most ? high[k] : most;
        }
        lowest[block] = least;
        highest[block] = most;
    }
}

/* The first bit from bar `from` on; where there is none, one behind the last bar. */
static inline int64_t next_bit(const uint64_t *bits, int64_t from) {
    int64_t word = from >> 6;
    uint64_t left = bits[word] & (~0ULL << (from & 63));
    while (left == 0) left = bits[++word];
    return 64 * word + __builtin_ctzll(left);
}

static inline unsigned met_block(const struct bars *b, int64_t i, double stop, double target) {
    return met8(b->low + i, b->high + i, stop, target) | met8(b->low + i + 8, b->high + i + 8, stop, target) << 8;
}

/* The first of bars `from` to `until` - 1 that meets stop or target; `until` where none does. */
static inline int64_t next_met(const struct bars *b, int64_t from, int64_t until, double stop, double target) {
    unsigned met = met_block(b, from, stop, target);
    for (int64_t block = from / BLOCK + 1; !met; block += 8) {
        if (block * BLOCK >= until) return until;
        unsigned within = met8(lowest + block, highest + block, stop, target);
        if (within) {
            from = (block + __builtin_ctz(within)) * BLOCK;
            met = met_block(b, from, stop, target);
        }
    }
    from += __builtin_ctz(met);
    return from < until ? from : until;
}

static void run(const struct sweep *s, const struct trial *t, void *row) {
    const struct bars *b = &s->bars;
    struct statistics f = {0};
    double open_pnl = 0;
    for (int64_t i = next_bit(t->buy, 0); i + 1 < b->count;) {
        double quantity = quantity_at(b->close[i]), paid = b->open[++i];
        double stop = paid * (1 - t->stop), target = paid * (1 + t->take);
        int64_t sold = next_bit(t->sell, i) + 1; /* at the open, before any stop or target of that bar */
        int64_t until = sold < b->count ? sold : b->count, met = next_met(b, i, until, stop, target);
        if (met < until)
            closed(&f, quantity, paid, exit_price(b, met, stop, target, met > i));
        else if (sold < b->count)
            closed(&f, quantity, paid, b->open[sold]);
        else {
            open_pnl = quantity * (b->close[b->count - 1] - paid) - quantity * paid * FEE;
            f.fees += quantity * paid * FEE;
            break;
        }
        i = next_bit(t->buy, met);
    }
    f.final_equity = START + f.gross_profit - f.gross_loss + open_pnl;
    *(struct statistics *)row = f;
}

/* Answers for all combinations of a sweep that says what they are. */
static int jump(struct sweep s, int argc, char **argv) {
    s.before = fill_blocks;
    s.run = run;
    s.row_size = sizeof(struct statistics);
    prepare(&s, argc, argv);
    lowest = padded((s.bars.count + BLOCK - 1) / BLOCK);
    highest = padded((s.bars.count + BLOCK - 1) / BLOCK);
    return serve(&s, argv[2]);
}
