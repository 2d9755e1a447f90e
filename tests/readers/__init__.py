"""What every venue's reader must do, over a real socket, with the real client."""
