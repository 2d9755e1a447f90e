/*
 * W2 with another strategy: MACD's slow period x threshold x target, the last axis fastest. The histogram, as a share of
 * the close, buys above the threshold and sells below it on the other side of zero.
 *
 * Exponential averages as TA-Lib seeds them: with simple means, that of the fast one over the last bars before the slow
 * one's first value.
 */
#include "jump.h"

enum { FAST = 12, SIGNAL = 9, FIRST_SLOW = 20, SLOW_STEP = 2 };

static const double THRESHOLD_STEP = 1e-4, SHARE_TOLERANCE = 1e-12, TAKE_STEP = 0.01;

static double mean(const double *values, int count) {
    double sum = 0;
    for (int k = 0; k < count; k++) sum += values[k];
    return sum / count;
}

static void fill_macd(struct sweep *s, int set) {
    const struct bars *b = &s->bars;
    const int slow_period = FIRST_SLOW + set * SLOW_STEP, seeded = slow_period - 1, begins = seeded + SIGNAL - 1;
    const double of_fast = 2.0 / (FAST + 1), of_slow = 2.0 / (slow_period + 1), of_signal = 2.0 / (SIGNAL + 1);
    double *macd = s->scratch[set], *share = s->values[set];
    double fast = mean(b->close + slow_period - FAST, FAST), slow = mean(b->close, slow_period), signal = 0;
    for (int64_t i = seeded; i < b->count; i++) {
        if (i > seeded) {
            fast += (b->close[i] - fast) * of_fast;
            slow += (b->close[i] - slow) * of_slow;
        }
        macd[i] = fast - slow;
        if (i < begins) continue;
        signal = i == begins ? mean(macd + seeded, SIGNAL) : signal + (macd[i] - signal) * of_signal;
        share[i] = (macd[i] - signal) / b->close[i];
    }
    for (int64_t i = 0; i < b->count && (i < s->first || i < begins); i++) share[i] = NAN;
    for (int k = 0; k < LEVELS; k++) {
        double level = (k + 1) * THRESHOLD_STEP + SHARE_TOLERANCE;
        compare(s->words, share, -level, s->sell[set][k], level, s->buy[set][k]);
    }
}

static struct trial trial_of(const struct sweep *s, int c) {
    int set = c / (LEVELS * LEVELS), level = c / LEVELS % LEVELS, take = c % LEVELS + 1;
    return (struct trial){s->buy[set][level], s->sell[set][level], STOP, take * TAKE_STEP};
}

int main(int argc, char **argv) {
    return jump((struct sweep){.signals = fill_macd, .trial_of = trial_of}, argc, argv);
}
