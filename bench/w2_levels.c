/*
 * W2 with its other axes: RSI's period x stop x target, the last axis fastest; below 30 buys, above 70 sells.
 *
 * The ten pairs of signals are all that is shared.
 */
#include "jump.h"

enum { OVERSOLD = 5, OVERBOUGHT = 4 }; /* 30 and 70 among the levels */

static const double STOP_STEP = 0.005, TAKE_STEP = 0.01;

static struct trial trial_of(const struct sweep *s, int c) {
    int period = c / (LEVELS * LEVELS), stop = c / LEVELS % LEVELS + 1, take = c % LEVELS + 1;
    return (struct trial){s->buy[period][OVERSOLD], s->sell[period][OVERBOUGHT], stop * STOP_STEP, take * TAKE_STEP};
}

int main(int argc, char **argv) {
    struct sweep s = {.signals = fill_signals, .trial_of = trial_of, .first_level = OVERBOUGHT, .last_level = OVERSOLD};
    return jump(s, argc, argv);
}
