"""The words every room shares, the bus they travel on, and the settings; imports no room."""
