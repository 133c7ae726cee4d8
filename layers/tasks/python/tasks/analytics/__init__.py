"""Analytics: the daily figures of tasks, and figures about any table of up to a million rows."""
