"""Questions over windows and raw values, answered the same for every store: gaps filled, exceedances, two periods beside each other."""
