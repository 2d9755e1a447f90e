/* W2: RSI's period x oversold x overbought. */
#include "jump.h"

int main(int argc, char **argv) {
    return jump((struct sweep){.signals = fill_signals, .trial_of = of_grid, .last_level = LEVELS - 1}, argc, argv);
}
