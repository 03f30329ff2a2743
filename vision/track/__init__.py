"""Following things from frame to frame: in metres of ground where the camera is calibrated, in pixels where it is not."""
