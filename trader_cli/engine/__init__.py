"""The trading session: the one loop that replays, trades on paper and will trade live."""
